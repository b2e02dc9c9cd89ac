import { describe, expect, test } from 'vitest';
import { parseCounts, suites, suitesNamed } from '../../scripts/lib/suites.mjs';

describe('the result of a suite', () => {
  test('is its last line', () => {
    expect(parseCounts('{"passed":3,"failed":1,"skipped":0}')).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  test.each([
    '',
    'done',
    '{}',
    '{"passed":1}',
    '{"passed":"1","failed":0,"skipped":0}',
    '{"passed":-1,"failed":0,"skipped":0}',
  ])('is missing when that line is %j', (line) => expect(parseCounts(line)).toBeUndefined());

  test('is missing when nothing ran', () => {
    expect(parseCounts('{"passed":0,"failed":0,"skipped":0}')).toBeUndefined();
  });
});

describe('choosing suites', () => {
  test('runs all of them when none is named', () => {
    expect(suitesNamed([])).toEqual(suites);
  });

  test('keeps the order of the table', () => {
    expect(suitesNamed(['e2e', 'unit']).map(({ name }) => name)).toEqual(['unit', 'e2e']);
  });

  test('refuses a name that is not there', () => {
    expect(() => suitesNamed(['units'])).toThrow('There is no suite "units"');
  });
});

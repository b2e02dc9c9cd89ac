import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseCounts, runSuites, suites, suitesNamed } from '../../scripts/lib/suites.mjs';
import { temporaryFolder } from '../support/folder.ts';

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

test('commands that run at the same time are counted alike, and each prints in one piece', async () => {
  const folder = temporaryFolder();
  const script = path.join(folder, 'meets.mjs');
  // Each says so twice, and in between waits for the other, which it would do in vain if they ran in turn.
  writeFileSync(
    script,
    `import { existsSync, writeFileSync } from 'node:fs';
    const [own, other] = process.argv.slice(2);
    console.log(own);
    writeFileSync(own, '');
    while (!existsSync(other)) await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(own);
    process.exit(own.endsWith('first') ? 1 : 0);`,
  );
  const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
  const commands = [
    [script, first, second],
    [script, second, first],
  ];
  const printed = vi.spyOn(console, 'log').mockReturnValue();
  onTestFinished(() => printed.mockRestore());

  const suite = { name: 'pair', commands, atOnce: 2, parse: 'exitCode', limitMinutes: 0.25, hasSoak: false } as const;
  expect(await runSuites([suite])).toBe(false);
  const texts = printed.mock.calls.map(([text]) => String(text));
  for (const [index, own] of [first, second].entries()) {
    expect(texts).toContain(`\n--- pair: ${commands[index]?.join(' ')}\n${own}\n${own}`);
  }
  expect(texts.at(-1)?.split('\n').at(-1)).toBe('1 passed, 1 failed, 0 skipped');
});

import { describe, expect, test } from 'vitest';
import { pickReading, pickWindow, type Reading } from '../../src/engine/worker/sequences.ts';

/** Tokens `from`, `from` + 1 and on. */
const run = (from: number, length: number): number[] => Array.from({ length }, (_, index) => from + index);
const reading = (tokens: number[], lastUse: number, is: Partial<Reading> = {}): Reading => ({
  tokens,
  lastUse,
  isBusy: false,
  isServing: false,
  ...is,
});

describe('the reading for a prompt', () => {
  test('is the one that shares the longest beginning', () => {
    const readings = [reading(run(0, 40), 5), reading(run(0, 80), 3), reading(run(500, 90), 9)];
    expect(pickReading(readings, run(0, 100))).toEqual({ index: 1, reused: 80 });
  });

  test('is the one unused for longest where nothing worth keeping is shared', () => {
    const readings = [reading([1, 2, ...run(100, 40)], 7), reading([1, 3, ...run(200, 40)], 4)];
    expect(pickReading(readings, [1, 2, ...run(900, 40)])).toEqual({ index: 1, reused: 1 });
  });

  test('is an unused one before any other', () => {
    expect(pickReading([reading(run(0, 40), 1), reading([], 0)], run(700, 40))).toEqual({ index: 1, reused: 0 });
  });

  test('leaves the last token to be evaluated: it brings the next one', () => {
    expect(pickReading([reading(run(0, 40), 1)], run(0, 40))).toEqual({ index: 0, reused: 39 });
    expect(pickReading([reading(run(0, 40), 1)], run(0, 20))).toEqual({ index: 0, reused: 19 });
  });

  test('is never one that is held', () => {
    const readings = [reading(run(0, 40), 2, { isBusy: true }), reading(run(500, 40), 1)];
    expect(pickReading(readings, run(0, 40))?.index).toBe(1);
    expect(pickReading([reading(run(0, 40), 2, { isBusy: true })], run(0, 40))).toBeUndefined();
  });

  test('reading ahead does not overwrite the reading that serves the user now', () => {
    const serving = reading([...run(0, 30), ...run(900, 20)], 1, { isServing: true });
    const other = reading(run(500, 50), 2);
    expect(pickReading([serving, other], run(0, 100), { isSparing: true })?.index).toBe(1);
    expect(pickReading([serving, other], run(0, 100))?.index).toBe(0);
  });

  test('reading ahead goes on in that reading where most of the prompt is there: the user only moved on', () => {
    const serving = reading([...run(0, 80), ...run(900, 20)], 9, { isServing: true });
    const picked = pickReading([serving, reading([], 0)], run(0, 100), { isSparing: true });
    expect(picked).toEqual({ index: 0, reused: 80 });
  });

  test('reading ahead takes the only one there is', () => {
    expect(pickReading([reading(run(500, 50), 9, { isServing: true })], run(0, 100), { isSparing: true })?.index).toBe(
      0,
    );
  });
});

describe('the window that is answered from', () => {
  test.each<[number[], number, number]>([
    [[800, 300, 100], 1000, 0], // the best is affordable
    [[8000, 900, 100], 1000, 1], // the best that is affordable
    [[8000, 3000, 2000], 1000, 2], // none is: the quickest
    [[0, 0], 1000, 0],
    [[500, 500], 100, 0], // a tie goes to the better
  ])('for costs %j with %i ms of patience is %i', (costs, patience, expected) => {
    expect(pickWindow(costs, patience)).toBe(expected);
  });
});

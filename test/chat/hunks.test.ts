import { describe, expect, it } from 'vitest';
import { hunksOf, rowsOf, sharedLines, type Decision } from '../../src/chat/hunks.ts';
import { Chance } from '../support/chance.ts';

const lines = (text: string): string[] => text.split('');

/** Each hunk as `start:old>new`, lines being letters. */
const drawn = (before: string, after: string, isWhole = true): string[] =>
  hunksOf(lines(before), lines(after), isWhole).map(
    ({ oldStart, oldLines, newLines }) => `${oldStart}:${oldLines.join('')}>${newLines.join('')}`,
  );

describe('hunks', () => {
  it('are the runs of lines that change', () => {
    expect(drawn('abcdef', 'abXdeYf')).toEqual(['2:c>X', '5:>Y']);
    expect(drawn('abc', 'abc')).toEqual([]);
    expect(drawn('', 'ab')).toEqual(['0:>ab']);
    expect(drawn('ab', '')).toEqual(['0:ab>']);
  });

  it('take old lines that the new ones have not reached for kept while they come', () => {
    expect(drawn('abcd', 'ab', false)).toEqual([]);
    expect(drawn('abcd', 'aX', false)).toEqual(['1:b>X']);
    expect(drawn('abcd', 'aXY', false)).toEqual(['1:bc>XY']);
    expect(drawn('abcd', 'aXcY', false)).toEqual(['1:b>X', '3:d>Y']);
  });

  it('of texts that share next to nothing are found without a long wait: one hunk', () => {
    const before = Array.from({ length: 4_000 }, (_, line) => `before ${line}`);
    const after = Array.from({ length: 4_000 }, (_, line) => `after ${line}`);
    expect(hunksOf(before, after)).toEqual([{ oldStart: 0, oldLines: before, newLines: after }]);
  });

  it('accepted all give the new text, rejected all the old, whatever the texts', () => {
    const chance = new Chance(7);
    for (let run = 0; run < 500; run += 1) {
      const some = (): string[] => Array.from({ length: chance.below(12) }, () => chance.pick(['a', 'b', 'c', 'd']));
      const [before, after] = [some(), some()];
      const hunks = hunksOf(before, after);
      const decided = (decision: Decision): string[] => {
        const decisions = hunks.map(() => decision);
        return rowsOf(before, hunks, decisions).map(({ text }) => text);
      };
      expect(decided('accepted')).toEqual(after);
      expect(decided('rejected')).toEqual(before);
      const open = rowsOf(before, hunks, []);
      expect(open.filter(({ kind }) => kind !== 'added').map(({ text }) => text)).toEqual(before);
      expect(open.filter(({ kind }) => kind !== 'removed').map(({ text }) => text)).toEqual(after);
    }
  });
});

describe('laid over each other', () => {
  it('an open hunk has both texts, a decided one what was decided', () => {
    const hunks = hunksOf(lines('abcd'), lines('aXcY'));
    const shown = (decisions: readonly Decision[]): string =>
      rowsOf(lines('abcd'), hunks, decisions)
        .map(({ kind, text }) => ({ kept: ' ', removed: '-', added: '+' })[kind] + text)
        .join('');
    expect(shown(['open', 'open'])).toBe(' a-b+X c-d+Y');
    expect(shown(['accepted', 'open'])).toBe(' a X c-d+Y');
    expect(shown(['accepted', 'rejected'])).toBe(' a X c d');
  });
});

it('shared lines are counted in order', () => {
  expect(sharedLines(lines('abcd'), lines('bXd'))).toBe(2);
});

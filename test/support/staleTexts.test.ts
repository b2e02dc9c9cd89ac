import { describe, expect, it } from 'vitest';
import { staleAmong } from './staleTexts.mjs';

const typedLines = ['return total / count', 'return table'];
const frame = (line: string, ghost: string, after = '') => ({ line, ghost, after });
const found = (...frames: ReturnType<typeof frame>[]) => staleAmong(frames, typedLines);

describe('a grey text', () => {
  it('is right while it shrinks as it is typed, or is replaced by another', () => {
    expect(found(frame('ret', 'urn total'), frame('retu', 'rn total'), frame('return ', 'table.size'))).toEqual([]);
  });

  it.each([
    ['stands in a line that nobody typed', [frame('retrun', ' total')]],
    ['has something of the line behind it', [frame('ret', 'urn total', ')')]],
    ['did not move when a key came', [frame('return t', 'otal / count'), frame('return ta', 'otal / count')]],
    ['shrank although another key came', [frame('return t', 'otal / count'), frame('return ta', 'tal / count')]],
  ])('is stale when it %s', (_, frames) => {
    expect(found(...frames)).toEqual(frames.slice(-1));
  });
});

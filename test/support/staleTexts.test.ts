import { describe, expect, it } from 'vitest';
import type { Shown } from '../e2e/inPage.mjs';
import { staleAmong } from './staleTexts.mjs';

const typedLines = ['return total / count', 'return table'];
const frame = (line: string, ghost: string, after = '') => ({ line, ghost, after, isNext: true });
const found = (...frames: Shown[]) => staleAmong(frames, typedLines);

describe('a grey text', () => {
  it('is right while it shrinks as it is typed, or is replaced by another', () => {
    expect(found(frame('ret', 'urn total'), frame('retu', 'rn total'), frame('return ', 'table.size'))).toEqual([]);
  });

  it('is right when the model comes to the same end after a moment without any', () => {
    const again = { ...frame('return ta', 'tal / count'), isNext: false };
    expect(found(frame('return t', 'otal / count'), again)).toEqual([]);
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

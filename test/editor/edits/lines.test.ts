import { describe, expect, it } from 'vitest';
import { hunksOf } from '../../../src/chat/hunks.ts';
import {
  changesFor,
  changeTo,
  linesAround,
  linesOf,
  linesToEdit,
  linesAfter,
  moved,
  movedBy,
  type TextChange,
} from '../../../src/editor/edits/lines.ts';
import { Chance } from '../../support/chance.ts';
import { textLines } from '../../support/textLines.ts';

const spot = (line: number, character: number) => ({ line, character });
const change = (start: readonly [number, number], end: readonly [number, number], text: string): TextChange => ({
  start: spot(...start),
  end: spot(...end),
  text,
});

/** As VS Code does it: all places are those before the first change. */
function applied(lines: readonly string[], changes: readonly TextChange[]): string[] {
  const text = lines.join('\n');
  const offset = ({ line, character }: TextChange['start']): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  let result = text;
  for (const { start, end, text: inserted } of changes.toReversed()) {
    result = result.slice(0, offset(start)) + inserted + result.slice(offset(end));
  }
  return result.split('\n');
}

describe('the lines to edit', () => {
  const lines = ['function f() {', '  return 1;', '}', ''];
  it('are those that the selection touches, whole', () => {
    expect(linesToEdit(lines, { start: spot(0, 5), end: spot(1, 2) })).toEqual({ start: 0, end: 2 });
    expect(linesToEdit(lines, { start: spot(0, 0), end: spot(2, 0) })).toEqual({ start: 0, end: 2 });
  });

  it('are those of the block at the cursor where nothing is selected', () => {
    expect(linesToEdit(lines, { start: spot(0, 3), end: spot(0, 3) })).toEqual({ start: 0, end: 3 });
    expect(linesToEdit(lines, { start: spot(1, 3), end: spot(1, 3) })).toEqual({ start: 1, end: 2 });
  });

  it('around a problem go to the next empty line', () => {
    expect(linesAround(['a', '', 'b', 'c', 'd', '', 'e'], { start: 3, end: 4 })).toEqual({ start: 2, end: 5 });
    const many = Array.from({ length: 40 }, () => 'x');
    expect(linesAround(many, { start: 20, end: 21 })).toEqual({ start: 10, end: 31 });
  });
});

describe('lines whose document changes', () => {
  const range = { start: 3, end: 5 };
  it('move with what is added and taken away above them', () => {
    expect(moved(range, change([0, 0], [0, 0], 'new\n'))).toEqual({ start: 4, end: 6 });
    expect(moved(range, change([0, 1], [1, 1], ''))).toEqual({ start: 2, end: 4 });
    expect(moved(range, change([2, 0], [2, 4], 'other'))).toEqual(range);
    expect(moved(range, change([3, 0], [3, 0], 'new\n'))).toEqual({ start: 4, end: 6 });
    expect(moved(range, change([2, 0], [3, 0], ''))).toEqual({ start: 2, end: 4 });
  });

  it('stay where they are when it is below them', () => {
    expect(moved(range, change([5, 0], [5, 0], 'new\n'))).toEqual(range);
  });

  it('that are a place between two lines move with these, and stay whatever is done below', () => {
    const between = { start: 3, end: 3 };
    expect(moved(between, change([0, 0], [0, 0], 'new\n'))).toEqual({ start: 4, end: 4 });
    expect(moved(between, change([3, 0], [3, 0], 'new\n'))).toEqual({ start: 4, end: 4 });
    expect(moved(between, change([3, 2], [3, 2], 'x'))).toEqual(between);
    expect(moved(between, change([7, 0], [8, 3], 'x'))).toEqual(between);
    expect(moved(between, change([2, 1], [3, 1], ''))).toBeUndefined();
  });

  it('are touched by everything else', () => {
    for (const touching of [
      change([3, 0], [3, 0], 'x'),
      change([4, 2], [4, 2], ''),
      change([4, 9], [4, 9], '\n'),
      change([2, 3], [3, 0], ''),
      change([0, 0], [9, 0], ''),
      change([4, 9], [5, 0], ''),
    ]) {
      expect([touching, moved(range, touching)]).toEqual([touching, undefined]);
    }
  });
});

describe('lines that nobody was asked about yet', () => {
  const range = { start: 3, end: 5 };

  it('are found after changes above them in any order, and not after one in them', () => {
    const [first, second] = [change([0, 0], [0, 0], 'new\n'), change([1, 0], [2, 0], '')];
    expect(movedBy(range, [first, second])).toEqual(range);
    expect(movedBy(range, [second, first])).toEqual(range);
    expect(movedBy(range, [first, change([4, 0], [4, 2], 'x')])).toBeUndefined();
  });

  it('follow every change of an event, those inside them too', () => {
    expect(linesAfter(range, [change([4, 0], [4, 2], 'a\nb'), change([0, 0], [1, 0], '')])).toEqual({
      start: 2,
      end: 5,
    });
    expect(linesAfter(range, [change([0, 0], [1, 0], ''), change([4, 0], [4, 2], 'a\nb')])).toEqual({
      start: 2,
      end: 5,
    });
    expect(linesAfter(range, [change([3, 0], [4, 0], '')])).toEqual({ start: 3, end: 4 });
  });

  it('are lost where more than they was written anew', () => {
    expect(linesAfter(range, [change([2, 1], [3, 1], '')])).toBeUndefined();
    expect(linesAfter(range, [change([0, 0], [9, 0], 'x')])).toBeUndefined();
    expect(linesAfter(range, [change([4, 0], [5, 0], '')])).toBeUndefined();
  });
});

it('accepted hunks put into the document give exactly the new lines, wherever they stand', () => {
  const chance = new Chance(11);
  const some = (): string[] => Array.from({ length: chance.below(7) }, () => chance.pick(['a', 'bb', '', 'dddd']));
  for (let run = 0; run < 3_000; run += 1) {
    const [above, before, after, below] = [some(), some(), some(), some()];
    const document = [...above, ...before, ...below];
    const wanted = [...above, ...after, ...below];
    // A document always has a line; one without lines is one that is empty.
    if (document.length === 0 || wanted.length === 0) continue;
    const hunks = hunksOf(before, after);
    expect(applied(document, changesFor(hunks, above.length, textLines(document)))).toEqual(wanted);
  }
});

it('text becomes lines whatever its line breaks', () => {
  expect(linesOf('a\r\nb\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  expect(linesOf('')).toEqual(['']);
});

describe('the change that makes one text another', () => {
  it('leads to it, whatever is known to be the same', () => {
    const chance = new Chance(12);
    const some = (): string[] => Array.from({ length: chance.below(5) }, () => chance.pick(['a', 'bb', '', 'dddd']));
    for (let run = 0; run < 500; run += 1) {
      const [above, before, after, below] = [some(), some(), some(), some()];
      const [now, wanted] = [
        [...above, ...before, ...below],
        [...above, ...after, ...below],
      ];
      if (now.length === 0 || wanted.length === 0) continue;
      const known = { above: chance.below(above.length + 1), below: chance.below(below.length + 1) };
      const change = changeTo(textLines(wanted), textLines(now), known);
      expect(change === undefined ? now : applied(now, [change])).toEqual(wanted);
      expect(change === undefined).toBe(JSON.stringify(now) === JSON.stringify(wanted));
    }
  });

  it('looks at no line that is known to be the same', () => {
    const looked = new Set<number>();
    const noting = (lines: readonly string[]) => ({
      lineCount: lines.length,
      lineAt: (line: number) => {
        looked.add(line);
        return textLines(lines).lineAt(line);
      },
    });
    const many = Array.from({ length: 1_000 }, (_, line) => `line ${line}`);
    const change = changeTo(noting(many.with(500, 'other')), noting(many), { above: 499, below: 498 });
    expect(change).toMatchObject({ start: spot(500, 0), text: 'other' });
    expect([...looked].toSorted((one, other) => one - other)).toEqual([499, 500, 501]);
  });
});

import { describe, expect, it, test } from 'vitest';
import { keptLines, lineCount, spanAfter, type Edit, type Span } from '../../src/completion/kept.ts';
import { Chance } from '../support/chance.ts';

/** A document with the piece between `[` and `]`. */
function drawnAt(drawing: string): { readonly text: string; readonly span: Span } {
  const start = drawing.indexOf('[');
  return { text: drawing.replace(/[[\]]/g, ''), span: { start, end: drawing.indexOf(']') - 1 } };
}

function applied(text: string, { offset, length, text: fresh }: Edit): string {
  return text.slice(0, offset) + fresh + text.slice(offset + length);
}

describe('a piece of a document', () => {
  it.each<[string, string, Edit, string]>([
    ['moves with what is typed above', 'ab[cd]ef', { offset: 0, length: 0, text: 'xx' }, 'xxab[cd]ef'],
    ['moves with what is deleted above', 'ab[cd]ef', { offset: 0, length: 2, text: '' }, '[cd]ef'],
    ['stays where something is typed below', 'ab[cd]ef', { offset: 5, length: 0, text: 'x' }, 'ab[cd]exf'],
    ['does not take in what is typed right before it', 'ab[cd]ef', { offset: 2, length: 0, text: 'x' }, 'abx[cd]ef'],
    ['does not take in what is typed right after it', 'ab[cd]ef', { offset: 4, length: 0, text: 'x' }, 'ab[cd]xef'],
    ['takes in what is typed inside', 'ab[cd]ef', { offset: 3, length: 0, text: 'x' }, 'ab[cxd]ef'],
    ['shrinks with what is deleted inside', 'ab[cd]ef', { offset: 2, length: 1, text: '' }, 'ab[d]ef'],
    ['takes in what is written over its beginning', 'ab[cd]ef', { offset: 1, length: 2, text: 'xyz' }, 'a[xyzd]ef'],
    ['takes in what is written over its end', 'ab[cd]ef', { offset: 3, length: 2, text: 'x' }, 'ab[cx]f'],
    ['takes in what is written over all of it', 'ab[cd]ef', { offset: 0, length: 6, text: 'anew' }, '[anew]'],
    ['is nothing once it is deleted', 'ab[cd]ef', { offset: 2, length: 2, text: '' }, 'ab[]ef'],
    ['takes in what is put back in its place', 'ab[]ef', { offset: 2, length: 0, text: 'cd' }, 'ab[cd]ef'],
    ['that is nothing moves as well', 'ab[]ef', { offset: 0, length: 1, text: '' }, 'b[]ef'],
    ['that is nothing stays as well', 'ab[]ef', { offset: 3, length: 0, text: 'x' }, 'ab[]exf'],
  ])('%s', (_what, before, edit, after) => {
    const { text, span } = drawnAt(before);
    expect(applied(text, edit)).toBe(drawnAt(after).text);
    expect(spanAfter(span, edit)).toEqual(drawnAt(after).span);
  });

  it('is found again after any edits that leave it alone, and holds what is left of it after any others', () => {
    const chance = new Chance(11);
    for (let round = 0; round < 300; round += 1) {
      let text = `${'.'.repeat(chance.below(20))}<piece>${'.'.repeat(chance.below(20))}`;
      let span = { start: text.indexOf('<'), end: text.indexOf('>') + 1 };
      const mayTouch = round % 2 === 0;
      for (let step = 0; step < 20; step += 1) {
        const offset = chance.below(text.length + 1);
        const length = chance.below(Math.min(6, text.length - offset) + 1);
        const touches = offset < span.end && offset + length > span.start;
        if (touches && !mayTouch) continue;
        const edit = { offset, length, text: '-'.repeat(chance.below(4)) };
        text = applied(text, edit);
        span = spanAfter(span, edit);
      }
      const now = text.slice(span.start, span.end);
      if (!mayTouch) expect(now).toBe('<piece>');
      const outside = text.slice(0, span.start) + text.slice(span.end);
      expect(outside).toMatch(/^[.-]*$/);
    }
  });
});

describe('the lines that stayed', () => {
  const taken = 'const total = sum(prices);\n\n  if (total > limit) {\n    return limit;\n  }';

  it.each<[string, string, number]>([
    ['nothing changed', taken, 4],
    ['only white space changed', 'const total=sum( prices );\n\tif (total>limit) {\n\n\treturn limit;\n}', 4],
    ['the quotes changed', taken.replaceAll(';', ','), 4],
    ['lines came in between', taken.replaceAll('\n', '\n// why\nlog();\n'), 4],
    ['the line breaks are of two characters', taken.replaceAll('\n', '\r\n'), 4],
    ['a name got longer by a little', taken.replaceAll('total', 'totals'), 4],
    ['a line was written anew', taken.replace('return limit;', 'throw new Error("too much");'), 3],
    ['half of it is gone', 'const total = sum(prices);\n  if (total > limit) {', 2],
    ['the order changed', '  if (total > limit) {\nconst total = sum(prices);', 1],
    ['nothing is left', '', 0],
    ['something else stands there', 'foo\nbar\nbaz\nqux', 0],
  ])('are counted where %s', (_what, now, kept) => {
    expect(lineCount(taken)).toBe(4);
    expect(keptLines(taken, now)).toBe(kept);
  });

  test('a short line has to be the same, of a longer one each fifth character may be another', () => {
    expect([keptLines('}', ')'), keptLines('abcd', 'abcx'), keptLines('abcde', 'abcdx')]).toEqual([0, 0, 1]);
    expect([keptLines('abcdeabcde', 'abcdxabcdx'), keptLines('abcdeabcde', 'abxxxabcde')]).toEqual([1, 0]);
  });

  test('a piece that became the whole of a long document is looked through in no time, for the same lines only', () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `line(${index % 50}); // ${'x'.repeat(60)}`).join('\n');
    expect(keptLines(taken, `${long}\n${taken}\n${long}`)).toBe(4);
    expect(keptLines(taken, `${long}\n${taken.replaceAll('total', 'totals')}`)).toBe(2);
    expect(keptLines('x'.repeat(9_000), 'x'.repeat(8_999))).toBe(0);
  });

  test('a line is counted once, however often it stands there now', () => {
    expect(keptLines('a();\na();', 'a();')).toBe(1);
    expect(keptLines('a();', 'a();\na();')).toBe(1);
  });
});

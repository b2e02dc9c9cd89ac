import { describe, expect, it } from 'vitest';
import { blockAt, findPlace } from '../../src/chat/place.ts';

const file = `import { price } from './prices';

export function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}

export function count(items) {
  return items.length;
}
`.split('\n');

const place = (block: string, text = file) => findPlace(text, block.split('\n'));
/** Lines as an editor counts them. */
const one = (first: number, last: number) => ({ kind: 'one', range: { start: first - 1, end: last } });

describe('the place of a code block', () => {
  it('is where its first and last lines stand', () => {
    expect(place('export function total(items) {\n  return sumOf(items);\n}\n')).toEqual(one(3, 9));
    expect(place('\n\nexport function count(items) {\n  return 1;\n}\n')).toEqual(one(11, 13));
  });

  it('goes to the end of the last function, where there are several in the block', () => {
    const both = [
      'export function total(items) {',
      '  return items.reduce((sum, { price }) => sum + price, 0);',
      '}',
      '',
      'export function count(items) {',
      '  return items.length;',
      '}',
    ];
    expect(place(both.join('\n'))).toEqual(one(3, 13));
  });

  it('is found where only white space differs', () => {
    expect(place('  export function total( items ) {\n      return 0;\n  }')).toEqual(one(3, 9));
    expect(place('\tfor (const item of items) {\n\t\tsum += 2;\n\t}')).toEqual(one(5, 7));
  });

  it('is the exact one, where another differs in white space only', () => {
    const two = ['if (a) {', '  b();', '}', '  if (a) {', '    c();', '  }'];
    expect(place('  if (a) {\n    d();\n  }', two)).toEqual(one(4, 6));
  });

  it('is found soon among thousands that begin and end like it', () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => ['<tr>', `  <td>${row}</td>`, '  <td>x</td>', '</tr>']);
    const found = findPlace(
      ['<table>', ...rows.flat(), '</table>'],
      ['<tr>', '  <td>4321</td>', '  <td>y</td>', '</tr>'],
    );
    const start = 1 + 4 * 4321;
    expect(found).toMatchObject({ kind: 'several' });
    expect(found.kind === 'several' && [found.ranges.length, found.ranges[0]]).toEqual([
      5_000,
      { start, end: start + 4 },
    ]);
  });

  it('is not decided where several look the same', () => {
    const twice = [...file, ...file];
    const found = place('export function count(items) {\n  return 1;\n}', twice);
    expect(found).toEqual({
      kind: 'several',
      ranges: [
        { start: 10, end: 13 },
        { start: 24, end: 27 },
      ],
    });
  });

  it('is nowhere for what the file does not have, for a single line and for brackets alone', () => {
    for (const block of ['function other() {\n}', 'let sum = 0;', '}\n}', '', '\n\n']) {
      expect([block, place(block)]).toEqual([block, { kind: 'none', isPartial: false, alike: [] }]);
    }
  });

  it('is left to the user where the first line changed, with what is most alike', () => {
    const block =
      'export function total(items: Item[]) {\n  let sum = 0;\n  for (const item of items) {\n  }\n  return sum;\n}';
    expect(place(block)).toEqual({ kind: 'none', isPartial: false, alike: [{ start: 2, end: 9 }] });
  });

  it('is nowhere for a block that leaves lines out', () => {
    for (const gap of [
      '  // ... existing code ...',
      '  # ... rest of the function',
      '  …',
      '  // ...',
      '  /* unchanged … */',
    ]) {
      expect([gap, place(`export function total(items) {\n${gap}\n}`)]).toEqual([
        gap,
        { kind: 'none', isPartial: true, alike: [] },
      ]);
    }
    expect(place('export function total(items) {\n  // as existing code does\n  return f(...items);\n}').kind).toBe(
      'one',
    );
  });
});

describe('the block at a line', () => {
  const at = (line: number) => blockAt(file, line - 1);
  it('is what the line opens, to the line that closes it', () => {
    expect(at(3)).toEqual({ start: 2, end: 9 });
    expect(at(5)).toEqual({ start: 4, end: 7 });
    const python = ['def f():', '    a()', '', '    b()', '', 'def g():'];
    expect(blockAt(python, 0)).toEqual({ start: 0, end: 4 });
  });

  it('is the line alone where it opens none', () => {
    expect(at(4)).toEqual({ start: 3, end: 4 });
    expect(at(2)).toEqual({ start: 1, end: 2 });
  });
});

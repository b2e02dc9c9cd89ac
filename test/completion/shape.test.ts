import { expect, test } from 'vitest';
import { cut, cutWhole, formOf, outlineOf, tidy } from '../../src/completion/shape.ts';
import { at, drawn, placeAt } from '../support/drawn.ts';

/** What is kept of a text that streams in character by character, and of the same text in one piece. */
function shown(drawing: string, text: string, maxLines = 6, language = 'typescript'): string {
  const place = placeAt(drawing, { language });
  const outline = outlineOf(place, formOf(place), maxLines);
  const atOnce = cut(text, outline) ?? cutWhole(text, outline, false);
  for (let length = 0; length <= text.length; length += 1) {
    const soFar = cut(text.slice(0, length), outline);
    if (soFar === undefined) continue;
    expect(soFar, `after ${length} characters`).toEqual(atOnce);
    break;
  }
  return atOnce.reason === undefined ? text.slice(0, atOnce.length) : `none: ${atOnce.reason}`;
}

test.each([
  ['foo(█', 'line'],
  ['foo(a) {█', 'block'],
  ['foo(a) {█\n  b\n}', 'line'],
  ['foo(a) {█\nb', 'block'],
  ['foo(a) {█}', 'block'],
  ['foo(a) {█ }', 'block'],
  ['foo(a) {█ b }', 'line'],
  ['  █}', 'line'],
  ['  a\n  █', 'block'],
  ['  a\n  █ b', 'line'],
  ['a█', 'line'],
])('at %j a suggestion is a %s', (drawing, form) => expect(formOf(placeAt(drawing))).toBe(form));

/** [what, place, what the model writes, what is kept] */
const cuts: readonly (readonly [string, string, string, string])[] = [
  ['a line ends with its line', 'a█', ' = 1;\nb = 2;', ' = 1;'],
  ['a line that the model ends is kept whole', 'a█', ' = 1;', ' = 1;'],
  ['a complete line gets nothing', 'a = 1;█', '\nb = 2;', 'none: lineComplete'],
  ['a complete line gets nothing, spaces or not', 'a = 1;█', '  \nb = 2;', 'none: lineComplete'],
  ['a model with nothing to say gives nothing', 'a█', '', 'none: empty'],
  ['a model with only spaces to say gives nothing', 'a█', '   ', 'none: lineComplete'],
  ['a block ends with its closing line', 'if (a) {█', '\n  b();\n  c();\n}\nd();', '\n  b();\n  c();\n}'],
  ['a block with a closing call ends with it', 'a(() => {█', '\n  b();\n});\nd();', '\n  b();\n});'],
  ['a closing line that stands there is left out', 'if (a) {█\n}', '\n  b();\n}\nd();', '\n  b();'],
  ['an else is not begun', 'if (a) {█', '\n  b();\n} else {\n  c();', '\n  b();'],
  ['a block of words ends at its end', 'if a then█', '\n  b()\nend\nc()', '\n  b()\nend'],
  ['a word that only begins so is outside', 'if a then█', '\n  b()\nendpoint()', '\n  b()'],
  ['inside a block it ends before the indentation falls back', '  a\n  █', 'b();\n  c();\n}\nd', 'b();\n  c();'],
  ['inside a block deeper blocks belong to it', '  a\n  █', 'if (b) {\n    c();\n  }\n}', 'if (b) {\n    c();\n  }'],
  ['a blank line ends a block', '  a\n  █', 'b();\n\n  c();', 'b();'],
  ['a blank line with spaces too', '  a\n  █', 'b();\n   \n  c();', 'b();'],
  ['a line that stands below ends it', '  a\n  █\n  return x;', 'b();\n  return x;\n', 'b();'],
  ['a first line that stands below is nothing', '  a\n  re█\n  return x;', 'turn x;', 'none: alreadyThere'],
  ['bare brackets below need the same indentation', '  a\n  █\n}', 'if (b) {\n  }\n', 'if (b) {\n  }'],
  ['the line above once more is nothing', 'first = one\nfi█', 'rst = one\n', 'none: echo'],
  ['a short line above may come again', '}\n█', '}', '}'],
  ['a repeated line ends it', '  a\n  █', 'b.push(1);\n  b.push(1);\n  b', 'b.push(1);'],
  ['a line that only begins like the one before is none', '  a\n  █', 'b(1);\n  b(12);\n', 'b(1);\n  b(12);'],
  ['going round in circles is nothing', 'x = █', 'na na na na na na na na na na na', 'none: repetitive'],
  ['one character over and over is nothing', 'x = "█', '.'.repeat(30), 'none: repetitive'],
  ['circles in a later line lose that line', '  a\n  █', `b();\n  ${'la '.repeat(12)}`, 'b();'],
  ['deep indentation is no circle', '  a\n  █', `b(\n${' '.repeat(40)}c);`, `b(\n${' '.repeat(40)}c);`],
  ['control tokens end it', 'a█', ' = 1;<|im_end|>', ' = 1;'],
  ['only control tokens are nothing', 'a█', '<|fim_pad|>x', 'none: leaked'],
  ['older control tokens are known', 'a█', ' = 1 <EOT>', ' = 1 '],
  ['a code fence is nothing', 'a█', '```ts\na = 1;\n```', 'none: leaked'],
  ['what only looks like a token stays', 'a█', ' <| b |> c', ' <| b |> c'],
];

test.each(cuts)('%s', (_, drawing, text, expected) => expect(shown(drawing, text)).toBe(expected));

test('a fence may stand in Markdown', () => {
  expect(shown('a█', '```ts', 6, 'markdown')).toBe('```ts');
});

test('a block has at most as many lines as the model is fast enough for', () => {
  const text = '\n  b1();\n  b2();\n  b3();\n}';
  expect(shown('if (a) {█', text, 1)).toBe('\n  b1();');
  expect(shown('if (a) {█', text, 2)).toBe('\n  b1();\n  b2();');
  expect(shown('  a\n  █', 'b1();\n  b2();', 1)).toBe('b1();');
});

test('a block that ran out of tokens loses the line that was cut off', () => {
  const place = placeAt('  a\n  █');
  const outline = outlineOf(place, 'block', 6);
  expect(cutWhole('b();\n  c(d', outline, true).length).toBe('b();'.length);
  expect(cutWhole('b(c', outline, true).length).toBe('b(c'.length);
  expect(cutWhole('b();\n  c(d', outline, false).length).toBe('b();\n  c(d'.length);
});

test('only after a clean end is it worth reading on', () => {
  const readsOn = (drawing: string, text: string): boolean | undefined => {
    const place = placeAt(drawing);
    return cut(text, outlineOf(place, formOf(place), 6))?.mayReadOn;
  };
  expect(readsOn('a█', ' = 1;\n')).toBe(true);
  expect(readsOn('a = 1;█', '\n')).toBe(true);
  expect(readsOn('  a\n  re█\n  return x;', 'turn x;\n')).toBe(false);
  expect(readsOn('a█', ' = 1;<|im_end|>')).toBe(false);
});

/** [place, what was kept, the document after accepting; or the reason for nothing] */
const fits: readonly (readonly [string, string, string])[] = [
  ['foo(█', 'a, b);', 'foo(a, b);█'],
  ['foo(█)', 'a, b)', 'foo(a, b█)'],
  ['foo(█)', 'a, b', 'foo(a, b█)'],
  ['foo(█)', 'a, b);', 'foo(a, b);█'],
  ['foo(█)', 'bar()', 'foo(bar()█)'],
  ['foo(█)', 'bar())', 'foo(bar()█)'],
  ['foo(█)', 'bar());', 'foo(bar());█'],
  ['foo(█);', 'a);', 'foo(a█);'],
  ['foo(█))', 'a)', 'foo(a█))'],
  ['foo(bar(█))', 'a));', 'foo(bar(a));█'],
  ['foo([█])', '1, 2]).then(x);', 'foo([1, 2]).then(x);█'],
  ['foo(█, bar)', 'a, bar)', 'foo(a█, bar)'],
  ['foo(█, bar)', 'a) + f(b', 'foo(a█, bar)'],
  ['foo(█, bar)', 'a', 'foo(a█, bar)'],
  ['function foo(█) {', 'a: string): void', 'function foo(a: string): void█ {'],
  ['function foo(█) {', 'a: string): void {', 'function foo(a: string): void {█'],
  ['function foo(█) {', 'a) {', 'function foo(a█) {'],
  ['x = "█"', 'hello"', 'x = "hello█"'],
  ['x = "█"', 'hello";', 'x = "hello";█'],
  ['x = ["█"]', 'a", "b"]', 'x = ["a", "b"]█'],
  ['x = `${█}`;', 'a}`;', 'x = `${a█}`;'],
  ['x = `${a.█}`;', 'b} (${a.c})`;', 'x = `${a.b} (${a.c})`;█'],
  ['x = `${█}`;', 'a', 'x = `${a█}`;'],
  ['x = `a█`', 'b ${c} (d', 'x = `ab ${c} (d█`'],
  ['f(`${█}`)', 'a} b`, c)', 'f(`${a} b`, c)█'],
  ["x = '█'", "it\\'s'", "x = 'it\\'s█'"],
  ['x[█]', "'key']", "x['key'█]"],
  ['x = █;', '1;', 'x = 1█;'],
  ['x = █ + y;', '1 + y;', 'x = 1█ + y;'],
  ['foo(█)', ')', 'alreadyThere'],
  ['foo(█);', ');', 'alreadyThere'],
  ['foo(a█', '  ', 'empty'],
  ['foo(a█', ');  ', 'foo(a);█'],
  ['  a\n  █\n  b', 'c\n  b', '  a\n  c█\n  b'],
  ['if (a) {\n  █\n}', 'b();\n}', 'if (a) {\n  b();█\n}'],
  ['if (a) {█}', '\n  b();\n}', 'lineComplete'],
  ['foo(█)', 'a,\n  b)', 'foo(a,█)'],
  ['a█', ' = "\ud83d', 'a = "█'],
];

test.each(fits)('%j with %j becomes %j', (drawing, text, expected) => {
  const snapshot = at(drawing);
  const tidied = tidy(text, placeAt(drawing));
  if (typeof tidied === 'string') {
    expect(tidied).toBe(expected);
    return;
  }
  const { cursorOffset } = snapshot;
  const after =
    snapshot.text.slice(0, cursorOffset) + tidied.text + snapshot.text.slice(cursorOffset + tidied.replaced);
  expect(drawn({ text: after, cursorOffset: cursorOffset + tidied.text.length })).toBe(expected);
});

/** Texts a bad model might write, put together from pieces that matter here. */
function* badTexts(count: number): Generator<string> {
  const pieces = [
    'a',
    'foo',
    ' ',
    '\n',
    '\n  ',
    '(',
    ')',
    '{',
    '}',
    '"',
    ';',
    ', ',
    '=>',
    'b();',
    '\n}',
    '<|x|>',
    '🐎',
    '\\',
  ];
  let seed = 3;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < count; round += 1) {
    yield Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)] ?? '').join('');
  }
}

const places = ['foo(█)', 'foo(█', '  a\n  █\n  b();\n}', 'if (a) {█', 'x = "█"', 'f(█, b)', '{█}', 'a\n█'];

test('whatever the model writes, a cut is the same however it is split, and is a beginning of the text', () => {
  for (const drawing of places)
    for (const text of badTexts(150))
      expect(text + 'none: ').toContain(shown(drawing, text).replace(/^none: .*/, 'none: '));
});

test('tidying twice is tidying once, never lengthens, and what it replaces is part of what it inserts', () => {
  for (const drawing of places) {
    const place = placeAt(drawing);
    for (const text of badTexts(1500)) {
      const tidied = tidy(text, place);
      if (typeof tidied === 'string') continue;
      expect(text.startsWith(tidied.text)).toBe(true);
      expect(tidied.text).toBe(tidied.text.trimEnd());
      expect(tidy(tidied.text, place)).toEqual(tidied);
      const replaced = place.right.slice(0, tidied.replaced);
      let from = 0;
      for (const each of replaced) {
        const found = tidied.text.indexOf(each, from);
        expect(found).not.toBe(-1);
        from = found + 1;
      }
    }
  }
});

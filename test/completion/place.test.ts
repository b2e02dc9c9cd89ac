import { expect, test } from 'vitest';
import {
  anchorOf,
  indentation,
  isClosing,
  lineAbove,
  lineBelow,
  placeAfter,
  placeOf,
  trailTo,
  typedSince,
} from '../../src/completion/place.ts';
import { at, placeAt } from '../support/drawn.ts';

test.each([
  ['█', 0, '', ''],
  ['a█b', 0, 'a', 'b'],
  ['a\n█', 2, '', ''],
  ['a\n█\nb', 2, '', ''],
  ['a\nb█c\nd', 2, 'b', 'c'],
  ['█\n', 0, '', ''],
])('in %j the line starts at %i, with %j before and %j after the cursor', (drawing, start, before, after) => {
  const place = placeAt(drawing);
  expect([place.lineOffset, place.line, place.right]).toEqual([start, before, after]);
  expect(place.above + place.line + place.right + place.below).toBe(at(drawing).text);
});

test('a place holds a few kilobytes of a long document, right around the cursor', () => {
  const lines = 'const x = 1;\n'.repeat(20_000);
  const place = placeAt(`${lines}foo(█)\n${lines}`);
  expect(place.above.length + place.below.length).toBeLessThan(4000);
  expect(place.above.endsWith('x = 1;\n')).toBe(true);
  expect(place.below.startsWith('\nconst')).toBe(true);
  expect(place.lineOffset).toBe(lines.length);
});

test('a line of more than 1,000 characters on either side of the cursor is no place to suggest', () => {
  expect(placeOf(at(`${'x'.repeat(1001)}█`))).toBeUndefined();
  expect(placeOf(at(`a\n█${'x'.repeat(1001)}\nb`))).toBeUndefined();
  expect(placeOf(at(`a\n${'x'.repeat(1000)}█${'x'.repeat(1000)}\nb`))).toBeDefined();
  expect(placeOf(at(`${'x'.repeat(5_000_000)}█`))).toBeUndefined();
});

test.each([
  ['a\nfoo█', 'bar', 'a\nfoobar█'],
  ['a\nfoo█', '()\n  b', 'a\nfoo()\n  b█'],
  ['█', '\n', '\n█'],
  ['{█}', '\n  \n', '{\n  \n█}'],
])('in %j typing %j leads to %j', (before, typed, after) => {
  expect(placeAfter(placeAt(before), typed)).toEqual(placeAt(after));
});

test('the lines above and below are the nearest that are not blank', () => {
  const place = placeAt('a\n  b\n\n \n█\n\n  c\nd');
  expect([lineAbove(place), lineBelow(place)]).toEqual(['  b', '  c']);
  expect([lineAbove(placeAt('█')), lineBelow(placeAt('█'))]).toEqual(['', '']);
});

test.each([
  ['', 0],
  ['x', 0],
  ['  x', 2],
  ['\tx', 4],
  ['\t  x', 6],
])('%j is indented by %i columns', (text, columns) => expect(indentation(text)).toBe(columns));

test.each([
  ['', true],
  [')', true],
  ['");', true],
  ['}, ', true],
  [', b)', false],
  [' x', false],
  ['(', false],
])('%j only closes: %s', (text, expected) => expect(isClosing(text)).toBe(expected));

/** [where it began, where the cursor is now, what was typed in between; undefined: it did not get there by typing] */
const trails: readonly (readonly [string, string, string | undefined])[] = [
  ['foo(█', 'foo(█', ''],
  ['foo(█', 'foo(a█', 'a'],
  ['a\nfo█\nb', 'a\nfoo(1);\n  b█\nb', 'o(1);\n  b'],
  ['foo(a█', 'foo(█', undefined],
  ['foo(█', 'fox(█', undefined],
  ['foo(█', 'foo(a█ + b', undefined],
  ['foo(█\nx', 'foo(a█\ny', undefined],
  ['y\nfoo(█', 'x\nfoo(a█', undefined],
  // The editor closes brackets by itself, and lets the user type over them.
  ['foo█', 'foo(█)', '('],
  ['foo(█)', 'foo(a)█', 'a)'],
  ['foo(█)', 'foo(█', ''],
  // Enter between brackets moves the closing one to a line of its own.
  ['if (a) {█', 'if (a) {\n  █\n}', '\n  '],
  ['if (a) {█}\nb', 'if (a) {\n  █\n}\nb', '\n  '],
  ['█', '\n\n\n█', '\n\n\n'],
];

test.each(trails)('from %j to %j %j was typed', (from, to, typed) => {
  expect(typedSince(anchorOf(placeAt(from)), trailTo(placeAt(to)))).toBe(typed);
});

test('a place is found again when lines far above it changed', () => {
  const near = 'let near = 1;\n'.repeat(100);
  const anchor = anchorOf(placeAt(`old\n${near}foo(█`));
  expect(typedSince(anchor, trailTo(placeAt(`new, and longer\n${near}foo(a█`)))).toBe('a');
});

test('the same text in another document is another place', () => {
  expect(typedSince(anchorOf(placeAt('foo(█')), trailTo(placeAt('foo(█', { uri: 'file:///b.ts' })))).toBeUndefined();
});

test('typing further than a suggestion can reach leads nowhere', () => {
  const anchor = anchorOf(placeAt('foo(█'));
  expect(typedSince(anchor, trailTo(placeAt(`foo(${'\n'.repeat(11)}█`)))).toBe('\n'.repeat(11));
  expect(typedSince(anchor, trailTo(placeAt(`foo(${'\n'.repeat(12)}█`)))).toBeUndefined();
});

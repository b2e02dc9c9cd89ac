import { expect, test } from 'vitest';
import { placeOfLink, splitAtPlaces } from '../../../media/chat/markdown/places.ts';
import { codeInfo } from '../../../media/chat/markdown/codeInfo.ts';

/** [text, the places in it as `path:line:column`] */
const texts: readonly (readonly [string, readonly string[]])[] = [
  ['src/gate.ts:12', ['src/gate.ts:12']],
  ['gate.ts:12:5 and other.py:3', ['gate.ts:12:5', 'other.py:3']],
  ['(see src/gate.ts:12)', ['src/gate.ts:12']],
  ['at C:\\work\\gate.ts:7', ['C:\\work\\gate.ts:7']],
  ['./a-b/@scope/x.test.tsx:1', ['./a-b/@scope/x.test.tsx:1']],
  ['app/[id]/page.tsx:4', ['app/[id]/page.tsx:4']],
  ['/home/me/x.c:99', ['/home/me/x.c:99']],
  ['https://example.com:8080/x', []],
  ['example.com:443', []],
  ['127.0.0.1:8080', []],
  ['localhost:3000', []],
  ['at 12:30', []],
  ['ratio 1.5:2', []],
  ['std::vector:3', []],
  ['a.ts:12:3:4', []],
];

test.each(texts)('in %j the places are %j', (text, places) => {
  const parts = splitAtPlaces(text);
  expect(parts.map((part) => part.text).join('')).toBe(text);
  expect(parts.flatMap(({ text: part, place }) => (place === undefined ? [] : [part]))).toEqual(places);
});

test.each([
  ['src/gate.ts', 'src/gate.ts', undefined],
  ['src/gate.ts#L12', 'src/gate.ts', 12],
  ['src/gate.ts#L12-L20', 'src/gate.ts', 12],
  ['./my%20file.ts:3', './my file.ts', 3],
])('a link to %s opens %s at line %s', (href, path, line) => {
  expect(placeOfLink(href)).toEqual({ path, line, column: undefined });
});

test.each([
  'javascript:alert(1)',
  'command:x',
  'data:text/html,x',
  '//example.com/x',
  '\\\\server\\x',
  '#part',
  'vbscript:x',
  'file:///etc/passwd',
])('a link to %s opens no file', (href) => {
  expect(placeOfLink(href)).toBeUndefined();
});

test.each([
  ['ts', '', 'ts', undefined],
  ['ts src/gate.ts', '', 'ts', 'src/gate.ts'],
  ['ts:src/gate.ts', '', 'ts', 'src/gate.ts'],
  ['src/gate.ts', '', 'ts', 'src/gate.ts'],
  ['ts title="src/gate.ts"', '', 'ts', 'src/gate.ts'],
  ['python', '# filepath: tools/run.py\nprint()', 'python', 'tools/run.py'],
  ['c++', '', 'c++', undefined],
  ['{.js}', '', '', undefined],
  ['', '', '', undefined],
])('behind a fence, %j before %j is the language %s of the file %s', (info, text, language, path) => {
  expect(codeInfo(info, text)).toEqual({ language, path });
});

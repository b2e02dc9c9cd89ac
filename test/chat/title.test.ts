import { expect, it } from 'vitest';
import { cleanTitle, titleOf } from '../../src/chat/title.ts';
import { file, question } from '../support/chats.ts';

it.each([
  ['How does the gate work?', 'How does the gate work?'],
  ['\n\n  How?\nMore', 'How?'],
  ['## **Bold** and `code`', 'Bold and code'],
  ['- [a link](https://x.example) here', 'a link here'],
  ['```ts\nconst a = 1;\n```', 'const a = 1;'],
  ['/fix the leak', 'the leak'],
  ['/fix\nthe leak', 'the leak'],
  ['why\u202E\u200B is\u0000 it\ttorn?', 'why is it torn?'],
  ['???', 'New chat'],
  ['', 'New chat'],
  ['日本語の質問です', '日本語の質問です'],
])('calls a conversation that begins with %j %j', (text, title) => {
  expect(titleOf(question(text))).toBe(title);
});

it('calls a conversation after what was attached where nothing else is said', () => {
  expect(titleOf(question('/explain', file('gate.ts', 'x')))).toBe('/explain gate.ts');
  expect(titleOf(question('', file('gate.ts', 'x'), file('wire.ts', 'x')))).toBe('gate.ts, wire.ts');
});

it.each([
  ['word '.repeat(40), `${'word '.repeat(11)}word…`],
  ['x'.repeat(100), `${'x'.repeat(59)}…`],
  ['x'.repeat(58) + '🦙'.repeat(10), `${'x'.repeat(58)}…`],
])('cuts %j to a title of at most 60 characters', (text, title) => {
  expect(cleanTitle(text)).toBe(title);
  expect(title.length).toBeLessThanOrEqual(60);
});

import { beforeEach, expect, test } from 'vitest';
import { Recall } from '../../src/completion/recall.ts';
import { placeAt } from '../support/drawn.ts';

let recall: Recall;
beforeEach(() => {
  recall = new Recall();
});

function keep(drawing: string, text: string, ends: readonly number[] = [text.length]): void {
  recall.keep(placeAt(drawing), { text, ends, reason: undefined, requestId: 'r' });
}

function found(drawing: string): string | undefined {
  const known = recall.find(placeAt(drawing));
  return known?.kind === 'text' ? known.text : known?.reason;
}

test('nothing is known at first', () => expect(found('foo█')).toBeUndefined());

test('every step of typing as suggested finds the rest, and so does going back', () => {
  keep('a\nco█\nb', 'nst x = 1;');
  const whole = 'const x = 1;';
  for (let typed = 2; typed < whole.length; typed += 1) {
    expect(found(`a\n${whole.slice(0, typed)}█\nb`)).toBe(whole.slice(typed));
  }
  for (let typed = whole.length - 1; typed >= 2; typed -= 1) {
    expect(found(`a\n${whole.slice(0, typed)}█\nb`)).toBe(whole.slice(typed));
  }
  expect(found(`a\n${whole}█\nb`)).toBeUndefined();
  expect(found('a\nc█\nb')).toBeUndefined();
});

test.each([
  ['typed otherwise', 'a\ncox█\nb'],
  ['text above changed', 'A\nco█\nb'],
  ['text below changed', 'a\nco█\nB'],
  ['text on the right', 'a\nco█ + x\nb'],
])('%s: not known', (_, drawing) => {
  keep('a\nco█\nb', 'nst x = 1;');
  expect(found(drawing)).toBeUndefined();
});

test('a suggestion of several lines is typed through over its line breaks', () => {
  keep('if (a) {█', '\n  b();\n  c();\n}');
  expect(found('if (a) {\n  █')).toBe('b();\n  c();\n}');
  expect(found('if (a) {\n  █\n}')).toBe('b();\n  c();\n}');
  expect(found('if (a) {\n  b();\n  c█\n}')).toBe('();\n}');
});

test('after accepting all of it, what the model wrote past it comes next', () => {
  keep('a█', ' = 1;\nb = 2;', [5, 12]);
  expect(found('a█')).toBe(' = 1;');
  expect(found('a = 1;█')).toBe('\nb = 2;');
  expect(found('a = 1;\n█')).toBe('b = 2;');
  expect(found('a = 1;\nb = █')).toBe('2;');
});

test('where the line was complete there is nothing, and after Enter the next line', () => {
  recall.keep(placeAt('a = 1;█'), { text: '\nb = 2;', ends: [0, 7], reason: 'lineComplete', requestId: 'r' });
  expect(found('a = 1;█')).toBe('lineComplete');
  expect(found('a = 1;\n█')).toBe('b = 2;');
});

test('that there is nothing is known for that very place only', () => {
  recall.keep(placeAt('foo(█'), { text: '', ends: [0], reason: 'repetitive', requestId: 'r' });
  expect(found('foo(█')).toBe('repetitive');
  expect(found('foo(a█')).toBeUndefined();
});

test('the newest of several that fit is found', () => {
  keep('f█', 'oo(1)');
  keep('fo█', 'o(2)');
  expect(found('foo(█')).toBe('2)');
  expect(found('f█')).toBe('oo(1)');
});

test('a longer writing at the same place replaces the shorter', () => {
  keep('a█', ' = 1;');
  keep('a█', ' = 1;\nb = 2;', [5, 12]);
  expect(found('a█')).toBe(' = 1;');
  expect(found('a = 1;█')).toBe('\nb = 2;');
});

test('after clearing nothing is known, and it fills anew', () => {
  keep('a█', ' = 1;');
  recall.clear();
  expect(found('a█')).toBeUndefined();
  for (let index = 0; index < 50; index += 1) keep(`v${index}█`, 'x'.repeat(9000));
  recall.clear();
  for (let index = 0; index < 50; index += 1) keep(`v${index}█`, 'x'.repeat(9000));
  expect(found('v0█')).toBe('x'.repeat(9000));
});

test('it holds the newest 200', () => {
  for (let index = 0; index < 250; index += 1) keep(`v${index}█`, ' = 1;');
  expect(found('v49█')).toBeUndefined();
  expect(found('v50█')).toBe(' = 1;');
  expect(found('v249█')).toBe(' = 1;');
});

test('it holds no more than a megabyte', () => {
  for (let index = 0; index < 60; index += 1) keep(`v${index}█`, 'x'.repeat(10_000));
  expect(found('v9█')).toBeUndefined();
  expect(found('v59█')).toBe('x'.repeat(10_000));
});

test('whatever is typed, a find continues it as one of the kept texts does', () => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const texts = ['abab', 'abba\nab', 'ba', 'aab\nba\n'];
  for (const [index, text] of texts.entries()) keep(`x\n${'ab'.repeat(index)}█\ny`, text);
  let hits = 0;
  for (let round = 0; round < 3000; round += 1) {
    const typed = Array.from({ length: random(8) }, () => 'ab\n'[random(3)]).join('');
    const rest = found(`x\n${typed}█\ny`);
    if (rest === undefined) continue;
    hits += 1;
    expect(texts.map((text, index) => 'ab'.repeat(index) + text)).toContain(typed + rest);
  }
  expect(hits).toBeGreaterThan(100);
});

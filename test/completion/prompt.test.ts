import { expect, test } from 'vitest';
import type { InfillRequest } from '../../src/models/model.ts';
import { placeAfter, type Place } from '../../src/completion/place.ts';
import { bestWindow, infillRequest } from '../../src/completion/prompt.ts';
import type { CompletionModel } from '../../src/completion/pace.ts';
import { placeAt } from '../support/drawn.ts';

const fast: CompletionModel = {
  id: 'm',
  hasInfillTokens: true,
  prefillTokPerS: 170,
  decodeTokPerS: 20,
  contextTokens: 2048,
};
const slow = { ...fast, prefillTokPerS: 37 };
const prefixOnly = { ...fast, hasInfillTokens: false };

const code = Array.from({ length: 400 }, (_, index) => `  const value${index} = compute(${index});\n`).join('');
const tokens = (text: string): number => text.length / 3;

function ask(place: Place, model = fast, isFirst = false): InfillRequest {
  return infillRequest({ place, model, maxTokens: 60, isFirst });
}

test('a fast model gets the one view that measured best, of about 256 and 64 tokens', () => {
  const { windows, line } = ask(placeAt(`${code}foo(█\n${code}`));
  expect(windows).toHaveLength(1);
  expect(tokens(windows[0]?.head ?? '')).toBeGreaterThan(192 - 20);
  expect(tokens(windows[0]?.head ?? '')).toBeLessThanOrEqual(320);
  expect(tokens(windows[0]?.suffix ?? '')).toBeGreaterThan(64 - 20);
  expect(tokens(windows[0]?.suffix ?? '')).toBeLessThanOrEqual(64);
  expect(line).toBe('foo(');
});

test.each([
  [37, 80],
  [80, 160],
  [140, 160],
  [200, undefined],
  [undefined, undefined],
])('at %s tokens/s the last view is one of about %s tokens, read in about two seconds', (prefillTokPerS, size) => {
  const { windows } = ask(placeAt(`${code}foo(█\n${code}`), { ...fast, prefillTokPerS });
  const { head = '', suffix = '' } = windows.at(-1) ?? {};
  if (size === undefined) expect(windows).toHaveLength(1);
  else expect(tokens(head + suffix)).toBeLessThanOrEqual(size * 1.25);
  expect(windows.length).toBeLessThanOrEqual(4);
});

test('every view ends at the cursor and holds the document as it is', () => {
  const place = placeAt(`${code}foo(█, b)\n${code}`);
  for (const model of [fast, slow, prefixOnly]) {
    const { windows, line } = ask(place, model);
    for (const window of windows) {
      expect((place.above + place.line).endsWith(window.head + (window.line ?? line))).toBe(true);
      expect((place.right + place.below).startsWith(window.suffix)).toBe(true);
      expect(window.head === '' || window.head.endsWith('\n')).toBe(true);
      expect(place.above.endsWith(window.head + (window.line ?? line).slice(0, -line.length))).toBe(true);
    }
  }
});

test('while typing forward a view begins where it began, until it jumps by a whole step', () => {
  const steps: number[] = [];
  let place = placeAt(`${code}█\n${code}`);
  let start: number | undefined;
  for (const each of code.slice(0, 4000)) {
    const { head } = bestWindow(place, fast);
    const begins = place.lineOffset - head.length;
    if (start !== undefined && begins !== start) steps.push(begins - start);
    start = begins;
    place = placeAfter(place, each);
  }
  expect(steps.length).toBeGreaterThan(5);
  expect(steps.length).toBeLessThan(14);
  for (const step of steps) expect(step).toBeGreaterThan(300);
});

test('while typing inside a line nothing of a view changes, and after Enter only its head grows', () => {
  const before = bestWindow(placeAt(`${code}█\n${code}`), fast);
  expect(bestWindow(placeAt(`${code}foo█\n${code}`), fast)).toEqual(before);
  expect(bestWindow(placeAt(`${code}foo(█)\n${code}`), fast)).toEqual(before);
  const after = bestWindow(placeAt(`${code}foo();\n█\n${code}`), fast);
  expect(after).toEqual({ head: `${before.head}foo();\n`, suffix: before.suffix });
});

test('a slow model is also offered the views of one and two lines ago, as they were, with the lines since', () => {
  const [, one, two] = ask(placeAt(`${code}first();\nsecond();\nthi█\n${code}`), slow).windows;
  expect(one).toEqual({ ...bestWindow(placeAt(`${code}first();\n█\n${code}`), slow), line: 'second();\nthi' });
  expect(two).toEqual({ ...bestWindow(placeAt(`${code}█\n${code}`), slow), line: 'first();\nsecond();\nthi' });
});

test('without infill tokens there is no suffix, more head, and no view of earlier lines', () => {
  const place = placeAt(`${code}foo(█\n${code}`);
  const { windows } = ask(place, { ...prefixOnly, prefillTokPerS: 40 });
  expect(windows.map(({ suffix }) => suffix)).toEqual(['', '']);
  expect(windows.map(({ line }) => line)).toEqual([undefined, undefined]);
  expect((windows[0]?.head ?? '').length).toBeGreaterThan(bestWindow(place, fast).head.length);
});

test('at the ends of a document the views are what there is, once', () => {
  expect(ask(placeAt('█'), slow).windows).toEqual([{ head: '', suffix: '' }]);
  expect(ask(placeAt('foo(█)'), slow).windows).toEqual([{ head: '', suffix: '' }]);
  expect(ask(placeAt('a\nfoo(█)\nb'), fast).windows).toEqual([{ head: 'a\n', suffix: '\nb' }]);
});

test('closing brackets to the right are not part of the suffix: the editor put them there', () => {
  expect(bestWindow(placeAt('foo(█);\nb'), fast).suffix).toBe('\nb');
  expect(bestWindow(placeAt('foo(█, c);\nb'), fast).suffix).toBe(', c);\nb');
});

test('letters that are a token each count as one each', () => {
  const japanese = 'これは長い行です。\n'.repeat(400);
  const { head, suffix } = bestWindow(placeAt(`${japanese}foo(█\n${japanese}`), fast);
  expect(head.length).toBeLessThanOrEqual(340);
  expect(head.length).toBeGreaterThan(100);
  expect(suffix.length).toBeLessThanOrEqual(66);
  expect(suffix.length).toBeGreaterThan(20);
});

test('no view splits a character in two', () => {
  for (let offset = 0; offset < 4; offset += 1) {
    const { suffix } = bestWindow(placeAt(`█${'x'.repeat(offset)}${'🐎'.repeat(400)}\n`), fast);
    expect(suffix.length).toBeGreaterThan(20);
    expect(suffix.isWellFormed()).toBe(true);
  }
});

test('a context too small for the best view gets a smaller one', () => {
  const place = placeAt(`${code}foo(█\n${code}`);
  const room = (contextTokens: number): number => {
    const { head, suffix } = ask(place, { ...fast, contextTokens }).windows[0] ?? { head: '', suffix: '' };
    return tokens(head + suffix);
  };
  expect(room(512)).toBeLessThan(512 - 60);
  expect(room(300)).toBeLessThan(300 - 60);
  expect(room(512)).toBeGreaterThan(room(300));
});

test('the first answer in a document may take longer to come from a better view', () => {
  expect(ask(placeAt('foo(█'), slow, true).patienceMs).toBeGreaterThan(ask(placeAt('foo(█'), slow).patienceMs);
});

test('a file of 5 MB in one line above costs nothing', () => {
  const place = placeAt(`${'x'.repeat(5_000_000)}\nfoo(█\n${'y'.repeat(5_000_000)}`);
  const { windows } = ask(place, slow);
  expect(windows[0]?.head).toBe('');
  expect((windows[0]?.suffix ?? '').length).toBeLessThanOrEqual(192);
});

import { expect, test } from 'vitest';
import {
  decide,
  isOpening,
  noted,
  refusal,
  resting,
  unwanted,
  type CompletionSettings,
  type EditNote,
  type Question,
  type Typing,
} from '../../src/completion/trigger.ts';
import { placeAt } from '../support/drawn.ts';

const settings: CompletionSettings = {
  enabled: true,
  trigger: 'automatic',
  disabledLanguages: [],
  pausedUntilMs: undefined,
};
const model = { id: 'm', hasInfillTokens: true, prefillTokPerS: 40, decodeTokPerS: 15, contextTokens: 2048 };

function question(drawing: string, rest: Partial<Question> = {}): Question {
  const place = placeAt(drawing);
  return { place, why: 'automatic', model, cursors: 1, typing: undefined, monotonicMs: 0, ...rest };
}

/** The typing after edits of these kinds, the first at 0, then after these gaps. */
function typing(gapsMs: readonly number[], kinds: readonly EditNote['kind'][] = []): Typing | undefined {
  let atMs = 0;
  let result: Typing | undefined;
  for (const [index, gapMs] of [0, ...gapsMs].entries()) {
    atMs += gapMs;
    result = noted(result, { uri: 'file:///a.ts', version: index, kind: kinds[index] ?? 'forward' }, atMs);
  }
  return result;
}

test.each([
  ['off', { enabled: false }, 'disabled', 'disabled'],
  ['off for the language', { disabledLanguages: ['typescript'] }, 'languageOff', 'languageOff'],
  ['off for another language', { disabledLanguages: ['python'] }, undefined, undefined],
  ['paused', { pausedUntilMs: 1 }, 'paused', undefined],
  ['paused until a restart', { pausedUntilMs: Infinity }, 'paused', undefined],
  ['paused until before', { pausedUntilMs: 0 }, undefined, undefined],
  ['manual', { trigger: 'manual' }, 'manualMode', undefined],
] as const)('when completions are %s', (_, changed, automatic, invoked) => {
  const rest = resting({ ...settings, ...changed }, 'typescript', 0);
  expect(rest).toBe(automatic);
  expect(unwanted('automatic', rest)).toBe(automatic);
  expect(unwanted('invoked', rest)).toBe(invoked);
});

test('what rests for good is named before what rests for a while, or only by itself', () => {
  const all: CompletionSettings = {
    enabled: false,
    trigger: 'manual',
    disabledLanguages: ['typescript'],
    pausedUntilMs: Infinity,
  };
  expect(resting(all, 'typescript', 0)).toBe('disabled');
  expect(resting({ ...all, enabled: true }, 'typescript', 0)).toBe('languageOff');
  expect(resting({ ...all, enabled: true }, 'python', 0)).toBe('paused');
  expect(resting({ ...all, enabled: true }, undefined, 0)).toBe('paused');
  expect(resting({ ...all, enabled: true, pausedUntilMs: undefined }, undefined, 0)).toBe('manualMode');
});

test('several cursors get nothing, not even when asked', () => {
  expect(refusal(question('foo(█', { cursors: 2 }))).toBe('severalCursors');
  expect(refusal(question('foo(█', { cursors: 2, why: 'invoked' }))).toBe('severalCursors');
});

test.each([
  ['fo█o', 'wordRight'],
  ['█foo', 'wordRight'],
  ['a.█é', 'wordRight'],
  ['  █  foo()', 'wordRight'],
  ['foo(█, bar)', undefined],
  ['foo(█)', undefined],
  ['foo(█);', undefined],
  ['x = █ + y', undefined],
])('at %j the text to the right says %s', (drawing, reason) => expect(refusal(question(drawing))).toBe(reason));

test('a model that cannot see what follows is only asked where nothing but brackets follow', () => {
  const prefixOnly = { model: { ...model, hasInfillTokens: false } };
  expect(refusal(question('foo(█, bar)', prefixOnly))).toBe('wordRight');
  expect(refusal(question('foo(█);', prefixOnly))).toBeUndefined();
});

test.each([
  ['█', 'emptyLine'],
  ['foo();\n█', 'emptyLine'],
  ['  foo();\n█', 'emptyLine'],
  ['  foo();\n █', 'emptyLine'],
  ['  foo();\n  █', undefined],
  ['  foo();\n\n  █\n}', undefined],
  ['  if (a) {\n  █', 'emptyLine'],
  ['  if (a) {\n    █', undefined],
  ['\tif (a) {\n\t█', 'emptyLine'],
  ['\tif (a) {\n\t\t█', undefined],
  ['  foo();\n    █', undefined],
])('Tab has to indent at %j: %s', (drawing, reason) => {
  expect(refusal(question(drawing))).toBe(reason);
  expect(refusal(question(drawing, { why: 'invoked' }))).toBeUndefined();
});

test.each([
  ['foo() {', 'typescript', true],
  ['foo(', 'typescript', true],
  ['x => ', 'typescript', true],
  ['a ? b :', 'typescript', false],
  ['def f():', 'python', true],
  ['# note:', 'python', false],
  ['if x then', 'lua', true],
  ['foo();', 'typescript', false],
])('%j opens a block in %s: %s', (line, language, expected) => expect(isOpening(line, language)).toBe(expected));

test('nothing comes right after deleting until something is typed', () => {
  expect(decide(question('foo(█', { typing: typing([100], ['forward', 'backward']) }))).toEqual({
    kind: 'never',
    reason: 'afterBackspace',
  });
  const typedOn = typing([100, 5000], ['forward', 'backward', 'forward']);
  expect(decide(question('foo(█', { typing: typedOn }))).toEqual({ kind: 'now' });
});

test('nothing at all comes right after undo until something is typed', () => {
  expect(refusal(question('foo(█', { typing: typing([100], ['forward', 'undo']) }))).toBe('afterBackspace');
  expect(refusal(question('foo(█', { typing: typing([100, 50], ['forward', 'undo', 'forward']) }))).toBeUndefined();
});

test('deleting in another document says nothing about this one', () => {
  const elsewhere = noted(undefined, { uri: 'file:///b.ts', version: 1, kind: 'undo' }, 0);
  expect(refusal(question('foo(█', { typing: elsewhere }))).toBeUndefined();
  expect(decide(question('foo(█', { typing: elsewhere }))).toEqual({ kind: 'now' });
});

test('who asks is answered at once, after deleting too', () => {
  const fast = typing([80, 80, 80], ['forward', 'forward', 'forward', 'backward']);
  expect(decide(question('foo(█', { why: 'invoked', typing: fast, monotonicMs: 240 }))).toEqual({ kind: 'now' });
});

/** [gaps between keystrokes, since the last one, decode speed, wait] */
const waits: readonly (readonly [readonly number[], number, number, number])[] = [
  [[], 50, 15, 0],
  [[700], 50, 15, 0],
  [[100, 100, 100], 50, 15, 100],
  [[100, 100, 100], 150, 15, 0],
  [[150, 150, 150], 50, 15, 150],
  [[400, 400, 400], 50, 15, 150],
  [[100, 100, 900, 100], 50, 15, 100],
  [[100, 100, 900], 50, 15, 0],
  [[120, 120, 120], 50, 200, 0],
];

test.each(waits)(
  'after gaps of %j ms, %i ms after the key, at %i tokens/s: wait %i ms',
  (gaps, sinceMs, speed, waitMs) => {
    const state = typing(gaps);
    const fast = { ...model, decodeTokPerS: speed, prefillTokPerS: speed * 2.5 };
    const decision = decide(
      question('foo(█', { typing: state, model: fast, monotonicMs: (state?.atMs ?? 0) + sinceMs }),
    );
    expect(decision).toEqual(waitMs === 0 ? { kind: 'now' } : { kind: 'after', delayMs: waitMs });
  },
);

test('a model elsewhere is asked once typing rests, after a pause and by the first key too, at once when the user asks', () => {
  const elsewhere = { ...model, prefillTokPerS: undefined, restMs: 200 };
  const asked = (gaps: readonly number[], sinceMs: number, why: Question['why'] = 'automatic') => {
    const state = typing(gaps);
    return decide(
      question('foo(█', { typing: state, model: elsewhere, why, monotonicMs: (state?.atMs ?? 0) + sinceMs }),
    );
  };
  for (const gaps of [[], [900], [80, 80, 80]]) {
    expect(asked(gaps, 50)).toEqual({ kind: 'after', delayMs: 150 });
    expect(asked(gaps, 200)).toEqual({ kind: 'now' });
    expect(asked(gaps, 50, 'invoked')).toEqual({ kind: 'now' });
  }
});

test('the wait is never longer than 200 ms, whatever was typed when', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 500; round += 1) {
    const state = typing(Array.from({ length: random(12) }, () => random(900)));
    const decision = decide(question('foo(█', { typing: state, monotonicMs: (state?.atMs ?? 0) + random(80) }));
    expect(decision.kind).not.toBe('never');
    if (decision.kind === 'after') expect(decision.delayMs).toBeLessThanOrEqual(200);
  }
});

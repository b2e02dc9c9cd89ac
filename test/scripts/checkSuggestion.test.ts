/** What counts as proof that a suggestion came from the model, and how ghost text is read. */
import { expect, it } from 'vitest';
import { findSettled, joinPieces } from '../../scripts/lib/checkSuggestion.mjs';

const intent = { kind: 'intent', id: 'a', modelName: 'Tiny' };
const settlement = { kind: 'settlement', id: 'a', usage: { completionTokens: 7 } };

it('is a request that was settled with tokens', () => {
  expect(findSettled([intent, settlement])).toEqual({ modelName: 'Tiny', completionTokens: 7 });
});

it.each([
  ['nothing', []],
  ['a request still under way', [intent]],
  ['a settlement of nothing', [settlement]],
  ['a settlement of another request', [{ ...intent, id: 'b' }, settlement]],
  ['no tokens', [intent, { ...settlement, usage: { completionTokens: 0 } }]],
  ['tokens nobody counted', [intent, { kind: 'settlement', id: 'a' }]],
])('is not %s', (_what, entries) => {
  expect(findSettled(entries)).toBeUndefined();
});

it('reads the pieces of ghost text line by line', () => {
  const pieces = [
    { top: 38, left: 0, text: '\u00a0\u00a0done' },
    { top: 19.2, left: 80, text: '(a)' },
    { top: 19, left: 40, text: 'max' },
  ];
  expect(joinPieces(pieces)).toBe('max(a)\n  done');
});

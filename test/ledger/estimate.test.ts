import { expect, test } from 'vitest';
import { TokenEstimator } from '../../src/ledger/estimate.ts';
import { Chance } from '../support/chance.ts';

function estimator(kept?: unknown) {
  let stored = kept;
  const store = { get: () => stored, set: (ratios: unknown) => void (stored = ratios) };
  return { estimator: new TokenEstimator(store), store };
}

const text = (bytes: number) => ({ bytes, messages: 1 });

test('a model nobody has counted for has tokens as common ones have, and at most one for two bytes', () => {
  const { estimator: fresh } = estimator();
  expect(fresh.estimate('m', text(3_600))).toEqual({ tokens: 1_004, mostTokens: 1_816 });
});

test('what a server counts is learned, model by model, with how far off the estimates were', () => {
  const { estimator: learning } = estimator();
  const chance = new Chance(7);
  for (let each = 0; each < 60; each += 1) {
    const bytes = 1_000 + chance.below(50_000);
    learning.learn('m', text(bytes), Math.round(bytes / 2.9) + 4);
  }
  expect(learning.ratioOf('m')).toMatchObject({ samples: 60, bytesPerToken: expect.closeTo(2.9, 1) as number });
  expect(learning.ratioOf('m')?.error).toBeLessThan(0.01);
  const { tokens, mostTokens } = learning.estimate('m', text(29_000));
  expect(Math.abs(tokens - 10_004)).toBeLessThan(100);
  expect(mostTokens).toBeGreaterThan(10_004);
  expect(mostTokens).toBeLessThan(12_000);
  expect(learning.estimate('other', text(3_600)).tokens).toBe(1_004);
});

test('short texts and counts that cannot be teach nothing', () => {
  const { estimator: learning } = estimator();
  learning.learn('m', text(100), 90);
  learning.learn('m', text(10_000), 0);
  learning.learn('m', text(10_000), 3);
  expect(learning.ratioOf('m')).toBeUndefined();
});

test('what was learned is kept over restarts, of the newest fifty models; damage is left out', () => {
  const { estimator: learning, store } = estimator();
  for (let each = 0; each < 60; each += 1) learning.learn(`m${each}`, text(1_000), 304);
  const again = new TokenEstimator(store);
  expect([again.ratioOf('m9'), again.ratioOf('m59')?.samples]).toEqual([undefined, 1]);
  const damaged = estimator({ a: { bytesPerToken: 0, error: 0, samples: 3 }, b: null, c: 'x' }).estimator;
  expect(['a', 'b', 'c'].map((id) => damaged.ratioOf(id))).toEqual([undefined, undefined, undefined]);
});

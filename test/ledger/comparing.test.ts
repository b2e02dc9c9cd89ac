import { expect, test } from 'vitest';
import { closedModels, compared } from '../../src/ledger/comparing.ts';
import { loadPriceTable } from '../../src/ledger/price.ts';
import type { LedgerRequest } from '../../src/ledger/rows.ts';
import { paid, question } from '../support/ledgers.ts';

const table = await loadPriceTable();
const usage = {
  promptTokens: 1_000_000,
  cachedTokens: undefined,
  completionTokens: 100_000,
  source: 'engine',
} as const;
const free: LedgerRequest = {
  intent: question('a', { isMetered: false }),
  settlement: paid('a', 0, { usage, cost: { basis: 'unmetered' } }),
};
const charged: LedgerRequest = { intent: question('b'), settlement: paid('b', 420_000_000) };
const comparing = (requests: readonly LedgerRequest[], wanted = '') =>
  compared({ requests, accepted: new Set(), table, own: [], wanted });

test('every model to compare with has a price in the table', () => {
  const unknown = closedModels.filter(({ card, model }) => table.ratesOf(card, model) === undefined);
  expect(unknown).toEqual([]);
});

test('what nobody charged for is priced at the model of choice, as an estimate with its date', () => {
  const rates = table.ratesOf('openai', 'gpt-5.3-codex');
  const found = comparing([free], 'openai/gpt-5.3-codex');
  const usd = (rates?.inputUsd ?? 0) + (rates?.outputUsd ?? 0) / 10;
  expect(found?.chosen).toBe('openai/gpt-5.3-codex');
  expect(found?.sentences).toEqual([
    `What nobody charged for (1 chat answer; 1M tokens read, 100k written) would have cost about $${usd.toFixed(2)} at GPT-5.3 Codex.`,
  ]);
  expect(found?.note).toContain('Estimates, at list prices of 2026-09-23');
});

test('the other way round names no sum, because nobody would have charged', () => {
  expect(comparing([charged])?.sentences).toEqual([
    'On this computer nobody would have charged for what did cost $0.42: 1 chat answer; 100 tokens read, 10 written.',
  ]);
});

test('a choice that is none is the first, and nothing to compare is said', () => {
  const found = comparing([], 'openai/nothing');
  expect(found?.chosen).toBe(found?.choices[0]?.value);
  expect(found?.sentences.join()).toContain('Nothing to compare yet');
});

test('requests without counted tokens are told', () => {
  const uncounted = {
    intent: question('c'),
    settlement: paid('c', 0, { usage: undefined, cost: { basis: 'unmetered' } }),
  };
  expect(comparing([free, uncounted])?.sentences.join()).toContain('1 request without counted tokens left out');
});

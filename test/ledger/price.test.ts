import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { loadPriceTable, priceTableEdition, type PriceTable } from '../../src/ledger/price.ts';
import type { Usage } from '../../src/models/model.ts';

let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

const at = Date.UTC(2026, 8, 30);
const usage = (promptTokens: number, completionTokens: number, more: Partial<Usage> = {}): Usage => ({
  promptTokens,
  completionTokens,
  cachedTokens: undefined,
  source: 'provider',
  ...more,
});

describe('what a request cost', () => {
  it('is exact to the nano-dollar, and cached tokens have their own price', () => {
    // https://platform.openai.com/docs/pricing: gpt-4o-mini 0.15 in, 0.075 cached, 0.60 out per million tokens
    expect(table.costNanoUsd('openai', 'gpt-4o-mini', usage(1_000, 100), at)).toBe(1_000 * 150 + 100 * 600);
    expect(table.costNanoUsd('openai', 'gpt-4o-mini', usage(1_000, 100, { cachedTokens: 400 }), at)).toBe(
      600 * 150 + 400 * 75 + 100 * 600,
    );
  });

  it('is higher for long requests where the provider has tiers', () => {
    expect(table.costNanoUsd('gemini', 'gemini-2.5-pro', usage(1_000, 10), at)).toBe(1_000 * 1_250 + 10 * 10_000);
    expect(table.costNanoUsd('gemini', 'gemini-2.5-pro', usage(300_000, 10), at)).toBe(300_000 * 2_500 + 10 * 15_000);
  });

  it('is unknown, never 0, for a model the table does not have and for servers of one’s own', () => {
    expect(table.costNanoUsd('openai', 'gpt-of-tomorrow', usage(10, 10), at)).toBeUndefined();
    expect(table.costNanoUsd('llamaServer', 'gpt-4o-mini', usage(10, 10), at)).toBeUndefined();
    expect(table.costNanoUsd('generic', 'gpt-4o-mini', usage(10, 10), at)).toBeUndefined();
  });
});

test('rates are per million tokens, the lowest tier where there are several', () => {
  expect(table.ratesOf('openai', 'gpt-4o-mini')).toEqual({ inputUsd: 0.15, outputUsd: 0.6, isTiered: false });
  expect(table.ratesOf('gemini', 'gemini-2.5-pro')).toEqual({ inputUsd: 1.25, outputUsd: 10, isTiered: true });
  expect(table.ratesOf('generic', 'gpt-4o-mini')).toBeUndefined();
});

test('the edition that is named is the one that is built in', () => {
  const file = new URL('../../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
  expect(priceTableEdition.version).toBe((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
});

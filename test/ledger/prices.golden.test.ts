/**
 * What requests cost, to the nano-dollar. Each sum was worked out by hand from the price on the vendor's page, tokens by
 * nano-dollars per token (a dollar per million tokens is 1,000 of these), half a nano-dollar counting as one. The pages
 * are those that the price table names as its sources; the prices are those it took from them until its day of issue.
 */
import { beforeAll, describe, expect, it, test } from 'vitest';
import { loadPriceTable, priceTableEdition, type PriceTable } from '../../src/ledger/price.ts';
import type { PricingNeeds, Used } from '../../src/ledger/pricing.ts';
import type { CardId, Usage } from '../../src/models/model.ts';
import { pricingWith } from '../support/money.ts';
import { served } from '../support/served.ts';

/** Where the prices are published. */
const pages: Partial<Record<CardId, string>> = {
  openai: 'https://platform.openai.com/docs/pricing',
  anthropic: 'https://www.anthropic.com/pricing#api',
  gemini: 'https://ai.google.dev/gemini-api/docs/pricing',
  mistral: 'https://mistral.ai/pricing/api',
  codestral: 'https://mistral.ai/pricing/api',
  azure: 'https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/#pricing',
  deepseek: 'https://api-docs.deepseek.com/quick_start/pricing',
  groq: 'https://console.groq.com/docs/models',
  openrouter: 'https://openrouter.ai/models',
  together: 'https://www.together.ai/pricing',
};
/** When the table that took them from there was published. */
const tableDate = '2026-09-23';
const noon = '2026-11-22T12:00:00Z';

interface Golden {
  readonly card: CardId;
  readonly model: string;
  /** Tokens of the whole prompt, and those of them that were cached or written to the cache. */
  readonly prompt: number;
  readonly cached?: number;
  readonly written?: number;
  /** Tokens of the whole answer, and those of them that were reasoning. */
  readonly completion: number;
  readonly reasoning?: number;
  /** When it was asked; default noon of 2026-11-22, UTC. */
  readonly at?: string;
  /** The sum as it was worked out, nano-dollars per token. */
  readonly sum: string;
  readonly nanoUsd: number;
  /** What the case shows. */
  readonly why?: string;
}

// One case, one line.
// prettier-ignore
const golden: readonly Golden[] = [
  { card: 'openai', model: 'gpt-4o-mini', prompt: 1, completion: 1, sum: '1 × 150 + 1 × 600', nanoUsd: 750 },
  { card: 'openai', model: 'gpt-4o-mini', prompt: 1_000, completion: 100, sum: '1000 × 150 + 100 × 600', nanoUsd: 210_000 },
  { card: 'openai', model: 'gpt-4o-mini-2024-07-18', prompt: 1_000, completion: 100, cached: 400, sum: '600 × 150 + 400 × 75 + 100 × 600', nanoUsd: 180_000, why: 'cached' },
  { card: 'openai', model: 'gpt-4o-mini', prompt: 0, completion: 0, sum: '0 × 150', nanoUsd: 0, why: 'nothing used costs nothing, and is known' },
  { card: 'openai', model: 'gpt-4o', prompt: 2_500, completion: 300, cached: 1_000, sum: '1500 × 2500 + 1000 × 1250 + 300 × 10000', nanoUsd: 8_000_000, why: 'cached' },
  { card: 'openai', model: 'gpt-4o-2024-05-13', prompt: 2_000, completion: 10, cached: 500, sum: '2000 × 5000 + 10 × 15000', nanoUsd: 10_150_000, why: 'no price for cached tokens: as the others' },
  { card: 'openai', model: 'gpt-4-turbo', prompt: 12_345, completion: 678, sum: '12345 × 10000 + 678 × 30000', nanoUsd: 143_790_000 },
  { card: 'openai', model: 'gpt-4', prompt: 8_000, completion: 192, sum: '8000 × 30000 + 192 × 60000', nanoUsd: 251_520_000 },
  { card: 'openai', model: 'gpt-3.5-turbo', prompt: 999, completion: 1, sum: '999 × 500 + 1 × 1500', nanoUsd: 501_000 },
  { card: 'openai', model: 'gpt-4.1', prompt: 1_234, completion: 56, cached: 1_024, sum: '210 × 2000 + 1024 × 500 + 56 × 8000', nanoUsd: 1_380_000, why: 'cached' },
  { card: 'openai', model: 'gpt-4.1-mini', prompt: 100_000, completion: 2_000, cached: 65_536, sum: '34464 × 400 + 65536 × 100 + 2000 × 1600', nanoUsd: 23_539_200, why: 'cached' },
  { card: 'openai', model: 'gpt-4.1-nano', prompt: 777, completion: 33, cached: 512, sum: '265 × 100 + 512 × 25 + 33 × 400', nanoUsd: 52_500, why: 'cached' },
  { card: 'openai', model: 'gpt-4.5-preview', prompt: 1_000, completion: 1_000, cached: 1_000, sum: '1000 × 37500 + 1000 × 150000', nanoUsd: 187_500_000, why: 'all of it cached' },
  { card: 'openai', model: 'o1', prompt: 100, completion: 500, reasoning: 400, sum: '100 × 15000 + 500 × 60000', nanoUsd: 31_500_000, why: 'reasoning is part of the output' },
  { card: 'openai', model: 'o3', prompt: 1_000, completion: 1_000, sum: '1000 × 10000 + 1000 × 40000', nanoUsd: 50_000_000, at: '2025-06-09T23:59:59Z', why: 'before the price fell' },
  { card: 'openai', model: 'o3', prompt: 1_000, completion: 1_000, sum: '1000 × 2000 + 1000 × 8000', nanoUsd: 10_000_000, at: '2025-06-10T00:00:00Z', why: 'after it fell' },
  { card: 'openai', model: 'o3-mini', prompt: 640, completion: 128, cached: 128, sum: '512 × 1100 + 128 × 550 + 128 × 4400', nanoUsd: 1_196_800, why: 'cached' },
  { card: 'openai', model: 'o4-mini', prompt: 2_048, completion: 1_024, cached: 1_024, reasoning: 960, sum: '1024 × 1100 + 1024 × 275 + 1024 × 4400', nanoUsd: 5_913_600, why: 'cached and reasoning' },
  { card: 'openai', model: 'gpt-5', prompt: 50_000, completion: 4_096, cached: 49_152, reasoning: 3_000, sum: '848 × 1250 + 49152 × 125 + 4096 × 10000', nanoUsd: 48_164_000, why: 'cached and reasoning' },
  { card: 'openai', model: 'gpt-5-nano', prompt: 9, completion: 3, cached: 7, sum: '2 × 50 + 7 × 5 + 3 × 400', nanoUsd: 1_335, why: 'cached' },
  { card: 'openai', model: 'gpt-5.2', prompt: 1_111, completion: 222, sum: '1111 × 1750 + 222 × 14000', nanoUsd: 5_052_250 },
  { card: 'openai', model: 'gpt-5.4', prompt: 271_999, completion: 1_000, sum: '271999 × 2500 + 1000 × 15000', nanoUsd: 694_997_500, why: 'the longest prompt of the lower tier' },
  { card: 'openai', model: 'gpt-5.4', prompt: 272_000, completion: 1_000, sum: '272000 × 5000 + 1000 × 22500', nanoUsd: 1_382_500_000, why: 'the shortest of the higher: all of it costs more' },
  { card: 'openai', model: 'gpt-5.5', prompt: 300_000, completion: 500, cached: 200_000, sum: '100000 × 10000 + 200000 × 1000 + 500 × 45000', nanoUsd: 1_222_500_000, why: 'higher tier, cached' },
  { card: 'openai', model: 'gpt-5.6-luna', prompt: 10_000, completion: 100, cached: 5_000, written: 2_000, sum: '3000 × 1000 + 5000 × 100 + 2000 × 1250 + 100 × 6000', nanoUsd: 6_600_000, at: '2026-07-29T12:00:00Z', why: 'written to the cache, before the price fell' },
  { card: 'openai', model: 'gpt-5.6-luna', prompt: 10_000, completion: 100, cached: 5_000, written: 2_000, sum: '3000 × 200 + 5000 × 20 + 2000 × 250 + 100 × 1200', nanoUsd: 1_320_000, at: '2026-07-30T00:00:00Z', why: 'after it fell' },
  { card: 'openai', model: 'gpt-6-sol', prompt: 272_000, completion: 10, sum: '272000 × 2000 + 10 × 10000', nanoUsd: 544_100_000, why: 'the longest prompt of the lower tier' },
  { card: 'openai', model: 'gpt-6-sol', prompt: 272_001, completion: 10, cached: 0, written: 272_001, sum: '272001 × 5000 + 10 × 15000', nanoUsd: 1_360_155_000, why: 'higher tier, all written to the cache' },
  { card: 'anthropic', model: 'claude-2', prompt: 1_000, completion: 1_000, sum: '1000 × 8000 + 1000 × 24000', nanoUsd: 32_000_000 },
  { card: 'anthropic', model: 'claude-3-haiku-20240307', prompt: 5_000, completion: 500, cached: 3_000, written: 1_000, sum: '1000 × 250 + 3000 × 30 + 1000 × 300 + 500 × 1250', nanoUsd: 1_265_000, why: 'cached and written to the cache' },
  { card: 'anthropic', model: 'claude-3-5-haiku-latest', prompt: 4_096, completion: 64, cached: 0, written: 4_000, sum: '96 × 800 + 4000 × 1000 + 64 × 4000', nanoUsd: 4_332_800, why: 'written to the cache' },
  { card: 'anthropic', model: 'claude-haiku-4-5', prompt: 12_000, completion: 800, cached: 11_000, sum: '1000 × 1000 + 11000 × 100 + 800 × 5000', nanoUsd: 6_100_000, why: 'cached' },
  { card: 'anthropic', model: 'claude-3-opus-latest', prompt: 1_000, completion: 1_000, cached: 100, written: 100, sum: '800 × 15000 + 100 × 1500 + 100 × 18750 + 1000 × 75000', nanoUsd: 89_025_000, why: 'cached and written to the cache' },
  { card: 'anthropic', model: 'claude-opus-4-5-20251101', prompt: 333, completion: 333, cached: 111, written: 111, sum: '111 × 5000 + 111 × 500 + 111 × 6250 + 333 × 25000', nanoUsd: 9_629_250, why: 'a dated name' },
  { card: 'anthropic', model: 'claude-opus-5-5', prompt: 100_000, completion: 2_000, cached: 90_000, sum: '10000 × 4000 + 90000 × 200 + 2000 × 20000', nanoUsd: 98_000_000, why: 'cached' },
  { card: 'anthropic', model: 'claude-fable-5-1', prompt: 1_000_000, completion: 1, cached: 999_999, sum: '1 × 10000 + 999999 × 250 + 1 × 50000', nanoUsd: 250_059_750, why: 'flat over the whole context, cached' },
  { card: 'anthropic', model: 'claude-sonnet-4-5', prompt: 200_000, completion: 1_000, sum: '200000 × 3000 + 1000 × 15000', nanoUsd: 615_000_000, why: 'the longest prompt of the lower tier' },
  { card: 'anthropic', model: 'claude-sonnet-4-5', prompt: 200_001, completion: 1_000, cached: 100_000, written: 50_000, sum: '50001 × 6000 + 100000 × 600 + 50000 × 7500 + 1000 × 22500', nanoUsd: 757_506_000, why: 'higher tier, cached and written to the cache' },
  { card: 'anthropic', model: 'claude-sonnet-4-6', prompt: 300_000, completion: 1_000, sum: '300000 × 6000 + 1000 × 22500', nanoUsd: 1_822_500_000, at: '2026-03-12T23:00:00Z', why: 'while it had tiers' },
  { card: 'anthropic', model: 'claude-sonnet-4-6', prompt: 300_000, completion: 1_000, sum: '300000 × 3000 + 1000 × 15000', nanoUsd: 915_000_000, at: '2026-03-13T00:00:00Z', why: 'since it has none' },
  { card: 'gemini', model: 'gemini-1.5-flash', prompt: 2, completion: 0, cached: 2, sum: '2 × 18.75', nanoUsd: 38, why: '37.5 nano-dollars: half counts as one' },
  { card: 'gemini', model: 'gemini-1.5-flash', prompt: 3, completion: 1, cached: 1, sum: '2 × 75 + 1 × 18.75 + 1 × 300', nanoUsd: 469, why: '468.75' },
  { card: 'gemini', model: 'gemini-1.5-pro', prompt: 128_001, completion: 10, sum: '128001 × 2500 + 10 × 10000', nanoUsd: 320_102_500, why: 'higher tier' },
  { card: 'gemini', model: 'gemini-2.0-flash', prompt: 10_000, completion: 1_000, cached: 8_000, sum: '2000 × 100 + 8000 × 25 + 1000 × 400', nanoUsd: 800_000, why: 'cached' },
  { card: 'gemini', model: 'gemini-2.5-flash', prompt: 777, completion: 888, sum: '777 × 300 + 888 × 2500', nanoUsd: 2_453_100 },
  { card: 'gemini', model: 'gemini-2.5-flash-lite', prompt: 123, completion: 45, cached: 100, sum: '23 × 100 + 100 × 10 + 45 × 400', nanoUsd: 21_300, why: 'cached' },
  { card: 'gemini', model: 'gemini-2.5-pro', prompt: 200_000, completion: 10, sum: '200000 × 1250 + 10 × 10000', nanoUsd: 250_100_000, why: 'the longest prompt of the lower tier' },
  { card: 'gemini', model: 'gemini-2.5-pro', prompt: 200_001, completion: 10, sum: '200001 × 2500 + 10 × 15000', nanoUsd: 500_152_500, why: 'more than 200k: all of it costs more' },
  { card: 'gemini', model: 'gemini-2.5-pro', prompt: 300_000, completion: 2_000, cached: 250_000, reasoning: 1_500, sum: '50000 × 2500 + 250000 × 250 + 2000 × 15000', nanoUsd: 217_500_000, why: 'higher tier, cached, reasoning' },
  { card: 'gemini', model: 'models/gemini-3-pro-preview', prompt: 1_000, completion: 100, sum: '1000 × 2000 + 100 × 12000', nanoUsd: 3_200_000, why: 'named as its list names it' },
  { card: 'gemini', model: 'gemini-3-pro-preview', prompt: 200_001, completion: 100, cached: 100_000, sum: '100001 × 4000 + 100000 × 400 + 100 × 18000', nanoUsd: 441_804_000, why: 'higher tier, cached' },
  { card: 'gemini', model: 'gemini-3.6-flash', prompt: 1_000, completion: 1_000, cached: 400, sum: '600 × 750 + 400 × 75 + 1000 × 3750', nanoUsd: 4_230_000, at: '2026-12-31T23:59:59Z', why: 'until the end of the year' },
  { card: 'gemini', model: 'gemini-3.6-flash', prompt: 1_000, completion: 1_000, cached: 400, sum: '600 × 1500 + 400 × 150 + 1000 × 7500', nanoUsd: 8_460_000, at: '2027-01-01T00:00:00Z', why: 'from the new year on' },
  { card: 'codestral', model: 'codestral-latest', prompt: 3_000, completion: 64, sum: '3000 × 300 + 64 × 900', nanoUsd: 957_600 },
  { card: 'mistral', model: 'codestral-2508', prompt: 3_000, completion: 64, cached: 2_000, sum: '1000 × 300 + 2000 × 30 + 64 × 900', nanoUsd: 417_600, why: 'cached' },
  { card: 'mistral', model: 'mistral-large-latest', prompt: 150, completion: 250, sum: '150 × 2000 + 250 × 6000', nanoUsd: 1_800_000 },
  { card: 'mistral', model: 'mistral-medium-latest', prompt: 1_000, completion: 1_000, sum: '1000 × 400 + 1000 × 2000', nanoUsd: 2_400_000, at: '2026-06-15T00:00:00Z', why: 'before it stood for a dearer model' },
  { card: 'mistral', model: 'mistral-medium-latest', prompt: 1_000, completion: 1_000, sum: '1000 × 1500 + 1000 × 7500', nanoUsd: 9_000_000, at: '2026-06-16T00:00:00Z', why: 'since it does' },
  { card: 'mistral', model: 'ministral-8b-latest', prompt: 333, completion: 3, cached: 100, sum: '233 × 150 + 100 × 15 + 3 × 150', nanoUsd: 36_900, why: 'cached' },
  { card: 'deepseek', model: 'deepseek-chat', prompt: 10_000, completion: 1_000, cached: 6_000, sum: '4000 × 270 + 6000 × 70 + 1000 × 1100', nanoUsd: 2_600_000, at: '2026-11-22T12:00:00Z', why: 'by day, cached' },
  { card: 'deepseek', model: 'deepseek-chat', prompt: 10_000, completion: 1_000, cached: 6_000, sum: '4000 × 135 + 6000 × 35 + 1000 × 550', nanoUsd: 1_300_000, at: '2026-11-22T20:00:00Z', why: 'by night, cached' },
  { card: 'deepseek', model: 'deepseek-v4-flash', prompt: 5, completion: 0, cached: 5, sum: '5 × 7', nanoUsd: 35, at: '2026-11-22T12:00:00Z', why: 'cached, off-peak' },
  { card: 'deepseek', model: 'deepseek-v4-flash', prompt: 1_000, completion: 100, cached: 500, sum: '500 × 440 + 500 × 14 + 100 × 1320', nanoUsd: 359_000, at: '2026-11-22T02:30:00Z', why: 'cached, the first peak' },
  { card: 'deepseek', model: 'deepseek-v4-pro', prompt: 1_000, completion: 100, cached: 500, sum: '500 × 1320 + 500 × 44 + 100 × 3960', nanoUsd: 1_078_000, at: '2026-11-22T09:59:59Z', why: 'cached, the last second of the second peak' },
  { card: 'groq', model: 'llama-3.3-70b-versatile', prompt: 1_500, completion: 250, sum: '1500 × 590 + 250 × 790', nanoUsd: 1_082_500 },
  { card: 'groq', model: 'openai/gpt-oss-20b', prompt: 1, completion: 0, cached: 1, sum: '1 × 37.5', nanoUsd: 38, why: 'cached, 37.5: half counts as one' },
  { card: 'together', model: 'codellama/CodeLlama-34b-Instruct-hf', prompt: 111, completion: 11, sum: '122 × 776', nanoUsd: 94_672 },
  { card: 'together', model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', prompt: 2_500, completion: 125, sum: '2625 × 880', nanoUsd: 2_310_000 },
  { card: 'azure', model: 'o4-mini', prompt: 1_000, completion: 100, cached: 500, sum: '500 × 1100 + 500 × 280 + 100 × 4400', nanoUsd: 1_130_000, why: 'cached, at its own price there' },
  { card: 'azure', model: 'gpt-4o', prompt: 100, completion: 10, sum: '100 × 2500 + 10 × 10000', nanoUsd: 350_000, why: "at OpenAI's price, as the table has none of its own" },
  { card: 'openrouter', model: 'anthropic/claude-sonnet-4.5', prompt: 200_001, completion: 1, sum: '200001 × 6000 + 1 × 22500', nanoUsd: 1_200_028_500, why: 'higher tier' },
  { card: 'openrouter', model: 'perplexity/sonar-deep-research', prompt: 1_000, completion: 900, reasoning: 600, sum: '1000 × 2000 + 300 × 8000 + 600 × 3000', nanoUsd: 6_200_000, why: 'reasoning at a price of its own' },
  { card: 'openrouter', model: 'qwen/qwen3-coder-plus', prompt: 5, completion: 1, cached: 1, written: 3, sum: '1 × 650 + 1 × 130 + 3 × 812.5 + 1 × 3250', nanoUsd: 6_468, why: 'written to the cache, 6467.5: half counts as one' },
];

let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

function usageOf({ prompt, completion, cached, written, reasoning }: Omit<Golden, 'sum' | 'nanoUsd'>): Usage {
  return {
    promptTokens: prompt,
    completionTokens: completion,
    cachedTokens: cached,
    ...(written === undefined ? {} : { cacheWriteTokens: written }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
    source: 'provider',
  };
}

type Asked = Omit<Golden, 'sum' | 'nanoUsd'> & Partial<Pick<Used, 'servedModel' | 'isMetered' | 'tookMs'>>;

async function costOf(asked: Asked, needs: Partial<PricingNeeds> = {}, billedNanoUsd?: number) {
  const { card, at = noon, servedModel, isMetered = true, tookMs = 0 } = asked;
  const model = served(card, asked.model);
  const pricing = pricingWith({ loadTable: () => Promise.resolve(table), ...needs });
  await pricing.prepare(model);
  const usage = { ...usageOf(asked), ...(billedNanoUsd === undefined ? {} : { billedNanoUsd }) };
  return pricing.costOf({ model, servedModel, isMetered, usage, atMs: Date.parse(at), tookMs });
}

describe('by the vendor’s published price', () => {
  it.each(golden)('$card $model: $sum = $nanoUsd ($why)', async ({ nanoUsd, ...asked }) => {
    expect(pages[asked.card]).toMatch(/^https:/);
    expect(await costOf(asked)).toEqual({ basis: 'table', nanoUsd, tableDate });
  });

  test('there are more than sixty, of every vendor', () => {
    expect(golden.length).toBeGreaterThan(60);
    expect(new Set(golden.map(({ card }) => card))).toEqual(new Set(Object.keys(pages)));
    expect(priceTableEdition.date).toBe(tableDate);
  });
});

describe('by the user’s own price', () => {
  const million = 1_000_000;
  /** 0.07 in, 0.0035 cached, 0.0875 written, 0.3 out, 0.1 reasoning: dollars per million tokens. */
  const own = {
    input: { nanoUsd: 70 * million },
    cacheRead: { nanoUsd: 3.5 * million },
    cacheWrite: { nanoUsd: 87.5 * million },
    output: { nanoUsd: 300 * million },
    reasoning: { nanoUsd: 100 * million },
  };
  const asked = {
    card: 'openai',
    model: 'gpt-4o-mini',
    prompt: 1_000,
    cached: 301,
    written: 101,
    completion: 50,
  } as const;

  it('tokens of every kind cost what it says: 598 × 70 + 301 × 3.5 + 101 × 87.5 + 20 × 300 + 30 × 100', async () => {
    const cost = await costOf({ ...asked, reasoning: 30 }, { ownPrices: () => ({ 'gpt-4o-mini': own }) });
    expect(cost).toEqual({ basis: 'table', nanoUsd: 60_751 });
  });

  it('a model of one’s own server costs what the server does: 1,000 × 70 + 50 × 300', async () => {
    const { input, output } = own;
    const mine = { card: 'vllm', model: 'qwen3', prompt: 1_000, completion: 50, isMetered: false } as const;
    expect(await costOf(mine, { serverPrice: () => ({ input, output }) })).toEqual({ basis: 'table', nanoUsd: 85_000 });
  });

  it.each([
    [1_800_000_000, 1_000, 500_000],
    [1_000_000_000, 3_600_000, 1_000_000_000],
    [1_000_000_000, 1, 278],
    [999, 1_800, 0],
    [1_000, 1_800, 1],
  ])('%i nano-dollars an hour for %i ms are about %i', async (perHourNanoUsd, tookMs, nanoUsd) => {
    const mine = { card: 'llamaServer', model: 'm', prompt: 9, completion: 9, isMetered: false, tookMs } as const;
    const cost = await costOf(mine, { serverPrice: () => ({ perHourNanoUsd }) });
    expect(cost).toEqual({ basis: 'estimate', nanoUsd });
  });
});

describe('by the gateway’s bill', () => {
  it.each([
    ['openrouter', 'anthropic/claude-sonnet-4.5', 1_234_567],
    ['litellm', 'team-model', 1],
    ['openai', 'gpt-4o-mini', 0],
  ] as const)('%s %s costs the %i that it says', async (card, model, billed) => {
    expect(await costOf({ card, model, prompt: 1_000, completion: 1_000 }, {}, billed)).toEqual({
      basis: 'billed',
      nanoUsd: billed,
    });
  });

  it('what it lists per token makes an estimate: 1,000 × 3,000 + 10 × 15,000', async () => {
    const listedPrice = () => ({ input: { nanoUsd: 3_000_000_000 }, output: { nanoUsd: 15_000_000_000 } });
    const asked = { card: 'litellm', model: 'team-model', prompt: 1_000, completion: 10 } as const;
    expect(await costOf(asked, { listedPrice })).toEqual({ basis: 'estimate', nanoUsd: 3_150_000 });
  });
});

describe('unknown stays unknown', () => {
  it.each([
    ['openai', 'gpt-of-tomorrow', 'a model nobody has heard of'],
    ['openai', 'whisper-1', 'charged by the hour of sound'],
    ['openai', 'text-embedding-3-small', 'a price for its input only'],
    ['openai', 'moderation', 'a model without any price'],
    ['mistral', 'mistral-ocr-latest', 'charged by the page'],
    ['openrouter', 'meta-llama/llama-3.3-70b-instruct:free', 'in the table without a price'],
    ['azure', 'our-deployment', 'a name that only its owner knows'],
    ['generic', 'gpt-4o-mini', 'a server that could be anybody’s'],
    ['litellm', 'gpt-4o-mini', 'a gateway with prices of its own'],
  ] as const)('%s %s: %s', async (card, model, _why) => {
    expect(await costOf({ card, model, prompt: 1_000, completion: 1_000 })).toEqual({ basis: 'unknown' });
  });
});

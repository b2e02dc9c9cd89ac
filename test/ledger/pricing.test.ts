import { beforeAll, describe, expect, it, test } from 'vitest';
import { loadPriceTable, priceTableEdition, type PriceTable } from '../../src/ledger/price.ts';
import type { Used } from '../../src/ledger/pricing.ts';
import type { CardId, Usage } from '../../src/models/model.ts';
import type { PriceList } from '../../src/models/price.ts';
import { LogLines } from '../support/log.ts';
import { pricingWith } from '../support/money.ts';
import { served } from '../support/served.ts';

let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

const atMs = Date.UTC(2026, 10, 22, 12);
const counted: Usage = { promptTokens: 1_000, cachedTokens: undefined, completionTokens: 100, source: 'provider' };
const dear: PriceList = { input: { nanoUsd: 2_000_000_000 }, output: { nanoUsd: 4_000_000_000 } };

function used(card: CardId, model: string, more: Partial<Used> = {}): Used {
  return {
    model: served(card, model),
    servedModel: undefined,
    isMetered: true,
    usage: counted,
    atMs,
    tookMs: 0,
    ...more,
  };
}

async function prepared(needs: Parameters<typeof pricingWith>[0] = {}) {
  const pricing = pricingWith({ loadTable: () => Promise.resolve(table), ...needs });
  await pricing.prepare(served('openai', 'gpt-4o-mini'));
  return pricing;
}

describe('what a request cost', () => {
  it('is what the server says it charged, whatever any price says', async () => {
    const pricing = await prepared({ ownPrices: () => ({ 'gpt-4o-mini': dear }) });
    const usage = { ...counted, billedNanoUsd: 7 };
    expect(pricing.costOf(used('openai', 'gpt-4o-mini', { usage }))).toEqual({ basis: 'billed', nanoUsd: 7 });
    expect(pricing.costOf(used('litellm', 'any', { usage, isMetered: false }))).toEqual({
      basis: 'billed',
      nanoUsd: 7,
    });
  });

  it('is by the user’s price before the table’s, by a full reference before a name, by a model before its server', async () => {
    const model = served('openai', 'gpt-4o-mini');
    const free = { input: { nanoUsd: 0 }, output: { nanoUsd: 0 } };
    const half = { input: { nanoUsd: 1_000_000_000 }, output: { nanoUsd: 2_000_000_000 } };
    const byName = await prepared({ ownPrices: () => ({ 'gpt-4o-mini': dear }), serverPrice: () => half });
    expect(byName.costOf(used('openai', 'gpt-4o-mini'))).toEqual({ basis: 'table', nanoUsd: 2_400_000 });
    const byReference = await prepared({ ownPrices: () => ({ [model.id]: half, 'gpt-4o-mini': dear }) });
    expect(byReference.costOf(used('openai', 'gpt-4o-mini'))).toEqual({ basis: 'table', nanoUsd: 1_200_000 });
    const byServer = await prepared({ serverPrice: () => half });
    expect(byServer.costOf(used('vllm', 'mine', { isMetered: false }))).toEqual({ basis: 'table', nanoUsd: 1_200_000 });
    const forNothing = await prepared({ ownPrices: () => ({ 'gpt-4o-mini': free }) });
    expect(forNothing.costOf(used('openai', 'gpt-4o-mini'))).toEqual({ basis: 'unmetered' });
  });

  it('is by the table with its date, for the model that answered', async () => {
    const pricing = await prepared();
    const dated = { basis: 'table', tableDate: priceTableEdition.date } as const;
    expect(pricing.costOf(used('openai', 'gpt-4o-mini'))).toEqual({ ...dated, nanoUsd: 1_000 * 150 + 100 * 600 });
    const deployed = used('azure', 'our-deployment', { servedModel: 'gpt-4o-mini-2024-07-18' });
    expect(pricing.costOf(deployed)).toEqual({ ...dated, nanoUsd: 210_000 });
    expect(pricing.costOf(used('openai', 'gpt-4o-mini', { servedModel: 'nobody knows it' }))).toMatchObject(dated);
  });

  it('is an estimate where tokens are guessed, where only the server lists a price, and by the hour', async () => {
    const guessed = { ...counted, source: 'estimate' } as const;
    const pricing = await prepared({ listedPrice: () => dear });
    expect(pricing.costOf(used('openai', 'gpt-4o-mini', { usage: guessed }))).toEqual({
      basis: 'estimate',
      nanoUsd: 210_000,
    });
    expect(pricing.costOf(used('litellm', 'team-model', { isMetered: undefined }))).toEqual({
      basis: 'estimate',
      nanoUsd: 2_400_000,
    });
    const hourly = await prepared({ serverPrice: () => ({ perHourNanoUsd: 1_800_000_000 }) });
    const took = { isMetered: false, tookMs: 2_500, usage: undefined } as const;
    expect(hourly.costOf(used('vllm', 'mine', took))).toEqual({ basis: 'estimate', nanoUsd: 1_250_000 });
  });

  it('is nothing where nobody charges, and unknown, never nothing, where nobody knows', async () => {
    const pricing = await prepared();
    expect(pricing.costOf(used('ollama', 'qwen3', { isMetered: false }))).toEqual({ basis: 'unmetered' });
    const unknown = { basis: 'unknown' };
    expect(pricing.costOf(used('openai', 'gpt-of-tomorrow'))).toEqual(unknown);
    expect(pricing.costOf(used('generic', 'gpt-4o-mini', { isMetered: undefined }))).toEqual(unknown);
    expect(pricing.costOf(used('openai', 'gpt-4o-mini', { usage: undefined }))).toEqual(unknown);
    for (const promptTokens of [-1, 1.5, Number.NaN, 1e300]) {
      const usage = { ...counted, promptTokens };
      expect(pricing.costOf(used('openai', 'gpt-4o-mini', { usage }))).toEqual(unknown);
    }
    // The table knows what its input costs, and says nothing of an output.
    expect(pricing.costOf(used('openai', 'text-embedding-3-small'))).toEqual(unknown);
  });
});

describe('the most a request can cost', () => {
  const planned = (card: CardId, model: string, promptTokens: number, completionTokens: number) => ({
    ...{ model: served(card, model), isMetered: true, atMs },
    ...{ promptTokens, completionTokens },
  });

  it('is by the dearest way its tokens can be counted, at the tier of its length', async () => {
    const pricing = await prepared();
    // Anthropic: 5 in, 6.25 written to the cache, 25 out.
    const opus = planned('anthropic', 'claude-opus-4-5', 1_000, 10);
    expect(pricing.worstNanoUsd(opus)).toBe(1_000 * 6_250 + 10 * 25_000);
    const gemini = planned('gemini', 'gemini-2.5-pro', 200_001, 10);
    expect(pricing.worstNanoUsd(gemini)).toBe(200_001 * 2_500 + 10 * 15_000);
  });

  it('is ten minutes of a server by the hour, nothing where nobody charges, unknown where nobody knows', async () => {
    const hourly = await prepared({ serverPrice: () => ({ perHourNanoUsd: 6_000 }) });
    expect(hourly.worstNanoUsd(planned('vllm', 'mine', 1, 1))).toBe(1_000);
    const pricing = await prepared();
    expect(pricing.worstNanoUsd({ ...planned('vllm', 'mine', 1, 1), isMetered: false })).toBe(0);
    expect(pricing.worstNanoUsd(planned('openai', 'gpt-of-tomorrow', 1, 1))).toBeUndefined();
  });

  it.each([Infinity, 1e300, Number.NaN])('is unknown, never nothing, for an answer of %d tokens', async (tokens) => {
    const pricing = await prepared();
    expect(pricing.worstNanoUsd(planned('openai', 'gpt-4o-mini', 1, tokens))).toBeUndefined();
  });
});

describe('the price table', () => {
  it('is read once, when a model comes that it may know', async () => {
    let reads = 0;
    const pricing = pricingWith({ loadTable: async () => ((reads += 1), table) });
    await pricing.prepare(served('vllm', 'mine'));
    expect(reads).toBe(0);
    await Promise.all([1, 2, 3].map(() => pricing.prepare(served('openai', 'gpt-4o-mini'))));
    await pricing.prepare(served('mistral', 'codestral-latest'));
    expect(reads).toBe(1);
  });

  it('that cannot be read leaves prices unknown, is said, and is tried again', async () => {
    const log = new LogLines();
    const fails = () => Promise.reject(new Error('EIO'));
    const loads = [fails, fails, () => Promise.resolve(table)];
    const pricing = pricingWith({ loadTable: () => loads.shift()?.() ?? Promise.reject(new Error('once more')), log });
    for (let each = 0; each < 2; each += 1) await pricing.prepare(served('openai', 'gpt-4o-mini'));
    expect(pricing.costOf(used('openai', 'gpt-4o-mini'))).toEqual({ basis: 'unknown' });
    expect(log.lines).toEqual([expect.stringContaining('EIO')]);
    await pricing.prepare(served('openai', 'gpt-4o-mini'));
    expect(pricing.costOf(used('openai', 'gpt-4o-mini'))).toMatchObject({ basis: 'table' });
  });
});

test('whether somebody charges is the user’s word before the card’s', async () => {
  const own = await prepared({ serverPrice: () => dear });
  expect(own.isMetered(served('vllm', 'mine'), false)).toBe(true);
  const free = await prepared({ serverPrice: () => ({ perHourNanoUsd: 0 }) });
  expect(free.isMetered(served('openai', 'gpt-4o-mini'), true)).toBe(false);
  expect((await prepared()).isMetered(served('generic', 'm'), undefined)).toBeUndefined();
});

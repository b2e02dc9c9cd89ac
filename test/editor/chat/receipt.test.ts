import { describe, expect, it } from 'vitest';
import { receiptOf } from '../../../src/editor/chat/receipt.ts';
import type { Intent, Settlement } from '../../../src/ledger/entry.ts';

const intent: Intent = {
  kind: 'intent',
  id: 'a1',
  atMs: 0,
  purpose: { role: 'chat', initiator: 'user' },
  modelId: 'https://api.openai.com/v1#gpt',
  modelName: 'gpt',
  route: { kind: 'internet', evidence: 'verified', host: 'api.openai.com:443', remote: undefined },
  items: [
    { uri: 'file:///r/a.ts', bytes: 120, maskedCount: 2 },
    { uri: 'file:///r/b.ts', bytes: 30, lines: [3, 9], maskedCount: 0 },
  ],
};
const settlement: Settlement = {
  kind: 'settlement',
  id: 'a1',
  atMs: 1,
  outcome: 'finished',
  failure: undefined,
  usage: { promptTokens: 2_300, cachedTokens: 2_000, completionTokens: 80, source: 'provider' },
  speed: { firstTokenMs: 420, prefillTokPerS: undefined, decodeTokPerS: 51 },
  cost: { basis: 'table', nanoUsd: 6_100_000, tableDate: '2026-10-01' },
  servedModel: 'gpt-2026',
};
const nameOf = (uri: string): string => uri.replace('file:///r/', '');
const engine: Intent = {
  ...intent,
  modelId: 'embedded:/m.gguf',
  modelName: 'SmolLM2',
  route: { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined },
  items: [{ uri: 'file:///r/a.ts', bytes: 120 }],
  weightsSha256: 'f'.repeat(64),
  sampling: { maxTokens: 512 },
};

describe('the receipt of an answer', () => {
  it('says where it went, what it took, and what that cost on which basis', () => {
    expect(receiptOf([{ intent, settlement }], nameOf)).toEqual({
      requestId: 'a1',
      exposure: 'internet',
      routeWords: 'internet: api.openai.com:443',
      host: 'api.openai.com:443',
      modelName: 'gpt',
      servedModel: 'gpt-2026',
      promptTokens: 2_300,
      cachedTokens: 2_000,
      completionTokens: 80,
      countedBy: 'provider',
      decodeTokPerS: 51,
      firstTokenMs: 420,
      costWords: '$0.0061',
      costBasisWords: 'list prices of 2026-10-01',
      items: [
        { name: 'a.ts', bytes: 120, maskedCount: 2 },
        { name: 'b.ts:3-9', bytes: 30, maskedCount: 0 },
      ],
      maskedCount: 2,
      sampling: [],
    });
  });

  it('has the weights and how tokens were chosen for our own engine, and no sum of money', () => {
    const sampling = { temperature: 0.2, topK: 40, minP: 0.05, seed: 7 };
    const unmetered: Settlement = { ...settlement, cost: { basis: 'unmetered' }, sampling };
    const receipt = receiptOf([{ intent: engine, settlement: unmetered }], nameOf);
    expect(receipt).toMatchObject({
      routeWords: 'this computer',
      weightsSha256: 'f'.repeat(64),
      sampling: [
        { name: 'temperature', value: '0.2' },
        { name: 'top k', value: '40' },
        { name: 'min p', value: '0.05' },
        { name: 'seed', value: '7' },
        { name: 'most tokens', value: '512' },
      ],
    });
    for (const key of ['host', 'costWords', 'costBasisWords', 'maskedCount']) expect(receipt).not.toHaveProperty(key);
  });

  it('never shows counts that nobody told as zero', () => {
    const untold: Settlement = { ...settlement, usage: undefined, speed: undefined, cost: { basis: 'unknown' } };
    const receipt = receiptOf([{ intent, settlement: untold }], nameOf);
    expect(receipt).toMatchObject({ costWords: 'price unknown' });
    const absent = ['promptTokens', 'cachedTokens', 'completionTokens', 'decodeTokPerS', 'costBasisWords'];
    for (const key of absent) expect(receipt).not.toHaveProperty(key);
  });

  it.each([
    ['stopped', intent, { ...settlement, outcome: 'stopped' } as const, 'at least $0.0061'],
    ['that has no end', intent, undefined, 'price unknown'],
    ['of our own engine that has no end', engine, undefined, undefined],
  ])('of a request %s says as much as is known', (_, asked, end, words) => {
    expect(receiptOf([{ intent: asked, settlement: end }], nameOf)?.costWords).toBe(words);
  });
});

describe('the receipt of an answer that was tried more than once', () => {
  const failed: Settlement = {
    ...{ kind: 'settlement', id: 'a0', atMs: 1, outcome: 'failed', failure: 'badResponse' },
    ...{ usage: undefined, speed: undefined, cost: { basis: 'unknown' } },
  };
  const first = { intent: { ...intent, id: 'a0' }, settlement: failed };
  const last = { intent, settlement };

  it('names every try, and says that what nobody counted of it comes on top', () => {
    expect(receiptOf([first, last], nameOf)).toMatchObject({
      requestId: 'a1',
      ...{ promptTokens: 2_300, completionTokens: 80, isCountAtLeast: true, costWords: 'at least $0.0061' },
      tries: [
        { requestId: 'a0', outcomeWords: 'failed: bad response', costWords: 'price unknown' },
        { requestId: 'a1', outcomeWords: 'finished', promptTokens: 2_300, costWords: '$0.0061' },
      ],
    });
    expect(receiptOf([first, last], nameOf)?.tries?.[0]).not.toHaveProperty('promptTokens');
  });

  it('adds up what was counted, as sure as the least sure of it', () => {
    const usage = { promptTokens: 2_200, cachedTokens: undefined, completionTokens: 9, source: 'estimate' } as const;
    const cut: Settlement = { ...failed, outcome: 'cut', usage, cost: { basis: 'estimate', nanoUsd: 900_000 } };
    const receipt = receiptOf([{ ...first, settlement: cut }, last], nameOf);
    expect(receipt).toMatchObject({
      ...{ promptTokens: 4_500, cachedTokens: 2_000, completionTokens: 89, countedBy: 'estimate' },
      ...{ costWords: 'at least about $0.007', costBasisWords: 'estimated' },
    });
    expect(receipt).not.toHaveProperty('isCountAtLeast');
  });

  it('is that of the most exposed try', () => {
    const near = { ...intent, route: { ...intent.route, kind: 'loopback', host: '127.0.0.1:8080' } } as const;
    expect(receiptOf([first, { intent: near, settlement }], nameOf)).toMatchObject({
      exposure: 'internet',
      host: 'api.openai.com:443',
    });
  });

  it('says "at least" also of a try that the ledger does not hold any more, and nothing where it holds none', () => {
    expect(receiptOf([undefined, last], nameOf)).toMatchObject({ isCountAtLeast: true, costWords: 'at least $0.0061' });
    expect(receiptOf([undefined], nameOf)).toBeUndefined();
    expect(receiptOf([], nameOf)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { Intent, Settlement } from '../../src/ledger/entry.ts';
import { dailyRows, type LedgerRequest } from '../../src/ledger/rows.ts';
import { keptLineCosts, routeShares, savingsOf, type Compared } from '../../src/ledger/savings.ts';
import { noSpend } from '../../src/ledger/spend.ts';
import type { CompletionUse } from '../../src/ledger/statistics.ts';
import type { Usage } from '../../src/models/model.ts';
import { paid, question } from '../support/ledgers.ts';

const here = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined } as const;
const tokens: Usage = { promptTokens: 1_000, cachedTokens: 400, completionTokens: 50, source: 'engine' };
const completion = { role: 'completion', initiator: 'automatic' } as const;
const chat = { role: 'chat', initiator: 'user' } as const;

/** A request by our own engine, which nobody charges for. */
const own = (id: string, intent: Partial<Intent> = {}, end: Partial<Settlement> = {}): LedgerRequest => ({
  intent: question(id, { route: here, purpose: chat, modelId: 'own', modelName: 'Own', ...intent }),
  settlement: paid(id, 0, { cost: { basis: 'unmetered' }, usage: tokens, ...end }),
});
/** A request to a server, with its price in nano-dollars. */
const sent = (id: string, nanoUsd: number, intent: Partial<Intent> = {}): LedgerRequest => ({
  intent: question(id, { purpose: chat, ...intent }),
  settlement: paid(id, nanoUsd, { usage: tokens }),
});

/** Ten nano-dollars for a token that was read, one where it was cached, a hundred for one that was written. */
const closed: Compared = {
  name: 'gpt-x',
  costNanoUsd: ({ promptTokens, cachedTokens = 0, completionTokens }) =>
    (promptTokens - cachedTokens) * 10 + cachedTokens + completionTokens * 100,
};
const each = 600 * 10 + 400 + 50 * 100;

const needs = { closed, accepted: new Set<string>(), tableDate: '2026-09-23' };

describe('what would have been paid elsewhere', () => {
  it('is what the same tokens cost at the chosen model, and says that it is an estimate of which day', () => {
    expect(savingsOf({ ...needs, requests: [own('a'), own('b')] })).toMatchObject({
      basis: 'estimate',
      tableDate: '2026-09-23',
      unmetered: {
        ...{ name: 'gpt-x', chatAnswers: 2, completions: 0, promptTokens: 2_000, completionTokens: 100 },
        ...{ cost: { basis: 'estimate', nanoUsd: 2 * each }, leftOut: 0 },
      },
    });
  });

  it('is of answers that were asked for and completions that were taken, and of nothing else', () => {
    const requests = [
      own('answer'),
      own('asked by another extension', { purpose: { role: 'chat', initiator: 'extension' } }),
      own('taken', { purpose: completion }),
      own('not taken', { purpose: completion }),
      own('read ahead', { purpose: { role: 'completion', initiator: 'ahead' } }),
      own('a title', { purpose: { role: 'chat', initiator: 'automatic' } }),
      own('failed', {}, { outcome: 'failed' }),
      own('stopped', {}, { outcome: 'stopped' }),
      { intent: question('runs', { route: here, purpose: chat }), settlement: undefined },
      own('list', { purpose: { role: 'list', initiator: 'user' } }),
    ];
    const { unmetered } = savingsOf({ ...needs, requests, accepted: new Set(['taken', 'failed']) });
    expect(unmetered).toMatchObject({ chatAnswers: 3, completions: 1, cost: { nanoUsd: 4 * each } });
  });

  it('leaves out, and counts, what has no tokens or no price; without any price it is unknown and never 0', () => {
    const requests = [own('a'), own('b', {}, { usage: undefined })];
    expect(savingsOf({ ...needs, requests }).unmetered).toMatchObject({ cost: { nanoUsd: each }, leftOut: 1 });
    const unknown = { name: 'gpt-y', costNanoUsd: () => undefined };
    expect(savingsOf({ ...needs, requests, closed: unknown }).unmetered).toMatchObject({
      cost: { basis: 'unknown' },
      leftOut: 2,
    });
    expect(savingsOf({ ...needs, requests: [] }).unmetered.cost).toEqual({ basis: 'unknown' });
  });

  it('does not take over what was billed here', () => {
    const billed = own('a', {}, { usage: { ...tokens, billedNanoUsd: 7, cacheWriteTokens: 300, reasoningTokens: 9 } });
    const seen: Usage[] = [];
    const costNanoUsd = (usage: Usage) => seen.push(usage);
    savingsOf({ ...needs, requests: [billed], closed: { name: 'x', costNanoUsd } });
    expect(seen).toEqual([{ promptTokens: 1_000, cachedTokens: 400, completionTokens: 50, source: 'estimate' }]);
  });

  it('the other way round: what was paid, beside what one’s own computer or server would have charged', () => {
    const requests = [
      own('a'),
      sent('b', 500),
      sent('c', 700, { purpose: completion }),
      sent('d', 900, { purpose: completion }),
    ];
    const accepted = new Set(['c']);
    const { metered } = savingsOf({ ...needs, requests, accepted });
    expect(metered).toMatchObject({
      ...{ name: undefined, chatAnswers: 1, completions: 1, cost: { basis: 'unmetered' }, leftOut: 0 },
      spend: { nanoUsd: 1_200, basis: 'table' },
    });
    const server = { name: 'our server', costNanoUsd: () => 3 };
    expect(savingsOf({ ...needs, requests, accepted, own: server }).metered).toMatchObject({
      name: 'our server',
      cost: { basis: 'estimate', nanoUsd: 6 },
      spend: { nanoUsd: 1_200 },
    });
  });

  it('counts a request of unknown price as paid for, "at least"', () => {
    const unknown = {
      intent: question('a', { purpose: chat }),
      settlement: paid('a', 0, { cost: { basis: 'unknown' } }),
    };
    const { unmetered, metered } = savingsOf({ ...needs, requests: [unknown] });
    expect([unmetered.chatAnswers, metered.chatAnswers]).toEqual([0, 1]);
    expect(metered.spend).toMatchObject({ unpriced: 1, isAtLeast: true });
  });
});

describe('what a line that stayed cost', () => {
  const use = (modelId: string, keptLines: number): CompletionUse => ({
    ...{ day: '2026-11-22', modelId, language: 'go', offered: 9, accepted: 2, acceptedInPart: 0, acceptedLines: 8 },
    ...{ judged: 2, judgedLines: 8, stillThere: 1, keptLines },
  });
  const rows = dailyRows([
    own('a', { purpose: completion }),
    own('chat'),
    sent('b', 600, { purpose: completion, modelId: 'closed', modelName: 'Closed' }),
    sent('c', 401, { purpose: completion, modelId: 'closed', modelName: 'Closed' }),
    sent('d', 999, { modelId: 'closed', modelName: 'Closed' }),
  ]);

  it('is all that the model’s completions cost, taken or not, and nothing of its chats', () => {
    expect(keptLineCosts(rows, [use('closed', 3), use('closed', 1)])).toEqual([
      {
        ...{ modelId: 'closed', modelName: 'Closed', keptLines: 4, tokens: 2_100 },
        ...{ nanoUsdPerKeptLine: 250, tokensPerKeptLine: 525 },
        spend: { nanoUsd: 1_001, basis: 'table', unpriced: 0, isAtLeast: false },
      },
    ]);
  });

  it('is tokens only where nobody charges, and unknown where no line stayed', () => {
    const [local, closedModel, gone] = keptLineCosts(rows, [use('own', 2), use('closed', 0), use('gone', 1)]);
    expect(local).toMatchObject({ spend: noSpend, nanoUsdPerKeptLine: undefined, tokensPerKeptLine: 525 });
    expect(closedModel).toMatchObject({ nanoUsdPerKeptLine: undefined, tokensPerKeptLine: undefined });
    expect(gone).toMatchObject({ modelName: undefined, nanoUsdPerKeptLine: undefined });
  });
});

describe('how much went where', () => {
  it('is told from the least to the most exposed, with a server that may forward apart', () => {
    const assumed = { kind: 'loopback', evidence: 'assumed', host: ':4000', remote: undefined } as const;
    const rows = dailyRows([
      ...['a', 'b', 'c', 'd', 'e'].map((id) => own(id)),
      sent('f', 1),
      sent('g', 1, { route: assumed }),
      sent('h', 1, { route: { ...assumed, evidence: 'verified' } }),
      own('ahead', { purpose: { role: 'completion', initiator: 'ahead' } }),
      sent('list', 1, { purpose: { role: 'list', initiator: 'user' } }),
    ]);
    expect(routeShares(rows)).toEqual([
      { route: 'inProcess', evidence: 'verified', requests: 5, share: 5 / 8 },
      { route: 'loopback', evidence: 'verified', requests: 1, share: 1 / 8 },
      { route: 'loopback', evidence: 'assumed', requests: 1, share: 1 / 8 },
      { route: 'internet', evidence: 'verified', requests: 1, share: 1 / 8 },
    ]);
    expect(routeShares([])).toEqual([]);
  });
});

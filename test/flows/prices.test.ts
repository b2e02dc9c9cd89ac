/** What requests cost, from the composer to the ledger: the real exchange, gate, adapter and price table over real sockets. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock as clock } from '../../src/base/clock.ts';
import { Failure } from '../../src/base/failure.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { createExchange, type ExchangeNeeds } from '../../src/exchange.ts';
import type { Limits } from '../../src/ledger/budget.ts';
import type { Route } from '../../src/ledger/entry.ts';
import type { LedgerRequest } from '../../src/ledger/rows.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { loadPriceTable, priceTableEdition, type PriceTable } from '../../src/ledger/price.ts';
import { totalSpend } from '../../src/ledger/tally.ts';
import type { CardId, ChatRequest, Counted, EmbeddedModel, Model, Provider } from '../../src/models/model.ts';
import type { PriceList } from '../../src/models/price.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { noLimits, pricingWith } from '../support/money.ts';
import { startScriptedServer, type Script } from '../support/scriptedServer.ts';
import { served } from '../support/served.ts';

let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

const purpose = { role: 'chat', initiator: 'user' } as const;
const request: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text: 'x'.repeat(3_600) }], items: [] };
const notes = { workspace: { id: 'w', name: 'shop' }, label: 'customer', weightsSha256: 'f'.repeat(64) };

const said = (text: string) => ({ choices: [{ delta: { content: text } }] });
const done = (usage?: object) => [{ choices: [{ delta: {}, finish_reason: 'stop' }], usage }, '[DONE]'];
const whole =
  (usage?: object): Script =>
  (_, reply) =>
    reply.sse([said('Hello'), ...done(usage)]);

interface Circumstances {
  readonly card?: CardId;
  readonly limits?: Limits;
  readonly embedded?: Provider;
  /** What the user says the model costs. */
  readonly own?: PriceList;
}

async function setUp(script: Script, { card = 'openai', limits = {}, embedded, own }: Circumstances = {}) {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.dispose());
  const log = new LogLines();
  const ledger = new Ledger({ files: journalFolder(temporaryFolder(), 'me'), clock, log });
  onTestFinished(() => ledger.dispose());
  const pricing = pricingWith({
    loadTable: () => Promise.resolve(table),
    ownPrices: () => (own === undefined ? {} : { 'gpt-4o-mini': own }),
  });
  const budgets = () => limits;
  const gate = gateFor({ ledger, clock, log, pricing, budgets, notesOn: () => notes });
  const model = served(card, 'gpt-4o-mini', `${server.url}/v1`);
  const survey = { known: () => undefined, forget: () => undefined };
  const needs: ExchangeNeeds = {
    ...noLimits(),
    pricing,
    hasHardLimit: () => Object.keys(limits).length > 0,
    choose: () => model,
    destinationOf: () => Promise.resolve(serverAt(model.endpoint.baseUrl, { isMetered: card !== 'vllm' })),
    gate,
    providerOf: (asked: Model) =>
      asked.provider === 'server' || embedded === undefined ? serverProvider(model, { survey, clock }) : embedded,
    readTokPerS: () => 100,
    clock,
  };
  const exchange = createExchange(needs);
  const turn = async (ends?: 'leaves' | 'stops'): Promise<LedgerRequest> => {
    const stop = new AbortController();
    let id = '';
    try {
      for await (const chunk of exchange.ask(purpose, request, stop.signal)) {
        if (chunk.kind === 'opened') id = chunk.requestId;
        if (chunk.kind === 'opened' && ends === 'stops') void server.arrived(1).then(() => stop.abort());
        if (chunk.kind === 'text' && ends === 'leaves') break;
      }
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
    const found = ledger.find(id);
    if (found?.settlement === undefined) throw new Error('It was not settled.');
    return found;
  };
  return { server, ledger, exchange, model, turn, needs };
}

describe('a request to a server that charges', () => {
  it('is priced by the tokens that the server counts, and says who, where and how it was asked', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 400 } };
    const { turn } = await setUp(whole(usage));
    const { intent, settlement } = await turn();
    expect(settlement?.cost).toEqual({
      basis: 'table',
      nanoUsd: 600 * 150 + 400 * 75 + 20 * 600,
      tableDate: priceTableEdition.date,
    });
    expect(intent).toMatchObject({ ...notes, sampling: {}, isMetered: true });
    // 900 tokens of text at most 1,800, 4 for the message; an answer of any length.
    expect(intent.reservedNanoUsd).toBe(1_816 * 150 + 16_384 * 600);
    expect(intent.estimatedPromptTokens).toBe(1_004); // of a text with the usual bytes in a token
  });

  it('is priced as the gateway bills it', async () => {
    const { turn } = await setUp(whole({ prompt_tokens: 1_000, completion_tokens: 20, cost: 0.00123 }), {
      card: 'openrouter',
    });
    expect((await turn()).settlement?.cost).toEqual({ basis: 'billed', nanoUsd: 1_230_000 });
  });

  it.each([
    ['its reader had enough', 'leaves', 'enough'],
    ['it was stopped', 'stops', 'stopped'],
  ] as const)('is estimated, and at least that, when %s before anybody counted', async (_, ends, outcome) => {
    const { turn, ledger } = await setUp(async (__, reply) => {
      reply.start(200, { 'content-type': 'text/event-stream' });
      if (ends === 'leaves') await reply.event(said('Hello'));
    });
    const { settlement } = await turn(ends);
    const completionTokens = ends === 'leaves' ? 2 : 0;
    expect(settlement).toMatchObject({ outcome, usage: { promptTokens: 1_004, completionTokens, source: 'estimate' } });
    expect(settlement?.cost).toEqual({ basis: 'estimate', nanoUsd: 1_004 * 150 + completionTokens * 600 });
    expect(totalSpend(ledger.today)).toMatchObject({ basis: 'estimate', isAtLeast: true, unpriced: 0 });
  });

  it('that refuses it charges nothing', async () => {
    const { turn, ledger } = await setUp((_, reply) => reply.json(401, { error: { message: 'Wrong key.' } }));
    expect((await turn()).settlement).toMatchObject({ failure: 'auth', cost: { basis: 'unmetered' } });
    expect(totalSpend(ledger.today)).toMatchObject({ isAtLeast: false, unpriced: 0 });
  });

  it('teaches how many bytes its tokens have', async () => {
    const { turn, needs, model } = await setUp(whole({ prompt_tokens: 1_204, completion_tokens: 1 }));
    await turn();
    expect(needs.estimator.ratioOf(model.id)).toEqual({ bytesPerToken: 3, error: 200 / 1_204, samples: 1 });
  });
});

describe('a server of one’s own', () => {
  it('costs nothing, and what nobody counted stays uncounted', async () => {
    const { turn } = await setUp(whole(), { card: 'vllm' });
    expect((await turn()).settlement).toMatchObject({ usage: undefined, cost: { basis: 'unmetered' } });
  });
});

describe('a hard limit', () => {
  const perDay = (nanoUsd: number): Limits => ({ perDay: { nanoUsd, kind: 'hard' } });

  it('asks for an end of the answer, and none where there is no limit', async () => {
    const limited = await setUp(whole(), { limits: perDay(1_000_000_000) });
    expect((await limited.turn()).intent.sampling).toEqual({ maxTokens: 16_384 });
    expect(limited.server.requests[0]?.json['max_completion_tokens']).toBe(16_384);
    const free = await setUp(whole());
    await free.turn();
    expect(free.server.requests[0]?.json).not.toHaveProperty('max_completion_tokens');
  });

  it('asks for an end wherever the user says that it costs something, and nowhere else', async () => {
    const price = (nanoUsd: number): PriceList => ({ input: { nanoUsd }, output: { nanoUsd } });
    const limits = perDay(1_000_000_000);
    const own = await setUp(whole(), { card: 'vllm', limits, own: price(1_000_000_000) });
    expect((await own.turn()).intent).toMatchObject({ isMetered: true, sampling: { maxTokens: 16_384 } });
    const free = await setUp(whole(), { limits, own: price(0) });
    expect((await free.turn()).intent).toMatchObject({ isMetered: false, sampling: {} });
  });

  it('keeps from the server what could pass it, to the last byte', async () => {
    const { exchange, server, ledger } = await setUp(whole(), { limits: perDay(10_000_000) });
    const asking = exchange.ask(purpose, request, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(asking.next()).rejects.toMatchObject({ kind: 'denied', facts: { rule: 'budget: perDay' } });
    expect([server.tally.receivedBodyBytes, ledger.today.requests]).toEqual([0, 0]);
  });
});

describe('a preview', () => {
  const { signal } = new AbortController();
  const elsewhere: Route = { kind: 'internet', evidence: 'verified', host: 'api.test:443', remote: undefined };

  it('says what a request sends and costs, from its prompt to its longest answer, and asks nobody', async () => {
    const { exchange, model, server, needs } = await setUp(whole());
    const preview = await createExchange({ ...needs, routeOf: () => elsewhere }).preview({ model, request }, signal);
    expect(preview).toEqual({
      tokens: { value: 1_004, isExact: false },
      route: elsewhere,
      cost: { lowNanoUsd: 1_004 * 150, highNanoUsd: 1_816 * 150 + 16_384 * 600 },
    });
    const brief = await exchange.preview({ model, request: { ...request, maxTokens: 10 } }, signal);
    expect(brief.cost).toEqual({ lowNanoUsd: 1_004 * 150, highNanoUsd: 1_816 * 150 + 10 * 600 });
    expect(server.requests).toEqual([]);
  });

  it('knows no price where nobody does, and has none where nobody charges', async () => {
    const { exchange, model } = await setUp(whole());
    const asked = (card: CardId, name: string) => {
      const other = { ...model, model: name, endpoint: { ...model.endpoint, card } };
      return exchange.preview({ model: other, request }, signal).then(({ cost }) => cost);
    };
    expect(await asked('openai', 'gpt-of-tomorrow')).toBe('unknown');
    expect(await asked('generic', 'gpt-4o-mini')).toBe('unknown');
    expect(await asked('vllm', 'gpt-4o-mini')).toBe('unmetered');
  });

  it('is exact for our own engine, with how long reading takes; estimated where that cannot count', async () => {
    const engine: EmbeddedModel = { id: 'embedded:/m', name: 'M', provider: 'embedded', file: '/m' };
    const counting = (count: () => Promise<Counted | undefined>): Provider => ({
      count,
      stream: () => {
        throw new Error('Nothing is asked.');
      },
    });
    const look = async (count: () => Promise<Counted | undefined>) => {
      const { exchange } = await setUp(whole(), { embedded: counting(count) });
      return exchange.preview({ model: engine, request }, signal);
    };
    expect(await look(() => Promise.resolve({ tokens: 250, heldTokens: 0 }))).toMatchObject({
      tokens: { value: 250, isExact: true },
      cost: 'unmetered',
      readSeconds: 2.5,
    });
    // What it holds from before need not be read again.
    expect((await look(() => Promise.resolve({ tokens: 250, heldTokens: 200 }))).readSeconds).toBe(0.5);
    for (const cannot of [
      () => Promise.resolve(undefined),
      () => Promise.reject(new Failure('modelUnsupported', '')),
    ]) {
      expect((await look(cannot)).tokens).toEqual({ value: 1_004, isExact: false });
    }
  });
});

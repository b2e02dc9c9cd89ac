/** A real llama-server, through the exchange, the gate and the survey: nothing in between is a fake. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureModel } from '../../scripts/lib/models.mjs';
import { startLlamaServer } from '../../scripts/lib/llamaServer.mjs';
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { createExchange } from '../../src/exchange.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { CardId, ChatRequest, Chunk, InfillRequest, ModelRequest, ServedModel } from '../../src/models/model.ts';
import type { Toolbox } from '../../src/models/tools.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { Survey } from '../../src/providers/survey.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { served } from '../support/served.ts';

type Running = Exclude<Awaited<ReturnType<typeof startLlamaServer>>, { unavailable: string }>;

async function start(name: 'demo' | 'infill', contextTokens: number, more: readonly string[] = []): Promise<Running> {
  const model = await ensureModel(name);
  const flags = ['--alias', name, '-np', '1', ...more];
  const server = await startLlamaServer({ model, threads: 2, contextTokens, flags });
  if ('unavailable' in server) throw new Error(`There is no llama-server: ${server.unavailable}`);
  return server;
}

/** Everything between a feature and the socket, as the product wires it. */
function road(model: ServedModel) {
  const clock = systemClock;
  const log = new LogLines();
  const ledger = new Ledger({ files: journalFolder(temporaryFolder(), 'me'), clock, log });
  const gate = gateFor({ ledger, clock, log });
  const survey = new Survey({
    openErrand: (destination, purpose, signal) =>
      gate.open({ purpose, model: undefined, destination, items: [], signal }),
    clock,
    log,
  });
  const { ask } = createExchange({
    ...noLimits(),
    choose: () => model,
    destinationOf: (asked, signal) => survey.destinationOf(asked, signal),
    gate,
    providerOf: () => serverProvider(model, { survey, clock }),
    clock,
  });
  return { ask, survey, ledger };
}

const user = (text: string): ChatRequest => ({ kind: 'chat', messages: [{ role: 'user', text }], items: [] });
const add: InfillRequest = {
  kind: 'infill',
  document: 'file:///add.ts',
  windows: [
    { head: 'export function add(a: number, b: number): number {\n', suffix: '\n}\n\nexport const two = add(1, 1);\n' },
  ],
  line: '  ret',
  maxTokens: 12,
  patienceMs: 60_000,
};

const thermometer: Toolbox = {
  tools: [
    {
      name: 'read_thermometer',
      description: 'Reads the temperature of a room, in degrees Celsius.',
      schemaJson: JSON.stringify({ type: 'object', properties: { room: { type: 'string' } }, required: ['room'] }),
    },
  ],
  choice: 'required',
};

/** Asks by the user's hand and reads to the end. */
async function answer({ ask }: ReturnType<typeof road>, request: ModelRequest, signal = new AbortController().signal) {
  const chunks: Chunk[] = [];
  const role = request.kind === 'chat' ? 'chat' : 'completion';
  for await (const chunk of ask({ role, initiator: 'user' }, request, signal)) chunks.push(chunk);
  const text = chunks.map((chunk) => (chunk.kind === 'text' ? chunk.text : '')).join('');
  const end = chunks.at(-1);
  return { text, chunks, end: end?.kind === 'end' ? end : undefined };
}

async function isIdle({ url }: Running): Promise<boolean> {
  const slots = (await (await fetch(`${url}/slots`)).json()) as { is_processing: boolean }[];
  return slots.every(({ is_processing: isBusy }) => !isBusy);
}

async function untilIdle(server: Running): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const limit = setTimeout(() => reject(new Error('llama-server goes on for a request that was stopped')), 20_000);
  const polling = (async () => {
    while (!(await isIdle(server))) await new Promise((resolve) => setTimeout(resolve, 20));
  })();
  await Promise.race([polling, promise]).finally(() => clearTimeout(limit));
}

describe('a real llama-server', () => {
  let server: Running;
  const at = (card: CardId = 'llamaServer', model = 'demo'): ServedModel => served(card, model, server.url);
  beforeAll(async () => void (server = await start('demo', 512)));
  afterAll(() => server.stop());

  it('streams a chat, with its counts, its speeds and its name', async () => {
    const way = road(at());
    const { text, end, chunks } = await answer(way, { ...user('Say hello.'), maxTokens: 12, temperature: 0 });
    expect(text.length).toBeGreaterThan(3);
    expect(chunks.filter(({ kind }) => kind === 'text').length).toBeGreaterThan(3);
    expect(end).toMatchObject({ reason: 'maxTokens', servedModel: 'demo' });
    expect(end?.usage).toMatchObject({ completionTokens: 12, source: 'provider' });
    expect(end?.usage?.promptTokens).toBeGreaterThan(10);
    expect(end?.speed.firstTokenMs).toBeGreaterThan(0);
    expect(end?.speed.prefillTokPerS).toBeGreaterThan(0);
    expect(end?.speed.decodeTokPerS).toBeGreaterThan(0);
    expect(way.ledger.today).toMatchObject({ requests: 1 });
    expect(way.ledger.today.unsettled.size).toBe(0);
  });

  it('is spoken to as what it is when the user only knows that it is some server', async () => {
    const way = road(at('generic'));
    const { end } = await answer(way, { ...user('Say hello.'), maxTokens: 4 });
    expect(end).toMatchObject({ reason: 'maxTokens' });
    expect(way.survey.known(at('generic'))?.facts).toMatchObject({ card: 'llamaServer', nature: 'holdsWeights' });
  });

  it('lists its model with the context it runs with', async () => {
    const { survey } = road(at());
    const { signal } = new AbortController();
    expect(await survey.list(at().endpoint, signal)).toEqual([
      { model: 'demo', name: 'demo', contextTokens: 512, canCallTools: false },
    ]);
    expect(await survey.contextOf(at(), signal)).toBe(512);
    expect(await survey.factsOf(at('ollama').endpoint, signal, 'user')).toMatchObject({ card: 'llamaServer' });
    expect(await survey.destinationOf(at(), signal)).toMatchObject({ nature: 'holdsWeights', isMetered: false });
  });

  it('stops working when the request is stopped, and when the reader leaves', async () => {
    const endless = { ...user('Count to one thousand.'), maxTokens: 450 };
    const way = road(at());
    const stop = new AbortController();
    const stopped = (async () => {
      for await (const chunk of way.ask({ role: 'chat', initiator: 'user' }, endless, stop.signal)) {
        if (chunk.kind === 'text') stop.abort();
      }
    })();
    await expect(stopped).rejects.toMatchObject({ kind: 'aborted' });
    await untilIdle(server);
    for await (const chunk of way.ask({ role: 'chat', initiator: 'user' }, endless, new AbortController().signal)) {
      if (chunk.kind === 'text') break;
    }
    await untilIdle(server);
    expect(way.ledger.today.unsettled.size).toBe(0);
  });

  it('refuses what is too long, with both numbers', async () => {
    const asked = answer(road(at()), user('word '.repeat(2_000)));
    await expect(asked).rejects.toMatchObject({
      kind: 'contextTooLong',
      isPassing: false,
      facts: { limitTokens: 512, usedTokens: expect.any(Number) as number },
    });
  });

  it('says that its model cannot call tools, and is not asked to', async () => {
    const { survey, ask, ledger } = road(at());
    await survey.list(at().endpoint, new AbortController().signal);
    expect(survey.known(at())?.canCallTools).toBe(false);
    const asked = answer({ survey, ask, ledger }, { ...user('How warm is it?'), toolbox: thermometer });
    await expect(asked).rejects.toMatchObject({ kind: 'modelUnsupported' });
  });

  it('says that its model cannot fill in text', async () => {
    await expect(answer(road(at()), add)).rejects.toMatchObject({ kind: 'modelUnsupported', action: 'switchProvider' });
  });
});

describe('a real llama-server with an infill model', () => {
  let server: Running;
  const template = path.join(import.meta.dirname, 'fixtures', 'toolCalls.jinja');
  beforeAll(async () => void (server = await start('infill', 1024, ['--chat-template-file', template])));
  afterAll(() => server.stop());

  it('fills in text, natively', async () => {
    const { text, end } = await answer(road(served('llamaServer', 'infill', server.url)), add);
    expect(text).toMatch(/^urn a \+ b/);
    expect(end).toMatchObject({ reason: 'endOfText', servedModel: 'infill' });
    expect(end?.usage).toMatchObject({ source: 'provider', cachedTokens: expect.any(Number) as number });
  });

  it('fills in text by its written tokens, and by a chat prompt', async () => {
    // What the user says it is decides how it is spoken to; here it stands for others that have no /infill.
    for (const [card, model] of [
      ['vllm', 'qwen2.5-coder'],
      ['litellm', 'infill'],
    ] as const) {
      const { text, end } = await answer(road(served(card, model, server.url)), add);
      expect(text).toContain('a + b');
      expect(text).not.toMatch(/```|<\|/);
      expect(end?.usage?.completionTokens).toBeGreaterThan(0);
    }
  });

  it('calls a tool, and answers with what came of it', async () => {
    const model = served('llamaServer', 'infill', server.url);
    const way = road(model);
    const { messages, ...rest } = { ...user('How warm is it in the kitchen?'), maxTokens: 40, temperature: 0 };
    const first = await answer(way, { ...rest, messages, toolbox: thermometer });
    expect(way.survey.known(model)?.canCallTools).toBe(true);
    const calls = first.chunks.flatMap((chunk) => (chunk.kind === 'toolCall' ? [chunk] : []));
    expect(calls).toMatchObject([{ id: expect.stringMatching(/./) as string, name: 'read_thermometer' }]);
    const [call] = calls.map(({ id, name, argumentsJson }) => ({ id, name, argumentsJson }));
    if (call === undefined) return;
    expect(JSON.parse(call.argumentsJson)).toEqual({ room: expect.any(String) as string });
    expect(first.end).toMatchObject({ reason: 'endOfText', usage: { source: 'provider' } });
    expect(first.end?.speed.firstTokenMs).toBeGreaterThan(0);
    const told = [...messages, { role: 'assistant', text: '', calls: [call] }] as const;
    const result = { role: 'tool', callId: call.id, text: '21 degrees' } as const;
    const { text } = await answer(way, { ...rest, messages: [...told, result] });
    expect(text).toContain('21');
    expect(way.ledger.today.unsettled.size).toBe(0);
  }, 300_000);

  it('cuts the answer when it is killed in the middle, and is unreachable then', async () => {
    const way = road(served('llamaServer', 'infill', server.url));
    let text = '';
    let end: Chunk | undefined;
    const endless = { ...user('Write a long story.'), maxTokens: 400 };
    for await (const chunk of way.ask({ role: 'chat', initiator: 'user' }, endless, new AbortController().signal)) {
      if (chunk.kind === 'text' && text === '') process.kill(server.pid, 'SIGKILL');
      if (chunk.kind === 'text') text += chunk.text;
      else if (chunk.kind === 'end') end = chunk;
    }
    expect(text).not.toBe('');
    expect(end).toMatchObject({ kind: 'end', reason: 'cut', usage: { source: 'provider' } });
    expect(way.survey.known(served('llamaServer', 'infill', server.url))).toBeUndefined(); // it is asked anew what it is
    await expect(answer(way, add)).rejects.toMatchObject({
      kind: 'unreachable',
      facts: { host: new URL(server.url).host },
    });
    expect(way.ledger.today.unsettled.size).toBe(0);
  });
});

describe('a port where nothing is', () => {
  it('is unreachable, and says where', async () => {
    const model = served('llamaServer', 'demo', 'http://127.0.0.1:9');
    await expect(answer(road(model), user('Hello?'))).rejects.toMatchObject({
      kind: 'unreachable',
      facts: { host: '127.0.0.1:9' },
    });
  });
});

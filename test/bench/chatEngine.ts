/**
 * What a conversation takes of an engine and of a server, on the product's own road: chat, exchange, gate, provider.
 * The real engine is asked with the demo model; the server is scripted and runs in this process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import type { Log } from '../../src/base/log.ts';
import { Conversations } from '../../src/chat/conversations.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import { reply } from '../../src/chat/reply.ts';
import { Gate } from '../../src/egress/gate.ts';
import { createExchange, type Exchange } from '../../src/exchange.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { InfillRequest, Model, Provider } from '../../src/models/model.ts';
import { embeddedProvider } from '../../src/providers/embedded.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { ensureModel } from '../../scripts/lib/models.mjs';
import { startScriptedServer } from '../support/scriptedServer.ts';
import { noLimits, pricingWith } from '../support/money.ts';
import { buildWorker, startEngine } from './engineUnderTest.ts';
import { sourceText } from './material.ts';
import { rounded, summaryOf, type Summary } from './statistics.ts';

/** The half of the figures that needs no page; `null`: could not be measured. */
export interface EngineFigures {
  readonly stopLocalMs: Summary | null;
  readonly stopRemoteMs: Summary | null;
  readonly secondTurnPromptTokensEvaluated: number | null;
  readonly secondTurnPromptTokens: number | null;
  readonly completionDuringChatMs: Summary | null;
  readonly completionIdleMs: Summary | null;
}

const counts = { stops: 20, remoteStops: 50, completions: 12 };
const quickCounts: typeof counts = { stops: 4, remoteStops: 10, completions: 3 };
const quiet: Log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };
const never = new AbortController().signal;
const story = 'Write a very long story about a llama that guards a paddock, with many chapters.';

export async function measureEngine(isQuick: boolean): Promise<EngineFigures> {
  const n = isQuick ? quickCounts : counts;
  const remote = await stopRemote(n.remoteStops);
  const file = await ensureModel('demo');
  const { engine } = await startEngine(await buildWorker(), file);
  const model: Model = { id: `embedded:${file}`, name: 'demo', provider: 'embedded', file };
  const road = new Road(model, embeddedProvider(engine));
  try {
    const second = await secondTurn(road);
    const completions = await completing(road, n.completions);
    return {
      stopLocalMs: summarized(await stopLocal(road, n.stops)),
      stopRemoteMs: summarized(remote),
      ...second,
      completionDuringChatMs: summarized(completions.during),
      completionIdleMs: summarized(completions.idle),
    };
  } finally {
    road.dispose();
    engine.dispose();
  }
}

/** Everything between a question and a model. */
class Road {
  readonly ledger: Ledger;
  readonly exchange: Exchange;
  readonly model: Model;
  private readonly folder = mkdtempSync(join(os.tmpdir(), 'paddock-bench-'));
  private readonly conversations: Conversations;
  private readonly gate: Gate;

  constructor(model: Model, provider: Provider) {
    this.model = model;
    this.ledger = new Ledger({ files: journalFolder(join(this.folder, 'ledger'), 'bench'), clock, log: quiet });
    this.conversations = new Conversations({ folder: join(this.folder, 'chats'), clock, log: quiet });
    this.gate = new Gate({
      ...{ ledger: this.ledger, clock, log: quiet, side: { remote: undefined } },
      policy: () => Promise.resolve({ rules: [], broken: [], consents: [] }),
      keys: { keyFor: () => Promise.resolve(undefined), mayUsePlainly: () => false },
      proxy: () => ({ url: undefined, noProxy: [] }),
      limits: () => ({ silenceMs: 60_000 }),
      pricing: pricingWith(),
      budgets: () => ({}),
      notesOn: () => ({}),
      confirmUnpriced: () => Promise.resolve(false),
    });
    const url = model.provider === 'server' ? model.endpoint.baseUrl : '';
    this.exchange = createExchange({
      ...noLimits(),
      choose: () => model,
      destinationOf: () => Promise.resolve({ url, auth: 'none', nature: 'holdsWeights', isMetered: false }),
      gate: this.gate,
      providerOf: () => provider,
      clock,
    });
  }

  begin(): Conversation {
    return this.conversations.begin();
  }

  /** Asks after the last turn; gives what is drawn, until the answer has ended. */
  ask(conversation: Conversation, text: string, signal: AbortSignal = never) {
    const { id, name } = this.model;
    const order = {
      ...{ conversation, question: { text, attachments: [] }, parentId: conversation.branch.at(-1)?.id },
      ...{ model: { id, name }, isSmallModel: false },
      budget: { contextTokens: undefined, isExact: false, count: roughly },
    };
    return reply(order, { ask: this.exchange.ask, clock, receiptOf: () => undefined }, signal);
  }

  dispose(): void {
    this.conversations.dispose();
    this.gate.dispose();
    this.ledger.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** From the stop, in the middle of an answer or of reading its prompt, to an answer that has ended, ms. */
async function stopLocal(road: Road, times: number): Promise<number[]> {
  const samples: number[] = [];
  const code = sourceText('indent.js').slice(0, 6_000);
  for (let time = 0; time < times; time += 1) {
    const isReading = time % 2 === 0;
    const text = isReading ? `Sample ${time}.\n${code}\nWhat is this?` : `Sample ${time}. ${story}`;
    samples.push(await stopped(road, text, isReading ? 'reading' : 'delta'));
  }
  return samples;
}

/** The same of a server's answer, to the server's own word that the connection is closed. */
async function stopRemote(times: number): Promise<number[]> {
  const server = await startScriptedServer(async (_request, reply) => {
    reply.start(200, { 'content-type': 'text/event-stream' });
    for (;;) {
      await reply.event({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] });
      await reply.pause(5);
    }
  });
  const endpoint = { baseUrl: `${server.url}/v1`, card: 'generic' } as const;
  const model: Model = { id: `${endpoint.baseUrl}#bench`, name: 'bench', provider: 'server', model: 'bench', endpoint };
  const survey = { known: () => undefined, forget: () => undefined };
  const road = new Road(model, serverProvider(model, { survey, clock }));
  const samples: number[] = [];
  try {
    for (let time = 0; time < times; time += 1) {
      const abortedMs: number[] = [];
      await stopped(road, 'Why?', 'delta', (atMs) => abortedMs.push(atMs));
      samples.push((await server.last.closed) - (abortedMs[0] ?? NaN));
    }
  } finally {
    road.dispose();
    server.dispose();
  }
  return samples;
}

async function stopped(
  road: Road,
  text: string,
  at: 'reading' | 'delta',
  onStop: (atMs: number) => void = () => undefined,
): Promise<number> {
  const controller = new AbortController();
  let stoppedMs: number | undefined;
  for await (const { kind } of road.ask(road.begin(), text, controller.signal)) {
    if (kind !== at || stoppedMs !== undefined) continue;
    stoppedMs = performance.now();
    onStop(stoppedMs);
    controller.abort();
  }
  if (stoppedMs === undefined) throw new Error(`There was nothing to stop: no ${at} came.`);
  return performance.now() - stoppedMs;
}

/** A short question after an answer: of its prompt only what is new is evaluated. */
async function secondTurn(road: Road) {
  const conversation = road.begin();
  for (const text of ['Name three colours.', 'Name one more.']) {
    for await (const _ of road.ask(conversation, text));
  }
  const requestId = conversation.branch.at(-1)?.requestIds.at(-1) ?? '';
  const usage = road.ledger.find(requestId)?.settlement?.usage;
  if (usage?.cachedTokens === undefined) throw new Error('The engine did not say what it reused.');
  return {
    secondTurnPromptTokensEvaluated: usage.promptTokens - usage.cachedTokens,
    secondTurnPromptTokens: usage.promptTokens,
  };
}

/** One at a time, idle and while an answer streams, taking turns: the same kind of request each time. */
async function completing(road: Road, times: number): Promise<{ idle: number[]; during: number[] }> {
  const [idle, during]: [number[], number[]] = [[], []];
  let line = 0;
  const next = (): Promise<number> => completion(road, (line += 1));
  await next(); // the document is read
  for (let time = 0; time < times; time += 1) {
    idle.push(await next());
    during.push(await whileChatting(road, next));
  }
  return { idle, during };
}

async function whileChatting(road: Road, work: () => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const state = { deltas: 0 };
  const chatting = (async () => {
    for await (const { kind } of road.ask(road.begin(), story, controller.signal))
      state.deltas += Number(kind === 'delta');
  })();
  const until = async (deltas: number): Promise<void> => {
    for (const endMs = performance.now() + 60_000; state.deltas < deltas;) {
      if (performance.now() > endMs) throw new Error('The chat does not go on.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  try {
    await until(5);
    const took = await work();
    await until(state.deltas + 3);
    return took;
  } finally {
    controller.abort();
    await chatting;
  }
}

/** From asking to the whole suggestion, ms. */
async function completion(road: Road, line: number): Promise<number> {
  // Every request is one line longer than the one before, and the lines are alike.
  const lines = Array.from({ length: line }, (_, index) => `const value${100 + index} = ${1_000 + index};`);
  const head = [...sourceText('prefer-const.js').split('\n').slice(0, 60), ...lines].join('\n');
  const request: InfillRequest = {
    ...{ kind: 'infill', document: 'bench:/prefer-const.js', windows: [{ head: `${head}\n`, suffix: '' }] },
    ...{ line: '    const ', maxTokens: 8, patienceMs: 60_000 },
  };
  const startMs = performance.now();
  for await (const _ of road.exchange.ask({ role: 'completion', initiator: 'user' }, request, never));
  return performance.now() - startMs;
}

function roughly(texts: readonly string[]): Promise<readonly number[]> {
  return Promise.resolve(texts.map((text) => Math.ceil(text.length / 3)));
}

function summarized(samples: readonly number[]): Summary | null {
  const summary = summaryOf(samples);
  return summary === undefined ? null : { median: rounded(summary.median), p95: rounded(summary.p95), n: summary.n };
}

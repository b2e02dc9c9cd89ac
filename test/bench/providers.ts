/**
 * `npm run bench -- providers`: what the road to a server adds to the client library alone, what the durable intent
 * costs, and how fast a stopped stream's socket closes.
 *
 * The scripted server runs in this process, so both sides of the comparison carry its work alike; they take turns, and
 * each sample is the difference of one pair. The road writes its intents as it does for servers on this computer: on
 * disk before the first byte, but not flushed; the flush of requests that leave the computer is a figure of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { systemClock as clock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import type { Log } from '../../src/base/log.ts';
import { Gate, type Destination } from '../../src/egress/gate.ts';
import { createExchange, type Exchange } from '../../src/exchange.ts';
import type { Intent } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { ChatRequest, ServedModel } from '../../src/models/model.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { reasonOf } from '../../scripts/lib/failure.mjs';
import { startScriptedServer, type Reply, type ScriptedServer } from '../support/scriptedServer.ts';
import type { BenchOptions, BenchOutcome } from './outcome.ts';
import { rounded, summaryOf, type Summary } from './statistics.ts';
import { noLimits, pricingWith } from '../support/money.ts';

/** The aims, on two shared cores. */
const aims = { overheadMs: 2, abortToClosedMs: 100 };
const counts = { warmPairs: 30, pairs: 300, aborts: 100, flushes: 200 };
const quickCounts: typeof counts = { warmPairs: 5, pairs: 30, aborts: 10, flushes: 20 };
/** Events of one answer, one word each. */
const events = 40;

const model = 'bench';
const text = 'Why is the sky blue? '.repeat(100);
const purpose = { role: 'chat', initiator: 'user' } as const;
const request: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text }], items: [] };
const quiet: Log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };

/** Never throws for a part: what failed is told and stays `null`. */
export async function providers({ isQuick }: BenchOptions): Promise<BenchOutcome> {
  const figures: Record<string, Summary | null> = { overheadMs: null, flushMs: null, abortToClosedMs: null };
  const n = isQuick ? quickCounts : counts;
  const bench = await Bench.start();
  let hasFailed = false;
  const part = async (name: keyof typeof aims | 'flushMs', work: () => Promise<number[]>): Promise<void> => {
    try {
      const summary = summaryOf(await work());
      figures[name] = summary === undefined ? null : roundedSummary(summary);
      console.log(`${name}: ${JSON.stringify(figures[name])}${name === 'flushMs' ? '' : ` (aim: ${aims[name]})`}`);
    } catch (error) {
      hasFailed = true;
      console.log(`${name}: FAILED: ${reasonOf(error)}`);
    }
  };
  try {
    console.log(`load ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores`);
    await part('overheadMs', () => bench.compare(n.warmPairs, n.pairs));
    await part('flushMs', () => bench.flush(n.flushes));
    await part('abortToClosedMs', () => bench.abort(n.aborts));
  } finally {
    bench.dispose();
  }
  return { figures, hasFailed };
}

class Bench {
  private readonly server: ScriptedServer;
  private readonly folder = mkdtempSync(join(os.tmpdir(), 'paddock-bench-'));
  private readonly ledger = new Ledger({ files: journalFolder(this.folder, 'bench'), clock, log: quiet });
  private readonly gate: Gate;
  private readonly exchange: Exchange;
  private readonly bare: OpenAI;

  private constructor(server: ScriptedServer) {
    this.server = server;
    this.gate = new Gate({
      ...{ ledger: this.ledger, clock, log: quiet, side: { remote: undefined } },
      policy: () => Promise.resolve({ rules: [], broken: [], consents: [] }),
      keys: { keyFor: () => Promise.resolve('key'), mayUsePlainly: () => false },
      proxy: () => ({ url: undefined, noProxy: [] }),
      limits: () => ({ silenceMs: 60_000 }),
      pricing: pricingWith(),
      budgets: () => ({}),
      notesOn: () => ({}),
      confirmUnpriced: () => Promise.resolve(false),
    });
    const url = `${server.url}/v1`;
    const served: ServedModel = {
      ...{ id: `${url}#${model}`, name: model, provider: 'server', model },
      endpoint: { baseUrl: url, card: 'generic' },
    };
    const destination: Destination = { url, auth: 'bearer', nature: 'holdsWeights', isMetered: false };
    const survey = { known: () => undefined, forget: () => undefined };
    this.exchange = createExchange({
      ...noLimits(),
      choose: () => served,
      destinationOf: () => Promise.resolve(destination),
      gate: this.gate,
      providerOf: () => serverProvider(served, { survey, clock }),
      clock,
    });
    this.bare = new OpenAI({ baseURL: url, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
  }

  static async start(): Promise<Bench> {
    return new Bench(await startScriptedServer((_request, reply) => answer(reply)));
  }

  dispose(): void {
    this.gate.dispose();
    this.ledger.dispose();
    this.server.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ours minus the library alone, ms a question; who is first changes from pair to pair. */
  async compare(warmPairs: number, pairs: number): Promise<number[]> {
    const ours: number[] = [];
    const alone: number[] = [];
    for (let pair = 0; pair < warmPairs + pairs; pair += 1) {
      const turns = [() => this.askOurs(), () => this.askAlone()];
      if (pair % 2 === 1) turns.reverse();
      const first = await timed(turns[0] ?? fail);
      const second = await timed(turns[1] ?? fail);
      if (pair < warmPairs) continue;
      ours.push(pair % 2 === 0 ? first : second);
      alone.push(pair % 2 === 0 ? second : first);
    }
    console.log(
      `  a question of ${text.length} letters, ${events} events back, ms: ours ${words(ours)}, alone ${words(alone)}`,
    );
    return ours.map((ms, index) => ms - (alone[index] ?? 0));
  }

  /** One intent of a request that leaves this computer: written and flushed. */
  async flush(times: number): Promise<number[]> {
    const samples: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const intent: Intent = {
        ...{ kind: 'intent', id: clock.newId(), atMs: clock.now(), purpose, modelId: 'm', modelName: 'm', items: [] },
        route: { kind: 'internet', evidence: 'verified', host: 'api.example.com', remote: undefined },
      };
      samples.push(await timed(() => this.ledger.begin(intent)));
      // Settled, so that no figure after this is one with hundreds of open requests.
      const ended = { outcome: 'finished', failure: undefined, usage: undefined, speed: undefined } as const;
      this.ledger.append({
        kind: 'settlement',
        id: intent.id,
        atMs: clock.now(),
        ...ended,
        cost: { basis: 'unmetered' },
      });
    }
    return samples;
  }

  /** From the abort, after the first word, to the server's socket being closed. */
  async abort(times: number): Promise<number[]> {
    this.server.answerWith(async (_request, reply) => {
      reply.start(200, { 'content-type': 'text/event-stream' });
      for (;;) {
        await reply.event(eventOf('word ', null)); // throws when the client is gone
        await reply.pause(5);
      }
    });
    const samples: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const controller = new AbortController();
      let abortedMs: number | undefined;
      try {
        for await (const chunk of this.exchange.ask(purpose, request, controller.signal)) {
          if (chunk.kind !== 'text' || abortedMs !== undefined) continue;
          abortedMs = performance.now();
          controller.abort();
        }
      } catch (error) {
        if (abortedMs === undefined) throw error;
      }
      if (abortedMs === undefined) throw new Error('The stream ended by itself.');
      samples.push((await this.server.last.closed) - abortedMs);
    }
    return samples;
  }

  private async askOurs(): Promise<void> {
    let got = 0;
    for await (const chunk of this.exchange.ask(purpose, request, new AbortController().signal)) {
      if (chunk.kind === 'text') got += chunk.text.length;
    }
    check(got);
  }

  private async askAlone(): Promise<void> {
    const stream = await this.bare.chat.completions.create({
      ...{ model, stream: true, stream_options: { include_usage: true } },
      messages: [{ role: 'user', content: text }],
    });
    let got = 0;
    for await (const { choices } of stream) got += choices[0]?.delta.content?.length ?? 0;
    check(got);
  }
}

function answer(reply: Reply): Promise<void> {
  const pieces = Array.from({ length: events }, () => eventOf('word ', null));
  const usage = { prompt_tokens: 500, completion_tokens: events, total_tokens: 500 + events };
  return reply.sse([...pieces, eventOf('', 'stop'), { ...eventOf('', null), choices: [], usage }, '[DONE]']);
}

function eventOf(content: string, reason: string | null): object {
  const choices = [{ index: 0, delta: { content }, finish_reason: reason }];
  return { id: 'x', object: 'chat.completion.chunk', created: 1, model, choices };
}

function check(letters: number): void {
  if (letters !== events * 'word '.length) throw new Error(`An answer of ${letters} letters came back.`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function fail(): never {
  throw new Error('There are two sides.');
}

function words(samples: readonly number[]): string {
  const summary = summaryOf(samples);
  return summary === undefined ? 'unknown' : `${rounded(summary.median)} (p95 ${rounded(summary.p95)})`;
}

function roundedSummary({ median, p95, n }: Summary): Summary {
  return { median: rounded(median), p95: rounded(p95), n };
}

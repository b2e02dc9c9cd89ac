/**
 * The ledger against the server's own count: many turns at once on real sockets, each going well or wrong in its own way,
 * through the real exchange, gate, survey and adapter. What the ledger says of them is what the server saw.
 */
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Failure } from '../../src/base/failure.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { createExchange } from '../../src/exchange.ts';
import type { Entry, Intent, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { Survey } from '../../src/providers/survey.ts';
import { Chance } from '../support/chance.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { startScriptedServer, type Reply, type ScriptedRequest } from '../support/scriptedServer.ts';
import { served } from '../support/served.ts';

const turns = process.env['PADDOCK_SOAK'] === '1' ? 1_000 : 100;
const atOnce = 8;

/** How the server treats a turn. `refused`: once, with a wait of nothing; then it answers. */
const manners = ['whole', 'noUsage', 'slow', 'cut', 'closed', 'refused', 'broken', 'wrongKey', 'html', 'dead'] as const;
type Manner = (typeof manners)[number];

interface Turn {
  readonly index: number;
  readonly manner: Manner;
  /** The reader stops after so many pieces of text; `undefined`: reads on. */
  readonly stopsAfter: number | undefined;
  /** The user stops it after so long, ms, whatever it is doing: connecting, waiting for the head, backing off, reading. */
  readonly abortAfterMs: number | undefined;
  readonly words: number;
}

const chance = new Chance(20261122);

function someTurn(_: unknown, index: number): Turn {
  const manner = chance.pick(manners);
  return {
    index,
    manner,
    stopsAfter: chance.below(4) === 0 ? 1 + chance.below(3) : undefined,
    abortAfterMs: chance.below(4) === 0 ? chance.below(6) : undefined,
    words: 3 + chance.below(12),
  };
}

const script = Array.from({ length: turns }, someTurn);

const usageOf = ({ index, words }: Turn) => ({ prompt_tokens: 10 + index, completion_tokens: words });
const event = (delta: object, finish: string | null = null) => ({ choices: [{ delta, finish_reason: finish }] });

/** Which turn a request belongs to: the question says so. */
function turnOf(request: ScriptedRequest): Turn {
  const [message] = request.json['messages'] as { content: string }[];
  const turn = script[Number(message?.content.replace('turn ', ''))];
  if (turn === undefined) throw new Error('a request of no turn');
  return turn;
}

async function answer(turn: Turn, tries: number, reply: Reply): Promise<void> {
  const { manner, words } = turn;
  if (manner === 'wrongKey') return reply.json(401, { error: { message: 'no' } });
  if (manner === 'html') return reply.text(200, '<html>sign in</html>', { 'content-type': 'text/html' });
  if (manner === 'dead') return reply.cut();
  if (manner === 'broken') return reply.json(500, { error: { message: 'oh' } }, { 'retry-after': '0' });
  if (manner === 'refused' && tries === 1)
    return reply.json(429, { error: { message: 'wait' } }, { 'retry-after': '0' });
  reply.start(200, { 'content-type': 'text/event-stream' });
  for (let word = 0; word < words; word += 1) {
    if (manner === 'slow') await reply.pause(1);
    if (manner === 'cut' && word === words - 1) return reply.cut();
    await reply.event(event({ content: `w${word} ` }));
  }
  if (manner === 'closed') return reply.end();
  await reply.event(event({}, 'stop'));
  if (manner !== 'noUsage') await reply.event({ choices: [], usage: usageOf(turn) });
  await reply.event('[DONE]');
  return reply.end();
}

/** What a turn's reader saw. */
interface Seen {
  readonly text: string;
  readonly failure: string | undefined;
  readonly hasStopped: boolean;
}

async function setUp() {
  const triesOf = new Map<number, number>();
  const server = await startScriptedServer(async (request, reply) => {
    if (!request.path.endsWith('/chat/completions')) return reply.json(404, { error: { message: 'what?' } });
    const turn = turnOf(request);
    const tries = (triesOf.get(turn.index) ?? 0) + 1;
    triesOf.set(turn.index, tries);
    return answer(turn, tries, reply);
  });
  onTestFinished(() => server.dispose());
  const folder = temporaryFolder();
  const clock = systemClock;
  const log = new LogLines();
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log });
  const gate = gateFor({ ledger, clock, log });
  const survey = new Survey({
    openErrand: (destination, purpose, signal) =>
      gate.open({ purpose, model: undefined, destination, items: [], signal }),
    clock,
    log,
  });
  const model = served('generic', 'm', `${server.url}/v1`);
  const exchange = createExchange({
    ...noLimits(),
    choose: () => model,
    destinationOf: (asked, signal) => survey.destinationOf(asked, signal),
    gate,
    providerOf: () => serverProvider(model, { survey, clock }),
    clock,
  });
  const entries = (): readonly Entry[] => {
    ledger.dispose();
    return entriesIn(folder);
  };
  return { server, exchange, ledger, entries, triesOf };
}

async function take(
  { index, stopsAfter, abortAfterMs }: Turn,
  ask: ReturnType<typeof createExchange>['ask'],
): Promise<Seen> {
  const controller = new AbortController();
  const request = {
    kind: 'chat',
    messages: [{ role: 'user', text: `turn ${index}` }],
    items: [{ uri: `turn:${index}`, bytes: 6 }],
  } as const;
  let text = '';
  let pieces = 0;
  const timer = abortAfterMs === undefined ? undefined : setTimeout(() => controller.abort(), abortAfterMs);
  try {
    for await (const chunk of ask({ role: 'chat', initiator: 'user' }, request, controller.signal)) {
      if (chunk.kind !== 'text') continue;
      text += chunk.text;
      pieces += 1;
      if (pieces === stopsAfter) controller.abort();
    }
    return { text, failure: undefined, hasStopped: controller.signal.aborted };
  } catch (error) {
    return { text, failure: (error as Failure).kind, hasStopped: controller.signal.aborted };
  } finally {
    clearTimeout(timer);
  }
}

test(`${turns} turns at random leave in the ledger what the server counted`, { timeout: 120_000 }, async () => {
  const { server, exchange, entries, ledger, triesOf } = await setUp();
  const waiting = [...script];
  const seen = new Map<number, Seen>();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift()) {
        seen.set(turn.index, await take(turn, exchange.ask));
      }
    }),
  );
  expect(new Set(script.map(({ manner }) => manner)).size).toBe(manners.length);
  const stopped = [...seen.values()].filter(({ hasStopped }) => hasStopped);
  expect(stopped.some(({ text }) => text !== '')).toBe(true);
  expect(stopped.some(({ text }) => text === '')).toBe(true);
  expect(ledger.today.unsettled.size).toBe(0);
  const written = entries();
  const intents = written.filter((entry): entry is Intent => entry.kind === 'intent');
  const settlements = new Map(
    written.filter((entry): entry is Settlement => entry.kind === 'settlement').map((entry) => [entry.id, entry]),
  );
  expect(settlements.size).toBe(intents.length);
  expect(written.length).toBe(2 * intents.length);

  const questions = intents.filter(({ purpose }) => purpose.role === 'chat');
  const asked = server.requests.filter(({ path }) => path.endsWith('/chat/completions'));
  const bytesOf = (turn: number): number =>
    asked.filter((request) => turnOf(request).index === turn).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  for (const turn of script) {
    const own = questions.filter(({ items }) => items[0]?.uri === `turn:${turn.index}`);
    const ends = own.map(({ id }) => settlements.get(id) as Settlement);
    const told = seen.get(turn.index) as Seen;
    const reached = triesOf.get(turn.index) ?? 0;
    const sentBytes = ends.reduce((sum, end) => sum + (end.sentBytes ?? NaN), 0);
    if (told.hasStopped && told.text === '') {
      // The last try may have ended before anything was sent, or on its way; never did more arrive than was written down.
      expect([reached, reached + 1]).toContain(own.length);
      expect(sentBytes).toBeGreaterThanOrEqual(bytesOf(turn.index));
    } else {
      expect(own.length).toBe(reached);
      expect(sentBytes).toBe(bytesOf(turn.index));
    }
    expectTrue(turn, told, ends);
  }
});

/** What the ledger must say of a turn, from what the server did and what the reader saw. */
function expectTrue(turn: Turn, { text, failure, hasStopped }: Seen, ends: readonly Settlement[]): void {
  const last = ends.at(-1);
  if (last === undefined) {
    expect([hasStopped, text]).toEqual([true, '']); // stopped before there was anything to write down
    return;
  }
  const whole = Array.from({ length: turn.words }, (_, word) => `w${word} `).join('');
  expect(whole.startsWith(text)).toBe(true);
  if (turn.manner === 'refused' && ends.length > 1) expect(ends[0]?.failure).toBe('rateLimited');
  if (hasStopped) {
    // While it waited to try again, the try before had failed; the last word of an answer may have come already.
    const possible = failure === 'aborted' ? ['stopped', 'failed'] : ['stopped', 'failed', 'finished', 'cut'];
    expect(possible).toContain(last.outcome);
    return;
  }
  if (turn.manner === 'broken' || turn.manner === 'dead') expect(ends).toHaveLength(3);
  switch (turn.manner) {
    case 'whole':
    case 'slow':
    case 'refused':
      expect([last.outcome, text, failure]).toEqual(['finished', whole, undefined]);
      expect(last.usage).toMatchObject({ promptTokens: 10 + turn.index, completionTokens: turn.words });
      return;
    case 'noUsage':
      expect([last.outcome, text, last.usage]).toEqual(['finished', whole, undefined]);
      return;
    case 'cut':
    case 'closed':
      // With nothing said yet, a cut is a failure to connect; else what came is kept and marked.
      expect([last.outcome, failure, last.usage]).toEqual(['cut', undefined, undefined]);
      return;
    case 'wrongKey':
      expect([last.outcome, last.failure, failure, text]).toEqual(['failed', 'auth', 'auth', '']);
      return;
    case 'html':
    case 'broken':
      expect([last.outcome, last.failure, failure, text]).toEqual(['failed', 'badResponse', 'badResponse', '']);
      return;
    case 'dead':
      expect([last.outcome, last.failure, failure, text]).toEqual(['failed', 'unreachable', 'unreachable', '']);
  }
}

/** Trying again: while nothing has been said, at most three times, and every try with its own two lines in the ledger. */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Failure, type FailureFacts, type FailureKind } from '../../src/base/failure.ts';
import { journalFolder, readJournal } from '../../src/base/journal.ts';
import { createExchange, type Exchange } from '../../src/exchange.ts';
import { retryDelayMs } from '../../src/exchange/retry.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Chunk, Model, Provider, Purpose } from '../../src/models/model.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';

const model: Model = { id: 'embedded:/m.gguf', name: 'M', provider: 'embedded', file: '/m.gguf' };
const request = { kind: 'chat', messages: [{ role: 'user', text: 'why?' }], items: [] } as const;
const asked: Purpose = { role: 'chat', initiator: 'user' };
const typed: Purpose = { role: 'completion', initiator: 'automatic' };
const text = (piece: string): Chunk => ({ kind: 'text', text: piece });
const end: Chunk = {
  kind: 'end',
  reason: 'endOfText',
  usage: undefined,
  speed: { firstTokenMs: 1, prefillTokPerS: undefined, decodeTokPerS: undefined },
};
const passing = (kind: FailureKind, facts: FailureFacts = {}): Failure =>
  new Failure(kind, 'Not now.', { isPassing: true, facts });

let clock: FakeClock;
let exchange: Exchange;
/** What each try does, in order; the last one is repeated. */
let script: (Chunk | Failure)[][];
let tries: number;
let entries: () => readonly Entry[];

beforeEach(() => {
  clock = new FakeClock();
  tries = 0;
  const folder = temporaryFolder();
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log: new LogLines() });
  const gate = gateFor({ ledger, clock });
  const destinationOf = () => Promise.reject(new Error('no server here'));
  exchange = createExchange({
    ...noLimits(),
    choose: () => model,
    gate,
    clock,
    destinationOf,
    providerOf: () => scripted,
  });
  entries = () => {
    ledger.dispose();
    return readJournal(join(folder, '2026-11-22-me.jsonl')).records as Entry[];
  };
});

const scripted: Provider = {
  async *stream() {
    const steps = script[Math.min(tries, script.length - 1)] ?? [];
    tries += 1;
    for (const step of steps) {
      await Promise.resolve();
      if (step instanceof Error) throw step;
      yield step;
    }
  },
};

/** Starts to read; `text` and `failure` fill as time goes on. */
function ask(purpose: Purpose, signal = new AbortController().signal): { text: string; failure?: Failure } {
  const read: { text: string; failure?: Failure } = { text: '' };
  void (async () => {
    try {
      for await (const chunk of exchange.ask(purpose, request, signal))
        if (chunk.kind === 'text') read.text += chunk.text;
    } catch (error) {
      read.failure = error as Failure;
    }
  })();
  return read;
}

describe('a request that fails before its first chunk', () => {
  it('is sent again when that may help, each try with its own intent and settlement', async () => {
    script = [[passing('unreachable')], [passing('badResponse')], [text('a'), end]];
    const read = ask(asked);
    await clock.advance(5_000);
    expect(read).toEqual({ text: 'a' });
    const written = entries();
    expect(written.map(({ kind }) => kind)).toEqual([
      'intent',
      'settlement',
      'intent',
      'settlement',
      'intent',
      'settlement',
    ]);
    expect(new Set(written.map(({ id }) => id)).size).toBe(3);
    expect(written.filter(({ kind }) => kind === 'settlement')).toMatchObject([
      { outcome: 'failed', failure: 'unreachable' },
      { outcome: 'failed', failure: 'badResponse' },
      { outcome: 'finished' },
    ]);
  });

  it('is given up after the third try, with the last failure', async () => {
    script = [[passing('unreachable')], [passing('unreachable')], [passing('badResponse')]];
    const read = ask(asked);
    await clock.advance(60_000);
    expect(read.failure).toMatchObject({ kind: 'badResponse', phase: 'beforeOutput' });
    expect(tries).toBe(3);
  });

  it('is not sent again when the same would fail the same way', async () => {
    for (const kind of ['auth', 'quota', 'denied', 'contextTooLong', 'modelMissing', 'tls'] as const) {
      tries = 0;
      script = [[new Failure(kind, 'No.')]];
      const read = ask(asked);
      await clock.advance(60_000);
      expect(read.failure?.kind).toBe(kind);
      expect(tries).toBe(1);
    }
  });

  it('waits as long as the server asks for, and leaves a long wait to the user', async () => {
    script = [[passing('rateLimited', { retryAfterMs: 7_000 })], [text('a'), end]];
    const read = ask(asked);
    await clock.advance(6_999);
    expect(tries).toBe(1);
    await clock.advance(1 + 7_000 / 5);
    expect(read.text).toBe('a');

    tries = 0;
    script = [[passing('rateLimited', { retryAfterMs: 60_000 })], [text('a'), end]];
    const later = ask(asked);
    await clock.advance(120_000);
    expect(later.failure).toMatchObject({ kind: 'rateLimited', facts: { retryAfterMs: 60_000 } });
    expect(tries).toBe(1);
  });

  it('does not come back at the same moment as every other window that was told to wait', () => {
    const told = passing('rateLimited', { retryAfterMs: 10_000 });
    const delayFor = (id: string): number | undefined =>
      retryDelayMs(told, 1, Object.assign(new FakeClock(), { newId: () => id }));
    expect([delayFor('0000'), delayFor('8000'), delayFor('ffff')]).toEqual([10_000, 11_000, 12_000]);
  });

  it('stops waiting as soon as the user stops it', async () => {
    script = [[passing('unreachable')]];
    const controller = new AbortController();
    const read = ask(asked, controller.signal);
    await settle();
    controller.abort();
    await settle();
    expect(read.failure?.kind).toBe('aborted');
    expect([tries, clock.waiting]).toEqual([1, 1]); // one batch of the ledger waits, no further try does
  });
});

describe('a request that fails after its first chunk', () => {
  it('is never sent again, and says how far it was', async () => {
    script = [[text('a'), passing('unreachable')]];
    const read = ask(asked);
    await clock.advance(60_000);
    expect(read.text).toBe('a');
    expect(read.failure).toMatchObject({ kind: 'unreachable', phase: 'midStream', isPassing: false });
    expect(tries).toBe(1);
  });

  it('that the server cut is no failure: its text is kept, and the ledger says that it was cut', async () => {
    script = [[text('a'), { ...end, reason: 'cut' }]];
    const read = ask(asked);
    await clock.advance(60_000);
    expect(read).toEqual({ text: 'a' });
    expect(entries().at(-1)).toMatchObject({ outcome: 'cut' });
  });
});

describe('typing after a failure that does not mend by itself', () => {
  it('sends nothing for a while, and fails the same way', async () => {
    script = [[new Failure('auth', 'The key is refused.')]];
    ask(typed);
    await settle();
    const read = ask(typed);
    await settle();
    expect(read.failure).toMatchObject({ kind: 'auth', message: 'The key is refused.' });
    expect(tries).toBe(1);
    await clock.advance(60_000);
    ask(typed);
    await settle();
    expect(tries).toBe(2);
  });

  it('goes on when it was another extension whose request got an answer that cannot be read', async () => {
    script = [[new Failure('badResponse', 'No JSON.')], [new Failure('badResponse', 'No JSON.')], [text('a'), end]];
    ask({ role: 'chat', initiator: 'extension' });
    await settle();
    ask(typed);
    await settle();
    expect(tries).toBe(2);
    const read = ask(typed);
    await settle();
    expect([tries, read.failure?.kind]).toEqual([2, 'badResponse']);
  });

  it('asks again at once when the user asks, when something was changed, and after it worked', async () => {
    script = [[new Failure('auth', 'The key is refused.')], [text('a'), end], [new Failure('auth', 'No.')], [end]];
    ask(typed);
    await settle();
    ask(asked);
    await settle();
    expect(tries).toBe(2);
    ask(typed);
    await settle();
    expect(tries).toBe(3);
    exchange.endRests();
    ask(typed);
    await settle();
    expect(tries).toBe(4);
  });

  it('asks again after an answer whose reader had enough of it, as completions do', async () => {
    script = [
      [new Failure('auth', 'No.')],
      [{ kind: 'reading', readTokens: 1, totalTokens: 2 }, text('a'), end],
      [end],
    ];
    ask(typed);
    await settle();
    for await (const chunk of exchange.ask(asked, request, new AbortController().signal)) {
      if (chunk.kind === 'text') break;
    }
    const read = ask(typed);
    await settle();
    expect([tries, read.failure]).toEqual([3, undefined]);
  });

  it('goes on when what failed was that one request', async () => {
    script = [[new Failure('contextTooLong', 'Too long.')], [text('a'), end]];
    ask(typed);
    await settle();
    const read = ask(typed);
    await settle();
    expect(read.text).toBe('a');
  });
});

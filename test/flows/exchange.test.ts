import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { journalFolder, readJournal } from '../../src/base/journal.ts';
import { createExchange } from '../../src/exchange.ts';
import type { Intent, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Chunk, InfillRequest, Model, Provider, ReadAheadRequest, Speed, Usage } from '../../src/models/model.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';

const model: Model = { id: 'embedded:/m.gguf', name: 'M', provider: 'embedded', file: '/m.gguf' };
const request: InfillRequest = {
  kind: 'infill',
  document: 'file:///a.ts',
  windows: [{ head: 'const é = 1;\n', suffix: '\n' }],
  line: 'let b',
  maxTokens: 8,
  patienceMs: 100,
};
const purpose = { role: 'completion', initiator: 'automatic' } as const;
const usage: Usage = { promptTokens: 12, cachedTokens: 4, completionTokens: 2, source: 'engine' };
const speed: Speed = { firstTokenMs: 5, prefillTokPerS: 100, decodeTokPerS: 20 };

const text = (piece: string): Chunk => ({ kind: 'text', text: piece });
const end: Chunk = { kind: 'end', reason: 'endOfText', usage, speed };

/** A provider that streams the chunks, throws the errors among them, and reports counts when left early. */
function provider(...steps: (Chunk | Error)[]): Provider {
  return {
    async *stream(_request, _send, onProgress, signal) {
      try {
        for (const step of steps) {
          await Promise.resolve();
          if (signal.aborted) throw new Failure('aborted', 'Stopped.');
          if (step instanceof Error) throw step;
          yield step;
        }
      } finally {
        onProgress(usage, speed);
      }
    },
  };
}

function setUp(answers: Provider, chosen: Model | 'none' = model) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log: new LogLines() });
  const gate = gateFor({ ledger, clock });
  const { ask, readAhead } = createExchange({
    ...noLimits(),
    choose: () => (chosen === 'none' ? undefined : chosen),
    gate,
    clock,
    destinationOf: () => Promise.reject(new Error('no server here')),
    providerOf: () => answers,
  });
  const written = () => {
    ledger.dispose();
    return readJournal(join(folder, '2026-11-22-me.jsonl')).records as [Intent, Settlement];
  };
  return { ask, readAhead, ledger, written };
}

async function read(chunks: AsyncIterable<Chunk>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) if (chunk.kind === 'text') all += chunk.text;
  return all;
}

describe('asking a model', () => {
  it('streams the answer between an intent and one settlement with the counts', async () => {
    const { ask, written } = setUp(provider(text('a'), text('b'), end));
    expect(await read(ask(purpose, request, new AbortController().signal))).toBe('ab');
    const [intent, settlement, ...rest] = written();
    expect(intent).toMatchObject({
      kind: 'intent',
      purpose,
      modelId: model.id,
      modelName: 'M',
      route: { kind: 'inProcess', evidence: 'verified' },
      items: [{ uri: 'file:///a.ts', bytes: 20 }],
    });
    expect(settlement).toMatchObject({ kind: 'settlement', id: intent.id, outcome: 'finished', usage, speed });
    expect(rest).toEqual([]);
  });

  it('says first under which id it is written down, and settles before its reader goes on', async () => {
    const { ask, ledger } = setUp(provider(text('a'), end));
    const chunks: Chunk[] = [];
    for await (const chunk of ask(purpose, request, new AbortController().signal)) {
      if (chunk.kind === 'opened') expect(ledger.find(chunk.requestId)?.settlement).toBeUndefined();
      chunks.push(chunk);
    }
    expect(chunks.map(({ kind }) => kind)).toEqual(['opened', 'text', 'end']);
    const id = chunks[0]?.kind === 'opened' ? chunks[0].requestId : '';
    expect(ledger.find(id)).toMatchObject({ intent: { id, purpose }, settlement: { id, outcome: 'finished', usage } });
  });

  it('asks nothing of the model when the reader leaves as soon as it is written down', async () => {
    const { ask, written } = setUp(provider(text('a'), end));
    for await (const _chunk of ask(purpose, request, new AbortController().signal)) break;
    expect(written()[1].outcome).toBe('enough');
    expect(written()[1]).not.toHaveProperty('usage');
  });

  it('writes down which other extension asked', async () => {
    const { ask, written } = setUp(provider(end));
    const other = { role: 'chat', initiator: 'extension', extension: 'some.body' } as const;
    await read(ask(other, request, new AbortController().signal));
    expect(written()[0]).toMatchObject({ purpose: { role: 'chat', initiator: 'extension' }, extension: 'some.body' });
    expect(written()[0].purpose).not.toHaveProperty('extension');
  });

  it('asks nobody but the model that was chosen when the user asked, and writes that wish nowhere', async () => {
    const { ask, written } = setUp(provider(text('a'), end));
    const left = { ...purpose, modelId: 'embedded:/left.gguf' };
    await expect(read(ask(left, request, new AbortController().signal))).rejects.toMatchObject({
      kind: 'noModel',
      message: 'Another model was chosen before this could be asked. Nothing was sent.',
    });
    expect(written()).toEqual([]);
    await read(ask({ ...purpose, modelId: model.id }, request, new AbortController().signal));
    expect(written()[0].purpose).toEqual(purpose);
  });

  it('names the document of a request without a window too: its line is sent', async () => {
    const { ask, written } = setUp(provider(end));
    await read(ask(purpose, { ...request, windows: [] }, new AbortController().signal));
    expect(written()[0].items).toMatchObject([{ uri: 'file:///a.ts', bytes: 5 }]);
  });

  it('names the lines of a document where the editor told the cursor’s', async () => {
    const { ask, written } = setUp(provider(end));
    const windows = [{ head: 'a\nb\n', line: 'c\nlet b', suffix: ' = 1;\n}' }];
    await read(ask(purpose, { ...request, windows, cursorLine: 40 }, new AbortController().signal));
    expect(written()[0].items).toMatchObject([{ lines: [37, 41] }]);
  });

  it('writes down the hash of what is handed over, of a conversation’s documents each by itself', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const infill = setUp(provider(end));
    await read(infill.ask(purpose, request, new AbortController().signal));
    expect(infill.written()[0].items).toMatchObject([{ sha256: sha256('const é = 1;\nlet b\n') }]);
    const chat = setUp(provider(end));
    const messages = [{ role: 'user', text: 'What is é?\nAnd this?' }] as const;
    const place = { message: 0, start: 8, end: 9 };
    const items = [
      { uri: 'file:///é', bytes: 2, place, lines: [3, 3] as const },
      { uri: 'file:///b', bytes: 1 },
    ];
    await read(
      chat.ask({ role: 'chat', initiator: 'user' }, { kind: 'chat', messages, items }, new AbortController().signal),
    );
    expect(chat.written()[0].items).toEqual([
      { uri: 'file:///é', bytes: 2, lines: [3, 3], sha256: sha256('é') },
      { uri: 'file:///b', bytes: 1 },
    ]);
  });

  it('never writes document text', async () => {
    const { ask, written } = setUp(provider(text('secret answer'), end));
    await read(ask(purpose, request, new AbortController().signal));
    expect(JSON.stringify(written())).not.toMatch(/const é|let b|secret answer/);
  });

  it('settles as "enough" when the reader leaves, with what was counted until then', async () => {
    const { ask, written } = setUp(provider(text('a'), text('b'), end));
    for await (const chunk of ask(purpose, request, new AbortController().signal)) if (chunk.kind === 'text') break;
    expect(written()[1]).toMatchObject({ outcome: 'enough', usage });
  });

  it('settles as "stopped" when aborted, and throws an abort', async () => {
    const { ask, written } = setUp(provider(text('a'), text('b'), end));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _chunk of ask(purpose, request, controller.signal)) controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'aborted' });
    expect(written()[1]).toMatchObject({ outcome: 'stopped', usage });
  });

  it('settles as "stopped" when the reader leaves because it was aborted', async () => {
    const { ask, written } = setUp(provider(text('a'), end));
    const controller = new AbortController();
    for await (const _chunk of ask(purpose, request, controller.signal)) {
      controller.abort();
      break;
    }
    expect(written()[1]).toMatchObject({ outcome: 'stopped' });
  });

  it('settles as "failed" with the kind, and throws the failure; unknown errors become failures', async () => {
    const crashed = setUp(provider(text('a'), new Failure('engineCrashed', 'The engine ended.')));
    await expect(read(crashed.ask(purpose, request, new AbortController().signal))).rejects.toMatchObject({
      kind: 'engineCrashed',
    });
    expect(crashed.written()[1]).toMatchObject({ outcome: 'failed', failure: 'engineCrashed' });
    const odd = setUp(provider(new TypeError('x')));
    await expect(read(odd.ask(purpose, request, new AbortController().signal))).rejects.toBeInstanceOf(Failure);
    expect(odd.written()[1]).toMatchObject({ outcome: 'failed', failure: 'unexpected' });
  });

  it('writes nothing when there is no model, or when stopped before it began', async () => {
    const none = setUp(provider(end), 'none');
    const reading = read(none.ask(purpose, request, new AbortController().signal));
    await expect(reading).rejects.toMatchObject({ kind: 'noModel', action: 'chooseModel' });
    expect(none.written()).toEqual([]);
    const stopped = setUp(provider(end));
    await expect(read(stopped.ask(purpose, request, AbortSignal.abort()))).rejects.toMatchObject({ kind: 'aborted' });
    expect(stopped.written()).toEqual([]);
  });

  it('keeps one settlement per intent over hundreds of random turns at once', async () => {
    const { ask, ledger, written } = setUp(provider(text('a'), text('b'), text('c'), end));
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    const turns = Array.from({ length: 300 }, async () => {
      const controller = new AbortController();
      const leaveAfter = random(6);
      const abortAfter = random(6);
      let seen = 0;
      for await (const chunk of ask(purpose, request, controller.signal)) {
        if (chunk.kind === 'opened') continue;
        if (seen === abortAfter) controller.abort();
        if (seen === leaveAfter) break;
        seen += 1;
      }
    });
    await Promise.allSettled(turns);
    expect(ledger.today).toMatchObject({ requests: 300, promptTokens: 300 * usage.promptTokens });
    expect(ledger.today.unsettled.size).toBe(0);
    expect(written().length).toBe(600);
  });
});

describe('reading ahead', () => {
  const ahead: ReadAheadRequest = {
    kind: 'readAhead',
    document: 'file:///a.ts',
    window: { head: 'é\n', suffix: '' },
    line: 'x',
  };

  /** A provider that reads until told: `finish` ends the newest reading. */
  function reader() {
    const finish: ((error?: Failure) => void)[] = [];
    const answers: Provider = {
      ...provider(end),
      readAhead: (_request, onProgress, signal) =>
        new Promise((resolve, reject) => {
          const stop = (failure: Failure): void => (onProgress(usage, speed), reject(failure));
          signal.addEventListener('abort', () => stop(new Failure('aborted', 'Stopped.')));
          finish.push((error) => (error === undefined ? (onProgress(usage, speed), resolve()) : stop(error)));
        }),
    };
    return { answers, finish };
  }

  it('is written down like a request, and not counted as one', async () => {
    const { answers, finish } = reader();
    const { readAhead, ledger, written } = setUp(answers);
    readAhead(ahead);
    await settle();
    finish[0]?.();
    await settle();
    expect(ledger.today).toMatchObject({ requests: 0, promptTokens: 12 });
    expect(written()).toMatchObject([
      {
        kind: 'intent',
        purpose: { role: 'completion', initiator: 'ahead' },
        items: [{ uri: 'file:///a.ts', bytes: 4 }],
      },
      { kind: 'settlement', outcome: 'finished', usage },
    ]);
  });

  it('ends as stopped when a newer one takes its place, and as failed when it fails; nobody hears of it', async () => {
    const { answers, finish } = reader();
    const { readAhead, written } = setUp(answers);
    readAhead(ahead);
    await settle();
    readAhead({ ...ahead, line: 'xy' });
    await settle();
    finish[1]?.(new Failure('engineCrashed', 'The engine ended.'));
    await settle();
    const outcomes = written().filter(({ kind }) => (kind as string) === 'settlement');
    expect(outcomes).toMatchObject([
      { outcome: 'stopped', usage },
      { outcome: 'failed', failure: 'engineCrashed' },
    ]);
  });

  it('asks for the same once, while it is read and after; again when that was in vain', async () => {
    const { answers, finish } = reader();
    const { readAhead, written } = setUp(answers);
    readAhead(ahead);
    await settle();
    readAhead({ ...ahead });
    await settle();
    finish[0]?.();
    await settle();
    readAhead(ahead);
    await settle();
    expect(finish).toHaveLength(1);
    readAhead({ ...ahead, line: 'y' });
    await settle();
    finish[1]?.(new Failure('engineCrashed', 'The engine ended.'));
    await settle();
    readAhead({ ...ahead, line: 'y' });
    await settle();
    expect(finish).toHaveLength(3);
    expect(written().filter(({ kind }) => kind === 'intent')).toHaveLength(3);
  });

  it('does nothing without a model, or with one that cannot', () => {
    const none = setUp(reader().answers, 'none');
    none.readAhead(ahead);
    const cannot = setUp(provider(end));
    cannot.readAhead(ahead);
    expect([none.written(), cannot.written()]).toEqual([[], []]);
  });
});

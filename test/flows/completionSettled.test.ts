/** How completion requests end in the ledger: the request in the air, on the real road to a model. */
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { journalFolder, readJournal } from '../../src/base/journal.ts';
import { Flight, type Landing } from '../../src/completion/flight.ts';
import { outlineOf } from '../../src/completion/shape.ts';
import { createExchange } from '../../src/exchange.ts';
import type { Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Chunk, Model, Provider } from '../../src/models/model.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { placeAt } from '../support/drawn.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { ScriptedAsk } from '../support/scriptedAsk.ts';

const chosen: Model = { id: 'embedded:/m.gguf', name: 'M', provider: 'embedded', file: '/m.gguf' };
/** So long the model's side takes to end after its reader left, ms. */
const unwindMs = 500;

let model: ScriptedAsk;
let clock: FakeClock;
let flight: Flight;
let outcomes: () => Settlement['outcome'][];

beforeEach(() => {
  model = new ScriptedAsk();
  clock = new FakeClock();
  const folder = temporaryFolder();
  const log = new LogLines();
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log });
  const gate = gateFor({ ledger, clock });
  const { ask } = createExchange({
    ...noLimits(),
    choose: () => chosen,
    gate,
    clock,
    destinationOf,
    providerOf: () => slowToEnd(),
  });

  flight = new Flight({ ask, clock, log, keep: () => undefined });
  outcomes = () => {
    ledger.dispose();
    const { records } = readJournal(join(folder, '2026-11-22-me.jsonl'));
    return (records as (Settlement | { kind: 'intent' })[]).flatMap((each) =>
      each.kind === 'settlement' ? [each.outcome] : [],
    );
  };
});

const destinationOf = () => Promise.reject(new Error('no server here'));

function slowToEnd(): Provider {
  return {
    async *stream(request, _send, _onProgress, signal): AsyncGenerator<Chunk> {
      try {
        yield* model.ask({ role: 'completion', initiator: 'automatic' }, request, signal);
      } finally {
        await new Promise<void>((resolve) => void clock.schedule(unwindMs, resolve));
      }
    },
  };
}

async function depart(drawing: string, mayReadOn = false): Promise<{ landing?: Landing }> {
  const place = placeAt(drawing);
  const result: { landing?: Landing } = {};
  const departure = {
    place,
    request: { kind: 'infill', document: place.uri, windows: [], line: place.line, maxTokens: 9, patienceMs: 9 },
    purpose: { role: 'completion', initiator: 'automatic' },
    outline: outlineOf(place, 'line', 1),
    mayReadOn,
  } as const;
  void flight.depart(departure, new AbortController().signal).then((landing) => (result.landing = landing));
  await settle();
  return result;
}

async function write(text: string): Promise<void> {
  model.last.write(text);
  await settle();
}

test('a suggestion that is cut is enough; who waits has it before the model has ended', async () => {
  const waiter = await depart('a█');
  await write(' = 1;\nb');
  expect(waiter.landing).toBe('landed');
  await clock.advance(unwindMs);
  expect(outcomes()).toEqual(['enough']);
});

test('a suggestion that is cut after reading on is enough', async () => {
  await depart('a█', true);
  await write(' = 1;\nb = 2;\nc');
  await clock.advance(unwindMs);
  expect(outcomes()).toEqual(['enough']);
});

test('a request that leaves while the one before is still ending leaves that at enough', async () => {
  await depart('a█');
  await write(' = 1;\n');
  await depart('b█');
  model.last.end();
  await clock.advance(unwindMs);
  expect(outcomes()).toEqual(['enough', 'finished']);
});

test('a request that a newer one took the place of is stopped', async () => {
  await depart('a█');
  await write(' = ');
  await depart('b█');
  model.last.end();
  await clock.advance(unwindMs);
  expect(outcomes()).toEqual(['stopped', 'finished']);
});

test('a suggestion whose next line nobody waits for is stopped while that is read', async () => {
  await depart('a█', true);
  await write(' = 1;\nb');
  flight.stop();
  await clock.advance(unwindMs);
  expect(outcomes()).toEqual(['stopped']);
});

import { beforeEach, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { Flight, type Landing } from '../../src/completion/flight.ts';
import type { Place } from '../../src/completion/place.ts';
import type { Writing } from '../../src/completion/recall.ts';
import { formOf, outlineOf } from '../../src/completion/shape.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { placeAt } from '../support/drawn.ts';
import { LogLines } from '../support/log.ts';
import { ScriptedAsk } from '../support/scriptedAsk.ts';

let model: ScriptedAsk;
let clock: FakeClock;
let log: LogLines;
let kept: Writing[];
let flight: Flight;

beforeEach(() => {
  model = new ScriptedAsk();
  clock = new FakeClock();
  log = new LogLines();
  kept = [];
  flight = new Flight({ ask: model.ask, clock, log, keep: (_, writing) => kept.push(writing) });
});

const never = new AbortController().signal;

interface Waited {
  landing?: Landing;
  failure?: unknown;
}

/** Starts a request and says later how it ended. */
async function depart(drawing: string, { signal = never, mayReadOn = false } = {}): Promise<Waited> {
  const place = placeAt(drawing);
  const result: Waited = {};
  const departure = {
    place,
    request: { kind: 'infill', document: place.uri, windows: [], line: place.line, maxTokens: 9, patienceMs: 9 },
    purpose: { role: 'completion', initiator: 'automatic' },
    outline: outlineOf(place, formOf(place), 5),
    mayReadOn,
  } as const;
  note(flight.depart(departure, signal), result);
  await settle();
  return result;
}

async function join(place: Place, signal = never): Promise<Waited> {
  const result: Waited = {};
  note(flight.join(place, signal), result);
  await settle();
  return result;
}

function note(landing: Promise<Landing>, result: Waited): void {
  landing.then(
    (how) => (result.landing = how),
    (failure: unknown) => (result.failure = failure),
  );
}

async function write(...texts: string[]): Promise<void> {
  for (const text of texts) model.last.write(text);
  await settle();
}

test('lands as soon as the line is complete, and stops the model there', async () => {
  const waiter = await depart('a█');
  await write(' = ', '1;');
  expect(waiter.landing).toBeUndefined();
  await write('\nb', ' = 2;');
  expect(waiter.landing).toBe('landed');
  expect(kept).toEqual([{ text: ' = 1;', ends: [5], reason: undefined, requestId: 'request 1' }]);
  expect(model.last.isOver).toBe(true);
  expect(model.last.signal.aborted).toBe(false);
});

test('lands when the model ends', async () => {
  const waiter = await depart('a█');
  await write(' = 1;');
  model.last.end();
  await settle();
  expect(waiter.landing).toBe('landed');
  expect(kept).toEqual([{ text: ' = 1;', ends: [5], reason: undefined, requestId: 'request 1' }]);
});

test('that the model has nothing is kept too', async () => {
  await depart('a█');
  model.last.end();
  await settle();
  expect(kept).toEqual([{ text: '', ends: [0], reason: 'empty', requestId: 'request 1' }]);
});

/** [has streamed, was typed since, may join] */
const joins: readonly (readonly [string, string, boolean])[] = [
  ['', 'x', true],
  ['', 'xyz', true],
  [' = 1', ' ', true],
  [' = 1', ' = 1', true],
  [' = 1', ' = 12', true],
  [' = 1', 'x', false],
  [' = 1', ' = 2', false],
  ['', '\n', false],
  [' = 1', ' = 1;\n', false],
];

test.each(joins)('after %j streamed and %j was typed, joining: %s', async (streamed, typed, expected) => {
  await depart('a█');
  await write(streamed);
  expect(flight.keepsFor(placeAt(`a${typed}█`))).toBe(expected);
  expect(model.last.signal.aborted).toBe(!expected);
});

test('a line break may be typed while a block streams', async () => {
  await depart('if (a) {█');
  expect(flight.keepsFor(placeAt('if (a) {\n  █\n}'))).toBe(true);
  await write('\n  b();');
  expect(flight.keepsFor(placeAt('if (a) {\n  b█\n}'))).toBe(true);
  expect(flight.keepsFor(placeAt('if (a) {\n  c█\n}'))).toBe(false);
});

test('all who wait are told when it lands', async () => {
  const first = await depart('a█');
  const second = await join(placeAt('a █'));
  await write(' = 1;\n');
  expect([first.landing, second.landing]).toEqual(['landed', 'landed']);
  expect(model.calls).toHaveLength(1);
});

test('who joined hears at once when the text goes elsewhere', async () => {
  await depart('a█');
  const second = await join(placeAt('ab█'));
  await write('c');
  expect(second.landing).toBe('diverged');
  expect(model.last.signal.aborted).toBe(true);
});

test('a new request stops the one in the air', async () => {
  const first = await depart('a█');
  const second = await depart('b█');
  expect(first.landing).toBe('stopped');
  expect(model.calls[0]?.signal.aborted).toBe(true);
  expect(model.running).toBe(1);
  await write(' = 1;\n');
  expect(second.landing).toBe('landed');
});

test('when everybody left it lives on just long enough for the next keystroke to join', async () => {
  const call = new AbortController();
  const first = await depart('a█', { signal: call.signal });
  call.abort();
  await clock.advance(100);
  expect(first.landing).toBe('stopped');
  expect(model.last.signal.aborted).toBe(false);
  const second = await join(placeAt('a █'));
  await clock.advance(1000);
  await write(' = 1;\n');
  expect(second.landing).toBe('landed');
});

test('when nobody comes back it stops', async () => {
  const call = new AbortController();
  await depart('a█', { signal: call.signal });
  call.abort();
  await clock.advance(149);
  expect(model.last.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(model.last.signal.aborted).toBe(true);
});

test('one of two leaving stops nothing', async () => {
  const call = new AbortController();
  await depart('a█');
  await join(placeAt('a █'), call.signal);
  call.abort();
  await clock.advance(1000);
  expect(model.last.signal.aborted).toBe(false);
});

test('an aborted signal starts nothing', async () => {
  expect((await depart('a█', { signal: AbortSignal.abort() })).landing).toBe('stopped');
  expect(model.calls).toEqual([]);
});

test('a failure reaches all who wait, and not the log', async () => {
  const first = await depart('b█');
  const second = await join(placeAt('b█'));
  const failure = new Failure('engineCrashed', 'It crashed.');
  model.last.fail(failure);
  await settle();
  expect([first, second]).toEqual([{ failure }, { failure }]);
  expect(flight.keepsFor(placeAt('b█'))).toBe(false);
  expect(log.lines).toEqual([]);
});

test('a failure after landing is only logged', async () => {
  await depart('a█', { mayReadOn: true });
  await write(' = 1;\n');
  model.last.fail(new Failure('engineCrashed', 'It crashed.'));
  await settle();
  expect(log.lines).toEqual(['warn: completion failed while nobody waited: It crashed.']);
});

test('reading on keeps the next line as well, and then stops', async () => {
  const waiter = await depart('a█', { mayReadOn: true });
  await write(' = 1;\n');
  expect(waiter.landing).toBe('landed');
  expect(model.last.signal.aborted).toBe(false);
  await write('b', ' = 2;', '\n');
  expect(kept.at(-1)).toEqual({ text: ' = 1;\nb = 2;', ends: [5, 12], reason: undefined, requestId: 'request 1' });
  expect(model.last.isOver).toBe(true);
});

test('reading on keeps a last line that the model ends, not one that is cut off', async () => {
  await depart('a█', { mayReadOn: true });
  await write(' = 1;\nb = 2;');
  model.last.end();
  await settle();
  expect(kept.at(-1)?.ends).toEqual([5, 12]);
  await depart('b█', { mayReadOn: true });
  await write(' = 1;\nb = 2;');
  model.last.end('maxTokens');
  await settle();
  expect(kept.at(-1)?.ends).toEqual([5]);
});

test('after a complete line the next one is read, for after Enter', async () => {
  await depart('a = 1;█', { mayReadOn: true });
  await write('\nb = 2;\n');
  expect(kept).toEqual([
    { text: '', ends: [0], reason: 'lineComplete', requestId: 'request 1' },
    { text: '\nb = 2;', ends: [0, 7], reason: 'lineComplete', requestId: 'request 1' },
  ]);
});

test('reading on drops what is no good', async () => {
  await depart('a█\n\nb = 2;', { mayReadOn: true });
  await write(' = 1;\nb = 2;\n');
  expect(kept.at(-1)?.ends).toEqual([5]);
  await depart('first█', { mayReadOn: true });
  await write(' = 1;\nfirst = 1;\n');
  expect(kept.at(-1)?.ends).toEqual([5]);
});

test('who typed into the line that is being read on joins it', async () => {
  await depart('a█', { mayReadOn: true });
  await write(' = 1;\n');
  const place = placeAt('a = 1;\nb█');
  expect(flight.keepsFor(place)).toBe(true);
  const waiter = await join(place);
  await write('b = 2;\n');
  expect(waiter.landing).toBe('landed');
});

test('who joined to read on hears that it is to be asked for when that line is cut off', async () => {
  await depart('a█', { mayReadOn: true });
  await write(' = 1;\nb');
  const waiter = await join(placeAt('a = 1;\nb█'));
  model.last.end('maxTokens');
  await settle();
  expect(waiter.landing).toBe('diverged');
});

test('a place for which no view fits the model is told to all who wait, and not the log', async () => {
  const first = await depart('b█');
  const second = await join(placeAt('b █'));
  model.last.fail(new Failure('requestInvalid', 'No window fits.'));
  await settle();
  expect([first.landing, second.landing]).toEqual(['unfit', 'unfit']);
  expect(flight.keepsFor(placeAt('b█'))).toBe(false);
  expect([kept, log.lines]).toEqual([[], []]);
});

test('a deletion stops what is in the air for that document only', async () => {
  const waiter = await depart('a█');
  flight.stopIn('file:///b.ts');
  expect(model.last.signal.aborted).toBe(false);
  flight.stopIn('file:///a.ts');
  await settle();
  expect(waiter.landing).toBe('stopped');
  expect(model.last.signal.aborted).toBe(true);
});

test('who waits when the model is taken away is not sent to ask anew', async () => {
  const first = await depart('b█');
  const second = await join(placeAt('b █'));
  model.last.fail(new Failure('aborted', 'Stopped.'));
  await settle();
  expect([first.landing, second.landing]).toEqual(['stopped', 'stopped']);
  expect([kept, log.lines]).toEqual([[], []]);
});

test('nobody can join what is just ending', async () => {
  const waiter = await depart('a█');
  model.last.write(' = 1;\n');
  await settle();
  expect(waiter.landing).toBe('landed');
  expect(flight.keepsFor(placeAt('a █'))).toBe(false);
});

test('disposing stops it and tells who waits', async () => {
  const waiter = await depart('a█');
  flight.dispose();
  await settle();
  expect(waiter.landing).toBe('stopped');
  expect(model.last.signal.aborted).toBe(true);
  expect(clock.waiting).toBe(0);
});

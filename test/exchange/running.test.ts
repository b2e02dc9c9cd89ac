import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { longMs, Running } from '../../src/exchange/running.ts';
import type { Ask, Chunk, InfillRequest } from '../../src/models/model.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { ScriptedAsk } from '../support/scriptedAsk.ts';

const request: InfillRequest = { kind: 'infill', document: 'd', windows: [], line: '', maxTokens: 1, patienceMs: 0 };
const automatic = { role: 'completion', initiator: 'automatic' } as const;

function start() {
  const clock = new FakeClock();
  const model = new ScriptedAsk();
  const running = new Running({ ask: model.ask, clock });
  const ticks: number[] = [];
  running.onDidChange(() => ticks.push(running.elapsedMs ?? -1));
  let successes = 0;
  running.onDidSucceed(() => (successes += 1));
  const read = async (signal = new AbortController().signal): Promise<Chunk[] | Failure> => {
    const chunks: Chunk[] = [];
    try {
      for await (const chunk of running.ask(automatic, request, signal)) chunks.push(chunk);
      return chunks;
    } catch (error) {
      return error as Failure;
    }
  };
  return { clock, model, running, ticks, read, successes: () => successes };
}

describe('what runs', () => {
  it('is timed from its start, tells every second once it runs long, and leaves no timer behind', async () => {
    const { clock, model, running, ticks, read } = start();
    expect(running.elapsedMs).toBeUndefined();
    const reading = read();
    await settle();
    expect(clock.waiting).toBe(1);
    await clock.advance(longMs + 2_500);
    expect(ticks).toEqual([3_000, 4_000, 5_000]);
    model.last.end();
    await reading;
    expect(ticks.at(-1)).toBe(-1);
    expect([clock.waiting, running.elapsedMs]).toEqual([0, undefined]);
    running.dispose();
  });

  it('tells nothing of requests that are soon over, however many follow each other', async () => {
    const { clock, model, ticks, read, successes, running } = start();
    for (let each = 0; each < 10; each += 1) {
      const reading = read();
      await clock.advance(900);
      model.last.end();
      await reading;
    }
    expect([ticks, clock.waiting, successes()]).toEqual([[], 0, 10]);
    running.dispose();
  });

  it('has one timer, for the oldest of several', async () => {
    const { clock, model, ticks, read, running } = start();
    const readings = [read()];
    await clock.advance(2_000);
    readings.push(read());
    await clock.advance(500);
    expect(clock.waiting).toBe(1);
    model.calls[0]?.end();
    await readings[0];
    await clock.advance(2_400);
    expect(ticks).toEqual([]);
    await clock.advance(200);
    expect(ticks).toEqual([3_000]);
    model.last.end();
    await Promise.all(readings);
    running.dispose();
  });

  it('can be stopped by the user, all of it, and by its own signal', async () => {
    const { model, running, read, successes } = start();
    const readings = [read(), read()];
    await settle();
    running.stop();
    for (const stopped of await Promise.all(readings)) expect(stopped).toMatchObject({ kind: 'aborted' });
    expect(model.running).toBe(0);
    const abort = new AbortController();
    const own = read(abort.signal);
    await settle();
    abort.abort();
    expect(await own).toMatchObject({ kind: 'aborted' });
    expect([successes(), running.elapsedMs]).toEqual([0, undefined]);
    running.dispose();
  });

  it('has been answered when the reader had enough, and has not when it failed', async () => {
    const { model, running, read, successes } = start();
    const failing = read();
    await settle();
    model.last.fail(new Failure('unreachable', 'Nobody there.'));
    expect(await failing).toMatchObject({ kind: 'unreachable' });
    expect(successes()).toBe(0);
    const leaving = (async () => {
      for await (const chunk of running.ask(automatic, request, new AbortController().signal)) {
        if (chunk.kind !== 'opened') return chunk;
      }
      return undefined;
    })();
    await settle();
    model.last.write('x');
    expect(await leaving).toEqual({ kind: 'text', text: 'x' });
    expect(successes()).toBe(1);
    expect(model.running).toBe(0);
    running.dispose();
  });

  it('has not been answered when the reader left while the prompt was read', async () => {
    const ask: Ask = async function* () {
      await Promise.resolve();
      yield { kind: 'opened', requestId: 'r' };
      yield { kind: 'reading', readTokens: 1, totalTokens: 2 };
    };
    const running = new Running({ ask, clock: new FakeClock() });
    let successes = 0;
    running.onDidSucceed(() => (successes += 1));
    for await (const chunk of running.ask(automatic, request, new AbortController().signal)) {
      if (chunk.kind === 'opened') continue;
      expect(chunk.kind).toBe('reading');
      break;
    }
    expect(successes).toBe(0);
    running.dispose();
  });
});

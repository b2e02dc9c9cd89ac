import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';
import { describe, expect, test } from 'vitest';
import { ChatContext, type ChatContextNeeds } from '../../src/engine/worker/chatContext.ts';
import { FakeClock } from '../support/clock.ts';

const gigabyte = 1e9;

/** A context over a library that the test plays: `created` contexts, of which some were `disposed`. */
function setUp({ neededBytes = gigabyte, fails = false } = {}) {
  const clock = new FakeClock();
  const state = { created: 0, disposed: 0, idle: 0, freeBytes: (4 * gigabyte) as number | undefined };
  const model = {
    gpuLayers: 0,
    fileInsights: { estimateContextResourceRequirementsV2: async () => ({ cpuRam: neededBytes, gpuVram: 0 }) },
    createContext: async () => {
      if (fails) throw new Error('Failed to create context');
      state.created += 1;
      const sequence = {} as LlamaContextSequence;
      const context = { getSequence: () => sequence, dispose: async () => void (state.disposed += 1) };
      return context as unknown as LlamaContext;
    },
  } as unknown as ChatContextNeeds['model'];
  const context: ChatContext = new ChatContext({
    model,
    contextTokens: 8192,
    batchTokens: 256,
    threads: 2,
    idleMs: 600_000,
    freeBytes: () => state.freeBytes,
    clock,
    whenIdle: () => {
      state.idle += 1;
      void context.close();
    },
  });
  return { context, clock, state };
}

describe('the memory of a conversation', () => {
  test('is taken once and kept between turns', async () => {
    const { context, clock, state } = setUp();
    const first = await context.enter();
    context.leave();
    await clock.advance(590_000);
    expect(await context.enter()).toBe(first);
    expect(state).toMatchObject({ created: 1, disposed: 0 });
  });

  test('is given back when nobody has talked for ten minutes, and taken again', async () => {
    const { context, clock, state } = setUp();
    await context.enter();
    context.leave();
    await clock.advance(630_000);
    expect(state).toMatchObject({ created: 1, disposed: 1, idle: 1 });
    expect(clock.waiting).toBe(0);
    await context.enter();
    expect(state.created).toBe(2);
  });

  test('is not given back during a turn, however long that takes', async () => {
    const { context, clock, state } = setUp();
    await context.enter();
    await clock.advance(3_600_000);
    await context.close();
    expect(state.disposed).toBe(0);
    context.leave();
    await context.close();
    expect(state.disposed).toBe(0);
  });

  test('is given back early when memory is short', async () => {
    const { context, clock, state } = setUp();
    await context.enter();
    state.freeBytes = 0.3 * gigabyte;
    await clock.advance(60_000);
    expect(state.disposed).toBe(0);
    context.leave();
    await clock.advance(31_000);
    expect(state.disposed).toBe(1);
  });

  test('that is not there is not taken, and the failure says how much is missing', async () => {
    const { context, state } = setUp({ neededBytes: 5 * gigabyte });
    await expect(context.enter()).rejects.toMatchObject({
      kind: 'outOfMemory',
      action: 'chooseModel',
      message:
        'The conversation needs about 5.0 GB of memory and 4.0 GB is free. ' +
        'Close other programs or choose a smaller model.',
    });
    context.leave();
    expect(state.created).toBe(0);
    state.freeBytes = undefined; // not known: the library is asked
    await context.enter();
    expect(state.created).toBe(1);
  });

  test('that the library does not get is missed in a sentence too', async () => {
    const { context } = setUp({ fails: true });
    await expect(context.enter()).rejects.toMatchObject({
      kind: 'outOfMemory',
      message: 'The conversation needs more memory than is free. Close other programs or choose a smaller model.',
    });
  });
});

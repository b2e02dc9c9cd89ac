import { describe, expect, test } from 'vitest';
import {
  fewestGoodThreads,
  measureThreads,
  threadCounts,
  trialTokens,
  trusted,
} from '../../src/engine/worker/threads.ts';

test.each<[number, number[]]>([
  [1, [1]],
  [2, [1, 2]],
  [4, [1, 2, 3, 4]],
  [8, [2, 4, 7, 8]],
  [24, [6, 12, 23, 24]],
])('with %i cores %j threads are tried, never more than there are cores', (cores, expected) => {
  expect(threadCounts(cores)).toEqual(expected);
});

test.each<[Record<number, number>, number]>([
  [{ 1: 16, 2: 16 }, 1], // nothing gained
  [{ 1: 111, 2: 64 }, 2],
  [{ 1: 16.6, 2: 16 }, 1], // not worth a core
  [{ 1: 30, 2: 16, 4: 15.5, 8: 40 }, 2],
])('of %j the fewest threads that are about as fast are taken', (times, expected) => {
  const tookMs = new Map(Object.entries(times).map(([threads, ms]) => [Number(threads), ms]));
  expect(fewestGoodThreads(tookMs).threads).toBe(expected);
});

/** A machine on which work takes so long, with a clock that moves only by it. */
function machine(readMs: (threads: number) => number, writeMs: (threads: number) => number) {
  let nowMs = 0;
  const tried: string[] = [];
  const took = (what: string, ms: number): Promise<number> => {
    tried.push(what);
    nowMs += ms;
    return Promise.resolve(ms);
  };
  return {
    tried,
    nowMs: () => nowMs,
    trial: {
      read: (threads: number) => took(`read ${threads}`, readMs(threads)),
      write: (threads: number) => took(`write ${threads}`, writeMs(threads)),
    },
  };
}

describe('measuring', () => {
  test('finds counts for reading and for writing apart', async () => {
    const { trial, nowMs } = machine(
      (threads) => 80 / threads,
      (threads) => (threads === 1 ? 16 : 22),
    );
    const found = await measureThreads(trial, { cores: 2, known: undefined, limitMs: 1000, nowMs });
    expect(found.plan).toEqual({ prefill: 2, decode: 1 });
    expect(found.decodeTokPerS).toBeCloseTo(1000 / 16);
    expect(found.prefillTokPerS).toBeCloseTo((trialTokens * 1000) / 40);
  });

  test('is not misled by other work that stalls a count now and then', async () => {
    let trials = 0;
    const { trial, nowMs } = machine(
      (threads) => 80 / threads,
      (threads) => (threads === 2 && ++trials !== 2 ? 300 : 100 / threads),
    );
    const found = await measureThreads(trial, { cores: 2, known: undefined, limitMs: 9000, nowMs });
    expect(found.plan.decode).toBe(2);
    expect(found.bestDecodeTokPerS).toBeCloseTo(20);
    expect(found.decodeTokPerS).toBeLessThan(10);
  });

  test('takes turns, so that other work on the machine hits all counts alike', async () => {
    const { trial, nowMs, tried } = machine(
      () => 10,
      () => 10,
    );
    await measureThreads(trial, { cores: 2, known: undefined, limitMs: 1000, nowMs });
    expect(tried.slice(1, 5)).toEqual(['write 1', 'write 2', 'write 1', 'write 2']);
  });

  test('ends soon with a slow model: each count once', async () => {
    const { trial, nowMs, tried } = machine(
      () => 900,
      () => 700,
    );
    await measureThreads(trial, { cores: 2, known: undefined, limitMs: 1000, nowMs });
    expect(tried).toEqual(['read 2', 'write 1', 'write 2', 'read 1', 'read 2']);
  });

  test('with known counts only their speeds are taken', async () => {
    const { trial, nowMs, tried } = machine(
      () => 900,
      () => 700,
    );
    const known = { prefill: 2, decode: 1 };
    const found = await measureThreads(trial, { cores: 2, known, limitMs: 1000, nowMs });
    expect(found.plan).toEqual(known);
    expect(tried).toEqual(['read 2', 'write 1', 'read 2']);
  });
});

describe('what was measured while others used the processor', () => {
  const speeds = { prefillTokPerS: 90, decodeTokPerS: 18, bestPrefillTokPerS: 100, bestDecodeTokPerS: 20 };
  const findings = { plan: { prefill: 1, decode: 1 }, ...speeds };

  test('a little is gone by', () => {
    expect(trusted(findings, { otherWork: 0.1, cores: 2 })).toEqual({ findings, isTrusted: true });
  });

  test('a lot is not remembered, and a machine of few cores starts with all', () => {
    const all = { ...findings, plan: { prefill: 2, decode: 2 } };
    expect(trusted(findings, { otherWork: 0.5, cores: 2 })).toEqual({ findings: all, isTrusted: false });
    expect(trusted(findings, { otherWork: 0.5, cores: 16 })).toEqual({ findings, isTrusted: false });
  });
});

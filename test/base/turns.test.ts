import { expect, test } from 'vitest';
import { atOnce, inTurns } from '../../src/base/turns.ts';

/** A clock that goes on by 5 ms with every look at it, and never waits. */
function quickClock() {
  let nowMs = 0;
  let pauses = 0;
  return {
    monotonicMs: () => (nowMs += 5),
    schedule: (_delayMs: number, run: () => void) => {
      pauses += 1;
      queueMicrotask(run);
      return () => undefined;
    },
    pauses: () => pauses,
  };
}

function* counting(to: number, onEnd: () => void): Generator<number, string, void> {
  try {
    for (let step = 1; step <= to; step += 1) yield step;
    return 'done';
  } finally {
    onEnd();
  }
}

test('work at once and in turns comes to the same', async () => {
  const clock = quickClock();
  const told: number[] = [];
  expect(atOnce(counting(100, () => undefined))).toBe('done');
  expect(
    await inTurns(
      counting(100, () => undefined),
      { clock, onStretch: (step) => told.push(step) },
    ),
  ).toBe('done');
  expect(clock.pauses()).toBeGreaterThan(20);
  expect(told).toHaveLength(clock.pauses());
  expect(told.at(-1)).toBeLessThanOrEqual(100);
});

test('stopping ends the work, and closes what it has open', async () => {
  const stop = new AbortController();
  let isClosed = false;
  const work = inTurns(
    counting(1_000, () => (isClosed = true)),
    { clock: quickClock(), onStretch: () => stop.abort() },
    stop.signal,
  );
  await expect(work).rejects.toMatchObject({ kind: 'aborted' });
  expect(isClosed).toBe(true);
});

test('what the work throws is thrown', async () => {
  function* failing(): Generator<number, void, void> {
    yield 1;
    throw new Error('the disk is gone');
  }
  await expect(inTurns(failing(), { clock: quickClock() })).rejects.toThrow('the disk is gone');
});

import { expect, it } from 'vitest';
import { Pausing, shortPauseMs } from '../../../src/editor/completions/pausing.ts';
import { FakeClock } from '../../support/clock.ts';

it('pauses for fifteen minutes and goes on by itself', async () => {
  const clock = new FakeClock();
  const pausing = new Pausing(clock);
  const changes: (number | undefined)[] = [];
  pausing.onDidChange(() => changes.push(pausing.pausedUntilMs));
  pausing.pauseFor(shortPauseMs);
  const endMs = clock.now() + 15 * 60_000;
  await clock.advance(shortPauseMs - 1);
  expect(pausing.pausedUntilMs).toBe(endMs);
  await clock.advance(1);
  expect(changes).toEqual([endMs, undefined]);
  pausing.dispose();
});

it('pauses until restart without a timer, and a new pause replaces the running one', async () => {
  const clock = new FakeClock();
  const pausing = new Pausing(clock);
  pausing.pauseFor(shortPauseMs);
  pausing.pauseFor(Infinity);
  expect(clock.waiting).toBe(0);
  await clock.advance(10 * shortPauseMs);
  expect(pausing.pausedUntilMs).toBe(Infinity);
  pausing.resume();
  expect(pausing.pausedUntilMs).toBeUndefined();
  pausing.dispose();
});

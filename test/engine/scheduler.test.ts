import { describe, expect, test } from 'vitest';
import { Scheduler, type Outcome, type Rank, type Work } from '../../src/engine/worker/scheduler.ts';
import { FakeClock, settle } from '../support/clock.ts';

/** A scheduler whose units the test lets happen one by one. */
function setUp(mostStarted = 2) {
  const done: string[] = [];
  const outcomes = new Map<number, Outcome<string>>();
  const clock = new FakeClock();
  const scheduler = new Scheduler<string>(mostStarted, clock.monotonicMs);
  let release: () => void = () => undefined;
  const unit = (): Promise<void> => new Promise((resolve) => (release = resolve));
  async function* work(name: string, units: number): Work<string> {
    try {
      for (let index = 1; index <= units; index += 1) {
        await unit();
        done.push(`${name}${index}`);
        if (index < units) yield;
      }
      return name;
    } finally {
      done.push(`${name} left`);
    }
  }
  const add = (id: number, rank: Rank, made: Work<string>): void =>
    scheduler.add({ id, rank, work: made, onEnd: (outcome) => outcomes.set(id, outcome) });
  /** Lets the unit that is under way end. */
  const step = async (times = 1): Promise<void> => {
    for (let index = 0; index < times; index += 1) {
      await settle();
      release();
      await settle();
    }
  };
  return { scheduler, clock, add, work, step, done, outcomes };
}

describe('the order of work', () => {
  test('a request pushes reading ahead aside at the next unit, which goes on afterwards', async () => {
    const { add, work, step, done, outcomes } = setUp();
    add(1, 'background', work('ahead', 3));
    await step();
    add(2, 'foreground', work('ask', 2));
    await step(4);
    expect(done).toEqual(['ahead1', 'ahead2', 'ask1', 'ask2', 'ask left', 'ahead3', 'ahead left']);
    expect(outcomes.get(2)).toEqual({ kind: 'finished', result: 'ask' });
    expect(outcomes.get(1)).toEqual({ kind: 'finished', result: 'ahead' });
  });

  test('the newest request goes first', async () => {
    const { add, work, step, done } = setUp();
    add(1, 'foreground', work('old', 2));
    await settle();
    add(2, 'foreground', work('new', 1));
    await step(3);
    expect(done).toEqual(['old1', 'new1', 'new left', 'old2', 'old left']);
  });

  test('no more requests are started than there are places for them', async () => {
    const { add, work, step, done } = setUp(1);
    add(1, 'foreground', work('first', 2));
    await settle();
    add(2, 'foreground', work('second', 1));
    add(3, 'foreground', work('third', 1));
    await step(4);
    expect(done.filter((each) => !each.endsWith('left'))).toEqual(['first1', 'first2', 'third1', 'second1']);
  });
});

describe('chat', () => {
  const unitsOf = (done: readonly string[]): string[] => done.filter((each) => !each.endsWith('left'));

  test('is pushed aside by a request at the next unit, goes on afterwards, and goes before reading ahead', async () => {
    const { add, work, step, done, outcomes } = setUp();
    add(1, 'background', work('ahead', 1));
    add(2, 'chat', work('chat', 3));
    await step(2);
    add(3, 'foreground', work('ask', 2));
    await step(4);
    expect(unitsOf(done)).toEqual(['ahead1', 'chat1', 'chat2', 'ask1', 'ask2', 'chat3']);
    expect(outcomes.get(2)).toEqual({ kind: 'finished', result: 'chat' });
  });

  test('goes one after the other, the oldest first', async () => {
    const { add, work, step, done } = setUp();
    add(1, 'chat', work('first', 2));
    add(2, 'chat', work('second', 1));
    await step(3);
    expect(unitsOf(done)).toEqual(['first1', 'first2', 'second1']);
  });

  test('gets every fourth unit once completions have left no gap for three seconds', async () => {
    const { clock, add, work, step, done } = setUp();
    add(1, 'foreground', work('ask', 30));
    add(2, 'chat', work('chat', 5));
    await step(4);
    await clock.advance(2_900);
    await step(4);
    expect(done.some((each) => each.startsWith('chat'))).toBe(false);
    await clock.advance(200);
    await step(13);
    expect(done.slice(8).map((each) => each.replace(/\d+/, ''))).toEqual(
      'ask ask ask ask chat ask ask ask chat ask ask ask chat'.split(' '),
    );
  });

  test('is held up anew by each run of completions', async () => {
    const { clock, add, work, step, done } = setUp();
    add(1, 'foreground', work('ask', 2));
    add(2, 'chat', work('chat', 3));
    await step(1);
    await clock.advance(4_000);
    await step(2);
    add(3, 'foreground', work('next', 5));
    await step(6);
    expect(unitsOf(done).slice(0, 4)).toEqual(['ask1', 'ask2', 'chat1', 'chat2']);
    expect(unitsOf(done).slice(4, 8)).toEqual(['next1', 'next2', 'next3', 'next4']);
  });
});

describe('cancelling', () => {
  test('stops at the next unit, leaves in order and says so once', async () => {
    const { scheduler, add, work, step, done, outcomes } = setUp();
    add(1, 'foreground', work('ask', 5));
    await step();
    scheduler.cancel(1);
    await step();
    expect(done).toEqual(['ask1', 'ask2', 'ask left']);
    expect(outcomes.get(1)).toEqual({ kind: 'cancelled' });
    scheduler.cancel(1);
    scheduler.cancel(99);
  });

  test('reaches what waits behind other work without running it', async () => {
    const { scheduler, add, work, step, done, outcomes } = setUp();
    add(1, 'foreground', work('first', 2));
    add(2, 'foreground', work('second', 1));
    scheduler.cancel(2);
    await step(2);
    expect(outcomes.get(2)).toEqual({ kind: 'cancelled' });
    expect(done).not.toContain('second1');
  });

  test('reading ahead can be ended as a whole', async () => {
    const { scheduler, add, work, step, outcomes } = setUp();
    add(1, 'background', work('ahead', 5));
    await step();
    scheduler.cancelBackground();
    add(2, 'background', work('next', 1));
    await step(3);
    expect([outcomes.get(1)?.kind, outcomes.get(2)?.kind]).toEqual(['cancelled', 'finished']);
  });
});

test('work that throws ends as failed, and the next goes on', async () => {
  const { add, work, step, outcomes } = setUp();
  const error = new Error('Eval has failed');
  // eslint-disable-next-line require-yield -- it fails before its first unit
  async function* failing(): Work<string> {
    await settle();
    throw error;
  }
  add(1, 'foreground', failing());
  add(2, 'background', work('ahead', 1));
  await step(2);
  expect(outcomes.get(1)).toEqual({ kind: 'failed', error });
  expect(outcomes.get(2)?.kind).toBe('finished');
});

import { expect, test } from 'vitest';
import { ThreadUse } from '../../src/engine/worker/threadUse.ts';

const speeds = { prefillTokPerS: 90, decodeTokPerS: 18, bestPrefillTokPerS: 100, bestDecodeTokPerS: 20 };

/** On a machine where four threads read 100 and write 20 tokens a second when nothing else runs. */
function setUp() {
  let nowMs = 0;
  const plan = { prefill: 4, decode: 2 };
  const use = new ThreadUse({ plan, ...speeds }, () => nowMs);
  const write = (tookMs: number, times: number): void => {
    for (let time = 0; time < times; time += 1) {
      nowMs += tookMs;
      use.didWrite(tookMs);
    }
  };
  return { use, write, wait: (ms: number) => (nowMs += ms) };
}

test('while the speed is about the best measured, all threads of the plan work', () => {
  const { use, write } = setUp();
  write(60, 100);
  use.didRead(64, 700);
  expect([use.prefill, use.decode]).toEqual([4, 2]);
});

test('one slow token is nothing', () => {
  const { use, write } = setUp();
  write(50, 10);
  write(150, 1);
  write(50, 3);
  expect(use.decode).toBe(2);
});

test('when writing slows down, one core is left to the editor', () => {
  const { use, write } = setUp();
  write(400, 5);
  expect([use.prefill, use.decode]).toEqual([3, 1]);
});

test('when reading slows down too', () => {
  const { use } = setUp();
  for (let chunk = 0; chunk < 5; chunk += 1) use.didRead(16, 2_600);
  expect([use.prefill, use.decode]).toEqual([3, 1]);
});

test('after a while all threads are tried again, and kept when the machine is free', () => {
  const { use, write, wait } = setUp();
  write(400, 4);
  write(100, 4);
  expect(use.decode).toBe(1);
  wait(10_000);
  write(100, 1);
  expect(use.decode).toBe(2);
  write(50, 50);
  expect(use.decode).toBe(2);
});

test('where fewer threads are slower still, all work again and stay for a while', () => {
  const { use, write } = setUp();
  write(150, 4);
  expect(use.decode).toBe(1);
  write(300, 4);
  expect(use.decode).toBe(2);
  write(150, 10);
  expect(use.decode).toBe(2);
});

test('a single thread stays', () => {
  const use = new ThreadUse({ plan: { prefill: 1, decode: 1 }, ...speeds }, () => 0);
  for (let token = 0; token < 10; token += 1) use.didWrite(900);
  expect([use.prefill, use.decode]).toEqual([1, 1]);
});

import { expect, test } from 'vitest';
import { once } from '../../src/base/once.ts';

test('what is wanted twice, also at the same time, is made once', async () => {
  let made = 0;
  const number = once(() => Promise.resolve((made += 1)));
  expect(made).toBe(0);
  expect(await Promise.all([number(), number()])).toEqual([1, 1]);
  expect(await number()).toBe(1);
});

test('what could not be made is made when it is wanted again', async () => {
  let tries = 0;
  const word = once(() => ((tries += 1) === 1 ? Promise.reject(new Error('no disk')) : Promise.resolve('made')));
  await expect(word()).rejects.toThrow('no disk');
  expect(await word()).toBe('made');
  expect(tries).toBe(2);
});

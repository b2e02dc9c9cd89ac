import { expect, it } from 'vitest';
import { remembered, type Count } from '../../src/chat/budget.ts';
import { settle } from '../support/clock.ts';

/** Counts characters, and keeps what it was asked. */
function counter() {
  const asked: string[] = [];
  const count: Count = (texts) => {
    asked.push(...texts);
    return Promise.resolve(texts.map(({ length }) => length));
  };
  return { asked, count };
}

it('counts a text once', async () => {
  const { asked, count } = counter();
  const counting = remembered(count);
  expect(await counting(['a b', 'c', 'a b'])).toEqual([3, 1, 3]);
  expect(await counting(['c', 'd e f'])).toEqual([1, 5]);
  expect(asked).toEqual(['a b', 'c', 'd e f']);
});

it('holds so many characters, of the texts that were asked for last', async () => {
  const { asked, count } = counter();
  const counting = remembered(count, 100);
  await counting(['a'.repeat(40), 'b'.repeat(40)]);
  await counting(['a'.repeat(40)]);
  await counting(['c'.repeat(40)]);
  asked.length = 0;
  expect(await counting(['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)])).toEqual([40, 40, 40]);
  expect(asked).toEqual(['b'.repeat(40)]);
  asked.length = 0;
  await counting(['d'.repeat(200)]);
  await counting(['d'.repeat(200)]);
  expect(asked).toHaveLength(2);
});

it('knows a text that was dropped while others beside it were counted', async () => {
  const slow = Promise.withResolvers<readonly number[]>();
  const counting = remembered(
    (texts) => (texts[0] === 'slow' ? slow.promise : Promise.resolve([texts[0]?.length ?? 0])),
    10,
  );
  await counting(['known']);
  const both = counting(['known', 'slow']);
  await counting(['something longer']);
  slow.resolve([4]);
  await settle();
  expect(await both).toEqual([5, 4]);
});

import { expect, it } from 'vitest';
import type { Keeping } from '../../src/ledger/retention.ts';
import { keepTidy } from '../../src/ledger/tidying.ts';
import { FakeClock } from '../support/clock.ts';
import { LogLines } from '../support/log.ts';

const dayMs = 86_400_000;

it('puts old entries together a minute after the start and once a day, as the user wants it then', async () => {
  const clock = new FakeClock();
  const log = new LogLines();
  const asked: Keeping[] = [];
  let localDays = 30;
  const foldOld = async (keeping: Keeping): Promise<readonly string[]> => {
    asked.push(keeping);
    if (asked.length === 2) throw new Error('the disk is full');
    return asked.length === 1 ? ['a', 'b'] : [];
  };
  const tidying = keepTidy({ ledger: { foldOld }, keeping: () => ({ localDays }), clock, log });
  await clock.advance(59_999);
  expect(asked).toEqual([]);
  await clock.advance(1);
  expect(asked).toEqual([{ localDays: 30 }]);
  localDays = 7;
  await clock.advance(2 * dayMs);
  expect(asked).toEqual([{ localDays: 30 }, { localDays: 7 }, { localDays: 7 }]);
  expect(log.lines).toEqual([
    'info: ledger: 2 old files were put together as sums of their days',
    'warn: ledger: old entries could not be put together: Error: the disk is full',
  ]);
  tidying.dispose();
  expect(clock.waiting).toBe(0);
});

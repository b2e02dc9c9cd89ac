import { describe, expect, it } from 'vitest';
import type { Cost, Outcome } from '../../src/ledger/entry.ts';
import {
  basisWords,
  costBasisWords,
  costWords,
  dollars,
  limitDollars,
  moneyWords,
} from '../../src/ledger/moneyWords.ts';
import { addSpend, noSpend, spendOf, type Spend } from '../../src/ledger/spend.ts';
import { Chance } from '../support/chance.ts';

const sum = (change: Partial<Spend>): Spend => ({ ...noSpend, nanoUsd: 420_000_000, basis: 'billed', ...change });

describe('where the price of one request is from', () => {
  it.each([
    [{ basis: 'table', nanoUsd: 1, tableDate: '2026-09-23' }, 'list prices of 2026-09-23'],
    [{ basis: 'table', nanoUsd: 1 }, 'your own price'],
    [{ basis: 'billed', nanoUsd: 1 }, 'billed'],
    [{ basis: 'estimate', nanoUsd: 1 }, 'estimated'],
    [{ basis: 'unknown' }, undefined],
    [{ basis: 'unmetered' }, undefined],
  ] satisfies [Cost, string | undefined][])('of %j is told', (cost, words) => {
    expect(costBasisWords(cost)).toBe(words);
  });
});

describe('a sum of money', () => {
  it.each([
    [1_204_500_000_000, '$1,204.50'],
    [1_000_000_000_000_000, '$1,000,000.00'],
    [1_000_000_000, '$1.00'],
    [999_999_999, '$1.00'],
    [420_000_000, '$0.42'],
    [416_100_000, '$0.42'],
    [100_000_000, '$0.10'],
    [99_900_000, '$0.10'],
    [42_000_000, '$0.042'],
    [50_000_000, '$0.05'],
    [4_100_000, '$0.0041'],
    [400_000, '$0.0004'],
    [12_345, '$0.000012'],
    [10, '$0.00000001'],
    [1, '$0.000000001'],
  ])('of %i nano-dollars reads %s', (nanoUsd, words) => {
    expect(dollars(nanoUsd)).toBe(words);
  });

  it('of a limit has no cents it does not need', () => {
    expect([10, 2.5, 1_000, 0.05].map((usd) => limitDollars(usd * 1e9))).toEqual(['$10', '$2.50', '$1,000', '$0.05']);
  });

  it('never reads as nothing, and is never rounded up where it has to hold at least', () => {
    const chance = new Chance(7);
    for (let turn = 0; turn < 5_000; turn++) {
      const nanoUsd = 1 + chance.below(10 ** (1 + chance.below(9))) * 10 ** chance.below(6);
      const [nearest, down] = [dollars(nanoUsd), dollars(nanoUsd, 'down')].map((words) =>
        Number(words.replace(/[$,]/g, '')),
      );
      expect(nearest).toBeGreaterThan(0);
      expect(down).toBeGreaterThan(0);
      expect(Math.round((down ?? 0) * 1e9)).toBeLessThanOrEqual(nanoUsd);
      expect(Math.abs((nearest ?? 0) * 1e9 - nanoUsd)).toBeLessThanOrEqual(Math.max(nanoUsd * 0.051, 0.5));
    }
  });
});

describe('the words of what was spent', () => {
  it.each([
    [sum({}), '$0.42'],
    [sum({ basis: 'table' }), '$0.42'],
    [sum({ basis: 'estimate' }), 'about $0.42'],
    [sum({ isAtLeast: true }), 'at least $0.42'],
    [sum({ nanoUsd: 419_900_000, isAtLeast: true }), 'at least $0.41'],
    [sum({ basis: 'estimate', isAtLeast: true }), 'at least about $0.42'],
    [sum({ nanoUsd: 0 }), 'no charge'],
    [sum({ nanoUsd: 0, isAtLeast: true }), 'price unknown'],
    [sum({ nanoUsd: 0, basis: undefined, unpriced: 1, isAtLeast: true }), 'price unknown'],
    [noSpend, undefined],
  ])('say how sure they are', (spend, words) => {
    expect(moneyWords(spend)).toBe(words);
  });

  it.each([
    [{ basis: 'unmetered' }, 'finished', undefined],
    [{ basis: 'unknown' }, 'finished', 'price unknown'],
    [{ basis: 'billed', nanoUsd: 4_100_000 }, 'stopped', '$0.0041'],
    [{ basis: 'table', nanoUsd: 4_100_000, tableDate: '2026-09-23' }, 'finished', '$0.0041'],
    [{ basis: 'table', nanoUsd: 4_100_000, tableDate: '2026-09-23' }, 'stopped', 'at least $0.0041'],
    [{ basis: 'estimate', nanoUsd: 4_100_000 }, 'finished', 'about $0.0041'],
    [{ basis: 'billed', nanoUsd: 0 }, 'finished', 'no charge'],
    [{ basis: 'billed', nanoUsd: Number.NaN }, 'finished', 'price unknown'],
  ] satisfies [Cost, Outcome, string | undefined][])('of one request, %j and %s, read %s', (cost, outcome, words) => {
    expect(costWords({ cost, outcome })).toBe(words);
  });

  it('of a sum are those of its least sure part', () => {
    const costs: Cost[] = [
      { basis: 'billed', nanoUsd: 100_000_000 },
      { basis: 'table', nanoUsd: 100_000_000, tableDate: '2026-09-23' },
      { basis: 'estimate', nanoUsd: 100_000_000 },
    ];
    const sums = costs.map((_, most) =>
      costs.slice(0, most + 1).reduce((all, cost) => addSpend(all, spendOf({ cost, outcome: 'finished' })), noSpend),
    );
    expect(sums.map(moneyWords)).toEqual(['$0.10', '$0.20', 'about $0.30']);
    expect(sums.map(basisWords)).toEqual(['billed', 'price list', 'estimated']);
    expect(basisWords(noSpend)).toBeUndefined();
  });
});

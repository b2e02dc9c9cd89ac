import { describe, expect, it } from 'vitest';
import { budgetVerdict, limitUses, type Limit, type Limits, type Spending } from '../../src/ledger/budget.ts';

const usd = (dollars: number): number => Math.round(dollars * 1e9);
const hard = (dollars: number): Limit => ({ nanoUsd: usd(dollars), kind: 'hard' });
const soft = (dollars: number): Limit => ({ nanoUsd: usd(dollars), kind: 'soft' });
const nothing: Spending = { dayNanoUsd: 0, monthNanoUsd: 0, reservedNanoUsd: 0 };
const spent = (day: number, month: number, reserved = 0): Spending => ({
  dayNanoUsd: usd(day),
  monthNanoUsd: usd(month),
  reservedNanoUsd: usd(reserved),
});

/** [what it shows, limits, spent, worst case in dollars, verdict, the limits that are named] */
const cases: readonly (readonly [string, Limits, Spending, number | undefined, string, readonly string[]])[] = [
  ['no limits, nothing to say', {}, spent(100, 1000), 5, 'allow', []],
  ['far below', { perDay: hard(10), perMonth: hard(100) }, spent(1, 20), 0.5, 'allow', []],
  ['exactly the limit fits', { perDay: hard(10) }, spent(9, 9), 1, 'allow', ['perDay']],
  ['a nano-dollar more does not', { perDay: hard(10) }, spent(9, 9), 1.000000001, 'deny', ['perDay']],
  ['what runs elsewhere counts', { perDay: hard(10) }, spent(5, 5, 4.5), 0.6, 'deny', ['perDay']],
  ['a month is longer than a day', { perDay: hard(10), perMonth: hard(50) }, spent(0, 50), 0.1, 'deny', ['perMonth']],
  ['one request may be too dear by itself', { perRequest: hard(0.1) }, nothing, 0.2, 'deny', ['perRequest']],
  ['four fifths are worth a word', { perDay: hard(10) }, spent(7.5, 7.5), 0.5, 'allow', ['perDay']],
  ['a soft limit is only a word', { perDay: soft(10) }, spent(12, 12), 1, 'allow', ['perDay']],
  ['a hard one beside it holds', { perDay: soft(1), perMonth: hard(2) }, spent(2, 2), 1, 'deny', ['perMonth']],
  ['an unknown price asks under a hard limit', { perDay: hard(10) }, nothing, undefined, 'ask', ['perDay']],
  ['and is let through under a soft one', { perDay: soft(10) }, nothing, undefined, 'allow', []],
  ['nothing is left to ask about', { perDay: hard(10) }, spent(10, 10), undefined, 'deny', ['perDay']],
  ['a limit of nothing lets nothing through', { perRequest: hard(0) }, nothing, undefined, 'deny', ['perRequest']],
];

describe('a budget', () => {
  it.each(cases)('%s', (_what, limits, spending, worst, kind, names) => {
    const worstNanoUsd = worst === undefined ? undefined : usd(worst);
    const verdict = budgetVerdict({ worstNanoUsd, limits }, spending);
    expect(verdict.kind).toBe(kind);
    const named = verdict.kind === 'allow' ? verdict.warnings : [verdict.use];
    expect(named.map(({ name }) => name)).toEqual(names);
  });

  it('lets a request without a price through once the user agreed to it, but not beyond a limit', () => {
    const limits = { perDay: hard(10) };
    const wish = { worstNanoUsd: undefined, limits, mayBeUnpriced: true };
    expect(budgetVerdict(wish, spent(9.9, 9.9)).kind).toBe('allow');
    expect(budgetVerdict(wish, spent(10, 10)).kind).toBe('deny');
  });

  it('tells how far it is used up', () => {
    expect(limitUses({ perRequest: hard(1), perDay: soft(10), perMonth: hard(20) }, spent(4, 9, 1))).toEqual([
      { name: 'perDay', limit: soft(10), usedNanoUsd: usd(5) },
      { name: 'perMonth', limit: hard(20), usedNanoUsd: usd(10) },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { forecastOf } from '../../src/ledger/forecast.ts';
import { noSpend, type Spend } from '../../src/ledger/spend.ts';

const cent = 10_000_000;
const paid = (cents: number, change: Partial<Spend> = {}) => ({
  spend: { ...noSpend, nanoUsd: cents * cent, basis: 'billed' as const, ...change },
});
const nothing = { spend: noSpend };

/** As many days as there are sums, the last of them today. */
function days(today: string, ...cents: readonly (number | undefined)[]) {
  const end = Date.parse(`${today}T12:00:00Z`);
  return new Map(
    cents.map((each, index) => {
      const day = new Date(end - (cents.length - 1 - index) * 86_400_000).toISOString().slice(0, 10);
      return [day, each === undefined ? nothing : paid(each)] as const;
    }),
  );
}

const centsOf = (sums: ReturnType<typeof days>, today: string) => {
  const forecast = forecastOf(sums, today);
  return forecast && forecast.spend.nanoUsd / cent;
};

describe('the forecast for the month', () => {
  it('needs a week of days before today', () => {
    expect(centsOf(days('2026-11-22', 10, 10, 10, 10, 10, 10, 5), '2026-11-22')).toBeUndefined();
    expect(forecastOf(days('2026-11-22', 10, 10, 10, 10, 10, 10, 10, 5), '2026-11-22')?.fromDays).toBe(7);
    expect(forecastOf(new Map(), '2026-11-22')).toBeUndefined();
  });

  it('is what is spent in it, and the mean for every day that is left', () => {
    // Seven days at 10, today 10 at least, and eight days to come.
    expect(centsOf(days('2026-11-22', 10, 10, 10, 10, 10, 10, 10, 5), '2026-11-22')).toBe(70 + 10 + 80);
    expect(centsOf(days('2026-11-22', 10, 10, 10, 10, 10, 10, 10, 50), '2026-11-22')).toBe(70 + 50 + 80);
    expect(centsOf(days('2026-11-30', 10, 10, 10, 10, 10, 10, 10, 5), '2026-11-30')).toBe(70 + 10);
    expect(centsOf(days('2028-02-28', 10, 10, 10, 10, 10, 10, 10, 5), '2028-02-28')).toBe(70 + 10 + 10);
  });

  it('counts days without a request, and those of the month before for the mean only', () => {
    const sparse = new Map([
      ['2026-10-27', paid(70)],
      ['2026-11-02', paid(7)],
    ]);
    // Seven days to the third of November: 11 a day; 7 spent, today, and 27 days to come.
    expect(centsOf(sparse, '2026-11-03')).toBe(7 + 11 + 27 * 11);
  });

  it('looks back four weeks at most', () => {
    const long = days('2026-11-29', 10_000, ...Array.from({ length: 28 }, () => 1), 1);
    expect(forecastOf(long, '2026-11-29')?.fromDays).toBe(28);
    expect(centsOf(long, '2026-11-29')).toBe(30);
  });

  it('is an estimate, "at least" where something in it has no price, and none where nothing has one', () => {
    const week = days('2026-11-22', 10, 10, 10, 10, 10, 10, 10, 5);
    expect(forecastOf(week, '2026-11-22')?.spend).toMatchObject({ basis: 'estimate', isAtLeast: false });
    const unsure = new Map([...week, ['2026-11-20', paid(10, { isAtLeast: true, unpriced: 1 })]]);
    expect(forecastOf(unsure, '2026-11-22')?.spend).toMatchObject({ basis: 'estimate', isAtLeast: true });
    const local = days('2026-11-22', ...Array.from({ length: 9 }, () => undefined));
    expect(forecastOf(local, '2026-11-22')).toBeUndefined();
  });

  it('does not mind a clock that was set back', () => {
    const later = days('2026-12-24', ...Array.from({ length: 40 }, () => 10));
    expect(centsOf(later, '2026-11-22')).toBe(8 * 10 + 10 + 70);
  });
});

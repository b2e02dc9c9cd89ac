/** "What will this month come to?" is answered here, from how the last weeks went. Pure. */
import { monthOf, type Day } from './books.ts';
import type { Spend } from './spend.ts';
import type { Sums } from './tally.ts';

/** What a month will cost if it goes on like this. */
export interface Forecast {
  /** Of the whole month, what is spent already in it; never surer than an estimate. */
  readonly spend: Spend;
  /** From how many days it was told, 7..28; those without a request among them. */
  readonly fromDays: number;
}

/** Fewer days know nothing of weekends. */
const leastDays = 7;
/** Whole weeks, so that no day of the week counts more than another; older days tell little of what comes. */
const mostDays = 28;

/**
 * What is spent, and for each day that is left the mean of the days before today. `undefined`: the ledger does not go
 * back far enough, or nothing of it has a price.
 */
export function forecastOf(days: ReadonlyMap<Day, Pick<Sums, 'spend'>>, today: Day): Forecast | undefined {
  const first = [...days.keys()].reduce((one, other) => (one < other ? one : other), today);
  const fromDays = Math.min(mostDays, distance(first, today));
  if (fromDays < leastDays) return undefined;
  const from = plusDays(today, -fromDays);
  const month = monthOf(today);
  let [before, meant, isAtLeast, isPriced] = [0, 0, false, false];
  for (const [day, { spend }] of days) {
    const isMeant = day >= from && day < today;
    if (day > today || (!isMeant && monthOf(day) !== month)) continue;
    if (isMeant) meant += spend.nanoUsd;
    if (monthOf(day) === month && day < today) before += spend.nanoUsd;
    isAtLeast ||= spend.isAtLeast;
    isPriced ||= spend.basis !== undefined;
  }
  if (!isPriced) return undefined;
  const perDay = meant / fromDays;
  const todays = Math.max(days.get(today)?.spend.nanoUsd ?? 0, perDay);
  const nanoUsd = Math.round(before + todays + perDay * daysAfter(today));
  return { spend: { nanoUsd, basis: 'estimate', unpriced: 0, isAtLeast }, fromDays };
}

/** How many days of its month come after this one. */
function daysAfter(day: Day): number {
  const [year = 0, month = 0, inMonth = 0] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - inMonth;
}

function plusDays(day: Day, count: number): Day {
  return new Date(timeOf(day) + count * dayMs).toISOString().slice(0, 10);
}

function distance(from: Day, to: Day): number {
  return Math.round((timeOf(to) - timeOf(from)) / dayMs);
}

const dayMs = 86_400_000;

/** Days are only counted here, so each may be taken for one of UTC, which all are equally long. */
function timeOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Sums of days become bars here: spend and tokens per day and model, per month where there are many days. Pure. */
import type { Day } from './books.ts';
import { dollars, moneyWords } from './moneyWords.ts';
import type { Bar, Chart, Part, Tick } from './protocol.ts';
import type { DailyRow } from './rows.ts';
import { addSpend, noSpend, type Spend } from './spend.ts';
import { numberOf, shortCount } from './words.ts';

/** More bars than this are narrower than one can point at. */
const mostDays = 100;
/** Models with a colour of their own; all others share one. */
const mostSeries = 6;

interface Sum {
  readonly requests: number;
  readonly tokens: number;
  readonly spend: Spend;
}

const nothing: Sum = { requests: 0, tokens: 0, spend: noSpend };

/** @param rows of the days from the first to the last, both included. */
export function chartOf(rows: readonly DailyRow[], fromDay: Day, toDay: Day): Chart {
  const days = daysBetween(fromDay, toDay);
  const unit = days.length > mostDays ? 'month' : 'day';
  const series = seriesOf(rows);
  const sums = new Map<string, Map<number, Sum>>();
  for (const row of rows) {
    const at = unit === 'month' ? row.day.slice(0, 7) : row.day;
    const index = series.indexOf(nameOf(row));
    const bar = sums.get(at) ?? new Map<number, Sum>();
    const key = index === -1 ? mostSeries : index;
    bar.set(key, added(bar.get(key) ?? nothing, row));
    sums.set(at, bar);
  }
  const ats = unit === 'day' ? days : [...new Set(days.map((day) => day.slice(0, 7)))];
  const bars = ats.map((at) => barOf(at, sums.get(at) ?? new Map<number, Sum>()));
  const hasOthers = [...sums.values()].some((bar) => bar.has(mostSeries));
  const most = (of: (part: Part) => number): number =>
    Math.max(0, ...bars.map(({ parts }) => parts.reduce((sum, part) => sum + of(part), 0)));
  return {
    unit,
    series: hasOthers ? [...series, 'Other models'] : series,
    bars,
    tokenTicks: ticks(
      most(({ tokens }) => tokens),
      shortCount,
    ),
    spendTicks: ticks(
      most(({ nanoUsd }) => nanoUsd),
      (nanoUsd) => (nanoUsd === 0 ? '$0' : dollars(nanoUsd)),
    ),
  };
}

/** The days from one to another, both included; at most some hundred years of them. */
export function daysBetween(from: Day, to: Day): readonly Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to && days.length < 40_000; day = dayAfter(day, 1)) days.push(day);
  return days;
}

/** The day so many days later, or earlier with a negative number. */
export function dayAfter(day: Day, days: number): Day {
  const at = new Date(`${day}T12:00:00Z`); // in UTC no day is longer than another
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Names with a colour of their own: what cost most, then what used most tokens. */
function seriesOf(rows: readonly DailyRow[]): readonly string[] {
  const byName = new Map<string, Sum>();
  for (const row of rows) byName.set(nameOf(row), added(byName.get(nameOf(row)) ?? nothing, row));
  const used = [...byName].filter(([, { tokens, spend }]) => tokens > 0 || spend.basis !== undefined);
  used.sort(([, one], [, other]) => other.spend.nanoUsd - one.spend.nanoUsd || other.tokens - one.tokens);
  return used.slice(0, mostSeries).map(([name]) => name);
}

function nameOf({ modelName, modelId }: DailyRow): string {
  return modelName ?? modelId ?? 'no model';
}

function added({ requests, tokens, spend }: Sum, row: DailyRow): Sum {
  return {
    requests: requests + row.requests,
    tokens: tokens + row.promptTokens + row.completionTokens,
    spend: addSpend(spend, row.spend),
  };
}

function barOf(at: string, sums: ReadonlyMap<number, Sum>): Bar {
  const ordered = [...sums].sort(([one], [other]) => one - other);
  const whole = ordered.reduce(
    (all, [, sum]) => ({
      requests: all.requests + sum.requests,
      tokens: all.tokens + sum.tokens,
      spend: addSpend(all.spend, sum.spend),
    }),
    nothing,
  );
  const money = moneyWords(whole.spend);
  return {
    at,
    ...dayWords(at),
    parts: ordered.map(([series, { tokens, spend }]) => ({
      series,
      tokens,
      nanoUsd: spend.nanoUsd,
      tokenWords: numberOf(tokens, 'token'),
      money: moneyWords(spend),
    })),
    requests: numberOf(whole.requests, 'request'),
    tokens: numberOf(whole.tokens, 'token'),
    money,
    isAtLeast: whole.spend.isAtLeast,
  };
}

const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July'].concat([
  'August',
  'September',
  'October',
  'November',
  'December',
]);
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function dayWords(at: string): { readonly short: string; readonly long: string } {
  const [year = '', month = '', day] = at.split('-');
  const name = monthNames[Number(month) - 1] ?? '';
  if (day === undefined) return { short: `${name.slice(0, 3)} ${year}`, long: `${name} ${year}` };
  const weekday = weekdays[new Date(`${at}T12:00:00Z`).getUTCDay()] ?? '';
  return {
    short: `${Number(day)} ${name.slice(0, 3)}`,
    long: `${weekday}, ${Number(day)} ${name} ${year}`,
  };
}

/** Lines at round values from 0 to above the largest; none where there is nothing to draw. */
function ticks(largest: number, words: (value: number) => string): readonly Tick[] {
  if (largest <= 0) return [];
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  const count = Math.ceil(largest / step);
  return Array.from({ length: count + 1 }, (_, index) => ({ value: index * step, words: words(index * step) }));
}

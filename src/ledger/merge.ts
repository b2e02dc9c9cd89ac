/** Several people's exports become one ledger here. Pure. */
import type { LedgerExport } from './export.ts';
import { dailyRows, type DailyRow, type LedgerRequest } from './rows.ts';
import { addSpend, noSpend, type Spend } from './spend.ts';
import type { CompletionUse } from './statistics.ts';

/** Several people's ledgers as one. */
export interface Merged {
  readonly people: readonly string[];
  /** Per day and all the rest, everybody's together. */
  readonly rows: readonly DailyRow[];
  readonly byLabel: readonly LabelSum[];
  /** What became of completions, of those who put it into their exports; empty unless asked for. */
  readonly uses: readonly CompletionUse[];
}

/** What was booked under one label. */
export interface LabelSum {
  /** `null`: under none. */
  readonly label: string | null;
  readonly people: readonly string[];
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly spend: Spend;
}

/**
 * Puts exports together; of several by one person, a request that is in more than one counts once, and a day that one
 * has as requests and another as sums counts as requests.
 * @param options `hasUses`: also what became of completions, which is personal.
 */
export function merged(exports: readonly LedgerExport[], { hasUses = false } = {}): Merged {
  const people = [...new Set(exports.map(({ person }) => person))].sort();
  const rowsOf = (person: string) => rowsOfPerson(exports.filter((each) => each.person === person));
  const ofEach = people.map((person) => ({ person, rows: rowsOf(person) }));
  const labels = new Map<string | null, LabelSum>();
  for (const { person, rows } of ofEach) {
    for (const row of rows) labels.set(row.label, addToLabel(labels.get(row.label), row, person));
  }
  const uses = hasUses
    ? people.flatMap((person) => usesOfPerson(exports.filter((each) => each.person === person)))
    : [];
  return { people, rows: ofEach.flatMap(({ rows }) => rows), byLabel: [...labels.values()], uses };
}

function rowsOfPerson(exports: readonly LedgerExport[]): readonly DailyRow[] {
  const requests = new Map<string, LedgerRequest>();
  for (const each of exports.flatMap((one) => one.requests)) {
    const known = requests.get(each.intent.id);
    if (known?.settlement === undefined) requests.set(each.intent.id, each);
  }
  const rows = dailyRows(requests.values());
  const taken = new Set(rows.map(({ day }) => day));
  const newestFirst = [...exports].sort((one, other) => other.exportedAtMs - one.exportedAtMs);
  const old = newestFirst.flatMap(({ oldRows }) => {
    const fresh = oldRows.filter(({ day }) => !taken.has(day));
    for (const { day } of fresh) taken.add(day);
    return fresh;
  });
  return [...old, ...rows];
}

/** Of a day that is in several, the newest knows best what became of its completions. */
function usesOfPerson(exports: readonly LedgerExport[]): readonly CompletionUse[] {
  const newestLast = [...exports].sort((one, other) => one.exportedAtMs - other.exportedAtMs);
  const uses = newestLast.map((each) => Map.groupBy(each.uses ?? [], ({ day }) => day));
  return [...new Map(uses.flatMap((days) => [...days])).values()].flat();
}

function addToLabel(sum: LabelSum | undefined, row: DailyRow, person: string): LabelSum {
  const known = sum ?? {
    label: row.label,
    people: [],
    requests: 0,
    promptTokens: 0,
    completionTokens: 0,
    spend: noSpend,
  };
  return {
    label: row.label,
    people: known.people.includes(person) ? known.people : [...known.people, person],
    requests: known.requests + row.requests,
    promptTokens: known.promptTokens + row.promptTokens,
    completionTokens: known.completionTokens + row.completionTokens,
    spend: addSpend(known.spend, row.spend),
  };
}

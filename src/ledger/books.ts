/** Everything that was read of the ledger and written since, summed up by day: what the indicator and budgets ask. */
import { stateOf, type Holder, type HolderState } from '../base/holder.ts';
import type { Spending } from './budget.ts';
import type { Entry, Intent, Settlement } from './entry.ts';
import { addSums, emptySums, withIntent, withSettlement, type Sums, type Tally } from './tally.ts';

/** The user's own day, as `2026-11-22`. */
export type Day = string;

export function dayOf(atMs: number): Day {
  const at = new Date(atMs);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** The month of a day, as `2026-11`. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}

/** Books as plain JSON. */
export interface BooksData {
  readonly days: readonly (readonly [Day, SumsData])[];
  readonly unsettled: readonly Intent[];
  /** Settlements whose intents were not among what was read. */
  readonly early: readonly Settlement[];
}

/** Sums as plain JSON. */
type SumsData = Omit<Sums, MapName> & {
  readonly lastOf: Pairs<Sums['lastOf']>;
  /** Absent in what was folded before hosts had sums of their own. */
  readonly spendAt?: Pairs<Sums['spendAt']>;
};
type MapName = 'lastOf' | 'spendAt';
type Pairs<Values> = Values extends ReadonlyMap<string, infer Value> ? readonly (readonly [string, Value])[] : never;

/** Where nobody can tell whether a request's window is still there: no request runs longer, ms. */
const longestRequestMs = 3_600_000;

/** A request counts on the day it was started, what it used on the day it was settled. */
export class Books {
  private readonly byDay = new Map<Day, Sums>();
  private readonly open = new Map<string, Intent>();
  /** Settlements that were read before their intents, which another file may have. */
  private readonly early = new Map<string, Settlement>();
  private isReading = true;
  private lastDay: { readonly day: Day; readonly fromMs: number; readonly toMs: number } | undefined;
  /** Counts changes. */
  version = 0;

  /** A settlement without its intent waits for it; a second one changes nothing. */
  add(entry: Entry): void {
    this.version += 1;
    if (entry.kind === 'settlement') return this.settle(entry);
    if (this.open.has(entry.id)) return;
    this.change(this.dayOf(entry.atMs), (sums) => withIntent(sums, entry));
    this.open.set(entry.id, entry);
    const early = this.early.get(entry.id);
    if (early !== undefined) this.settle(early);
  }

  /** Some of what was written on this day could not be read. */
  noteDamage(day: Day): void {
    this.version += 1;
    this.change(day, (sums) => ({ ...sums, isPartial: true }));
  }

  /** Adds what was summed up before. */
  addData({ days, unsettled, early }: BooksData): void {
    this.version += 1;
    for (const [day, sums] of days) {
      const maps = { lastOf: new Map(sums.lastOf), spendAt: new Map(sums.spendAt) };
      this.change(day, (known) => addSums(known, { ...sums, ...maps }));
    }
    for (const intent of unsettled) this.open.set(intent.id, intent);
    for (const settlement of [...this.early.values(), ...early]) this.settle(settlement);
  }

  clear(): void {
    this.version += 1;
    for (const map of [this.byDay, this.open, this.early]) map.clear();
  }

  /** Everything was read: settlements whose intents did not come belong to nothing. */
  endReading(): void {
    this.isReading = false;
    this.early.clear();
  }

  /** The sums of one day, or of all days that begin with the text: a month, or everything with an empty one. */
  tally(days: string): Tally {
    const inside = [...this.byDay]
      .filter(([day]) => day.startsWith(days))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const sums = inside.reduce((all, [, each]) => addSums(all, each), emptySums);
    const unsettled = [...this.open].filter(([, { atMs }]) => this.dayOf(atMs).startsWith(days));
    return { ...sums, unsettled: new Map(unsettled) };
  }

  /** The sums of each day that has any, in order. */
  get days(): ReadonlyMap<Day, Sums> {
    return new Map([...this.byDay].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The intent of a request that has no end; `undefined`: there is none such. */
  openIntent(id: string): Intent | undefined {
    return this.open.get(id);
  }

  /** What budgets go by at this time. Asks the system about the processes whose requests have no end. */
  spending(nowMs: number): Spending {
    const today = this.dayOf(nowMs);
    let [monthNanoUsd, reservedNanoUsd] = [0, 0];
    for (const [day, { spend }] of this.byDay) if (monthOf(day) === monthOf(today)) monthNanoUsd += spend.nanoUsd;
    const states = new Map<Holder, HolderState>();
    for (const intent of this.open.values()) reservedNanoUsd += reservedBy(intent, nowMs, states);
    return { dayNanoUsd: this.byDay.get(today)?.spend.nanoUsd ?? 0, monthNanoUsd, reservedNanoUsd };
  }

  data(): BooksData {
    const days = [...this.byDay].map(
      ([day, sums]) => [day, { ...sums, lastOf: [...sums.lastOf], spendAt: [...sums.spendAt] }] as const,
    );
    return { days, unsettled: [...this.open.values()], early: [...this.early.values()] };
  }

  private settle(settlement: Settlement): void {
    const intent = this.open.get(settlement.id);
    if (intent === undefined) {
      if (this.isReading) this.early.set(settlement.id, settlement);
      return;
    }
    this.open.delete(settlement.id);
    this.early.delete(settlement.id);
    this.change(this.dayOf(settlement.atMs), (sums) => withSettlement(sums, intent, settlement));
  }

  private change(day: Day, change: (sums: Sums) => Sums): void {
    this.byDay.set(day, change(this.byDay.get(day) ?? emptySums));
  }

  /** As `dayOf`; entries come a hundred thousand at a time, and most are of the day of the one before. */
  private dayOf(atMs: number): Day {
    const last = this.lastDay;
    if (last !== undefined && atMs >= last.fromMs && atMs < last.toMs) return last.day;
    const from = new Date(atMs);
    const fromMs = new Date(from.getFullYear(), from.getMonth(), from.getDate()).getTime();
    const toMs = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1).getTime();
    this.lastDay = { day: dayOf(atMs), fromMs, toMs };
    return this.lastDay.day;
  }
}

/** What a request without an end keeps free: nothing once its process is dead, for it will send nothing more. */
function reservedBy(intent: Intent, nowMs: number, states: Map<Holder, HolderState>): number {
  const { reservedNanoUsd = 0, holder, atMs } = intent;
  if (reservedNanoUsd === 0 || holder === undefined) return 0;
  const state = states.get(holder) ?? stateOf(holder);
  states.set(holder, state);
  const isOver = state === 'gone' || (state === 'unsure' && Math.abs(nowMs - atMs) > longestRequestMs);
  return isOver ? 0 : reservedNanoUsd;
}

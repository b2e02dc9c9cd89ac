/** Everything a ledger holds, request by request, kept up with what is appended: what the page and exports look at. */
import { dayOf, type Day } from './books.ts';
import type { Entry, Settlement } from './entry.ts';
import { dailyRows, type DailyRow, type LedgerRequest } from './rows.ts';

/** One day of it. */
interface HeldDay {
  readonly ids: string[];
  /** Oldest first; `undefined`: something came since it was put in order. */
  requests: readonly LedgerRequest[] | undefined;
  /** `undefined`: something came since they were summed up. */
  rows: readonly DailyRow[] | undefined;
}

/** Grows with what it is given, in any order; the same entry twice changes nothing. */
export class Holdings {
  /** Lines that could not be read. */
  damagedLines = 0;
  private readonly requests = new Map<string, LedgerRequest>();
  /** Settlements that came before their intents. */
  private readonly early = new Map<string, Settlement>();
  private readonly held = new Map<Day, HeldDay>();
  private readonly old = new Map<Day, DailyRow[]>();

  add(entry: Entry): void {
    const known = this.requests.get(entry.id);
    if (entry.kind === 'settlement') {
      if (known === undefined && !this.early.has(entry.id)) this.early.set(entry.id, entry);
      if (known === undefined || known.settlement !== undefined) return;
      this.requests.set(entry.id, { intent: known.intent, settlement: entry });
      this.forgetSums(dayOf(known.intent.atMs));
    } else if (known === undefined) {
      const settlement = this.early.get(entry.id);
      this.early.delete(entry.id);
      this.requests.set(entry.id, { intent: entry, settlement });
      this.forgetSums(dayOf(entry.atMs)).ids.push(entry.id);
    }
  }

  /** Adds sums of days whose requests are gone. */
  addOld(rows: Iterable<DailyRow>): void {
    for (const row of rows) {
      const known = this.old.get(row.day);
      if (known === undefined) this.old.set(row.day, [row]);
      else known.push(row);
    }
  }

  get isEmpty(): boolean {
    return this.requests.size === 0 && this.old.size === 0;
  }

  /** Days that hold anything, oldest first. */
  get days(): readonly Day[] {
    return [...new Set([...this.old.keys(), ...this.held.keys()])].sort();
  }

  /** Days of which only sums are left, oldest first. */
  get oldDays(): readonly Day[] {
    return [...this.old.keys()].filter((day) => !this.held.has(day)).sort();
  }

  find(id: string): LedgerRequest | undefined {
    return this.requests.get(id);
  }

  /** Oldest first. */
  requestsOf(day: Day): readonly LedgerRequest[] {
    const held = this.held.get(day);
    if (held === undefined) return [];
    held.requests ??= held.ids
      .flatMap((id) => this.requests.get(id) ?? [])
      .sort((one, other) => one.intent.atMs - other.intent.atMs);
    return held.requests;
  }

  /** The day's requests summed up, and the sums that are left of removed ones. */
  rowsOf(day: Day): readonly DailyRow[] {
    const held = this.held.get(day);
    const old = this.old.get(day) ?? [];
    if (held === undefined) return old;
    held.rows ??= dailyRows(this.requestsOf(day));
    return [...old, ...held.rows];
  }

  /** What is left of removed requests. */
  get oldRows(): readonly DailyRow[] {
    return [...this.old.values()].flat();
  }

  private forgetSums(day: Day): HeldDay {
    const held = this.held.get(day) ?? { ids: [], requests: undefined, rows: undefined };
    [held.requests, held.rows] = [undefined, undefined];
    this.held.set(day, held);
    return held;
  }
}

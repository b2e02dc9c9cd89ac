/** What one window asked passes through here: what runs, what it came to since the window opened, and today's sums. */
import type { Books, Day } from './books.ts';
import type { Entry, Intent } from './entry.ts';
import { addSums, emptySums, emptyTally, fold, withIntent, type Sums, type Tally } from './tally.ts';

/** One window's part of the books. */
export class Session {
  /** Started and not settled. */
  private readonly open = new Map<string, Intent>();
  private own = emptyTally;
  /** What was started before today and had not been settled at midnight: it counts on both days. */
  private carried: { readonly day: Day; readonly sums: Sums } = { day: '', sums: emptySums };
  private shown: { readonly version: number; readonly day: Day; readonly tally: Tally } | undefined;

  /** The day that is counted for; empty before the first. */
  get day(): Day {
    return this.carried.day;
  }

  /** Everything since the window opened. */
  get tally(): Tally {
    return this.own;
  }

  /** What runs, oldest first. */
  get running(): readonly Intent[] {
    return [...this.open.values()];
  }

  intentOf(id: string): Intent | undefined {
    return this.open.get(id);
  }

  take(entry: Entry): void {
    if (entry.kind === 'intent') this.open.set(entry.id, entry);
    else this.open.delete(entry.id);
    this.own = fold(this.own, entry);
  }

  /** A new day begins. */
  turnTo(day: Day): void {
    this.carried = { day, sums: this.running.reduce(withIntent, emptySums) };
  }

  /** The day's sums of all windows, with what this one carried into it. Costs nothing while nothing changes. */
  todayIn(books: Books): Tally {
    const { version } = books;
    const { day, sums } = this.carried;
    if (this.shown?.version !== version || this.shown.day !== day) {
      const tally = books.tally(day);
      const unsettled = new Map([...this.open, ...tally.unsettled]);
      this.shown = { version, day, tally: { ...addSums(sums, tally), unsettled } };
    }
    return this.shown.tally;
  }

  /** Everything was deleted; what runs now counts nowhere. */
  clear(): void {
    this.open.clear();
    this.own = emptyTally;
    this.carried = { ...this.carried, sums: emptySums };
    this.shown = undefined;
  }
}

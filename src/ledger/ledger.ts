/** Every intent and settlement passes through here: onto the disk, into the tally, out as an announcement. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import { Journal, type JournalFolder } from '../base/journal.ts';
import type { Log } from '../base/log.ts';
import { onEnd, Store, type Disposable } from '../base/store.ts';
import { parseEntry, type Entry, type Intent, type Settlement } from './entry.ts';
import { emptyTally, fold, type Tally } from './tally.ts';

/** How long entries of requests that stay in this computer may wait to be written together, ms. */
const batchMs = 200;

/** Appends entries and keeps today's sums. One per window; windows write to files of their own. */
export class Ledger implements Disposable {
  private readonly store = new Store();
  private readonly appended = this.store.add(new Emitter<Entry>());
  private readonly files: JournalFolder;
  private readonly clock: Clock;
  private readonly log: Log;
  private journal: { readonly day: string; readonly journal: Journal } | undefined;
  private waiting: Entry[] = [];
  private cancelFlush: (() => void) | undefined;
  private day = '';
  private sums = emptyTally;

  /** Fires after the entry is in the tally; for entries that leave this computer also after they are on disk. */
  readonly onDidAppend = this.appended.event;

  constructor({ files, clock, log }: { files: JournalFolder; clock: Clock; log: Log }) {
    this.files = files;
    this.clock = clock;
    this.log = log;
    this.store.add(onEnd(() => this.flush()));
  }

  /** Sums of today (UTC), all windows of this machine as of this window's start, this window as of now. */
  get today(): Tally {
    this.turnDay(dayOf(this.clock.now()));
    return this.sums;
  }

  /**
   * Appends one entry. An intent of a request that leaves this process is on disk (`write()` done, and synced where
   * it leaves this computer) when this returns; entries of the embedded engine are written together shortly after,
   * since nothing leaves and typing must not wait for a disk.
   * @throws Failure `diskFailed`, only where the entry has to be on disk first.
   */
  append(entry: Entry): void {
    this.turnDay(dayOf(this.clock.now()));
    if (mustBeOnDiskFirst(entry)) {
      this.flush();
      this.journalOf(this.day).append([entry], entry.route.kind !== 'loopback');
    } else {
      this.waiting.push(entry);
      this.cancelFlush ??= this.clock.schedule(batchMs, () => this.flush());
    }
    this.sums = fold(this.sums, entry);
    this.appended.fire(entry);
  }

  /** Writes what waits. A disk that refuses is logged and the entries kept for the next try. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    if (this.waiting.length === 0) return;
    try {
      this.journalOf(this.day).append(this.waiting);
      this.waiting = [];
    } catch (error) {
      this.log.error(`ledger: ${this.waiting.length} entries could not be written yet: ${String(error)}`);
    }
  }

  /** Writes what waits and closes the file. */
  dispose(): void {
    this.store.dispose();
    this.journal?.journal.dispose();
    this.journal = undefined;
  }

  private turnDay(day: string): void {
    if (day === this.day) return;
    this.flush();
    const running = this.sums.unsettled;
    this.day = day;
    this.sums = this.tallyOf(day);
    for (const intent of running.values()) this.sums = fold(this.sums, intent); // running over midnight: counted in both
  }

  private tallyOf(day: string): Tally {
    let tally = emptyTally;
    try {
      for (const file of this.files.ofDay(day)) {
        const { records, damagedLines } = this.files.read(file);
        const entries = records.map(parseEntry).filter((entry) => entry !== undefined);
        tally = entries.reduce(fold, tally);
        if (damagedLines > 0 || entries.length < records.length) tally = { ...tally, isPartial: true };
      }
    } catch (error) {
      this.log.error(`ledger: today's entries could not be read: ${String(error)}`);
      tally = { ...tally, isPartial: true };
    }
    return tally;
  }

  private journalOf(day: string): Journal {
    if (this.journal?.day !== day) {
      this.journal?.journal.dispose();
      this.journal = { day, journal: new Journal(this.files.own(day)) };
    }
    return this.journal.journal;
  }
}

function mustBeOnDiskFirst(entry: Intent | Settlement): entry is Intent {
  return entry.kind === 'intent' && entry.route.kind !== 'inProcess';
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

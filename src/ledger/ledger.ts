/** Every intent and settlement passes through here: onto the disk, into the tally, out as an announcement. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import { Journal, type JournalFolder } from '../base/journal.ts';
import type { Log } from '../base/log.ts';
import { Store, type Disposable } from '../base/store.ts';
import { parseEntry, type Entry, type Intent } from './entry.ts';
import { emptyTally, fold, type Tally } from './tally.ts';

/** How long entries of requests that stay in this computer may wait to be written together, ms. */
const batchMs = 200;
/** As many entries wait for a disk that refuses them; then the oldest are given up and the sums are "at least". */
const mostWaiting = 10_000;

/** Appends entries and keeps today's sums. One per window; windows write to files of their own. */
export class Ledger implements Disposable {
  private readonly store = new Store();
  private readonly appended = this.store.add(new Emitter<Entry>());
  private readonly files: JournalFolder;
  private readonly clock: Clock;
  private readonly log: Log;
  /** Started by this window and not settled. */
  private readonly running = new Map<string, Intent>();
  private journal: { readonly day: string; readonly journal: Journal } | undefined;
  private waiting: Entry[] = [];
  private cancelFlush: (() => void) | undefined;
  private isDiskRefusing = false;
  private isDisposed = false;
  private day = '';
  private sums = emptyTally;

  /** Fires after the entry is in the tally; for entries that leave this computer also after they are on disk. */
  readonly onDidAppend = this.appended.event;

  constructor({ files, clock, log }: { files: JournalFolder; clock: Clock; log: Log }) {
    this.files = files;
    this.clock = clock;
    this.log = log;
  }

  /** Sums of today (local time), all windows of this machine as of this window's start, this window as of now. */
  get today(): Tally {
    this.turnDay(dayOf(this.clock.now()));
    return this.sums;
  }

  /** What this window has started and not settled, oldest first. */
  get runningHere(): readonly Intent[] {
    return [...this.running.values()];
  }

  /**
   * Appends one entry. An intent of a request that leaves this process is on disk (`write()` done, and synced where
   * it leaves this computer) when this returns; entries of the embedded engine are written together shortly after,
   * since nothing leaves and typing must not wait for a disk. After `dispose` everything is written at once: requests
   * that the end of the window stopped are settled a moment later.
   * @throws Failure `diskFailed`, only where the entry has to be on disk first.
   */
  append(entry: Entry): void {
    this.turnDay(dayOf(this.clock.now()));
    if (mustBeOnDiskFirst(entry)) {
      this.flush();
      this.journalOf(this.day).append([entry], entry.route.kind !== 'loopback');
    } else {
      this.waiting.push(entry);
      if (!this.isDisposed) this.cancelFlush ??= this.clock.schedule(batchMs, () => this.flush());
    }
    if (entry.kind === 'intent') this.running.set(entry.id, entry);
    else this.running.delete(entry.id);
    this.sums = fold(this.sums, entry);
    if (this.isDisposed) this.close();
    this.appended.fire(entry);
  }

  /** Writes what waits. A disk that refuses is logged once and the entries kept for the next try. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    if (this.waiting.length === 0) return;
    try {
      this.journalOf(this.day).append(this.waiting);
      this.waiting = [];
      this.isDiskRefusing = false;
    } catch (error) {
      if (!this.isDiskRefusing) this.log.error(`ledger: entries could not be written yet: ${reasonOf(error)}`);
      this.isDiskRefusing = true;
      if (this.waiting.length > mostWaiting) this.sums = { ...this.sums, isPartial: true };
      this.waiting = this.waiting.slice(-mostWaiting);
    }
  }

  /** Writes what waits and closes the file. */
  dispose(): void {
    this.isDisposed = true;
    this.close();
    this.store.dispose();
  }

  private close(): void {
    this.flush();
    this.journal?.journal.dispose();
    this.journal = undefined;
  }

  private turnDay(day: string): void {
    if (day === this.day) return;
    this.flush();
    this.day = day;
    this.sums = this.tallyOf(day);
    // What this window started before midnight and has not settled counts on both days.
    for (const intent of this.running.values()) this.sums = fold(this.sums, intent);
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
      this.log.error(`ledger: today's entries could not be read: ${reasonOf(error)}`);
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

function mustBeOnDiskFirst(entry: Entry): entry is Intent {
  return entry.kind === 'intent' && entry.route.kind !== 'inProcess';
}

/** The user's own day, as `2026-11-22`. */
function dayOf(atMs: number): string {
  const at = new Date(atMs);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** The system's word for what went wrong (`ENOSPC`), where there is one. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code === undefined ? String(error) : `${String(error)} (${cause.code})`;
}

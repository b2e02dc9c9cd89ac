/** Every intent and settlement passes through here: onto the disk, into the sums, out as an announcement. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import { Failure } from '../base/failure.ts';
import { makeDurable } from '../base/files.ts';
import { thisHolder } from '../base/holder.ts';
import { Journal, type JournalFolder } from '../base/journal.ts';
import type { Log } from '../base/log.ts';
import { Store, type Disposable } from '../base/store.ts';
import { Books, dayOf, monthOf, type Day } from './books.ts';
import { allowed, budgetVerdict, type BudgetVerdict, type Spending, type Wish } from './budget.ts';
import { Chain, type ChainRecord } from './chain.ts';
import { isChained, type Entry, type Intent } from './entry.ts';
import { readAll } from './reading.ts';
import { Recent } from './recent.ts';
import { foldOld, removeAll, type Keeping } from './retention.ts';
import type { LedgerRequest } from './rows.ts';
import { Session } from './session.ts';
import { mayCost } from './spend.ts';
import type { Sums, Tally } from './tally.ts';

/** How long entries of requests that stay in this computer may wait to be written together, ms. */
const batchMs = 200;
/** A disk that refuses is tried again after so long, ms. */
const retryMs = 5_000;
/** As many entries wait for a disk that refuses them; then the oldest are given up and the sums are "at least". */
const mostWaiting = 10_000;
/** A window that ends waits so long for the chain before it writes to a file of its own, ms. */
const lastWaitMs = 500;

/**
 * Keeps the books of one window. Entries that stay in this computer go to a file of the window's own; what left this
 * process goes to the chain that all windows share (see `isChained`).
 */
export class Ledger implements Disposable {
  private readonly store = new Store();
  private readonly appended = this.store.add(new Emitter<Entry>());
  private readonly deleted = this.store.add(new Emitter<void>());
  private readonly files: JournalFolder;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly chain: Chain;
  private readonly books = new Books();
  private readonly recent = new Recent();
  private readonly own = new Session();
  private journal: { readonly day: Day; readonly journal: Journal } | undefined;
  private waiting: Entry[] = [];
  /** Settlements for the chain, in the moment before they are in it. */
  private late: Entry[] = [];
  private isWritingLate = false;
  /** What other windows wrote and nobody here was told of. */
  private readonly heard: Entry[] = [];
  private cancelFlush: (() => void) | undefined;
  private isDiskRefusing = false;
  private isLosing = false;
  private isOpen = false;
  private isDisposed = false;

  /**
   * Fires after an entry is in the sums, also for those of other windows once they are read; for intents that leave
   * this computer also after they are on disk.
   */
  readonly onDidAppend = this.appended.event;
  /** Fires after everything was deleted, also by another window once that is heard of. */
  readonly onDidDelete = this.deleted.event;

  constructor({ files, clock, log }: { files: JournalFolder; clock: Clock; log: Log }) {
    this.files = files;
    this.clock = clock;
    this.log = log;
    this.chain = new Chain({
      folder: files.folder,
      log,
      now: () => clock.now(),
      onRecord: (record) => this.hear(record),
      onDamage: (atMs) => this.books.noteDamage(dayOf(atMs ?? clock.now())),
    });
  }

  /**
   * Sums of today (local time): of this window as of now, of the others' chained entries as of the last look at the
   * chain, of their other entries as of this window's start.
   */
  get today(): Tally {
    this.turnDay();
    const tally = this.own.todayIn(this.books);
    return this.isLosing ? { ...tally, isPartial: true } : tally;
  }

  /** Sums of this month (local time). */
  get month(): Tally {
    return this.books.tally(monthOf(this.turnDay()));
  }

  /** Sums of what this window started since it was opened. */
  get session(): Tally {
    return this.own.tally;
  }

  /** Sums of each day that has any, in order. */
  get days(): ReadonlyMap<Day, Sums> {
    this.turnDay();
    return this.books.days;
  }

  /** What budgets go by. */
  get spending(): Spending {
    this.turnDay();
    return this.books.spending(this.clock.now());
  }

  /** A request of this window, one of the newest 200; `undefined`: it is none of these. */
  find(requestId: string): LedgerRequest | undefined {
    return this.recent.find(requestId);
  }

  /** Requests that left this computer, newest first, at most 20; other windows' as of the last look at the chain. */
  get recentThatLeft(): readonly LedgerRequest[] {
    this.turnDay();
    return this.recent.thatLeft;
  }

  /** What this window has started and not settled, oldest first. */
  get runningHere(): readonly Intent[] {
    return this.own.running;
  }

  /**
   * Writes the intent of a request that leaves this process; when it resolves, the request may start: the intent
   * survives the death of this process, and where it leaves this computer also a power cut. With a wish, the budget is
   * asked first and the worst case kept free until the request is settled or this process is dead; both in one turn of
   * the chain's lock, so that windows see each other. Gives what the budget says; unless that is `allow`, nothing was
   * written. Requests that cannot cost anything are always allowed.
   *
   * It waits for the lock and the disk without stopping the editor: they are another process's and may take long. A
   * synchronous write with a short wait for the lock was rejected, because it stops every extension and in the end has
   * to choose between losing an entry and breaking the chain.
   * @throws Failure `diskFailed`, `aborted`; then the request must not start, and either nothing was written or the
   * intent is settled already.
   */
  async begin(intent: Intent, { wish, signal }: BeginOptions = {}): Promise<BudgetVerdict> {
    this.turnDay();
    if (!isChained(intent.route)) {
      this.append(intent);
      return allowed;
    }
    const { verdict, file } = await this.inTurn(() => this.beginInTurn(intent, wish), signal);
    if (verdict.kind !== 'allow') return verdict;
    if (intent.route.kind !== 'loopback') await this.sync(file, intent);
    this.announce(intent);
    return verdict;
  }

  /**
   * Appends a settlement, or the intent of a request that the chain has nothing to do with. An intent for a server on
   * this computer is written when this returns; entries of the embedded engine are written together shortly after,
   * since nothing leaves and typing must not wait for a disk. A settlement for the chain is written at once where the
   * lock is free, else as soon as it is. After `dispose` everything is written at once: requests that the end of the
   * window stopped are settled a moment later.
   * @throws Failure `diskFailed`, only for an intent that has to be on disk first.
   */
  append(entry: Entry): void {
    this.turnDay();
    const intent = entry.kind === 'intent' ? entry : this.own.intentOf(entry.id);
    const isForChain = intent !== undefined && isChained(intent.route);
    if (isForChain && entry.kind === 'intent') throw new Error('an intent for the chain has to be awaited: see begin');
    if (entry.kind === 'intent' && entry.route.kind !== 'inProcess') this.writeNow(entry);
    else if (isForChain) this.late.push(entry);
    else this.waiting.push(entry);
    this.take(entry);
    if (this.isDisposed) this.close();
    else if (isForChain) this.writeLate();
    else if (this.waiting.length > 0) this.flushIn(batchMs);
    this.announce(entry);
  }

  /** Looks for what other windows wrote to the chain. Cheap; for a window that comes to the front. */
  refresh(): void {
    this.turnDay();
    try {
      this.chain.readOn();
    } catch (error) {
      this.log.warn(`ledger: other windows' entries could not be read: ${reasonOf(error)}`);
    }
    this.announceHeard();
  }

  /** Writes what waits. A disk that refuses is logged once and tried again later. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    try {
      this.journalOfToday().append(this.waiting);
      this.waiting = [];
      this.isDiskRefusing = false;
    } catch (error) {
      this.noteRefusal(error);
      this.isLosing ||= this.waiting.length > mostWaiting;
      this.waiting = this.waiting.slice(-mostWaiting);
    }
    if (!this.isDisposed) this.writeLate();
  }

  /** Resolves when everything that was appended is in the files, for somebody who reads these. @throws Failure */
  async written(): Promise<void> {
    this.turnDay();
    this.flush();
    if (this.late.length > 0) await this.inTurn(() => this.writeLateInTurn());
  }

  /** Replaces old entries by sums of their days. Gives the names of the files that are gone. @throws Failure */
  async foldOld(keeping: Keeping): Promise<readonly string[]> {
    this.turnDay();
    const { folder } = this.files;
    return this.inTurn(() => foldOld({ folder, chain: this.chain, nowMs: this.clock.now(), ...keeping }));
  }

  /**
   * Deletes everything; the chain goes on behind a note that says so. What runs now is settled without its intent and
   * counts nowhere. @throws Failure
   */
  async deleteAll(): Promise<void> {
    this.turnDay();
    await this.inTurn(() => {
      this.chain.restart();
      removeAll(this.files.folder, this.chain.file);
      [this.waiting, this.late] = [[], []];
      this.own.clear();
      this.forget();
    });
    await makeDurable(this.chain.file);
  }

  /** Writes what waits and closes the file. */
  dispose(): void {
    this.isDisposed = true;
    this.close();
    this.store.dispose();
  }

  /** Everything in one synchronous stretch, so that no other request of this window comes in between either. */
  private beginInTurn(
    intent: Intent,
    wish: Wish | undefined,
  ): { readonly verdict: BudgetVerdict; readonly file: string } {
    if (this.isDisposed) throw new Failure('aborted', 'Stopped.');
    const reserved = wish?.worstNanoUsd === undefined ? {} : { reservedNanoUsd: wish.worstNanoUsd };
    const held: Intent = { ...intent, ...reserved, holder: thisHolder };
    let verdict = allowed;
    this.chain.change(() => {
      if (wish !== undefined && mayCost(intent)) verdict = budgetVerdict(wish, this.books.spending(this.clock.now()));
      return verdict.kind === 'allow' ? [...this.late, held] : this.late;
    });
    this.late = [];
    if (verdict.kind === 'allow') this.take(held);
    return { verdict, file: this.chain.file };
  }

  private async sync(file: string, intent: Intent): Promise<void> {
    try {
      await makeDurable(file);
    } catch (error) {
      const failure = diskFailure(this.files.folder, error);
      const { id } = intent;
      const [outcome, cost] = ['failed', { basis: 'unmetered' }] as const;
      const nothing = { usage: undefined, speed: undefined, sentBytes: 0, receivedBytes: 0 };
      this.append({ kind: 'settlement', id, atMs: this.clock.now(), outcome, failure: failure.kind, cost, ...nothing });
      throw failure;
    }
  }

  /** Does the work in the lock's turn, and tells afterwards what was read in it. */
  private async inTurn<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    try {
      return await this.chain.lock.inTurn(work, this.clock, signal);
    } catch (error) {
      throw error instanceof Failure ? error : diskFailure(this.files.folder, error);
    } finally {
      this.announceHeard();
    }
  }

  private writeLate(): void {
    if (this.isWritingLate || this.late.length === 0) return;
    this.isWritingLate = true;
    this.inTurn(() => this.writeLateInTurn()).then(
      () => {
        this.isWritingLate = false;
        this.writeLate();
      },
      (error: unknown) => {
        this.isWritingLate = false;
        this.noteRefusal(error);
      },
    );
  }

  private writeLateInTurn(): void {
    this.chain.change(() => this.late);
    this.late = [];
  }

  private writeNow(entry: Intent): void {
    this.flush();
    this.journalOfToday().append([entry]);
  }

  private take(entry: Entry): void {
    this.books.add(entry);
    this.recent.add(entry);
    this.own.take(entry);
  }

  private hear(record: ChainRecord): void {
    if (record.kind !== 'note') {
      this.books.add(record);
      this.recent.hear(record);
      if (this.isOpen) this.heard.push(record);
    } else if (record.note === 'deleted') {
      this.forget();
    } else if (record.note === 'removed' && !this.chain.hasRead(record.file)) {
      this.books.addData(record.folded);
    }
  }

  /** Everything was deleted, here or by another window. */
  private forget(): void {
    this.books.clear();
    this.recent.clear();
    if (this.isOpen) this.deleted.fire();
  }

  private announceHeard(): void {
    for (const entry of this.heard.splice(0)) this.announce(entry);
  }

  /** What a listener throws is its own trouble: by now the entry is written, and its request has to be settled. */
  private announce(entry: Entry): void {
    try {
      this.appended.fire(entry);
    } catch (error) {
      this.log.error(`ledger: somebody who was told of an entry failed: ${reasonOf(error)}`);
    }
  }

  private close(): void {
    this.flush();
    this.writeLateOrBeside();
    this.journal?.journal.dispose();
    this.journal = undefined;
  }

  /** The last chance: stops this thread for a moment, which nobody sees any more. */
  private writeLateOrBeside(): void {
    if (this.late.length === 0) return;
    try {
      if (this.chain.lock.atOnce(() => this.writeLateInTurn(), lastWaitMs) !== undefined) return;
      this.log.warn(
        'ledger: the chain was locked when this window ended; the next one that opens adds what is missing',
      );
    } catch (error) {
      this.noteRefusal(error);
    }
    try {
      this.journalOfToday().append(this.late);
      this.late = [];
    } catch (error) {
      this.log.error(`ledger: ${this.late.length} ends of requests are lost: ${reasonOf(error)}`);
    }
  }

  private noteRefusal(error: unknown): void {
    if (!this.isDiskRefusing) this.log.error(`ledger: entries could not be written yet: ${reasonOf(error)}`);
    this.isDiskRefusing = true;
    if (!this.isDisposed) this.flushIn(retryMs);
  }

  private flushIn(delayMs: number): void {
    this.cancelFlush ??= this.clock.schedule(delayMs, () => this.flush());
  }

  /** Opens the books when somebody first asks, and starts a new page at midnight. Gives today. */
  private turnDay(): Day {
    this.open();
    const day = dayOf(this.clock.now());
    if (day === this.own.day) return day;
    this.own.turnTo(day);
    // Written into the new day's file: the old one may have been summed up while this computer slept.
    this.flush();
    return day;
  }

  private open(): void {
    if (this.isOpen) return;
    const { chain, books, files, clock } = this;
    try {
      const strays = readAll({ folder: files.folder, chain, books, passingName: clock.newId() });
      this.late.push(...strays);
    } catch (error) {
      this.log.error(`ledger: entries could not be read: ${reasonOf(error)}`);
      books.noteDamage(dayOf(clock.now()));
    }
    this.isOpen = true;
    this.writeLate();
  }

  private journalOfToday(): Journal {
    const { day } = this.own;
    if (this.journal?.day !== day) {
      this.journal?.journal.dispose();
      this.journal = { day, journal: new Journal(this.files.own(day)) };
    }
    return this.journal.journal;
  }
}

export interface BeginOptions {
  /** What it may cost and what may be spent; `undefined`: no budget is asked. */
  readonly wish?: Wish | undefined;
  /** Ends waiting for the lock. */
  readonly signal?: AbortSignal | undefined;
}

function diskFailure(folder: string, cause: unknown): Failure {
  return new Failure('diskFailed', `Paddock could not write to ${folder}.`, { action: 'showLog', cause });
}

/** The system's word for what went wrong (`ENOSPC`), where there is one. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code === undefined ? String(error) : `${String(error)} (${cause.code})`;
}

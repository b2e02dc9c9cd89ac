/** All evaluation passes through here, one unit at a time: the only place that decides what the model works on. */

/**
 * Work in units: each `yield` ends one prefill chunk or one token, and is where it can be pushed aside or stopped.
 * What it returns is the outcome. It must leave the model in order when it is stopped (its `finally`).
 */
export type Work<R> = AsyncGenerator<void, R, void>;

/** How a task ended. */
export type Outcome<R> =
  | { readonly kind: 'finished'; readonly result: R }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * `foreground`: somebody is typing and waits; goes first, and later ones come in between. `chat`: somebody waits and
 * reads on meanwhile; one after the other, the oldest first. `background`: nobody waits; only while there is nothing else.
 */
export type Rank = 'foreground' | 'chat' | 'background';

/** One piece of work in the queue. */
export interface Task<R> {
  readonly id: number;
  readonly rank: Rank;
  readonly work: Work<R>;
  /** Called once, whatever happens. */
  readonly onEnd: (outcome: Outcome<R>) => void;
}

interface Entry<R> {
  readonly task: Task<R>;
  hasStarted: boolean;
  isCancelled: boolean;
}

/** Completions that leave no gap for so long hold chat up: from then on it gets a share, so that it never stands still. */
const chatPatienceMs = 3_000;
/** Its share: one unit of so many. */
const chatShare = 4;

/** Runs tasks by rank: nothing is evaluated twice at once. */
export class Scheduler<R> {
  private readonly entries: Entry<R>[] = [];
  private readonly mostStarted: number;
  private readonly nowMs: () => number;
  private isRunning = false;
  /** Since when completions have kept a chat waiting; `undefined`: they do not. */
  private heldUpSinceMs: number | undefined;
  private unitsSinceChat = 0;

  /** @param mostStarted how many foreground tasks may be under way at once; further ones wait for one to end. */
  constructor(mostStarted: number, nowMs: () => number) {
    this.mostStarted = mostStarted;
    this.nowMs = nowMs;
  }

  add(task: Task<R>): void {
    this.entries.push({ task, hasStarted: false, isCancelled: false });
    if (!this.isRunning) void this.run();
  }

  /** Stops a task at its next unit. Ids that are not there (any more) are ignored. */
  cancel(id: number): void {
    const entry = this.entries.find(({ task }) => task.id === id);
    if (entry !== undefined) entry.isCancelled = true;
  }

  /** Stops every background task at its next unit. */
  cancelBackground(): void {
    for (const entry of this.entries) if (entry.task.rank === 'background') entry.isCancelled = true;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let entry = this.next(); entry !== undefined; entry = this.next()) {
      const outcome = await step(entry);
      if (outcome === undefined) continue;
      this.entries.splice(this.entries.indexOf(entry), 1);
      entry.task.onEnd(outcome);
    }
    this.isRunning = false;
  }

  private next(): Entry<R> | undefined {
    const cancelled = this.entries.find(({ isCancelled }) => isCancelled);
    if (cancelled !== undefined) return cancelled; // frees what it holds, and costs no evaluation
    const foreground = this.ofRank('foreground');
    const started = foreground.filter(({ hasStarted }) => hasStarted);
    const urgent = (started.length < this.mostStarted ? foreground : started).at(-1);
    const chat = this.ofRank('chat')[0];
    if (urgent === undefined || chat === undefined) {
      this.heldUpSinceMs = undefined;
      return urgent ?? chat ?? this.ofRank('background').at(-1);
    }
    return this.isChatDue() ? chat : urgent;
  }

  /** Asked once for each unit while both completions and a chat have something to do. */
  private isChatDue(): boolean {
    this.heldUpSinceMs ??= this.nowMs();
    if (this.nowMs() - this.heldUpSinceMs < chatPatienceMs) return false;
    this.unitsSinceChat = (this.unitsSinceChat + 1) % chatShare;
    return this.unitsSinceChat === 0;
  }

  private ofRank(rank: Rank): Entry<R>[] {
    return this.entries.filter(({ task }) => task.rank === rank);
  }
}

/** One unit; gives back the outcome when it was the last. */
async function step<R>(entry: Entry<R>): Promise<Outcome<R> | undefined> {
  const { work } = entry.task;
  try {
    if (entry.isCancelled) {
      await work.return(undefined as never);
      return { kind: 'cancelled' };
    }
    entry.hasStarted = true;
    const { done, value } = await work.next();
    return done === true ? { kind: 'finished', result: value } : undefined;
  } catch (error) {
    return { kind: 'failed', error };
  }
}

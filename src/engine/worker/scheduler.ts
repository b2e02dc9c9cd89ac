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

/** One piece of work in the queue. */
export interface Task<R> {
  readonly id: number;
  /** `foreground`: somebody waits; goes before every `background` task. Later ones are to come in between. */
  readonly rank: 'foreground' | 'background';
  readonly work: Work<R>;
  /** Called once, whatever happens. */
  readonly onEnd: (outcome: Outcome<R>) => void;
}

interface Entry<R> {
  readonly task: Task<R>;
  hasStarted: boolean;
  isCancelled: boolean;
}

/** Runs tasks by rank, the newest of a rank first. */
export class Scheduler<R> {
  private readonly entries: Entry<R>[] = [];
  private readonly mostStarted: number;
  private isRunning = false;

  /** @param mostStarted how many foreground tasks may be under way at once; further ones wait for one to end. */
  constructor(mostStarted: number) {
    this.mostStarted = mostStarted;
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
    const foreground = this.entries.filter(({ task }) => task.rank === 'foreground');
    const started = foreground.filter(({ hasStarted }) => hasStarted);
    const allowed = started.length < this.mostStarted ? foreground : started;
    return allowed.at(-1) ?? this.entries.at(-1);
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

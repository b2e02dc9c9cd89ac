/** "One at a time", across all processes that share a folder, passes through here. */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from './clock.ts';
import { Failure } from './failure.ts';
import { stateOf, thisHolder } from './holder.ts';
import { pause } from './pause.ts';

/**
 * A lock that no death of its holder closes for good: a folder that is held while it is not empty. The one entry in it
 * is named after its holder.
 *
 * - Taking it renames a folder that has the entry already onto the lock's name: the system does that only while the
 *   lock is absent or empty, and at once, so there is no moment in which it is held by nobody-knows-whom.
 * - Giving it back removes the entry. Taking it from a dead holder removes the dead one's entry, by its name, which is
 *   never used twice: two that do so at the same time, or one that comes too late, remove nobody else's.
 * - The work is synchronous, so a lock is held for a fraction of a millisecond, and a holder that sleeps is a process
 *   that sleeps.
 *
 * `flock` would be freed by the system, but Node has none; a compiled module for every VS Code and remote host is more
 * to go wrong than this; `node:sqlite` locks well and is missing in some forks. An entry with a time in it was
 * rejected, because clocks are set.
 */
export class FolderLock {
  private readonly path: string;
  /** An entry of ours that could not be removed after our turn. */
  private leftBehind: string | undefined;

  /** @param path absolute path of the lock; only locks may use it and names that begin with it. */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Does the work now, if nobody else holds the lock; `undefined`: somebody does. The work must not wait for anything.
   * @param wait what the caller knows of the turn it waits for.
   * @throws what the work throws, after the lock is free again; Failure `diskFailed` where no lock can be made.
   */
  tryNow<T>(work: () => T, wait?: Wait): { readonly value: T } | undefined {
    const entry = this.take(wait);
    if (entry === undefined) return undefined;
    try {
      return { value: work() };
    } finally {
      this.giveBack(entry);
    }
  }

  /**
   * Waits for its turn and does the work.
   * @throws Failure `aborted` by the signal; `diskFailed` where another process holds the lock for longer than
   * `patienceMs`, which means that it hangs.
   */
  async inTurn<T>(work: () => T, clock: Clock, signal?: AbortSignal): Promise<T> {
    const wait: Wait = { entry: undefined, awakeMs: 0 };
    for (let awakeMs = 0, tries = 0; ; tries += 1) {
      if (signal?.aborted) throw new Failure('aborted', 'Stopped.');
      const done = this.tryNow(work, wait);
      if (done !== undefined) return done.value;
      if (awakeMs > patienceMs) throw heldFor(this.path);
      const delayMs = delayAfter(tries, clock.newId());
      await pause(clock, delayMs, signal);
      awakeMs += delayMs;
      wait.awakeMs += delayMs;
    }
  }

  /**
   * Does the work, stopping this thread until it is its turn: for a window that is about to end and cannot come back.
   * `undefined`: not within `mostMs`.
   */
  atOnce<T>(work: () => T, mostMs: number): { readonly value: T } | undefined {
    const pauseMs = 2;
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      const done = this.tryNow(work);
      if (done !== undefined || waitedMs >= mostMs) return done;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }

  /** The entry that is ours now, or `undefined`. */
  private take(wait: Wait | undefined): string | undefined {
    const entry = `${thisHolder}.${randomUUID()}`;
    const prepared = `${this.path}-${entry}`;
    try {
      for (let tries = 0; tries < 3 && !this.isHeld(wait); tries += 1) {
        prepare(prepared, entry);
        if (isRenamed(prepared, this.path)) return entry;
      }
      rmSync(prepared, { recursive: true, force: true });
      return undefined;
    } catch (error) {
      rmSync(prepared, { recursive: true, force: true });
      const message = `Paddock could not write to ${dirname(this.path)}.`;
      throw new Failure('diskFailed', message, { action: 'showLog', cause: error });
    }
  }

  /** Whether somebody is in; removes the entries of those who are in no more. */
  private isHeld(wait: Wait | undefined): boolean {
    const entries = namesIn(this.path);
    for (const entry of entries) {
      if (!this.isGone(entry, wait)) return true;
      remove(join(this.path, entry));
    }
    if (entries.length > 0) this.clearAway();
    return false;
  }

  private isGone(entry: string, wait: Wait | undefined): boolean {
    if (entry === this.leftBehind) return true;
    const state = stateOf(holderOf(entry));
    if (state !== 'unsure' || wait === undefined) return state === 'gone';
    if (wait.entry !== entry) Object.assign(wait, { entry, awakeMs: 0 });
    return wait.awakeMs > unsureMs;
  }

  private giveBack(entry: string): void {
    for (let tries = 0; tries < 20; tries += 1) {
      if (remove(join(this.path, entry))) return;
    }
    this.leftBehind = entry; // a virus scanner has it open; the next turn removes it
  }

  /** Removes what those who died while taking the lock had prepared. */
  private clearAway(): void {
    const folder = dirname(this.path);
    const begin = `${basename(this.path)}-`;
    for (const name of namesIn(folder)) {
      const isLeft = name.startsWith(begin) && stateOf(holderOf(name.slice(begin.length))) === 'gone';
      if (isLeft) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** How long one and the same turn of somebody else's has been waited for, without sleep. */
interface Wait {
  entry: string | undefined;
  awakeMs: number;
}

/** A holder that is known to run is never robbed; after so long it hangs and the user is told. Awake time, ms. */
const patienceMs = 35_000;
/**
 * Where nobody can tell whether the holder runs, the same turn lasting this long means that it does not: turns take
 * less than a millisecond. Counted in waits of our own, so that neither a clock that is set nor a computer that sleeps
 * makes it longer than it was.
 */
const unsureMs = 30_000;

/** Short at first: a turn is short. Unequal, so that two do not meet again and again. */
function delayAfter(tries: number, id: string): number {
  const most = Math.min(50, 2 ** tries);
  return 1 + Math.round((Number.parseInt(id.slice(-4), 16) / 0xffff) * most);
}

function heldFor(path: string): Failure {
  const message = 'Another window of Paddock keeps its ledger locked and does not answer; end that window.';
  return new Failure('diskFailed', message, { action: 'showLog', cause: new Error(path) });
}

function holderOf(entry: string): string {
  return entry.split('.').slice(0, 3).join('.');
}

function prepare(folder: string, entry: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(join(folder, entry), 'w', 0o600));
}

/** Whether the folder has taken the name. It does not while that name has a folder with something in it. */
function isRenamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    removeEmpty(to);
    return false;
  }
}

/** Windows renames onto no folder at all; removing one that is empty robs nobody. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody is in, or has removed it: both is seen by the next try.
  }
}

/** Windows says EPERM, EACCES or EBUSY of a name that is taken or being looked at. */
function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether it is gone now. */
function remove(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

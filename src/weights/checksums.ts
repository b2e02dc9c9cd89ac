/** "Which weights were that, exactly?" is answered here: files are summed up slowly while nobody waits for it. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { isAbort } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { pause } from '../base/pause.ts';
import type { Disposable } from '../base/store.ts';

/** A file that was summed up: the sum holds as long as its size and its time are the same. */
export interface Checksum {
  readonly bytes: number;
  readonly changedMs: number;
  /** SHA-256, 64 hex digits. */
  readonly sha256: string;
}

/** Keeps the sums over restarts. */
export interface ChecksumStore {
  get(file: string): Checksum | undefined;
  set(file: string, sum: Checksum): void;
}

export interface ChecksumNeeds {
  readonly store: ChecksumStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** After a model was loaded, the first keystrokes want the machine for themselves, ms. */
const beforeMs = 10_000;
/** One step takes about a millisecond of this thread; with the pause after it, typing meets none of it. */
const stepBytes = 1_048_576;
const betweenMs = 5;

/** Knows the checksums of model files. */
export class Checksums implements Disposable {
  private readonly needs: ChecksumNeeds;
  private readonly known = new Map<string, string>();
  private readonly ending = new AbortController();
  /** One after the other. */
  private work: Promise<void> = Promise.resolve();

  constructor(needs: ChecksumNeeds) {
    this.needs = needs;
  }

  /** At once; `undefined`: it is not known yet. */
  of(file: string): string | undefined {
    return this.known.get(file);
  }

  /** Told when these files were loaded: what is known of a file that has changed meanwhile is forgotten. */
  readonly learn = (files: readonly string[]): void => {
    for (const file of files) {
      this.work = Promise.all([this.work, this.forgetChanged(file)]).then(() => this.learnOne(file));
    }
  };

  /** Resolves when everything that was to be learned is. */
  async settled(): Promise<void> {
    await this.work;
  }

  dispose(): void {
    this.ending.abort();
  }

  /** At once: summing up the files before it may take minutes, and no request may have the sum of other weights. */
  private async forgetChanged(file: string): Promise<void> {
    const kept = this.needs.store.get(file);
    const now = await factsOf(file).catch(() => undefined); // `learnOne` says what is wrong with it
    if (kept === undefined || now === undefined || !isSame(kept, now)) this.known.delete(file);
  }

  /** Never rejects: without a sum a request is written down without it. */
  private async learnOne(file: string): Promise<void> {
    const { store, log } = this.needs;
    try {
      const before = await factsOf(file);
      const kept = store.get(file);
      if (kept !== undefined && isSame(kept, before)) return void this.known.set(file, kept.sha256);
      this.known.delete(file);
      const sha256 = await this.sum(file);
      if (!isSame(await factsOf(file), before)) return; // it was written to meanwhile
      store.set(file, { ...before, sha256 });
      this.known.set(file, sha256);
    } catch (error) {
      if (!isAbort(error)) log.warn(`weights: the checksum of ${file} could not be computed: ${String(error)}`);
    }
  }

  private async sum(file: string): Promise<string> {
    const { clock } = this.needs;
    const { signal } = this.ending;
    await pause(clock, beforeMs, signal);
    const handle = await open(file, 'r');
    try {
      const hash = createHash('sha256');
      const block = Buffer.allocUnsafe(stepBytes);
      for (;;) {
        const { bytesRead } = await handle.read(block, 0, stepBytes, null);
        if (bytesRead === 0) return hash.digest('hex');
        hash.update(block.subarray(0, bytesRead));
        await pause(clock, betweenMs, signal);
      }
    } finally {
      await handle.close();
    }
  }
}

type Facts = Pick<Checksum, 'bytes' | 'changedMs'>;

async function factsOf(file: string): Promise<Facts> {
  const { size: bytes, mtimeMs: changedMs } = await stat(file);
  return { bytes, changedMs };
}

function isSame(one: Facts, other: Facts): boolean {
  return one.bytes === other.bytes && one.changedMs === other.changedMs;
}

/** Waiting for the next byte passes through here. */
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/store.ts';

/** Calls `onSilence` once when nothing came for so long. One timer, however many bytes come. */
export class Silence implements Disposable {
  private readonly clock: Clock;
  private readonly limitMs: number | undefined;
  private readonly onSilence: (limitMs: number) => void;
  private lastMs = 0;
  private cancel: (() => void) | undefined;
  private hasBegun = false;
  private isResting = false;
  private isEnded = false;

  /** @param limitMs `undefined`: silence has no limit. */
  constructor(clock: Clock, limitMs: number | undefined, onSilence: (limitMs: number) => void) {
    this.clock = clock;
    this.limitMs = limitMs;
    this.onSilence = onSilence;
  }

  /** From now on, silence has a limit. */
  begin(): void {
    this.hasBegun = true;
    this.touch();
  }

  /** Something came: the wait begins anew. Does nothing before `begin`. */
  touch(): void {
    if (this.limitMs === undefined || !this.hasBegun || this.isResting || this.isEnded) return;
    this.lastMs = this.clock.monotonicMs();
    this.cancel ??= this.wait(this.limitMs, this.limitMs);
  }

  /** Whether nobody waits for now; afterwards the wait begins anew. */
  rest(isResting: boolean): void {
    this.isResting = isResting;
    if (!isResting) return this.touch();
    this.cancel?.();
    this.cancel = undefined;
  }

  dispose(): void {
    this.isEnded = true;
    this.rest(true);
  }

  private wait(limitMs: number, forMs: number): () => void {
    return this.clock.schedule(forMs, () => {
      const leftMs = this.lastMs + limitMs - this.clock.monotonicMs();
      if (leftMs > 0) {
        this.cancel = this.wait(limitMs, leftMs);
        return;
      }
      this.dispose();
      this.onSilence(limitMs);
    });
  }
}

/** "Not now" passes through here: completions rest for a while, or until the window starts again. */
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { Store, type Disposable } from '../../base/store.ts';

/** How long a short pause lasts, ms. */
export const shortPauseMs = 15 * 60_000;

/** Whether completions rest in this window. Kept in memory only: a restart ends every pause. */
export class Pausing implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly clock: Clock;
  private untilMs: number | undefined;
  private cancelEnd: () => void = () => undefined;

  /** Fires after a pause began or ended. */
  readonly onDidChange = this.changed.event;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** When the pause ends, ms since 1970; `Infinity` until restart; `undefined`: no pause. */
  get pausedUntilMs(): number | undefined {
    // The timer rests while the machine sleeps; the wall clock does not.
    return this.untilMs !== undefined && this.clock.now() < this.untilMs ? this.untilMs : undefined;
  }

  /** Pauses for this long; `Infinity`: until restart. Replaces a running pause. */
  pauseFor(durationMs: number): void {
    this.set(this.clock.now() + durationMs);
    if (Number.isFinite(durationMs)) this.cancelEnd = this.clock.schedule(durationMs, () => this.resume());
  }

  resume(): void {
    this.set(undefined);
  }

  dispose(): void {
    this.cancelEnd();
    this.store.dispose();
  }

  private set(untilMs: number | undefined): void {
    this.cancelEnd();
    this.cancelEnd = () => undefined;
    this.untilMs = untilMs;
    this.changed.fire();
  }
}

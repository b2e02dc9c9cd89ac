import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands still until told to move; ids count up. */
export class FakeClock implements Clock {
  private timers: { readonly atMs: number; readonly run: () => void }[] = [];
  private ids = 0;
  private nowMs: number;

  constructor(nowMs = new Date(2026, 10, 22, 12).getTime()) {
    this.nowMs = nowMs;
  }

  now = (): number => this.nowMs;
  monotonicMs = (): number => this.nowMs;
  newId = (): string => (++this.ids).toString(16).padStart(32, '0');

  schedule = (delayMs: number, run: () => void): (() => void) => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  /** How many timers wait. */
  get waiting(): number {
    return this.timers.length;
  }

  /** Moves time on, running what falls due in order, with promises settling in between. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.nowMs + byMs;
    for (;;) {
      await settle();
      const next = this.timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
    await settle();
  }
}

/** Lets every promise that can settle without a timer do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** How many threads work at this moment: as measured, or one fewer while something else needs the cores. */
import type { ThreadFindings } from './threads.ts';

/** Slower than the best by this factor, on average: some core is taken away. Depth alone costs less. */
const slowFactor = 1.8;
const newestShare = 0.3;
/** Units that are looked at before anything is concluded from them. */
const fewestUnits = 4;
/** How long a conclusion stands. */
const standsForMs = 10_000;
/** Reading fewer tokens says nothing about reading speed. */
const fewestReadTokens = 8;

/**
 * Leaves a core to the editor when work slows down. The library's threads wait for each other by spinning, so that one
 * core taken away for a moment stalls them all: two threads on one free core have been 20 times slower than one.
 */
export class ThreadUse {
  private readonly findings: ThreadFindings;
  private readonly nowMs: () => number;
  private isSaving = false;
  private slowness = 1;
  private units = 0;
  /** How slow it was with all threads when one was taken away. */
  private slownessOfAll = 1;
  private standsUntilMs = -Infinity;

  constructor(findings: ThreadFindings, nowMs: () => number) {
    this.findings = findings;
    this.nowMs = nowMs;
  }

  get prefill(): number {
    return this.left(this.findings.plan.prefill);
  }

  get decode(): number {
    return this.left(this.findings.plan.decode);
  }

  didRead(tokens: number, tookMs: number): void {
    if (tokens >= fewestReadTokens) this.didWork((tookMs * this.findings.bestPrefillTokPerS) / (tokens * 1000));
  }

  didWrite(tookMs: number): void {
    this.didWork((tookMs * this.findings.bestDecodeTokPerS) / 1000);
  }

  private left(threads: number): number {
    return this.isSaving ? Math.max(1, threads - 1) : threads;
  }

  private didWork(slowness: number): void {
    this.units += 1;
    this.slowness = this.units === 1 ? slowness : this.slowness + newestShare * (slowness - this.slowness);
    if (this.units < fewestUnits) return;
    const stands = this.nowMs() < this.standsUntilMs;
    if (this.isSaving) {
      const isWorse = this.slowness > this.slownessOfAll;
      if (isWorse || !stands) this.turn(false, isWorse);
    } else if (!stands && this.slowness > slowFactor) {
      this.slownessOfAll = this.slowness;
      this.turn(true, true);
    }
  }

  private turn(isSaving: boolean, stands: boolean): void {
    this.isSaving = isSaving;
    this.standsUntilMs = stands ? this.nowMs() + standsForMs : -Infinity;
    this.units = 0;
  }
}

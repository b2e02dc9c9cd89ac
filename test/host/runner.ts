/** Runs tests inside the extension host, one after the other, and writes each outcome down at once. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface HostTest {
  /** A sentence about behaviour. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** One line of the report. `run.mjs` reads it. */
export interface HostOutcome {
  readonly name: string;
  readonly durationMs: number;
  /** `undefined`: it passed. */
  readonly error?: string | undefined;
}

const limitMs = 60_000;
const pollMs = 50;

/** Appends one JSON line per test to the report file, and a last line `"done"`. */
export async function runTests(tests: readonly HostTest[], report: string): Promise<void> {
  for (const { name, run } of tests) {
    const startedMs = Date.now();
    const error = await outcomeOf(run);
    const outcome: HostOutcome = { name, durationMs: Date.now() - startedMs, error };
    appendFileSync(report, `${JSON.stringify(outcome)}\n`);
  }
  appendFileSync(report, '"done"\n');
}

/** The first value of `look` that is neither `undefined` nor `false`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; ; await sleep(pollMs)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() >= deadline) throw new Error(`waited ${withinMs / 1000} s for ${what}`);
  }
}

async function outcomeOf(run: () => Promise<void>): Promise<string | undefined> {
  const late = sleep(limitMs, undefined, { ref: false }).then(() => `not done within ${limitMs / 1000} s`);
  const done = run().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  return Promise.race([done, late]);
}

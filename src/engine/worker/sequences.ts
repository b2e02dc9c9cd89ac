/** Which of several kept readings serves a prompt, and which window is answered from: decided here. */

/** One reading that is kept, as the choice sees it. */
export interface Reading {
  /** What has been read, in order. */
  readonly tokens: readonly number[];
  /** Grows with every use, over all readings; 0: never used. */
  readonly lastUse: number;
  /** A request that has not ended holds it. */
  readonly isBusy: boolean;
}

/** A reading picked for a prompt. */
export interface Pick {
  readonly index: number;
  /** How many of the prompt's tokens need not be read again; less than all, since the last one must be evaluated. */
  readonly reused: number;
}

/** A common beginning shorter than this is chance (every prompt begins alike) and no reason to overwrite a reading. */
const leastShared = 16;

/**
 * The free reading that shares the longest beginning with the prompt, else the one unused for the longest time.
 * With `sparing`, the reading used last is not overwritten: it is only picked where the prompt goes on from its end.
 * `undefined`: all are busy.
 */
export function pickReading(
  readings: readonly Reading[],
  prompt: readonly number[],
  { isSparing = false } = {},
): Pick | undefined {
  const newest = Math.max(...readings.map(({ lastUse }) => lastUse));
  const candidates = readings.map((reading, index) => {
    const shared = commonLength(reading.tokens, prompt);
    const mustBeSpared = isSparing && readings.length > 1 && reading.lastUse === newest && newest > 0;
    const isAllowed = !reading.isBusy && !(mustBeSpared && shared < reading.tokens.length);
    return { index, shared, isAllowed, lastUse: reading.lastUse };
  });
  const allowed = candidates.filter(({ isAllowed }) => isAllowed);
  const best = allowed.sort((a, b) => worth(b.shared) - worth(a.shared) || a.lastUse - b.lastUse)[0];
  if (best === undefined) return undefined;
  return { index: best.index, reused: Math.min(best.shared, prompt.length - 1) };
}

function worth(shared: number): number {
  return shared < leastShared ? 0 : shared;
}

/**
 * The first window that can be read within `patienceMs`, else the one that takes the least time; ties to the better.
 * @param costsMs time to read each window, best window first; at least one.
 */
export function pickWindow(costsMs: readonly number[], patienceMs: number): number {
  const first = costsMs.findIndex((cost) => cost <= patienceMs);
  return first === -1 ? costsMs.indexOf(Math.min(...costsMs)) : first;
}

/** How many items two lists have in common from the start. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/** Which of several kept readings serves a prompt, and which window is answered from: decided here. */

/** One reading that is kept, as the choice sees it. */
export interface Reading {
  /** What has been read, in order. */
  readonly tokens: readonly number[];
  /** Grows with every use, over all readings; 0: never used. */
  readonly lastUse: number;
  /** A request that has not ended holds it. */
  readonly isBusy: boolean;
  /** The latest request was answered from it. */
  readonly isServing: boolean;
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
 * With `isSparing`, the reading that serves the user now is only picked for a prompt that is mostly there already.
 * `undefined`: none is free.
 */
export function pickReading(
  readings: readonly Reading[],
  prompt: readonly number[],
  { isSparing = false } = {},
): Pick | undefined {
  const candidates = readings.map(({ tokens, lastUse, isBusy, isServing }, index) => {
    const shared = commonLength(tokens, prompt);
    const isSpared = isSparing && isServing && readings.length > 1 && shared < prompt.length / 2;
    return { index, shared, lastUse, isFree: !isBusy && !isSpared };
  });
  const free = candidates.filter(({ isFree }) => isFree);
  const best = free.sort((a, b) => worth(b.shared) - worth(a.shared) || a.lastUse - b.lastUse)[0];
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

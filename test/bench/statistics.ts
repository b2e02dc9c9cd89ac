/** Samples pass through here and become the few numbers that are compared over time. */

/** What is kept of a series of samples. */
export interface Summary {
  readonly median: number;
  /** The smallest sample that at least 95 % of the samples do not exceed. */
  readonly p95: number;
  /** How many samples there were; > 0. */
  readonly n: number;
}

/** `undefined`: there are no samples, so nothing is known. */
export function summaryOf(samples: readonly number[]): Summary | undefined {
  const middle = median(samples);
  const high = percentile(samples, 95);
  if (middle === undefined || high === undefined) return undefined;
  return { median: middle, p95: high, n: samples.length };
}

/** The middle sample, of an even number the mean of the two in the middle; `undefined` without samples. */
export function median(samples: readonly number[]): number | undefined {
  const sorted = ascending(samples);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/**
 * By nearest rank: always one of the samples, never a number between two.
 * @param percent above 0, up to 100.
 */
export function percentile(samples: readonly number[], percent: number): number | undefined {
  return ascending(samples)[Math.ceil((samples.length * percent) / 100) - 1];
}

/** The number with so many significant digits, as a number: 0.033333 -> 0.0333 with three. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

function ascending(samples: readonly number[]): number[] {
  return [...samples].sort((a, b) => a - b);
}

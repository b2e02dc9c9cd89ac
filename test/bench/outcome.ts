/** What every benchmark is given and gives back; scripts/bench.mjs prints it. */

/** The flags of `npm run bench -- NAME`. */
export interface BenchOptions {
  /** Fewer samples: to see that it works, not to compare. */
  readonly isQuick: boolean;
  /** Only this half; the other half's figures are `null`. */
  readonly only: 'engine' | 'editor' | undefined;
}

/** The figures in the order they are printed, and whether something of the product failed. */
export interface BenchOutcome {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
}

/** What models cost, as data. Sums are integer nano-dollars: a dollar has 1,000,000,000. */

/** What a million tokens of one kind cost. */
export interface Price {
  readonly nanoUsd: number;
  /** All tokens of a request cost this once its whole prompt has more tokens than that; in rising order. */
  readonly steps?: readonly { readonly aboveTokens: number; readonly nanoUsd: number }[];
}

/** What a model's tokens cost. */
export interface PriceList {
  readonly input: Price;
  readonly output: Price;
  /** Tokens of the prompt that were in the provider's cache. Absent: as the others of the prompt. */
  readonly cacheRead?: Price;
  /** Tokens of the prompt that were written to it. Absent: as the others of the prompt. */
  readonly cacheWrite?: Price;
  /** Tokens of the completion that were spent on reasoning. Absent: as the others of the completion. */
  readonly reasoning?: Price;
}

/** What a server costs: by the tokens, or by the time it works. */
export type ServerPrice = PriceList | { readonly perHourNanoUsd: number };

/** How fast the model reads and writes here, as measured lately, and what follows from it. */

/**
 * A chunk this long keeps a cancelled request from holding the model longer. Most requests that are cancelled are so at
 * once, by the next key; one that has been read for a while is likely to be wanted, and longer chunks read faster.
 */
const chunkTargetMs = { first: 90, later: 450 };
const laterMs = 300;
const fewestChunkTokens = 16;
/**
 * With flash attention a CPU reads chunks of 64 tokens a fifth faster than shorter ones (measured with a 135M model:
 * 16-48 tokens 135, 64 and more 163 tokens per second of CPU time), and chunks of 128 with less overhead still.
 */
const tileTokens = 64;
const mostTiledTokens = 128;
/** Chunks shorter than this say more about one step's overhead than about reading speed. */
const fewestMeasuredTokens = 8;
/** Share of the newest measurement in the average. */
const newestShare = 0.25;

/** Moving averages of the two speeds, in tokens per second; > 0. */
export class Pace {
  prefillTokPerS: number;
  decodeTokPerS: number;
  private readonly mostChunkTokens: number;

  /** @param start first measurements; @param isGpu longer chunks: a GPU reads short ones no faster. */
  constructor(start: { readonly prefillTokPerS: number; readonly decodeTokPerS: number }, isGpu: boolean) {
    this.prefillTokPerS = start.prefillTokPerS;
    this.decodeTokPerS = start.decodeTokPerS;
    this.mostChunkTokens = isGpu ? 512 : 256;
  }

  didRead(tokens: number, tookMs: number): void {
    if (tokens < fewestMeasuredTokens || tookMs <= 0) return;
    this.prefillTokPerS = mixed(this.prefillTokPerS, (tokens * 1000) / tookMs);
  }

  didWrite(tookMs: number): void {
    if (tookMs <= 0) return;
    this.decodeTokPerS = mixed(this.decodeTokPerS, 1000 / tookMs);
  }

  /**
   * How many tokens are read between two looks at whether somebody cancelled.
   * @param readingMs how long this request or reading ahead has been read already.
   */
  chunkTokens(readingMs: number): number {
    const short = Math.min(this.mostChunkTokens, Math.max(fewestChunkTokens, this.tokensIn(chunkTargetMs.first)));
    if (readingMs < laterMs) return short;
    const fitting = Math.min(mostTiledTokens, this.tokensIn(chunkTargetMs.later));
    return Math.max(short, fitting - (fitting % tileTokens));
  }

  private tokensIn(durationMs: number): number {
    return Math.round((this.prefillTokPerS * durationMs) / 1000);
  }

  /** Time to read so many tokens, ms. Reading one costs no less than writing one. */
  readMs(tokens: number): number {
    return tokens === 0 ? 0 : Math.max((tokens * 1000) / this.prefillTokPerS, 1000 / this.decodeTokPerS);
  }
}

function mixed(average: number, newest: number): number {
  return average + newestShare * (newest - average);
}

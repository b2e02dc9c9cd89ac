/** How fast the model reads and writes here, as measured lately, and what follows from it. */

/** A chunk this long keeps a cancelled request from holding the model longer; longer ones gain little. */
const chunkTargetMs = 90;
const fewestChunkTokens = 16;
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

  /** How many tokens are read between two looks at whether somebody cancelled. */
  get chunkTokens(): number {
    const fitting = Math.round((this.prefillTokPerS * chunkTargetMs) / 1000);
    return Math.min(this.mostChunkTokens, Math.max(fewestChunkTokens, fitting));
  }

  /** Time to read so many tokens, ms. Reading one costs no less than writing one. */
  readMs(tokens: number): number {
    return tokens === 0 ? 0 : Math.max((tokens * 1000) / this.prefillTokPerS, 1000 / this.decodeTokPerS);
  }
}

function mixed(average: number, newest: number): number {
  return average + newestShare * (newest - average);
}

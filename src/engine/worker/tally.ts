/** What one piece of work evaluated is counted here while it runs. */
import type { Sampling, Usage } from '../../models/model.ts';
import type { WorkReport } from '../messages.ts';

/** Counts for one request; whole at any moment, so that a stopped request has its counts too. */
export class Tally {
  /** Index of the window that is answered from. */
  window = 0;
  /** Of an answer of the chat. */
  sampling: Sampling | undefined;
  completionTokens = 0;
  private reasoningTokens = 0;
  private reusedTokens = 0;
  private repeatedTokens = 0;
  private readTokens = 0;
  /** Spent on reading the prompt so far, ms. */
  readingMs = 0;
  private writtenTokens = 0;
  private writeMs = 0;
  private firstTokenMs: number | undefined;
  private readonly nowMs: () => number;
  private readonly startMs: number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
    this.startMs = nowMs();
  }

  didReuse(tokens: number): void {
    this.reusedTokens = tokens;
  }

  didRead(tokens: number, tookMs: number): void {
    this.readTokens += tokens;
    this.readingMs += tookMs;
  }

  /** A generated token that only repeats typed text: prompt, in effect. */
  didRepeat(): void {
    this.repeatedTokens += 1;
  }

  didGenerate(): void {
    this.completionTokens += 1;
    this.firstTokenMs ??= this.nowMs() - this.startMs;
  }

  /** Of the tokens generated, one that is a thought. */
  didReason(): void {
    this.reasoningTokens += 1;
  }

  didWrite(tookMs: number): void {
    this.writtenTokens += 1;
    this.writeMs += tookMs;
  }

  report(): WorkReport {
    const usage: Usage = {
      promptTokens: this.reusedTokens + this.readTokens + this.repeatedTokens,
      cachedTokens: this.reusedTokens,
      completionTokens: this.completionTokens,
      ...(this.reasoningTokens > 0 ? { reasoningTokens: this.reasoningTokens } : {}),
      source: 'engine',
    };
    const speed = {
      firstTokenMs: this.firstTokenMs,
      prefillTokPerS: perSecond(this.readTokens, this.readingMs),
      decodeTokPerS: perSecond(this.writtenTokens, this.writeMs),
    };
    return { usage, speed, window: this.window, sampling: this.sampling };
  }
}

function perSecond(count: number, tookMs: number): number | undefined {
  return count === 0 || tookMs === 0 ? undefined : (count * 1000) / tookMs;
}

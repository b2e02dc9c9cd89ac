/**
 * How fast a model reads and writes through the product, beside a bare loop over the same library and beside
 * llama.cpp's own benchmark. All take turns, since these machines are never quiet.
 */
import type { Engine } from '../../src/engine/engine.ts';
import type { ThreadPlan } from '../../src/engine/messages.ts';
import { llamaBench } from '../../scripts/lib/llamaServer.mjs';
import { Bare } from './bare.ts';
import { answered, contextTokens, requestFor } from './engineUnderTest.ts';
import { distinctTexts } from './material.ts';
import { median } from './statistics.ts';

/** How much is measured. */
export interface SpeedPlan {
  /** Tokens of the prompt that is read, and in the context when writing. */
  readonly depth: number;
  readonly writeTokens: number;
  /** Each reads one prompt anew and writes after it. */
  readonly rounds: number;
  /** How often the same is written again in each round. */
  readonly rewrites: number;
}

/** Speeds in tokens per second, one for each round or writing, in the order they were measured. */
export interface SpeedSamples {
  readonly prefill: number[];
  readonly decode: number[];
}

/** What was measured. Samples at the same index were measured right after each other. */
export interface Speeds {
  /** As the engine reports them. */
  readonly product: SpeedSamples;
  /** The same work by the clock of the caller, the way between the processes included. */
  readonly caller: SpeedSamples;
  readonly bare: SpeedSamples;
  readonly llamaBench: SpeedSamples;
  /** Why there are no samples of llama-bench; `undefined` when there are. */
  readonly llamaBenchMissing: string | undefined;
  readonly threads: ThreadPlan;
  /** Tokens of the longest prompt. */
  readonly depth: number;
}

/** Throws when the product's path or the bare loop fails, and when they did not do the same work. */
export async function measureSpeeds(
  { engine, file, threads }: { engine: Engine; file: string; threads: ThreadPlan },
  plan: SpeedPlan,
): Promise<Speeds> {
  const bare = await Bare.start(file, contextTokens);
  const [product, caller, plain, other] = [noSamples(), noSamples(), noSamples(), noSamples()];
  const texts = distinctTexts();
  let depth = 0;
  let llamaBenchMissing: string | undefined;
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      const { head, tokens } = await bare.cut(nextOf(texts), plan.depth);
      depth = Math.max(depth, tokens);
      for (let writing = 0; writing <= plan.rewrites; writing += 1) {
        const isRead = writing > 0;
        const sides = [
          () => runProduct(engine, { head, isRead, tokens, writeTokens: plan.writeTokens }, product, caller),
          () => runBare(bare, { head, isRead, writeTokens: plan.writeTokens - 1, threads }, plain),
        ];
        // Who goes first changes too: A B B A.
        for (const side of (round + writing) % 2 === 0 ? sides : sides.toReversed()) await side();
      }
      // Once: it starts anew each time and warms up with a whole prompt.
      if (round === 0) llamaBenchMissing = await runLlamaBench(file, threads, plan, other);
    }
  } finally {
    bare.dispose();
  }
  return { product, caller, bare: plain, llamaBench: other, llamaBenchMissing, threads, depth };
}

/** What was measured side by side, compared. */
export interface Comparison {
  /** The middle of `ours[i] / theirs[i]`. */
  readonly ratio: number;
  /** Half of the distance between the smallest and the largest of them: less than this cannot be told apart. */
  readonly uncertainty: number;
}

/** `undefined`: there are no samples on one side. */
export function compared(ours: readonly number[], theirs: readonly number[]): Comparison | undefined {
  const ratios = ours.flatMap((value, index) => (theirs[index] === undefined ? [] : [value / theirs[index]]));
  const ratio = median(ratios);
  if (ratio === undefined) return undefined;
  return { ratio, uncertainty: (Math.max(...ratios) - Math.min(...ratios)) / 2 };
}

interface Work {
  readonly head: string;
  readonly isRead: boolean;
  readonly tokens: number;
  readonly writeTokens: number;
}

async function runProduct(engine: Engine, work: Work, report: SpeedSamples, caller: SpeedSamples): Promise<void> {
  const answer = await answered(engine, requestFor({ head: work.head, suffix: '' }, work.writeTokens));
  const { promptTokens, cachedTokens, completionTokens } = answer.usage;
  const readTokens = promptTokens - (cachedTokens ?? 0);
  const expected = work.isRead ? 1 : work.tokens;
  // The engine repeats the end of a word that it took back, and may find the first few tokens read already.
  if (Math.abs(readTokens - expected) > 8) {
    throw new Error(`The engine read ${readTokens} tokens where the bare loop reads ${expected}.`);
  }
  const { prefillTokPerS, decodeTokPerS } = answer.speed;
  if (prefillTokPerS === undefined || decodeTokPerS === undefined) throw new Error('The engine reported no speed.');
  if (!work.isRead) {
    report.prefill.push(prefillTokPerS);
    caller.prefill.push((readTokens * 1000) / answer.firstTextMs);
  }
  report.decode.push(decodeTokPerS);
  caller.decode.push(((completionTokens - 1) * 1000) / answer.restMs);
}

async function runBare(bare: Bare, work: Parameters<Bare['run']>[0], samples: SpeedSamples): Promise<void> {
  const run = await bare.run(work);
  if (!work.isRead) samples.prefill.push((run.readTokens * 1000) / run.readMs);
  samples.decode.push((run.writeTokens * 1000) / run.writeMs);
}

/** One of each; gives back why there is none. */
async function runLlamaBench(
  model: string,
  threads: ThreadPlan,
  { depth, writeTokens }: SpeedPlan,
  samples: SpeedSamples,
): Promise<string | undefined> {
  const reading = await llamaBench({ model, threads: threads.prefill, promptTokens: depth, repetitions: 1 });
  if ('unavailable' in reading) return reading.unavailable;
  const writing = await llamaBench({
    model,
    threads: threads.decode,
    generateTokens: writeTokens,
    depth,
    repetitions: 1,
  });
  if ('unavailable' in writing) return writing.unavailable;
  for (const row of reading.rows) samples.prefill.push(row.tokensPerSecond);
  for (const row of writing.rows) samples.decode.push(row.tokensPerSecond);
  return undefined;
}

function noSamples(): SpeedSamples {
  return { prefill: [], decode: [] };
}

function nextOf(texts: Generator<string>): string {
  return String(texts.next().value);
}

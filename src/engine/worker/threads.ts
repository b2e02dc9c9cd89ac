/** How many threads read and how many write is measured here, right after loading. */
import type { ThreadPlan } from '../messages.ts';

/** One try: evaluates with so many threads and gives back the time it took, ms. */
export interface ThreadTrial {
  /** Reads `trialTokens` tokens. */
  read(threads: number): Promise<number>;
  /** Writes one token. */
  write(threads: number): Promise<number>;
}

/** What came of it. */
export interface ThreadFindings {
  /** Best on a machine that does nothing else; what is best while it does is found while working (threadUse.ts). */
  readonly plan: ThreadPlan;
  /** Speeds with the plan as they were on average. */
  readonly prefillTokPerS: number;
  readonly decodeTokPerS: number;
  /** Speeds with the plan in the best trial. */
  readonly bestPrefillTokPerS: number;
  readonly bestDecodeTokPerS: number;
}

/** With more than this share of the cores used by others, trials say little about this machine. */
const mostOtherWork = 0.2;
const fewCores = 4;

/**
 * What to go by when others used so much of the processor meanwhile. Where that was too much, a machine of a few cores
 * starts with all of them, and threadUse.ts takes one away while they are needed elsewhere; nothing is remembered.
 */
export function trusted(
  findings: ThreadFindings,
  { otherWork, cores }: { readonly otherWork: number; readonly cores: number },
): { readonly findings: ThreadFindings; readonly isTrusted: boolean } {
  if (otherWork <= mostOtherWork) return { findings, isTrusted: true };
  const plan = cores <= fewCores ? { prefill: cores, decode: cores } : findings.plan;
  return { findings: { ...findings, plan }, isTrusted: false };
}

/** Tokens read in one trial: enough to be compute-bound, few enough to be over soon. */
export const trialTokens = 8;

/** A larger count must be this much faster to be worth the cores it takes from the editor. */
const worthwhile = 0.93;
const rounds = 3;

/**
 * Measures every sensible thread count in turns (A B A B: the machine does other things too), each at least once, until
 * the time is up. Where a plan is known it is only timed.
 */
export async function measureThreads(
  trial: ThreadTrial,
  { cores, known, limitMs, nowMs }: { cores: number; known: ThreadPlan | undefined; limitMs: number; nowMs(): number },
): Promise<ThreadFindings> {
  await trial.read(cores); // the first evaluation fetches the weights from disk
  const writes = known ? [known.decode] : threadCounts(cores);
  const reads = known ? [known.prefill] : threadCounts(cores);
  const end = nowMs() + limitMs;
  const writeMs = await timed(
    writes,
    (threads) => trial.write(threads),
    () => nowMs() < end - limitMs / 2,
  );
  const readMs = await timed(
    reads,
    (threads) => trial.read(threads),
    () => nowMs() < end,
  );
  const decode = fewestGoodThreads(bestOf(writeMs));
  const prefill = fewestGoodThreads(bestOf(readMs));
  return {
    plan: { prefill: prefill.threads, decode: decode.threads },
    prefillTokPerS: (trialTokens * 1000) / mean(readMs.get(prefill.threads) ?? []),
    decodeTokPerS: 1000 / mean(writeMs.get(decode.threads) ?? []),
    bestPrefillTokPerS: (trialTokens * 1000) / prefill.tookMs,
    bestDecodeTokPerS: 1000 / decode.tookMs,
  };
}

/** Counts worth a try, never more than the cores: all up to four, else a quarter, a half, all but one, all. */
export function threadCounts(cores: number): number[] {
  if (cores <= 4) return Array.from({ length: cores }, (_, index) => index + 1);
  return [...new Set([Math.ceil(cores / 4), Math.ceil(cores / 2), cores - 1, cores])];
}

/** The fewest threads that are about as fast as the fastest. */
export function fewestGoodThreads(tookMs: ReadonlyMap<number, number>): { threads: number; tookMs: number } {
  const tried = [...tookMs].map(([threads, ms]) => ({ threads, tookMs: ms })).sort((a, b) => a.threads - b.threads);
  const fastestMs = Math.min(...tookMs.values());
  const good = tried.find((each) => each.tookMs * worthwhile <= fastestMs);
  if (good === undefined) throw new Error('No thread count was tried.');
  return good;
}

/** The shortest time for each count: other work on the machine only makes them longer. */
function bestOf(tookMs: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, number> {
  return new Map([...tookMs].map(([threads, times]) => [threads, Math.min(...times)]));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** All times for each count. */
async function timed(
  counts: readonly number[],
  run: (threads: number) => Promise<number>,
  hasTime: () => boolean,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const times = new Map<number, number[]>(counts.map((threads) => [threads, []]));
  let done = 0;
  do {
    for (const threads of counts) times.get(threads)?.push(await run(threads));
    done += 1;
  } while (done < rounds && hasTime());
  return times;
}

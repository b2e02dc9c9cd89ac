/** Counted tokens become integer nano-dollars here, exactly: one rounding, at the end. Pure. */
import type { Usage } from '../models/model.ts';
import type { Price, PriceList } from '../models/price.ts';

const million = 1_000_000n;

/**
 * What the usage cost; half a nano-dollar counts as one. `undefined`: the counts make no sense.
 */
export function costNanoUsd(list: PriceList, usage: Usage): number | undefined {
  const { promptTokens, completionTokens, cachedTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  const counts = [promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
  const { input, output, cacheRead = input, cacheWrite = input, reasoning = output } = list;
  const thoughts = Math.min(reasoningTokens, completionTokens);
  const parts: readonly (readonly [number, Price])[] = [
    [Math.max(0, promptTokens - cachedTokens - cacheWriteTokens), input],
    [cachedTokens, cacheRead],
    [cacheWriteTokens, cacheWrite],
    [completionTokens - thoughts, output],
    [thoughts, reasoning],
  ];
  const sum = parts.reduce((all, [tokens, price]) => all + BigInt(tokens) * BigInt(rateOf(price, promptTokens)), 0n);
  return Number((sum + million / 2n) / million);
}

/**
 * The most that so many tokens can cost, however they are cached and whatever they are spent on. `undefined`: the counts
 * make no sense, such as an answer of any length.
 */
export function mostNanoUsd(list: PriceList, promptTokens: number, completionTokens: number): number | undefined {
  const { input, output, cacheRead = input, cacheWrite = input, reasoning = output } = list;
  const dearest = (...prices: Price[]): Price => ({
    nanoUsd: Math.max(...prices.map((price) => rateOf(price, promptTokens))),
  });
  const worst = { input: dearest(input, cacheRead, cacheWrite), output: dearest(output, reasoning) };
  const usage = { promptTokens, completionTokens, cachedTokens: undefined, source: 'estimate' } as const;
  return costNanoUsd(worst, usage);
}

/** Nobody charges for anything. */
export function isFree(list: PriceList): boolean {
  return Object.values<Price>({ ...list }).every(
    ({ nanoUsd, steps = [] }) => nanoUsd === 0 && steps.every((step) => step.nanoUsd === 0),
  );
}

function rateOf({ nanoUsd, steps = [] }: Price, promptTokens: number): number {
  return steps.findLast(({ aboveTokens }) => promptTokens > aboveTokens)?.nanoUsd ?? nanoUsd;
}

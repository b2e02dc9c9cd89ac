/** Costs become sums of money here, and say how sure they are. Pure. */
import type { Intent, Settlement } from './entry.ts';

/** From the surest to the least sure. */
const bases = ['billed', 'table', 'estimate'] as const;

/** What requests cost together. */
export interface Spend {
  /** Integer nano-dollars of all whose price is known. */
  readonly nanoUsd: number;
  /** The least sure price in it; `undefined`: nothing in it has a price, which is not the same as 0. */
  readonly basis: (typeof bases)[number] | undefined;
  /** Requests that may have cost something, nobody said what. */
  readonly unpriced: number;
  /** It may be more: requests without a price, without an end, or stopped before their tokens were counted, are in it. */
  readonly isAtLeast: boolean;
}

export const noSpend: Spend = { nanoUsd: 0, basis: undefined, unpriced: 0, isAtLeast: false };

export function addSpend(first: Spend, second: Spend): Spend {
  if (second === noSpend) return first;
  const least = Math.max(rankOf(first), rankOf(second));
  return {
    nanoUsd: first.nanoUsd + second.nanoUsd,
    basis: bases[least],
    unpriced: first.unpriced + second.unpriced,
    isAtLeast: first.isAtLeast || second.isAtLeast,
  };
}

/** What one request cost. A sum that is none counts as unknown. */
export function spendOf({ cost, outcome }: Pick<Settlement, 'cost' | 'outcome'>): Spend {
  const basis = cost?.basis; // lines of another version may have none
  if (basis === undefined || basis === 'unmetered') return noSpend;
  if (basis === 'unknown' || !Number.isSafeInteger(cost.nanoUsd) || cost.nanoUsd < 0) {
    return { nanoUsd: 0, basis: undefined, unpriced: 1, isAtLeast: true };
  }
  // The server says what it charged when it has finished; until then only what was counted so far is known.
  return { nanoUsd: cost.nanoUsd, basis, unpriced: 0, isAtLeast: basis !== 'billed' && outcome !== 'finished' };
}

/** Whether a request without an end may have cost something. */
export function mayCost({ route, isMetered, purpose }: Intent): boolean {
  const isOwn = route.kind === 'inProcess' || (route.kind === 'loopback' && route.evidence === 'verified');
  return !isOwn && isMetered !== false && (purpose.role === 'completion' || purpose.role === 'chat');
}

function rankOf({ basis }: Spend): number {
  return basis === undefined ? -1 : bases.indexOf(basis);
}

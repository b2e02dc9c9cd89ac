/** "May this still be spent?" is answered here. Pure. */

/** Nobody spends more than this without knowing; hard: nobody spends more than this. */
export interface Limit {
  /** Integer nano-dollars. */
  readonly nanoUsd: number;
  readonly kind: 'hard' | 'soft';
}

/** Absent: no limit. */
export interface Limits {
  readonly perRequest?: Limit;
  readonly perDay?: Limit;
  readonly perMonth?: Limit;
}

/** One request that wants to be made. */
export interface Wish {
  /** The most it may cost, integer nano-dollars; `undefined`: nobody knows its price. */
  readonly worstNanoUsd: number | undefined;
  readonly limits: Limits;
  /** The user agreed to this request although nobody knows its price. Default false. */
  readonly mayBeUnpriced?: boolean;
}

/** What is gone already, integer nano-dollars. */
export interface Spending {
  readonly dayNanoUsd: number;
  readonly monthNanoUsd: number;
  /** Kept free for requests that run now, in all windows. */
  readonly reservedNanoUsd: number;
}

export type LimitName = keyof Limits;

/** How a limit would stand with the request in it. */
export interface LimitUse {
  readonly name: LimitName;
  readonly limit: Limit;
  /** What is spent and reserved, the request's worst case included where it is known. */
  readonly usedNanoUsd: number;
}

/**
 * `allow`, with the limits that would be four fifths used or more (soft ones also beyond). `ask`: nobody knows the price
 * and a hard limit stands; without an answer it is a no. `deny`: a hard limit would be passed.
 */
export type BudgetVerdict =
  | { readonly kind: 'allow'; readonly warnings: readonly LimitUse[] }
  | { readonly kind: 'ask'; readonly use: LimitUse }
  | { readonly kind: 'deny'; readonly use: LimitUse };

export const allowed: BudgetVerdict = { kind: 'allow', warnings: [] };

/** A limit is worth a word from here on. */
const warnShare = 0.8;

/** Whether the request may be made. Routes that nobody charges for are not asked about: they are never in the way. */
export function budgetVerdict(
  { worstNanoUsd, limits, mayBeUnpriced = false }: Wish,
  spending: Spending,
): BudgetVerdict {
  const uses = usesOf(limits, spending, worstNanoUsd ?? 0);
  const isHard = ({ limit }: LimitUse): boolean => limit.kind === 'hard';
  const passed = uses.find((use) => isHard(use) && isPassed(use, worstNanoUsd));
  if (passed !== undefined) return { kind: 'deny', use: passed };
  const hard = uses.find(isHard);
  if (worstNanoUsd === undefined && hard !== undefined && !mayBeUnpriced) return { kind: 'ask', use: hard };
  return { kind: 'allow', warnings: uses.filter(({ limit, usedNanoUsd }) => usedNanoUsd >= limit.nanoUsd * warnShare) };
}

/** How the limits stand now, whatever comes next; for showing. */
export function limitUses(limits: Limits, spending: Spending): readonly LimitUse[] {
  return usesOf(limits, spending, 0).filter(({ name }) => name !== 'perRequest');
}

/** Of a request without a price it is known only that it costs more than nothing. */
function isPassed({ limit, usedNanoUsd }: LimitUse, worstNanoUsd: number | undefined): boolean {
  return worstNanoUsd === undefined ? usedNanoUsd >= limit.nanoUsd : usedNanoUsd > limit.nanoUsd;
}

function usesOf(limits: Limits, spending: Spending, moreNanoUsd: number): LimitUse[] {
  const { dayNanoUsd, monthNanoUsd, reservedNanoUsd } = spending;
  const used: Readonly<Record<LimitName, number>> = {
    perRequest: moreNanoUsd,
    perDay: dayNanoUsd + reservedNanoUsd + moreNanoUsd,
    perMonth: monthNanoUsd + reservedNanoUsd + moreNanoUsd,
  };
  const names = ['perRequest', 'perDay', 'perMonth'] as const;
  return names.flatMap((name) => {
    const limit = limits[name];
    return limit === undefined ? [] : [{ name, limit, usedNanoUsd: used[name] }];
  });
}

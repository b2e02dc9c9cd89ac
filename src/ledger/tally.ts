/** Entries become sums here: the indicator shows nothing that is not folded from the ledger. Pure. */
import type { Entry, Intent, Route, Settlement } from './entry.ts';
import { addSpend, mayCost, noSpend, spendOf, type Spend } from './spend.ts';

/** Sums over what is settled, and counts of what was started. */
export interface Sums {
  /** Some of it could not be read: every sum is "at least". */
  readonly isPartial: boolean;
  /** Requests that were started, reading ahead not among them. */
  readonly requests: number;
  /** A request ended early: it may have used a little more than was counted. */
  readonly hasEarlyEnds: boolean;
  /** Tokens of what is settled, reading ahead included; what was read before and reused counts again. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Requests whose route leaves this computer. */
  readonly requestsThatLeft: number;
  /** Bytes of bodies that left this computer, of what is settled. */
  readonly bytesThatLeft: number;
  /** What the settled requests cost; see `totalSpend` for all. */
  readonly spend: Spend;
  /** The same of each host that somebody charges for, or may charge for; hosts as in `Route`. */
  readonly spendAt: ReadonlyMap<string, Spend>;
  /** Of each model, by its id, the newest settled request that generated something; one that has a speed, if any has. */
  readonly lastOf: ReadonlyMap<string, LastRequest>;
}

/** Sums over a stretch of the ledger, and what of it has no end. */
export interface Tally extends Sums {
  /** Started and not settled: running now, or cut by a crash. What they used is not in the sums. */
  readonly unsettled: ReadonlyMap<string, Intent>;
}

/** How a model was last heard of. */
export interface LastRequest {
  readonly route: Route;
  readonly settlement: Settlement;
}

export const emptySums: Sums = {
  isPartial: false,
  hasEarlyEnds: false,
  requests: 0,
  promptTokens: 0,
  completionTokens: 0,
  requestsThatLeft: 0,
  bytesThatLeft: 0,
  spend: noSpend,
  spendAt: new Map(),
  lastOf: new Map(),
};

/** Nothing happened yet. */
export const emptyTally: Tally = { ...emptySums, unsettled: new Map() };

/** The tally after one more entry. A settlement without its intent, or a second one, changes nothing. */
export function fold(tally: Tally, entry: Entry): Tally {
  const intent = tally.unsettled.get(entry.id);
  const unsettled = new Map(tally.unsettled);
  if (entry.kind === 'intent') {
    return intent ? tally : { ...withIntent(tally, entry), unsettled: unsettled.set(entry.id, entry) };
  }
  unsettled.delete(entry.id);
  return intent ? { ...withSettlement(tally, intent, entry), unsettled } : tally;
}

/** The sums after a request was started. */
export function withIntent(sums: Sums, intent: Intent): Sums {
  return {
    ...sums,
    requests: sums.requests + (isQuestion(intent) ? 1 : 0),
    requestsThatLeft: sums.requestsThatLeft + (leavesThisComputer(intent) ? 1 : 0),
  };
}

/** The sums after a request was settled. */
export function withSettlement(sums: Sums, intent: Intent, settlement: Settlement): Sums {
  const { route, modelId } = intent;
  const { usage, speed, outcome, sentBytes = 0 } = settlement;
  const hasWritten = usage !== undefined && usage.completionTokens > 0;
  // One token has no speed; what the model showed before is still true.
  const isTelling = hasWritten && (speed?.decodeTokPerS !== undefined || !sums.lastOf.has(modelId ?? ''));
  const cost = spendOf(settlement);
  const isNews = isTelling && modelId !== undefined;
  return {
    ...sums,
    hasEarlyEnds: sums.hasEarlyEnds || outcome !== 'finished',
    promptTokens: sums.promptTokens + (usage?.promptTokens ?? 0),
    completionTokens: sums.completionTokens + (usage?.completionTokens ?? 0),
    bytesThatLeft: sums.bytesThatLeft + (leavesThisComputer(intent) ? sentBytes : 0),
    spend: addSpend(sums.spend, cost),
    spendAt: addSpendAt(sums.spendAt, route.host === undefined ? [] : [[route.host, cost]]),
    lastOf: isNews ? new Map(sums.lastOf).set(modelId, { route, settlement }) : sums.lastOf,
  };
}

/** Both together; of a model that both know the second knows newer things. */
export function addSums(first: Sums, second: Sums): Sums {
  return {
    isPartial: first.isPartial || second.isPartial,
    hasEarlyEnds: first.hasEarlyEnds || second.hasEarlyEnds,
    requests: first.requests + second.requests,
    promptTokens: first.promptTokens + second.promptTokens,
    completionTokens: first.completionTokens + second.completionTokens,
    requestsThatLeft: first.requestsThatLeft + second.requestsThatLeft,
    bytesThatLeft: first.bytesThatLeft + second.bytesThatLeft,
    spend: addSpend(first.spend, second.spend),
    spendAt: addSpendAt(first.spendAt, second.spendAt),
    lastOf: second.lastOf.size === 0 ? first.lastOf : new Map([...first.lastOf, ...second.lastOf]),
  };
}

/** What all of it cost: "at least" while a request that may cost something has no end, or some could not be read. */
export function totalSpend({ spend, unsettled, isPartial }: Tally): Spend {
  return openEnded(spend, isPartial || [...unsettled.values()].some(mayCost));
}

/** The same of what went to one host, as in `Route`. */
export function spendAtHost({ spendAt, unsettled, isPartial }: Tally, host: string | undefined): Spend {
  if (host === undefined) return noSpend;
  const isOpen = [...unsettled.values()].some((intent) => intent.route.host === host && mayCost(intent));
  const spend = spendAt.get(host) ?? noSpend;
  return openEnded(spend, isOpen || (isPartial && spend !== noSpend));
}

function openEnded(spend: Spend, isOpen: boolean): Spend {
  return isOpen && !spend.isAtLeast ? { ...spend, isAtLeast: true } : spend;
}

function addSpendAt(
  first: ReadonlyMap<string, Spend>,
  second: Iterable<readonly [string, Spend]>,
): ReadonlyMap<string, Spend> {
  const priced = [...second].filter(([, spend]) => spend !== noSpend);
  if (priced.length === 0) return first;
  const sums = new Map(first);
  for (const [host, spend] of priced) sums.set(host, addSpend(sums.get(host) ?? noSpend, spend));
  return sums;
}

/** Reading ahead and errands are no requests of the user's. */
function isQuestion({ purpose }: Intent): boolean {
  return (purpose.role === 'completion' || purpose.role === 'chat') && purpose.initiator !== 'ahead';
}

/** Asking a server on this computer what it is holds nothing of the user's that it could pass on. */
export function leavesThisComputer(intent: Intent): boolean {
  const { kind, evidence } = intent.route;
  return kind === 'private' || kind === 'internet' || (evidence === 'assumed' && isQuestion(intent));
}

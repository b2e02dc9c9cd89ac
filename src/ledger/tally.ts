/** Entries become sums here: the indicator shows nothing that is not folded from the ledger. */
import type { Entry, Intent, Route, Settlement } from './entry.ts';

/** Sums over a stretch of the ledger. */
export interface Tally {
  /** Some of it could not be read: every sum is "at least". */
  readonly isPartial: boolean;
  /** Requests that were started, reading ahead not among them. */
  readonly requests: number;
  /** Started and not settled: running now, or cut by a crash. What they used is not in the sums. */
  readonly unsettled: ReadonlyMap<string, Intent>;
  /** A request ended early: it may have used a little more than was counted. */
  readonly hasEarlyEnds: boolean;
  /** Tokens of what is settled, reading ahead included; what was read before and reused counts again. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Requests whose route leaves this computer. */
  readonly requestsThatLeft: number;
  /** The newest settled request that generated something; of one model, one that has a speed where there is any. */
  readonly last:
    { readonly route: Route; readonly modelId: string | undefined; readonly settlement: Settlement } | undefined;
}

/** Nothing happened yet. */
export const emptyTally: Tally = {
  isPartial: false,
  hasEarlyEnds: false,
  requests: 0,
  unsettled: new Map(),
  promptTokens: 0,
  completionTokens: 0,
  requestsThatLeft: 0,
  last: undefined,
};

/** The tally after one more entry. Pure. A settlement without its intent, or a second one, changes nothing. */
export function fold(tally: Tally, entry: Entry): Tally {
  return entry.kind === 'intent' ? started(tally, entry) : settled(tally, entry);
}

function started(tally: Tally, intent: Intent): Tally {
  if (tally.unsettled.has(intent.id)) return tally;
  return {
    ...tally,
    requests: tally.requests + (isQuestion(intent) ? 1 : 0),
    requestsThatLeft: tally.requestsThatLeft + (leavesThisComputer(intent.route) ? 1 : 0),
    unsettled: new Map(tally.unsettled).set(intent.id, intent),
  };
}

function settled(tally: Tally, settlement: Settlement): Tally {
  const intent = tally.unsettled.get(settlement.id);
  if (intent === undefined) return tally;
  const unsettled = new Map(tally.unsettled);
  unsettled.delete(settlement.id);
  const { usage, speed } = settlement;
  const { route, modelId } = intent;
  const hasWritten = usage !== undefined && usage.completionTokens > 0;
  // One token has no speed; what the model showed before is still true.
  const isTelling = hasWritten && (speed?.decodeTokPerS !== undefined || tally.last?.modelId !== modelId);
  return {
    ...tally,
    unsettled,
    hasEarlyEnds: tally.hasEarlyEnds || settlement.outcome !== 'finished',
    promptTokens: tally.promptTokens + (usage?.promptTokens ?? 0),
    completionTokens: tally.completionTokens + (usage?.completionTokens ?? 0),
    last: isTelling ? { route, modelId, settlement } : tally.last,
  };
}

/** Reading ahead and errands are no requests of the user's. */
function isQuestion({ purpose }: Intent): boolean {
  return (purpose.role === 'completion' || purpose.role === 'chat') && purpose.initiator !== 'ahead';
}

function leavesThisComputer(route: Route): boolean {
  return route.kind === 'private' || route.kind === 'internet' || route.evidence === 'assumed';
}

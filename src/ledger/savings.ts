/** "Was it worth it?" in money: what answers would have cost elsewhere, and what a line that stayed cost. Pure. */
import type { Usage } from '../models/model.ts';
import type { Cost } from './entry.ts';
import type { LedgerRequest, DailyRow } from './rows.ts';
import { addSpend, noSpend, spendOf, type Spend } from './spend.ts';
import type { CompletionUse } from './statistics.ts';

/** A model to compare with, and its price. */
export interface Compared {
  /** For people. */
  readonly name: string;
  /** What these tokens would cost there, integer nano-dollars; `undefined`: unknown. `atMs`: ms since 1970. */
  readonly costNanoUsd: (usage: Usage, atMs: number) => number | undefined;
}

/** What is compared. */
export interface SavingsNeeds {
  readonly requests: readonly LedgerRequest[];
  /** Requests whose completions the user took; the other completions would not have been missed. */
  readonly accepted: ReadonlySet<string>;
  /** The closed model that the user chose to compare with. */
  readonly closed: Compared;
  /** A server of one's own with a price, for the other way round; `undefined`: this computer, which charges nothing. */
  readonly own?: Compared | undefined;
  /** The price table's date. */
  readonly tableDate: string;
}

/**
 * What answers and completions that were taken would have cost elsewhere. Estimates, always: another model counts the
 * same text in other tokens and says it in other words. Tokens that were read before count as cached, which is the
 * cautious reading: elsewhere fewer might have been.
 */
export interface Savings {
  readonly basis: 'estimate';
  readonly tableDate: string;
  /** What nobody charged for: at the closed model. */
  readonly unmetered: Elsewhere;
  /** What was charged for, or may have been: at one's own, with what it did cost. */
  readonly metered: Elsewhere & { readonly spend: Spend };
}

/** Requests and what they would have cost elsewhere. */
export interface Elsewhere {
  /** Where; `undefined`: on this computer. */
  readonly name: string | undefined;
  readonly chatAnswers: number;
  readonly completions: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** `unmetered`: nothing is charged there, which is never shown as a sum. */
  readonly cost: Extract<Cost, { readonly basis: 'estimate' | 'unknown' | 'unmetered' }>;
  /** Of the requests, how many are not in the cost: nobody counted their tokens, or their price is unknown. */
  readonly leftOut: number;
}

export function savingsOf({ requests, accepted, closed, own, tableDate }: SavingsNeeds): Savings {
  const useful = requests.filter((request) => isUseful(request, accepted));
  const isUnmetered = ({ settlement }: LedgerRequest): boolean => settlement?.cost.basis === 'unmetered';
  const charged = useful.filter((request) => !isUnmetered(request));
  const spend = charged.reduce(
    (sum, { settlement }) => (settlement ? addSpend(sum, spendOf(settlement)) : sum),
    noSpend,
  );
  return {
    basis: 'estimate',
    tableDate,
    unmetered: elsewhere(useful.filter(isUnmetered), closed),
    metered: { ...elsewhere(charged, own), spend },
  };
}

/** What one model's completions cost, for each line of them that stayed. */
export interface KeptLineCost {
  readonly modelId: string;
  /** `undefined`: none of its requests are in the ledger any more. */
  readonly modelName: string | undefined;
  readonly keptLines: number;
  /** Of all its completions, those nobody took included: they had to be paid for too. */
  readonly spend: Spend;
  /** Tokens of all its completions, read and written. */
  readonly tokens: number;
  /** Integer nano-dollars, rounded; `undefined`: no line stayed, or nothing was charged, or nobody knows what. */
  readonly nanoUsdPerKeptLine: number | undefined;
  /** Rounded; `undefined`: no line stayed. */
  readonly tokensPerKeptLine: number | undefined;
}

/** Per model; both of the same days. */
export function keptLineCosts(rows: readonly DailyRow[], uses: readonly CompletionUse[]): readonly KeptLineCost[] {
  const ids = new Set(uses.map(({ modelId }) => modelId));
  return [...ids].map((modelId) => {
    const own = rows.filter((row) => row.role === 'completion' && row.modelId === modelId);
    const keptLines = uses.reduce((sum, use) => sum + (use.modelId === modelId ? use.keptLines : 0), 0);
    const spend = own.reduce((sum, row) => addSpend(sum, row.spend), noSpend);
    const tokens = own.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0);
    const modelName = own.at(-1)?.modelName ?? undefined;
    const isPriced = keptLines > 0 && spend.basis !== undefined;
    const nanoUsdPerKeptLine = isPriced ? Math.round(spend.nanoUsd / keptLines) : undefined;
    const tokensPerKeptLine = keptLines > 0 ? Math.round(tokens / keptLines) : undefined;
    return { modelId, modelName, keptLines, spend, tokens, nanoUsdPerKeptLine, tokensPerKeptLine };
  });
}

/** How much of what was asked went where. */
export interface RouteShare {
  readonly route: DailyRow['route'];
  /** `assumed` on this computer: the server there may have passed it on. */
  readonly evidence: DailyRow['evidence'];
  readonly requests: number;
  /** 0..1 of all requests; they add up to 1. */
  readonly share: number;
}

/** From the least to the most exposed; only routes that were taken. Reading ahead and errands are no requests here. */
export function routeShares(rows: readonly DailyRow[]): readonly RouteShare[] {
  const asked = rows.filter(
    ({ role, initiator }) => (role === 'completion' || role === 'chat') && initiator !== 'ahead',
  );
  const all = requestsIn(asked);
  return routes.flatMap(([route, evidence]) => {
    const requests = requestsIn(asked.filter((row) => row.route === route && row.evidence === evidence));
    return requests === 0 ? [] : [{ route, evidence, requests, share: requests / all }];
  });
}

const routes = (['inProcess', 'loopback', 'private', 'internet'] as const).flatMap((route) =>
  (['verified', 'assumed'] as const).map((evidence) => [route, evidence] as const),
);

function requestsIn(rows: readonly DailyRow[]): number {
  return rows.reduce((sum, { requests }) => sum + requests, 0);
}

/** An answer somebody asked for, or a completion somebody took. */
function isUseful({ intent, settlement }: LedgerRequest, accepted: ReadonlySet<string>): boolean {
  const { role, initiator } = intent.purpose;
  if (settlement === undefined || settlement.outcome === 'failed') return false;
  if (role === 'completion') return accepted.has(intent.id);
  return role === 'chat' && initiator !== 'automatic' && initiator !== 'ahead';
}

function elsewhere(requests: readonly LedgerRequest[], place: Compared | undefined): Elsewhere {
  const usages = requests.map(({ settlement }) => settlement?.usage);
  const costs = requests.map(({ intent, settlement }) => {
    const { usage } = settlement ?? {};
    return usage && place?.costNanoUsd(usageElsewhere(usage), intent.atMs);
  });
  const known = costs.filter((cost) => cost !== undefined);
  const sum = { basis: 'estimate', nanoUsd: known.reduce((all, cost) => all + cost, 0) } as const;
  const priced = known.length === 0 ? ({ basis: 'unknown' } as const) : sum;
  return {
    name: place?.name,
    chatAnswers: requests.filter(({ intent }) => intent.purpose.role === 'chat').length,
    completions: requests.filter(({ intent }) => intent.purpose.role === 'completion').length,
    promptTokens: usages.reduce((sum, usage) => sum + (usage?.promptTokens ?? 0), 0),
    completionTokens: usages.reduce((sum, usage) => sum + (usage?.completionTokens ?? 0), 0),
    cost: place === undefined ? { basis: 'unmetered' } : priced,
    leftOut: place === undefined ? 0 : costs.length - known.length,
  };
}

/** What was billed here, and how a cache was filled here, says nothing about another place. */
function usageElsewhere({ promptTokens, cachedTokens, completionTokens }: Usage): Usage {
  return { promptTokens, cachedTokens, completionTokens, source: 'estimate' };
}

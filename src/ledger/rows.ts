/** Entries become requests here, and requests rows per day: what the page, exports and the sums of old days hold. Pure. */
import type { Sampling } from '../models/model.ts';
import { dayOf, type BooksData, type Day } from './books.ts';
import type { Entry, Intent, Route, Settlement } from './entry.ts';
import { addSpend, mayCost, noSpend, spendOf, type Spend } from './spend.ts';

/** One request, from its intent to its end. */
export interface LedgerRequest {
  readonly intent: Intent;
  /** `undefined`: it runs, or its window died. */
  readonly settlement: Settlement | undefined;
}

/** How its tokens were chosen: what the model was told, and what our own engine decided beside. */
export function samplingIn({ intent, settlement }: LedgerRequest): Sampling {
  return { ...intent.sampling, ...settlement?.sampling };
}

/** Requests of one day that have everything but the numbers in common. */
export interface DailyRow {
  /** The day they were started. */
  readonly day: Day;
  readonly modelId: string | null;
  readonly modelName: string | null;
  readonly role: Intent['purpose']['role'];
  readonly initiator: Intent['purpose']['initiator'];
  readonly route: Route['kind'];
  readonly evidence: Route['evidence'];
  readonly host: string | null;
  readonly workspace: Intent['workspace'] | null;
  readonly label: string | null;
  readonly requests: number;
  /** Of these, how many have no end: their numbers are not in the sums. */
  readonly unsettled: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly spend: Spend;
}

/** What is kept of entries that were removed. */
export interface Folded extends BooksData {
  readonly rows: readonly DailyRow[];
}

/** The requests in any order of entries, oldest first. Of two settlements the first counts. */
export function requestsOf(entries: Iterable<Entry>): readonly LedgerRequest[] {
  const intents = new Map<string, Intent>();
  const settlements = new Map<string, Settlement>();
  for (const entry of entries) {
    if (entry.kind === 'intent' && !intents.has(entry.id)) intents.set(entry.id, entry);
    if (entry.kind === 'settlement' && !settlements.has(entry.id)) settlements.set(entry.id, entry);
  }
  const requests = [...intents.values()].map((intent) => ({ intent, settlement: settlements.get(intent.id) }));
  return requests.sort((one, other) => one.intent.atMs - other.intent.atMs);
}

/** The requests summed up by day and by everything a person may ask for. */
export function dailyRows(requests: Iterable<LedgerRequest>): readonly DailyRow[] {
  const rows = new Map<string, DailyRow>();
  for (const request of requests) {
    const row = rowOf(request);
    const { day, modelId, role, initiator, route, evidence, host, workspace, label } = row;
    const key = JSON.stringify([day, modelId, role, initiator, route, evidence, host, workspace?.id, label]);
    const known = rows.get(key);
    rows.set(key, known === undefined ? row : addRow(known, row));
  }
  return [...rows.values()];
}

/** One request as a row of its own. */
export function rowOf({ intent, settlement }: LedgerRequest): DailyRow {
  const { purpose, route, workspace = null, label = null, modelId = null, modelName = null } = intent;
  return {
    day: dayOf(intent.atMs),
    modelId,
    modelName,
    role: purpose.role,
    initiator: purpose.initiator,
    route: route.kind,
    evidence: route.evidence,
    host: route.host ?? null,
    workspace,
    label,
    ...(settlement === undefined ? numbersWithoutEnd(intent) : numbersOf(settlement)),
  };
}

type Numbers = Omit<DailyRow, 'day' | 'modelId' | 'modelName' | 'role' | 'initiator' | keyof Origin>;
type Origin = Pick<DailyRow, 'route' | 'evidence' | 'host' | 'workspace' | 'label'>;

function numbersWithoutEnd(intent: Intent): Numbers {
  return { ...nothing, requests: 1, unsettled: 1, spend: mayCost(intent) ? { ...noSpend, isAtLeast: true } : noSpend };
}

function numbersOf(settlement: Settlement): Numbers {
  const { usage, sentBytes = 0, receivedBytes = 0 } = settlement;
  return {
    requests: 1,
    unsettled: 0,
    promptTokens: usage?.promptTokens ?? 0,
    cachedTokens: usage?.cachedTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    completionTokens: usage?.completionTokens ?? 0,
    reasoningTokens: usage?.reasoningTokens ?? 0,
    sentBytes,
    receivedBytes,
    spend: spendOf(settlement),
  };
}

const nothing: Numbers = {
  requests: 0,
  unsettled: 0,
  promptTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0,
  sentBytes: 0,
  receivedBytes: 0,
  spend: noSpend,
};

/** The numbers of both, under the first one's names. */
export function addRow(row: DailyRow, more: DailyRow): DailyRow {
  return {
    ...row,
    requests: row.requests + more.requests,
    unsettled: row.unsettled + more.unsettled,
    promptTokens: row.promptTokens + more.promptTokens,
    cachedTokens: row.cachedTokens + more.cachedTokens,
    cacheWriteTokens: row.cacheWriteTokens + more.cacheWriteTokens,
    completionTokens: row.completionTokens + more.completionTokens,
    reasoningTokens: row.reasoningTokens + more.reasoningTokens,
    sentBytes: row.sentBytes + more.sentBytes,
    receivedBytes: row.receivedBytes + more.receivedBytes,
    spend: addSpend(row.spend, more.spend),
  };
}

/** All that the ledger knows of one request, in words: what a person reads who wants to check it. Pure. */
import type { Intent, LedgerItem, Settlement } from './entry.ts';
import { costBasisWords, costWords } from './moneyWords.ts';
import type { Field, FieldGroup, RequestRecord } from './protocol.ts';
import { samplingIn, type LedgerRequest } from './rows.ts';
import { mayCost } from './spend.ts';
import {
  byteWords,
  countWords,
  distanceWords,
  durationWords,
  numberOf,
  outcomeWords,
  purposeWords,
  timeWords,
} from './words.ts';

export function recordOf({ intent, settlement }: LedgerRequest): RequestRecord {
  const groups: readonly FieldGroup[] = [
    { title: 'What was asked', fields: told(askedFields(intent, settlement)) },
    { title: 'Where it went', fields: told(routeFields(intent, settlement)) },
    { title: 'What was in it', fields: intent.items.map(itemField) },
    { title: 'What it used', fields: told(usageFields(intent, settlement)) },
  ];
  const json = JSON.stringify(settlement === undefined ? [intent] : [intent, settlement], null, 2);
  return { groups: groups.filter(({ fields }) => fields.length > 0), json };
}

/** A field and its value; `undefined`: nobody told, so there is no such field. */
type Told = readonly [name: string, value: string | undefined, isCode?: 'code'];

function told(fields: readonly Told[]): readonly Field[] {
  return fields.flatMap(([name, value, isCode]) =>
    value === undefined ? [] : [{ name, value, ...(isCode === undefined ? {} : { isCode: true }) }],
  );
}

function askedFields(intent: Intent, settlement: Settlement | undefined): readonly Told[] {
  const { purpose, modelId, modelName, workspace, label, extension, weightsSha256 } = intent;
  const sampled = Object.entries(samplingIn({ intent, settlement })).map(([name, value]) => `${name} ${String(value)}`);
  return [
    ['Purpose', purposeWords(purpose)],
    ['By', extension === undefined ? initiatorWords(intent) : `the extension ${extension}`],
    ['Model', modelName],
    ['Model served', settlement?.servedModel],
    ['Model id', modelId, 'code'],
    ['Weights, SHA-256', weightsSha256, 'code'],
    ['Sampling', sampled.length === 0 ? undefined : sampled.join(', ')],
    ['Workspace', workspace?.name],
    ['Booked under', label],
    ['Began', timeWords(intent.atMs)],
    ['Ended', settlement && `${timeWords(settlement.atMs)} (after ${durationWords(settlement.atMs - intent.atMs)})`],
    ['Outcome', settlement === undefined ? 'no end: it runs, or its window died' : outcomeWords(settlement)],
    ['Request', intent.id, 'code'],
  ];
}

function initiatorWords({ purpose: { initiator } }: Intent): string {
  switch (initiator) {
    case 'user':
      return 'you';
    case 'automatic':
      return 'Paddock, by itself';
    case 'ahead':
      return 'Paddock, while nobody waited';
    case 'extension':
      return 'another extension';
  }
}

function routeFields({ route, origin, isMetered }: Intent, settlement: Settlement | undefined): readonly Told[] {
  const { kind, evidence, host, forwardsTo, remote } = route;
  const evidenceWords =
    evidence === 'verified' ? 'verified on the connection' : 'assumed: the other end may pass it on';
  return [
    ['Route', distanceWords(route)],
    ['Evidence', kind === 'inProcess' ? 'no connection: the engine is a process of Paddock' : evidenceWords],
    ['Host', host, 'code'],
    ['Origin', origin, 'code'],
    ['Passed on to', forwardsTo, 'code'],
    ['Ran on', remote === undefined ? undefined : `the remote side: ${remote}`],
    ['Charged for', isMetered === undefined ? undefined : isMetered ? 'yes' : 'no'],
    ['Sent', settlement?.sentBytes === undefined ? undefined : byteWords(settlement.sentBytes)],
    ['Received', settlement?.receivedBytes === undefined ? undefined : byteWords(settlement.receivedBytes)],
  ];
}

function itemField({ uri, bytes, lines, sha256, maskedCount }: LedgerItem): Field {
  const parts = [
    ...(lines === undefined ? [] : [`lines ${lines[0]}–${lines[1]}`]),
    byteWords(bytes),
    ...(maskedCount === undefined ? [] : [`${numberOf(maskedCount, 'secret')} masked`]),
    ...(sha256 === undefined ? [] : [`SHA-256 ${sha256}`]),
  ];
  return { name: uri === '' ? 'a document' : uri, value: parts.join(' · '), isCode: true };
}

function usageFields(intent: Intent, settlement: Settlement | undefined): readonly Told[] {
  const { usage, speed } = settlement ?? {};
  const count = (tokens: number | undefined) => (tokens === undefined ? undefined : `${countWords(tokens)} tokens`);
  const perSecond = (rate: number | undefined) => (rate === undefined ? undefined : `${rate.toFixed(1)} tokens/s`);
  return [
    ['Read', count(usage?.promptTokens)],
    ['Of these read before', count(usage?.cachedTokens)],
    ['Of these kept by the provider', count(usage?.cacheWriteTokens)],
    ['Written', count(usage?.completionTokens)],
    ['Of these for reasoning', count(usage?.reasoningTokens)],
    ['Counted by', usage?.source === undefined ? undefined : sources[usage.source]],
    ['Tokens', settlement !== undefined && usage === undefined ? 'not counted by anybody' : undefined],
    ['First text after', speed?.firstTokenMs === undefined ? undefined : durationWords(speed.firstTokenMs)],
    ['Reading speed', perSecond(speed?.prefillTokPerS)],
    ['Writing speed', perSecond(speed?.decodeTokPerS)],
    ['Cost', costOf(intent, settlement)],
  ];
}

const sources = { engine: 'the engine', provider: 'the provider', estimate: 'an estimate' } as const;

function costOf(intent: Intent, settlement: Settlement | undefined): string | undefined {
  if (settlement === undefined) return mayCost(intent) ? 'not known: it has no end' : undefined;
  const words = costWords(settlement);
  if (words === undefined) return 'nobody charges for it';
  const basis = costBasisWords(settlement.cost);
  return basis === undefined ? words : `${words} (${basis})`;
}

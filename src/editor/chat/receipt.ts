/** What the ledger knows of a request becomes the receipt under its answer. Pure. */
import type { Receipt, ReceiptItem } from '../../chat/protocol.ts';
import type { LedgerItem, Settlement } from '../../ledger/entry.ts';
import { costBasisWords, costWords } from '../../ledger/moneyWords.ts';
import type { LedgerRequest } from '../../ledger/rows.ts';
import { mayCost } from '../../ledger/spend.ts';
import type { Sampling } from '../../models/model.ts';
import { placeOf } from '../indicator/routeWords.ts';

/** What of a receipt the ledger knows; what was left out only the conversation does. */
export type LedgerReceipt = Omit<Receipt, 'leftOut'>;

/**
 * The receipt of one request. What nobody told is absent.
 * @param nameOf a document's path for people, by its URI.
 */
export function receiptOf({ intent, settlement }: LedgerRequest, nameOf: (uri: string) => string): LedgerReceipt {
  const { id, route, modelName, items, weightsSha256, sampling } = intent;
  const masked = items.flatMap(({ maskedCount }) => maskedCount ?? []);
  return defined({
    requestId: id,
    exposure: route.kind,
    routeWords: placeOf(route),
    host: route.host,
    modelName: modelName ?? 'an unknown model',
    ...(settlement === undefined ? unsettled(mayCost(intent)) : settled(settlement)),
    items: items.map((item) => itemOf(item, nameOf)),
    maskedCount: masked.length === 0 ? undefined : masked.reduce((sum, each) => sum + each, 0),
    weightsSha256,
    sampling: samplingOf(sampling ?? {}),
  });
}

function settled(settlement: Settlement) {
  const { usage, speed, servedModel, cost } = settlement;
  return {
    servedModel,
    promptTokens: usage?.promptTokens,
    cachedTokens: usage?.cachedTokens,
    completionTokens: usage?.completionTokens,
    reasoningTokens: usage?.reasoningTokens,
    countedBy: usage?.source,
    decodeTokPerS: speed?.decodeTokPerS,
    prefillTokPerS: speed?.prefillTokPerS,
    firstTokenMs: speed?.firstTokenMs,
    costWords: costWords(settlement),
    costBasisWords: costBasisWords(cost),
  };
}

/** It has no end: what it cost, if anybody charges for it, nobody will tell any more. */
function unsettled(isCharged: boolean) {
  return { costWords: isCharged ? 'price unknown' : undefined };
}

function itemOf({ uri, bytes, lines, maskedCount }: LedgerItem, nameOf: (uri: string) => string): ReceiptItem {
  const name = lines === undefined ? nameOf(uri) : `${nameOf(uri)}:${lines[0]}-${lines[1]}`;
  return { name, bytes, ...(maskedCount === undefined ? {} : { maskedCount }) };
}

const samplingNames: Readonly<Record<keyof Sampling, string>> = {
  temperature: 'temperature',
  topP: 'top p',
  topK: 'top k',
  seed: 'seed',
  maxTokens: 'most tokens',
};

function samplingOf(sampling: Sampling): Receipt['sampling'] {
  return (Object.keys(samplingNames) as (keyof Sampling)[]).flatMap((key) => {
    const value = sampling[key];
    return value === undefined ? [] : [{ name: samplingNames[key], value: String(value) }];
  });
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** The same without fields that are `undefined`, which a type says are absent. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<Value>;
}

/** What the ledger knows of a request's tries becomes the receipt under its answer. Pure. */
import type { Receipt, ReceiptItem, ReceiptTry } from '../../chat/protocol.ts';
import type { LedgerItem, Route } from '../../ledger/entry.ts';
import { basisWords, costBasisWords, moneyWords } from '../../ledger/moneyWords.ts';
import { samplingIn, type LedgerRequest } from '../../ledger/rows.ts';
import { addSpend, mayCost, noSpend, spendOf, type Spend } from '../../ledger/spend.ts';
import { outcomeWords } from '../../ledger/words.ts';
import type { Sampling } from '../../models/model.ts';
import { exposure, placeOf } from '../indicator/routeWords.ts';

/** What of a receipt the ledger knows; what was left out only the conversation does. */
export type LedgerReceipt = Omit<Receipt, 'leftOut'>;

/**
 * The receipt of one answer. What nobody told is absent; a count or sum that lacks a try says that it is "at least".
 * @param found every time it was sent, oldest first; `undefined`: the ledger does not hold that try any more.
 * @param nameOf a document's path for people, by its URI.
 * @returns `undefined`: nothing is known of any try.
 */
export function receiptOf(
  found: readonly (LedgerRequest | undefined)[],
  nameOf: (uri: string) => string,
): LedgerReceipt | undefined {
  const tries = found.filter((each) => each !== undefined);
  const last = tries.at(-1);
  if (last === undefined) return undefined;
  const { intent, settlement } = last;
  const { id, modelName, items, weightsSha256 } = intent;
  const masked = items.flatMap(({ maskedCount }) => maskedCount ?? []);
  return defined({
    requestId: id,
    ...placeOfTries(tries, intent.route),
    modelName: modelName ?? 'an unknown model',
    servedModel: settlement?.servedModel,
    ...countsOf(tries),
    ...settlement?.speed,
    ...moneyOf(tries, found.length > tries.length),
    ...(found.length > 1 ? { tries: tries.map(tryOf), isCountAtLeast: isUncounted(tries, found.length) } : {}),
    items: items.map((item) => itemOf(item, nameOf)),
    maskedCount: masked.length === 0 ? undefined : masked.reduce((sum, each) => sum + each, 0),
    weightsSha256,
    sampling: samplingWords(samplingIn(last)),
  });
}

/** Of the most exposed try, of several such the last. */
function placeOfTries(tries: readonly LedgerRequest[], last: Route) {
  const rankOf = ({ kind }: Route): number => exposure.indexOf(kind);
  const most = tries.reduceRight(
    (worst, { intent: { route } }) => (rankOf(route) > rankOf(worst) ? route : worst),
    last,
  );
  return { exposure: most.kind, routeWords: placeOf(most), host: most.host };
}

/** Tokens of all tries that somebody counted. */
function countsOf(tries: readonly LedgerRequest[]) {
  const usages = tries.flatMap(({ settlement }) => settlement?.usage ?? []);
  const sumOf = (key: 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'reasoningTokens') => {
    const counts = usages.flatMap((usage) => usage[key] ?? []);
    return counts.length === 0 ? undefined : counts.reduce((sum, each) => sum + each, 0);
  };
  return {
    promptTokens: sumOf('promptTokens'),
    cachedTokens: sumOf('cachedTokens'),
    completionTokens: sumOf('completionTokens'),
    reasoningTokens: sumOf('reasoningTokens'),
    countedBy: usages.some(({ source }) => source === 'estimate') ? 'estimate' : usages.at(-1)?.source,
  } as const;
}

function isUncounted(tries: readonly LedgerRequest[], sent: number): true | undefined {
  return tries.length < sent || tries.some(({ settlement }) => settlement?.usage === undefined) ? true : undefined;
}

/** @param isMissing some try is not among them. */
function moneyOf(tries: readonly LedgerRequest[], isMissing: boolean) {
  const mayHaveCost = isMissing && tries.some(({ intent }) => mayCost(intent));
  const spend = tries.map(spendOfTry).reduce(addSpend, mayHaveCost ? unpriced : noSpend);
  const bases = new Set(tries.flatMap(({ settlement }) => (settlement && costBasisWords(settlement.cost)) ?? []));
  return { costWords: moneyWords(spend), costBasisWords: bases.size === 1 ? [...bases][0] : basisWords(spend) };
}

const unpriced: Spend = { ...noSpend, isAtLeast: true };

/** Of one that has no end, nobody will tell any more what it cost. */
function spendOfTry({ intent, settlement }: LedgerRequest): Spend {
  if (settlement !== undefined) return spendOf(settlement);
  return mayCost(intent) ? unpriced : noSpend;
}

function tryOf(request: LedgerRequest): ReceiptTry {
  const { intent, settlement } = request;
  return defined({
    requestId: intent.id,
    exposure: intent.route.kind,
    routeWords: placeOf(intent.route),
    outcomeWords: outcomeWords(settlement),
    promptTokens: settlement?.usage?.promptTokens,
    completionTokens: settlement?.usage?.completionTokens,
    countedBy: settlement?.usage?.source,
    costWords: moneyWords(spendOfTry(request)),
  });
}

function itemOf({ uri, bytes, lines, maskedCount }: LedgerItem, nameOf: (uri: string) => string): ReceiptItem {
  const name = lines === undefined ? nameOf(uri) : `${nameOf(uri)}:${lines[0]}-${lines[1]}`;
  return { name, bytes, ...(maskedCount === undefined ? {} : { maskedCount }) };
}

const samplingNames: Readonly<Record<keyof Sampling, string>> = {
  temperature: 'temperature',
  topP: 'top p',
  topK: 'top k',
  minP: 'min p',
  seed: 'seed',
  maxTokens: 'most tokens',
};

function samplingWords(sampling: Sampling): Receipt['sampling'] {
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

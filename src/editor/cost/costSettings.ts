/** What the user wrote about prices and budgets, in dollars, becomes integer nano-dollars here, or a word about it. Pure. */
import type { Limit, LimitName, Limits } from '../../ledger/budget.ts';
import type { Price, PriceList, ServerPrice } from '../../models/price.ts';

/** By what a setting calls a model: a reference as in `models/choose`, or its server's name for it. */
export type OwnPrices = Readonly<Record<string, PriceList>>;

const nanoPerUsd = 1e9;
const limitNames: readonly LimitName[] = ['perRequest', 'perDay', 'perMonth'];
const priceKeys = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const;

/** Dollars as nano-dollars; `undefined`: no sum of money, or one that nobody has. */
function nanoUsd(usd: unknown): number | undefined {
  const isSum = typeof usd === 'number' && usd >= 0 && usd <= 1e6;
  return isSum ? Math.round(usd * nanoPerUsd) : undefined;
}

/** Entries that make no sense are left out; see `problemsOfPrices`. */
export function ownPrices(value: unknown): OwnPrices | undefined {
  if (!isRecord(value)) return undefined;
  const lists = Object.entries(value).map(([model, entry]) => [model, priceList(entry)] as const);
  return Object.fromEntries(lists.filter((pair): pair is [string, PriceList] => pair[1] !== undefined));
}

/** Why prices are left out, a sentence each. */
export function problemsOfPrices(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isRecord(value)) return ['The setting paddock.cost.prices is left out: it is no object.'];
  const bad = Object.entries(value).filter(([, entry]) => priceList(entry) === undefined);
  return bad.map(
    ([model]) =>
      `The price of ${model} in the setting paddock.cost.prices is left out. It needs "input" and "output" in dollars per ` +
      'million tokens, and may have "cacheRead", "cacheWrite" and "reasoning".',
  );
}

/** What a server's "price" says; `undefined`: it makes no sense. */
export function serverPrice(value: unknown): ServerPrice | undefined {
  if (!isRecord(value)) return undefined;
  if (!('perHour' in value)) return priceList(value);
  const perHourNanoUsd = nanoUsd(value['perHour']);
  return perHourNanoUsd === undefined || Object.keys(value).length > 1 ? undefined : { perHourNanoUsd };
}

/**
 * The limits; a number is a hard one. One that makes no sense counts as a hard limit of nothing: who wrote something
 * there wanted less than everything to be spent.
 */
export function budgets(value: unknown): Limits | undefined {
  if (value === undefined) return undefined;
  const nothing: Limit = { nanoUsd: 0, kind: 'hard' };
  if (!isRecord(value)) return { perDay: nothing };
  const isStrange = Object.keys(value).some((key) => !limitNames.some((name) => name === key));
  const limits = limitNames.flatMap((name) => {
    const entry = value[name];
    return entry === undefined || entry === null ? [] : [[name, limitOf(entry) ?? nothing] as const];
  });
  return { ...Object.fromEntries(limits), ...(isStrange ? { perDay: nothing } : {}) };
}

/** Why a limit counts as one of nothing, a sentence each. */
export function problemsOfBudgets(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const until = 'Until it is mended, nothing that costs money is sent.';
  if (!isRecord(value)) return [`The setting paddock.cost.budgets is no object. ${until}`];
  const bad = Object.entries(value).filter(
    ([name, entry]) => !limitNames.some((each) => each === name) || (entry !== null && limitOf(entry) === undefined),
  );
  return bad.map(
    ([name]) =>
      `"${name}" in the setting paddock.cost.budgets makes no sense: there are perRequest, perDay and perMonth, each a ` +
      `sum in dollars, or {"usd": 10, "kind": "soft"}. ${until}`,
  );
}

function limitOf(entry: unknown): Limit | undefined {
  const { usd, kind = 'hard' } = isRecord(entry) ? entry : { usd: entry };
  const sum = nanoUsd(usd);
  return sum === undefined || (kind !== 'hard' && kind !== 'soft') ? undefined : { nanoUsd: sum, kind };
}

function priceList(entry: unknown): PriceList | undefined {
  if (!isRecord(entry) || Object.keys(entry).some((key) => !priceKeys.some((known) => known === key))) return undefined;
  const prices = priceKeys.flatMap((key) => (entry[key] === undefined ? [] : [[key, nanoUsd(entry[key])] as const]));
  if (prices.some(([, price]) => price === undefined)) return undefined;
  const list = Object.fromEntries(prices.map(([key, price]): [string, Price] => [key, { nanoUsd: price ?? 0 }]));
  return 'input' in list && 'output' in list ? (list as unknown as PriceList) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The price table that is built in is read here. It knows list prices; nobody's guess is a price. */
import type * as LibraryModule from '@pydantic/genai-prices';
import type { CardId, Usage } from '../models/model.ts';
import type { Price, PriceList } from '../models/price.ts';
import { costNanoUsd } from './rates.ts';

/** The version of the price table that is built in, and the day it was published. */
export const priceTableEdition = { version: '0.1.8', date: '2026-09-23' } as const;

/** What a model costs per million tokens, USD; of a price with tiers the lowest. */
export interface Rates {
  readonly inputUsd: number;
  readonly outputUsd: number;
  /** Long requests cost more than this. */
  readonly isTiered: boolean;
}

/** Prices as they were on the table's day. */
export interface PriceTable {
  /** `undefined`: the table does not know the model, or not all of its price. */
  ratesOf(card: CardId, model: string): Rates | undefined;
  /**
   * As `ratesOf`, in full. @param atMs when it is used, ms since 1970: some prices depend on the day or the hour; absent:
   * now.
   */
  listOf(card: CardId, model: string, atMs?: number): PriceList | undefined;
  /** What the usage cost, integer nano-dollars; `undefined`: unknown. @param atMs as in `listOf`. */
  costNanoUsd(card: CardId, model: string, usage: Usage, atMs: number): number | undefined;
}

/** Under which name the table has the providers of our cards; a server of one's own has no list price. */
const providers: Partial<Record<CardId, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  mistral: 'mistral',
  codestral: 'mistral',
  azure: 'azure',
  deepseek: 'deepseek',
  groq: 'groq',
  openrouter: 'openrouter',
  together: 'together',
};

type Library = Pick<typeof LibraryModule, 'calcPrice'>;
type TablePrice = LibraryModule.ModelPrice[string];

/** Whether the table may know models of this card. */
export function isInTable(card: CardId): boolean {
  return providers[card] !== undefined;
}

/** Reads the table, half a megabyte, when somebody first wants a price. Opens no connection. */
export async function loadPriceTable(): Promise<PriceTable> {
  const library = await import('@pydantic/genai-prices');
  const listOf: PriceTable['listOf'] = (card, model, atMs) => listIn(library, { card, model, atMs });
  return {
    listOf,
    ratesOf(card, model) {
      const list = listOf(card, model);
      return list && ratesOf(list);
    },
    costNanoUsd(card, model, usage, atMs) {
      const list = listOf(card, model, atMs);
      return list && costNanoUsd(list, usage);
    },
  };
}

/**
 * The library finds the model and the price of the day; it is not asked to multiply, because its sums are binary
 * fractions, and because it takes a price that it does not have for nothing.
 */
function listIn(
  library: Library,
  { card, model, atMs }: { card: CardId; model: string; atMs: number | undefined },
): PriceList | undefined {
  const providerId = providers[card];
  if (providerId === undefined) return undefined;
  const timestamp = atMs === undefined ? {} : { timestamp: new Date(atMs) };
  const name = model.replace(/^models\//, ''); // as Google's list of models has them
  const found = library.calcPrice({ input_tokens: 0, output_tokens: 0 }, name, { providerId, ...timestamp });
  if (found === null) return undefined;
  const { input_mtok, output_mtok, cache_read_mtok, cache_write_mtok, output_reasoning_mtok } = found.model_price;
  const [input, output] = [priceOf(input_mtok), priceOf(output_mtok)];
  if (input === undefined || output === undefined) return undefined;
  const [cacheRead, cacheWrite, reasoning] = [cache_read_mtok, cache_write_mtok, output_reasoning_mtok].map(priceOf);
  return {
    ...{ input, output },
    ...(cacheRead && { cacheRead }),
    ...(cacheWrite && { cacheWrite }),
    ...(reasoning && { reasoning }),
  };
}

function priceOf(price: TablePrice): Price | undefined {
  if (price === undefined) return undefined;
  if (typeof price === 'number') return { nanoUsd: nanoUsd(price) };
  const steps = price.tiers.map((tier) => ({ aboveTokens: tier.start, nanoUsd: nanoUsd(tier.price) }));
  return { nanoUsd: nanoUsd(price.base), steps: steps.sort((one, other) => one.aboveTokens - other.aboveTokens) };
}

/** Prices have a few decimals, which a nano-dollar per million tokens holds exactly. */
function nanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}

function ratesOf({ input, output }: PriceList): Rates {
  const isTiered = [input, output].some(({ steps = [] }) => steps.length > 0);
  return { inputUsd: input.nanoUsd / 1e9, outputUsd: output.nanoUsd / 1e9, isTiered };
}

/** Tokens become money here, where a price is known; nobody's guess is a price. Pure, but for reading the table. */
import type * as LibraryModule from '@pydantic/genai-prices';
import type { CardId, Usage } from '../models/model.ts';

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
  /** `undefined`: the table does not know the model. */
  ratesOf(card: CardId, model: string): Rates | undefined;
  /**
   * What the usage cost, integer nano-dollars; `undefined`: unknown. Cached tokens at their own price where the model
   * has one; reasoning tokens are part of the completion's.
   * @param atMs when it was used, ms since 1970: some prices depend on the day or the hour.
   */
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

/** Reads the table, half a megabyte, when somebody first wants a price. Opens no connection. */
export async function loadPriceTable(): Promise<PriceTable> {
  const library = await import('@pydantic/genai-prices');
  return {
    ratesOf: (card, model) => ratesOf(library, card, model),
    costNanoUsd: (card, model, usage, atMs) => {
      const price = priced(library, { card, model, usage: usageOf(usage), atMs });
      return price === undefined ? undefined : Math.round(price.total_price * 1e9);
    },
  };
}

function ratesOf(library: Library, card: CardId, model: string): Rates | undefined {
  const price = priced(library, { card, model, usage: { input_tokens: 1, output_tokens: 1 }, atMs: undefined });
  const input = price?.model_price['input_mtok'];
  const output = price?.model_price['output_mtok'];
  if (input === undefined || output === undefined) return undefined;
  const isTiered = typeof input === 'object' || typeof output === 'object';
  return { inputUsd: baseOf(input), outputUsd: baseOf(output), isTiered };
}

function priced(
  library: Library,
  {
    card,
    model,
    usage,
    atMs,
  }: { card: CardId; model: string; usage: Record<string, number>; atMs: number | undefined },
) {
  const providerId = providers[card];
  if (providerId === undefined) return undefined;
  const timestamp = atMs === undefined ? {} : { timestamp: new Date(atMs) };
  return library.calcPrice(usage, model, { providerId, ...timestamp }) ?? undefined;
}

/** The table counts cached tokens as a part of all input tokens, as we do. */
function usageOf({ promptTokens, cachedTokens, cacheWriteTokens, completionTokens }: Usage): Record<string, number> {
  return {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    ...(cachedTokens === undefined ? {} : { cache_read_tokens: cachedTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
  };
}

function baseOf(price: number | { readonly base: number }): number {
  return typeof price === 'number' ? price : price.base;
}

/** "What would this send, where, and for how much?" is answered here before anything is: nothing is asked of any server. */
import type { TokenEstimator } from '../ledger/estimate.ts';
import type { Route } from '../ledger/entry.ts';
import type { Pricing } from '../ledger/pricing.ts';
import type { Model, ModelRequest, Provider, ServedModel } from '../models/model.ts';
import { cardOf } from '../providers/cards.ts';
import { requestSize, sizeOf } from './counting.ts';

/** A request before it is sent. */
export interface Preview {
  /** Of the prompt. Exact: counted by the model's own tokenizer. */
  readonly tokens: { readonly value: number; readonly isExact: boolean };
  /** Where it will most likely go, never less exposed than it will. */
  readonly route: Route;
  /**
   * Integer nano-dollars: from the prompt alone, to what budgets keep free for it. `unmetered`: nobody charges, which is
   * never shown as a sum.
   */
  readonly cost: { readonly lowNanoUsd: number; readonly highNanoUsd: number } | 'unknown' | 'unmetered';
  /** How long reading all of it takes on this computer, s; less where the beginning was read before. Absent: not known. */
  readonly readSeconds?: number;
}

/** What is looked at. */
export interface Previewed {
  readonly model: Model;
  readonly request: ModelRequest;
}

/** What a preview is made from. */
export interface PreviewNeeds {
  readonly providerOf: (model: Model) => Provider;
  readonly estimator: TokenEstimator;
  readonly pricing: Pick<Pricing, 'prepare' | 'isMetered' | 'worstNanoUsd' | 'leastNanoUsd'>;
  readonly routeOf: (model: Model) => Route;
  /** How fast our own engine reads with this model, as it was measured; `undefined`: it was not. */
  readonly readTokPerS: (model: Model) => number | undefined;
  readonly now: () => number;
}

/** Gives what looks ahead. It never throws and starts no engine: what is not known is estimated. */
export function createPreview(needs: PreviewNeeds): (previewed: Previewed, signal: AbortSignal) => Promise<Preview> {
  return async (previewed, signal) => {
    const { model, request } = previewed;
    const tokens = await tokensOf(needs, previewed, signal);
    const route = needs.routeOf(model);
    if (model.provider === 'server') return { tokens, route, cost: await costOf(needs, model, request, route) };
    const perS = needs.readTokPerS(model);
    return { tokens, route, cost: 'unmetered', ...(perS ? { readSeconds: tokens.value / perS } : {}) };
  };
}

async function tokensOf(
  { providerOf, estimator }: PreviewNeeds,
  { model, request }: Previewed,
  signal: AbortSignal,
): Promise<Preview['tokens']> {
  const counted =
    request.kind === 'chat'
      ? await providerOf(model)
          .count?.(request, signal)
          .catch(() => undefined)
      : undefined;
  const value = counted ?? estimator.estimate(model.id, sizeOf(request)).tokens;
  return { value, isExact: counted !== undefined };
}

async function costOf(
  { estimator, pricing, now }: PreviewNeeds,
  model: ServedModel,
  request: ModelRequest,
  { forwardsTo }: Route,
): Promise<Preview['cost']> {
  const charges = forwardsTo === undefined ? cardOf(model.endpoint.card).isMetered : undefined;
  if (pricing.isMetered(model, charges) === false) return 'unmetered';
  await pricing.prepare(model);
  const about = { model, isMetered: charges, atMs: now() };
  const { tokens } = estimator.estimate(model.id, sizeOf(request));
  const highNanoUsd = pricing.worstNanoUsd({ ...about, ...requestSize(estimator, model, request) });
  const lowNanoUsd = pricing.leastNanoUsd({ ...about, promptTokens: tokens, completionTokens: 0 });
  return highNanoUsd === undefined || lowNanoUsd === undefined ? 'unknown' : { lowNanoUsd, highNanoUsd };
}

/** "What would this send, where, and for how much?" is answered here before anything is: nothing is asked of any server. */
import type { TokenEstimator } from '../ledger/estimate.ts';
import type { Route } from '../ledger/entry.ts';
import type { Pricing } from '../ledger/pricing.ts';
import type { Counted, Model, ModelRequest, Provider, ServedModel } from '../models/model.ts';
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
  /** How long reading takes on this computer what is not held there from before, s. Absent: not known. */
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
    const counted = await countedBy(needs, previewed, signal);
    const value = counted?.tokens ?? needs.estimator.estimate(model.id, sizeOf(request)).tokens;
    const tokens = { value, isExact: counted !== undefined };
    const route = needs.routeOf(model);
    if (model.provider === 'server') return { tokens, route, cost: await costOf(needs, model, request, route) };
    const perS = needs.readTokPerS(model);
    return {
      tokens,
      route,
      cost: 'unmetered',
      ...(perS ? { readSeconds: (value - (counted?.heldTokens ?? 0)) / perS } : {}),
    };
  };
}

/** `undefined`: nobody here can count it. */
async function countedBy(
  { providerOf }: PreviewNeeds,
  { model, request }: Previewed,
  signal: AbortSignal,
): Promise<Counted | undefined> {
  if (request.kind !== 'chat') return undefined;
  return providerOf(model)
    .count?.(request, signal)
    .catch(() => undefined);
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

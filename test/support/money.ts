/** What prices and estimates come from in tests. */
import type { ExchangeNeeds } from '../../src/exchange.ts';
import type { Route } from '../../src/ledger/entry.ts';
import { TokenEstimator } from '../../src/ledger/estimate.ts';
import { Pricing, type PricingNeeds } from '../../src/ledger/pricing.ts';
import { LogLines } from './log.ts';

/** Prices that nobody knows, but for what a test says. */
export function pricingWith(needs: Partial<PricingNeeds> = {}): Pricing {
  return new Pricing({
    loadTable: () => Promise.resolve({ listOf: none, ratesOf: none, costNanoUsd: none }),
    ownPrices: () => ({}),
    serverPrice: none,
    listedPrice: none,
    log: new LogLines(),
    ...needs,
  });
}

/** What an exchange needs to know of money where a test is not about it: nothing was learned, nothing is limited. */
export function noLimits(): Pick<ExchangeNeeds, 'estimator' | 'hasHardLimit' | 'pricing' | 'routeOf' | 'readTokPerS'> {
  const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
  return {
    estimator: new TokenEstimator({ get: none, set: none }),
    hasHardLimit: () => false,
    pricing: pricingWith(),
    routeOf: () => route,
    readTokPerS: none,
  };
}

function none(): undefined {
  return undefined;
}

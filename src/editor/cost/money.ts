/** Everything about money is built here from the settings: prices, limits, estimates. */
import type * as vscode from 'vscode';
import type { Log } from '../../base/log.ts';
import type { Limits } from '../../ledger/budget.ts';
import { TokenEstimator, type TokenRatio } from '../../ledger/estimate.ts';
import type { PriceTable } from '../../ledger/price.ts';
import { Pricing } from '../../ledger/pricing.ts';
import type { ServedModel } from '../../models/model.ts';
import type { KnownModel } from '../../providers/survey.ts';
import type { Checksum, ChecksumStore } from '../../weights/checksums.ts';
import type { LiveSettings } from '../settings.ts';

/** What it is built from. */
export interface MoneyNeeds {
  readonly settings: Pick<LiveSettings, 'now'>;
  readonly memento: vscode.Memento;
  readonly loadTable: () => Promise<PriceTable>;
  readonly known: (model: ServedModel) => KnownModel | undefined;
  readonly log: Log;
}

/** What the gate and the exchange are given. */
export interface Money {
  readonly pricing: Pricing;
  readonly estimator: TokenEstimator;
  readonly budgets: () => Limits;
  readonly hasHardLimit: () => boolean;
}

const ratiosKey = 'cost.tokenRatios';
const checksumsKey = 'weights.checksums';
const mostChecksums = 50;

export function buildMoney({ settings, memento, loadTable, known, log }: MoneyNeeds): Money {
  const budgets = (): Limits => settings.now['cost.budgets'];
  const pricing = new Pricing({
    loadTable,
    ownPrices: () => settings.now['cost.prices'],
    serverPrice: (baseUrl) => settings.now.servers.find(({ url }) => url === baseUrl)?.price,
    listedPrice: (model) => {
      const price = known(model)?.price;
      return price && { input: { nanoUsd: price.promptNanoUsd }, output: { nanoUsd: price.completionNanoUsd } };
    },
    log,
  });
  const estimator = new TokenEstimator({
    get: () => memento.get<Readonly<Record<string, TokenRatio>>>(ratiosKey),
    set: (ratios) => void memento.update(ratiosKey, ratios),
  });
  const hasHardLimit = (): boolean => Object.values(budgets()).some(({ kind }) => kind === 'hard');
  return { pricing, estimator, budgets, hasHardLimit };
}

/** Keeps the checksums of model files in the extension's own state on this machine. */
export function checksumMemory(memento: vscode.Memento): ChecksumStore {
  const sums = (): Record<string, Checksum> => memento.get(checksumsKey, {});
  return {
    get: (file) => sums()[file],
    set(file, sum) {
      const others = Object.entries(sums()).filter(([other]) => other !== file);
      void memento.update(checksumsKey, Object.fromEntries([...others.slice(1 - mostChecksums), [file, sum]]));
    },
  };
}

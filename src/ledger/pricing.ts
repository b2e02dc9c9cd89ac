/** "What did it cost, what could it cost?" is answered here, from the surest price there is; nobody's guess is a price. */
import type { Log } from '../base/log.ts';
import type { ServedModel, Usage } from '../models/model.ts';
import type { PriceList, ServerPrice } from '../models/price.ts';
import type { Cost } from './entry.ts';
import { isInTable, priceTableEdition, type PriceTable } from './price.ts';
import { costNanoUsd, isFree, mostNanoUsd } from './rates.ts';

/** What prices are taken from. The functions are asked anew each time. */
export interface PricingNeeds {
  readonly loadTable: () => Promise<PriceTable>;
  /** What the user says models cost: by `BASE_URL#MODEL`, or by the name that a server has for the model. */
  readonly ownPrices: () => Readonly<Record<string, PriceList>>;
  /** What the user says a server costs, by its base URL. */
  readonly serverPrice: (baseUrl: string) => ServerPrice | undefined;
  /** What the server itself lists for the model, as far as it was asked. */
  readonly listedPrice: (model: ServedModel) => PriceList | undefined;
  readonly log: Log;
}

/** A request that a server answered. */
export interface Used {
  readonly model: ServedModel;
  /** The model that answered, as the server calls it. */
  readonly servedModel: string | undefined;
  /** What the server's card says: whether somebody charges for it; `undefined`: nobody knows. */
  readonly isMetered: boolean | undefined;
  /** `undefined`: nothing was counted. */
  readonly usage: Usage | undefined;
  /** When it was asked, ms since 1970. */
  readonly atMs: number;
  /** How long it took. */
  readonly tookMs: number;
}

/** A request before it is sent. */
export interface Planned extends Pick<Used, 'model' | 'isMetered' | 'atMs'> {
  /** At most. */
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** By what a model is charged, and how sure that is. */
type Tariff =
  | { readonly kind: 'free' }
  | { readonly kind: 'tokens'; readonly list: PriceList; readonly from: 'user' | 'table' | 'server' }
  | { readonly kind: 'hour'; readonly perHourNanoUsd: number };

const hourMs = 3_600_000;
/** A request to a server that is charged by the hour hardly takes longer, ms. */
const longestWorkMs = hourMs / 6;

/** Knows the prices of servers' models. Our own engine has none. */
export class Pricing {
  private readonly needs: PricingNeeds;
  private table: PriceTable | undefined;
  private loading: Promise<void> | undefined;
  private isMissing = false;

  constructor(needs: PricingNeeds) {
    this.needs = needs;
  }

  /**
   * Reads the price table if it may be needed for this model; before, its prices count as unknown. Never rejects: a
   * request does not fail because nobody can say what it costs.
   */
  async prepare({ endpoint }: ServedModel): Promise<void> {
    if (this.table !== undefined || !isInTable(endpoint.card)) return;
    this.loading ??= this.load();
    await this.loading;
  }

  /** Whether somebody charges for the model: the user's word goes before the card's. `undefined`: nobody knows. */
  isMetered(model: ServedModel, isMetered: boolean | undefined): boolean | undefined {
    const tariff = this.userTariff(model, undefined);
    return tariff === undefined ? isMetered : tariff.kind !== 'free';
  }

  /** What a request cost. */
  costOf(used: Used): Cost {
    const { usage, tookMs } = used;
    const billed = usage?.billedNanoUsd;
    if (billed !== undefined && Number.isSafeInteger(billed) && billed >= 0)
      return { basis: 'billed', nanoUsd: billed };
    const tariff = this.tariffOf(used);
    if (tariff?.kind === 'free') return { basis: 'unmetered' };
    if (tariff?.kind === 'hour') return { basis: 'estimate', nanoUsd: costOfTime(tariff.perHourNanoUsd, tookMs) };
    const nanoUsd = tariff && usage && costNanoUsd(tariff.list, usage);
    if (tariff === undefined || usage === undefined || nanoUsd === undefined) return { basis: 'unknown' };
    if (tariff.from === 'server' || usage.source === 'estimate') return { basis: 'estimate', nanoUsd };
    const dated = tariff.from === 'table' ? { tableDate: priceTableEdition.date } : {};
    return { basis: 'table', nanoUsd, ...dated };
  }

  /** The most a request can cost, integer nano-dollars: nothing where nobody charges; `undefined`: nobody knows. */
  worstNanoUsd(planned: Planned): number | undefined {
    const tariff = this.tariffOf({ ...planned, servedModel: undefined });
    switch (tariff?.kind) {
      case undefined:
        return undefined;
      case 'free':
        return 0;
      case 'hour':
        return costOfTime(tariff.perHourNanoUsd, longestWorkMs);
      case 'tokens':
        return mostNanoUsd(tariff.list, planned.promptTokens, planned.completionTokens);
    }
  }

  /** As `worstNanoUsd`, where so many tokens are used as usual: nothing is cached, no time is taken. */
  leastNanoUsd({ promptTokens, completionTokens, ...about }: Planned): number | undefined {
    const usage = { promptTokens, cachedTokens: undefined, completionTokens, source: 'estimate' } as const;
    const cost = this.costOf({ ...about, servedModel: undefined, usage, tookMs: 0 });
    if (cost.basis === 'unknown') return undefined;
    return cost.basis === 'unmetered' ? 0 : cost.nanoUsd;
  }

  private async load(): Promise<void> {
    try {
      this.table = await this.needs.loadTable();
    } catch (error) {
      if (!this.isMissing)
        this.needs.log.error(`prices: the table could not be read, so prices are unknown: ${String(error)}`);
      this.isMissing = true; // said once: it is tried with every request
    }
    this.loading = undefined; // what could not be read may be the next time
  }

  /** `undefined`: nobody knows. */
  private tariffOf(used: Pick<Used, 'model' | 'servedModel' | 'isMetered' | 'atMs'>): Tariff | undefined {
    const { model, servedModel, isMetered, atMs } = used;
    const told = this.userTariff(model, servedModel);
    if (told !== undefined) return told;
    if (isMetered === false) return { kind: 'free' };
    // The one that answered is the one that is charged: a router picks it, a deployment has a name of its own.
    for (const name of servedModel === undefined ? [model.model] : [servedModel, model.model]) {
      const list = this.table?.listOf(model.endpoint.card, name, atMs);
      if (list !== undefined) return { kind: 'tokens', list, from: 'table' };
    }
    const list = this.needs.listedPrice(model);
    return list && { kind: 'tokens', list, from: 'server' };
  }

  private userTariff(model: ServedModel, servedModel: string | undefined): Tariff | undefined {
    const own = this.needs.ownPrices();
    const names = [model.id, model.model, ...(servedModel === undefined ? [] : [servedModel])];
    const name = names.find((each) => Object.hasOwn(own, each));
    const price = (name === undefined ? undefined : own[name]) ?? this.needs.serverPrice(model.endpoint.baseUrl);
    if (price === undefined) return undefined;
    if ('perHourNanoUsd' in price) return price.perHourNanoUsd === 0 ? { kind: 'free' } : { kind: 'hour', ...price };
    return isFree(price) ? { kind: 'free' } : { kind: 'tokens', list: price, from: 'user' };
  }
}

function costOfTime(perHourNanoUsd: number, tookMs: number): number {
  const product = BigInt(perHourNanoUsd) * BigInt(Math.max(0, Math.round(tookMs)));
  return Number((product + BigInt(hourMs / 2)) / BigInt(hourMs));
}

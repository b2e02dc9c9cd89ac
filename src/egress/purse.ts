/** "May this be spent?" is settled here before a request starts: the worst case against the limits, and the user's word. */
import { Emitter } from '../base/emitter.ts';
import { Failure } from '../base/failure.ts';
import { onEnd, Store, type Disposable } from '../base/store.ts';
import type { BudgetVerdict, LimitName, Limits, LimitUse, Wish } from '../ledger/budget.ts';
import type { Intent } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { dollars } from '../ledger/moneyWords.ts';
import type { Pricing } from '../ledger/pricing.ts';
import type { ServedModel } from '../models/model.ts';
import { yourSettings } from './policy.ts';

/** How much a request asks for at most, in tokens. */
export interface RequestSize {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** How long its prompt most likely is. */
  readonly likelyPromptTokens: number;
}

/** A request to a model whose price nobody knows, while a hard limit stands. */
export interface UnpricedQuestion {
  readonly modelName: string;
  readonly host: string;
  readonly use: LimitUse;
}

/** What the purse needs. The functions are asked anew for every request. */
export interface PurseNeeds {
  readonly ledger: Pick<Ledger, 'begin'>;
  readonly pricing: Pick<Pricing, 'worstNanoUsd' | 'isMetered'>;
  readonly budgets: () => Limits;
  /** Asks the user; a no unless they say yes. */
  readonly confirmUnpriced: (question: UnpricedQuestion) => Promise<boolean>;
}

/** What is to be begun. */
export interface Payment {
  readonly intent: Intent;
  /** `undefined`: an errand, which costs nothing. */
  readonly model: ServedModel | undefined;
  readonly size: RequestSize | undefined;
  readonly signal: AbortSignal;
}

/** Begins requests within the user's limits. */
export class Purse implements Disposable {
  private readonly store = new Store();
  private readonly warned = this.store.add(new Emitter<LimitUse>());
  private readonly needs: PurseNeeds;
  /** Models without a price that the user let pass since this window opened. */
  private readonly agreed = new Set<string>();

  /** Fires after a request was begun with which a limit would be four fifths used or more. */
  readonly onDidWarn = this.warned.event;

  constructor(needs: PurseNeeds) {
    this.needs = needs;
    this.store.add(onEnd(() => this.agreed.clear()));
  }

  /**
   * Writes the intent, with its worst case kept free. The user is asked about an unknown price only where they asked for
   * the request by hand: nothing that they did not ask for puts a question in their way.
   * @throws Failure `denied` when a limit stands against it; then nothing was written. Otherwise as `Ledger.begin`.
   */
  async begin(payment: Payment): Promise<void> {
    const { intent, model, signal } = payment;
    const wish = this.wishOf(payment);
    let verdict = await this.needs.ledger.begin(intent, { wish, signal });
    if (verdict.kind === 'ask' && intent.purpose.initiator === 'user' && model !== undefined) {
      const isAgreed = await this.agree(model, { host: intent.route.host ?? '', use: verdict.use });
      if (isAgreed)
        verdict = await this.needs.ledger.begin(intent, { wish: wish && { ...wish, mayBeUnpriced: true }, signal });
    }
    refuse(verdict, intent, wish);
    for (const use of verdict.kind === 'allow' ? verdict.warnings : []) this.warned.fire(use);
  }

  /**
   * To be asked when a model is picked whose price nobody may know: whether it may be used under the hard limits. The
   * answer holds until the window closes.
   * @returns true where there is nothing to ask.
   */
  async mayUse(model: ServedModel, host: string, isMetered: boolean | undefined, atMs: number): Promise<boolean> {
    const hard = limitNames.map((name) => [name, this.needs.budgets()[name]] as const);
    const [name, limit] = hard.find(([, each]) => each?.kind === 'hard') ?? [];
    if (name === undefined || limit === undefined || this.agreed.has(model.id)) return true;
    const worst = this.needs.pricing.worstNanoUsd({ model, isMetered, atMs, promptTokens: 1, completionTokens: 1 });
    return worst !== undefined || this.agree(model, { host, use: { name, limit, usedNanoUsd: 0 } });
  }

  dispose(): void {
    this.store.dispose();
  }

  private async agree(model: ServedModel, about: Omit<UnpricedQuestion, 'modelName'>): Promise<boolean> {
    const isAgreed = await this.needs.confirmUnpriced({ modelName: model.name, ...about });
    if (isAgreed) this.agreed.add(model.id);
    return isAgreed;
  }

  private wishOf({ intent, model, size }: Payment): Wish | undefined {
    if (model === undefined || size === undefined) return undefined;
    const planned = { model, isMetered: intent.isMetered, atMs: intent.atMs, ...size };
    return {
      worstNanoUsd: this.needs.pricing.worstNanoUsd(planned),
      limits: this.needs.budgets(),
      mayBeUnpriced: this.agreed.has(model.id),
    };
  }
}

const limitNames: readonly LimitName[] = ['perRequest', 'perDay', 'perMonth'];
const spans: Readonly<Record<LimitName, string>> = {
  perRequest: 'per request',
  perDay: 'per day',
  perMonth: 'per month',
};

function refuse(verdict: BudgetVerdict, { route, modelName }: Intent, wish: Wish | undefined): void {
  if (verdict.kind === 'allow') return;
  const { name, limit, usedNanoUsd } = verdict.use;
  const worst = wish?.worstNanoUsd;
  const stands = `your limit is ${dollars(limit.nanoUsd)} ${spans[name]}`;
  const gone = name === 'perRequest' ? '' : `, of which ${dollars(usedNanoUsd - (worst ?? 0))} is spent or kept free`;
  const what =
    worst === undefined
      ? `nobody knows what ${modelName ?? 'this model'} costs`
      : `this request could cost up to ${dollars(worst)}`;
  const facts = { host: route.host ?? '', rule: `budget: ${name}`, source: yourSettings };
  throw new Failure('denied', `Not sent: ${what}, and ${stands}${gone}.`, { action: 'openSettings', facts });
}

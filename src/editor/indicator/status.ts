/** What the indicator and the menu draw from is gathered here. */
import type { Clock } from '../../base/clock.ts';
import type { Failure, FailureFacts } from '../../base/failure.ts';
import type { Reason } from '../../completion/reason.ts';
import type { CompletionSettings } from '../../completion/trigger.ts';
import { ceilings, yourSettings, type Ceiling, type Policy } from '../../egress/policy.ts';
import type { EngineState } from '../../engine/engine.ts';
import { longMs, type Running } from '../../exchange/running.ts';
import { dayOf } from '../../ledger/books.ts';
import { limitUses, type Limits } from '../../ledger/budget.ts';
import type { Route } from '../../ledger/entry.ts';
import { forecastOf } from '../../ledger/forecast.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Pricing } from '../../ledger/pricing.ts';
import type { Tally } from '../../ledger/tally.ts';
import type { CardId, Model, Role } from '../../models/model.ts';
import { cardOf, guessCard } from '../../providers/cards.ts';
import { termsOf } from '../../providers/terms.ts';
import type { EngineView, IndicatorState, RoleView, RunningView } from './indicatorState.ts';
import { reasonWords, restOf } from '../completions/rest.ts';

/** The parts whose state is shown. */
export interface StatusNeeds {
  readonly settings: () => CompletionSettings;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, 'today' | 'month' | 'session' | 'days' | 'spending' | 'runningHere' | 'recentThatLeft'>;
  readonly pricing: Pick<Pricing, 'isMetered'>;
  /** What the user wants to spend at most. */
  readonly limits: () => Limits;
  readonly running: Pick<Running, 'elapsedMs'>;
  readonly modelFor: (role: Role) => Model | undefined;
  /** Why what is set for a role names no model; `undefined`: it does, or nothing is set. */
  readonly problemOf: (role: Role) => string | undefined;
  /** The state of the engine that holds a file. */
  readonly engineOf: (file: string) => EngineState;
  /** Where the next request to a model will go, never less exposed than it will; and who runs there, if that is known. */
  readonly placeOf: (model: Model) => { readonly route: Route; readonly server: string | undefined };
  /** What holds, as far as it has been read. */
  readonly policy: () => Policy;
  /** Language id of the active editor; `undefined`: none is open. */
  readonly language: () => string | undefined;
  readonly neighbours: () => readonly string[];
  /** As in `IndicatorState`. */
  readonly servedFrom: string | undefined;
}

type SumsView = Pick<IndicatorState, 'today' | 'day' | 'month' | 'session' | 'forecast' | 'limits' | 'recentThatLeft'>;

/**
 * Holds nothing but why the last request brought nothing, and sums as long as the ledger stays as it is; everything else
 * is asked for when it is drawn.
 */
export class Status {
  private readonly needs: StatusNeeds;
  private reason: Reason | undefined;
  private deniedBy: string | undefined;
  private summed: { readonly today: Tally; readonly wanted: Limits; readonly sums: SumsView } | undefined;

  constructor(needs: StatusNeeds) {
    this.needs = needs;
  }

  /** Remembers why the editor was last given nothing; `undefined`: it was given something. */
  readonly noteReason = (reason: Reason | undefined): void => {
    if (reason !== 'superseded') this.reason = reason;
  };

  /** Remembers the rule that kept a request from being sent. */
  readonly noteFailure = ({ kind, facts }: Failure): void => {
    if (kind === 'denied') this.deniedBy = denialWords(facts);
  };

  /** A request was answered, other rules hold, or another document is looked at: what was denied before is no news. */
  readonly forgetDenial = (): void => {
    this.deniedBy = undefined;
  };

  /** Everything as it is now. */
  readonly state = (): IndicatorState => {
    const { settings, clock, policy, language, neighbours, problemOf, servedFrom } = this.needs;
    const { rules, broken, consents } = policy();
    const held = rules.flatMap(({ ceiling, source }) => (ceiling === undefined ? [] : [{ ceiling, source }]));
    const strictest = held.toSorted((a, b) => ceilings.indexOf(a.ceiling) - ceilings.indexOf(b.ceiling))[0];
    return {
      completion: this.roleView('completion'),
      chat: this.roleView('chat'),
      running: this.runningView(),
      deniedBy: this.deniedBy,
      ceiling: strictest ?? { ceiling: 'any', source: 'nobody' },
      ownCeiling: held.find(({ source }) => source === yourSettings)?.ceiling ?? 'any',
      consents: consents.map(({ destination }) => destination),
      problems: [
        ...[problemOf('completion'), problemOf('chat')].filter((problem) => problem !== undefined),
        ...broken.map(({ source, line, message }) => `${source}, line ${line}: ${message}`),
      ],
      ...this.sums(),
      resting: restOf({ settings: settings(), language: language(), nowMs: clock.now() }),
      whyNone: this.reason && reasonWords(this.reason),
      servedFrom,
      neighbours: neighbours(),
    };
  };

  /** Summed up again when an entry came, which the sums of today tell: the item is drawn with every keystroke. */
  private sums(): SumsView {
    const { ledger, limits, clock } = this.needs;
    const { today } = ledger;
    const known = this.summed;
    if (known?.today === today && known.wanted === limits()) return known.sums;
    const { month, session, days, spending, recentThatLeft } = ledger;
    const day = dayOf(clock.now());
    const forecast = forecastOf(days, day);
    // What is kept free for running requests comes back when they end: it is not spent.
    const uses = limitUses(limits(), { ...spending, reservedNanoUsd: 0 });
    const sums = { today, day, month, session, forecast, limits: uses, recentThatLeft };
    this.summed = { today, wanted: limits(), sums };
    return sums;
  }

  private roleView(role: Role): RoleView | undefined {
    const { modelFor, engineOf, placeOf, ledger, pricing } = this.needs;
    const model = modelFor(role);
    if (model === undefined) return undefined;
    const { id, name } = model;
    const place = placeOf(model);
    return {
      id,
      name,
      ...place,
      ...vendorOf(model, place.route, pricing),
      engine: model.provider === 'embedded' ? viewOf(engineOf(model.file)) : undefined,
      last: ledger.today.lastOf.get(id),
    };
  }

  private runningView(): RunningView {
    const { ledger, running } = this.needs;
    const elapsedMs = running.elapsedMs ?? 0;
    const leaving = ledger.runningHere.findLast(({ route }) => route.kind === 'private' || route.kind === 'internet');
    return {
      elapsedS: elapsedMs < longMs ? undefined : Math.floor(elapsedMs / 1000),
      sending: leaving && {
        modelName: leaving.modelName,
        host: leaving.route.forwardsTo ?? leaving.route.host ?? 'an unknown host',
        promptTokens: leaving.estimatedPromptTokens,
      },
      isStoppable: running.elapsedMs !== undefined,
    };
  }
}

/** Who charges, by the user's word or the card; whose terms hold, by the host alone: anybody may call a server `openai` in the settings. */
function vendorOf(
  model: Model,
  { forwardsTo }: Route,
  pricing: StatusNeeds['pricing'],
): Pick<RoleView, 'vendor' | 'isMetered'> {
  if (model.provider === 'embedded') return { vendor: undefined, isMetered: false };
  const { baseUrl, card } = model.endpoint;
  const vendor: CardId = guessCard(baseUrl);
  return {
    vendor: termsOf(vendor) === undefined ? undefined : vendor,
    isMetered: pricing.isMetered(model, forwardsTo === undefined ? cardOf(card).isMetered : undefined),
  };
}

/** A rule as its file has it becomes a few words, and the name of that file; the message has told the rest. */
function denialWords({ rule = 'a rule', source = '' }: FailureFacts): string {
  if (rule === 'consent') return 'not agreed to yet';
  const file = /[\\/]([^\\/]+)$/.exec(source)?.[1];
  const line = /^line \d+$/.exec(rule)?.[0];
  if (line !== undefined) return `${file ?? 'a policy file'} is broken in ${line}`;
  const words = ruleWords(rule);
  return file === undefined ? words : `${words} (${file})`;
}

function ruleWords(rule: string): string {
  const [, name = rule, value = ''] = /^(\w+): (.*)$/s.exec(rule) ?? [];
  switch (name) {
    case 'ceiling':
      return isCeiling(value) ? `only ${reachWords[value]} is allowed` : rule;
    case 'forbiddenHosts':
    case 'forbiddenModels':
      return `${value} is forbidden`;
    case 'allowedHosts':
      return 'a host that is not allowed';
    case 'allowedModels':
      return 'a model that is not allowed';
    case 'neverSend':
      return `${value} stays here`;
    case 'budget':
      return budgetWords[value] ?? 'over a budget';
    default:
      return rule; // the line of an ignore file
  }
}

const budgetWords: Readonly<Record<string, string>> = {
  perRequest: 'over the budget of one request',
  perDay: 'over today’s budget',
  perMonth: 'over this month’s budget',
};

const reachWords: Readonly<Record<Ceiling, string>> = {
  device: 'the engine here',
  loopback: 'this computer',
  private: 'the private network',
  any: 'everything',
};

function isCeiling(word: string): word is Ceiling {
  return ceilings.some((ceiling) => ceiling === word);
}

function viewOf(state: EngineState): EngineView {
  switch (state.kind) {
    case 'stopped':
      return { kind: 'asleep' };
    case 'starting':
      return { kind: 'loading', progress: state.progress };
    case 'ready':
      return state;
    case 'failed':
      return { kind: 'failed', failure: state.failure, isRestarting: state.retryInMs !== undefined };
  }
}

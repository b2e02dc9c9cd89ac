/** Everything the status bar item and the menu depend on: plain data, gathered by `status`. */
import type { Failure } from '../../base/failure.ts';
import type { Resting } from '../../completion/trigger.ts';
import type { Ceiling } from '../../egress/policy.ts';
import type { EngineFacts } from '../../engine/messages.ts';
import type { Day } from '../../ledger/books.ts';
import type { LimitUse } from '../../ledger/budget.ts';
import type { Route } from '../../ledger/entry.ts';
import type { Forecast } from '../../ledger/forecast.ts';
import type { LedgerRequest } from '../../ledger/rows.ts';
import type { LastRequest, Tally } from '../../ledger/tally.ts';
import type { CardId } from '../../models/model.ts';

/** How an engine is, in the indicator's words. */
export type EngineView =
  | { readonly kind: 'asleep' }
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly isRestarting: boolean };

/** The model picked for a role, and where it is. */
export interface RoleView {
  /** As in `Model`. */
  readonly id: string;
  readonly name: string;
  /** Never less exposed than what the next request will be. */
  readonly route: Route;
  /** Who runs there, as far as that is known: `Ollama`, `OpenAI`; `undefined`: nobody knows, or our own engine. */
  readonly server: string | undefined;
  /** Whose terms hold there, known by the host's own name; `undefined`: nobody's that we know. */
  readonly vendor: CardId | undefined;
  /** Whether somebody charges for it; `undefined`: nobody knows. */
  readonly isMetered: boolean | undefined;
  /** `undefined`: it is not in our own engine. */
  readonly engine: EngineView | undefined;
  /** The newest request that was measured today; `undefined`: there is none. */
  readonly last: LastRequest | undefined;
}

/** What runs now. */
export interface RunningView {
  /** How long the oldest request has run, once that is worth telling, s. */
  readonly elapsedS: number | undefined;
  /** What is being sent away from this computer, and to which host. */
  readonly sending: SendingView | undefined;
  /** Whether a request runs that can be stopped; an errand, such as a download, has a button of its own. */
  readonly isStoppable: boolean;
}

/** A request on its way. */
export interface SendingView {
  readonly modelName: string | undefined;
  readonly host: string;
  /** How long its prompt is thought to be; `undefined`: nobody guessed. */
  readonly promptTokens: number | undefined;
}

/** Everything the item depends on. */
export interface IndicatorState {
  /** `undefined`: no model is chosen. */
  readonly completion: RoleView | undefined;
  readonly chat: RoleView | undefined;
  readonly running: RunningView;
  /** The rule that kept the newest request from being sent, in a few words; `undefined`: none did. */
  readonly deniedBy: string | undefined;
  /** The strictest ceiling that holds, and where it stands. */
  readonly ceiling: { readonly ceiling: Ceiling; readonly source: string };
  /** The ceiling of the user's own settings. */
  readonly ownCeiling: Ceiling;
  /** What the user agreed to: origins. */
  readonly consents: readonly string[];
  /** Settings that name no model, policy files nobody understands: sentences. */
  readonly problems: readonly string[];
  readonly today: Tally;
  /** The day it is. */
  readonly day: Day;
  /** Sums of this month, and of this window since it was opened. */
  readonly month: Tally;
  readonly session: Tally;
  /** `undefined`: nobody can tell yet, or nothing costs anything. */
  readonly forecast: Forecast | undefined;
  /** How the user's limits stand, by what is spent; what is only kept free is not in it. */
  readonly limits: readonly LimitUse[];
  /** The newest requests that left this computer, newest first. */
  readonly recentThatLeft: readonly LedgerRequest[];
  /** Why completions rest, a few words for people; `undefined`: they do not. */
  readonly resting: { readonly kind: Resting; readonly words: string } | undefined;
  /** Why the last pause in typing brought no suggestion; `undefined`: it did, or nobody asked. */
  readonly whyNone: string | undefined;
  /** VS Code runs in a browser and was loaded from this loopback address; `undefined`: it runs on the desktop. */
  readonly servedFrom: string | undefined;
  /** Names of other extensions that offer inline completions too. */
  readonly neighbours: readonly string[];
}

/** The models in use, each once, that for completions first. */
export function chosenOf({ completion, chat }: Pick<IndicatorState, 'completion' | 'chat'>): readonly RoleView[] {
  return [completion, chat?.id === completion?.id ? undefined : chat].filter((view) => view !== undefined);
}

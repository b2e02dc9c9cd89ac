/** What `Switch Provider` knows at a moment, and what can be picked from it: the data that its lists are drawn from. */
import type { Failure } from '../../base/failure.ts';
import type { Verdict } from '../../egress/policy.ts';
import type { Route } from '../../ledger/entry.ts';
import type { Endpoint, Model, Role } from '../../models/model.ts';
import type { Card } from '../../providers/cards.ts';
import type { FoundServer, ListedModel } from '../../providers/survey.ts';
import type { ModelFile } from '../../weights/gguf.ts';
import type { Starter } from '../../weights/starters.ts';
import type { PresetId } from './presets.ts';

/** What a line of the first list leads to. */
export type FirstPick =
  | { readonly kind: 'roles'; readonly roles: readonly Role[] }
  | { readonly kind: 'preset'; readonly preset: PresetId }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'addServer' | 'setApiKey' | 'removeApiKey' | 'thisComputerOnly' };

/** What a line of a list of models leads to. */
export type ModelPick =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'browse' }
  | { readonly kind: 'fetch'; readonly starter: Starter }
  | { readonly kind: 'served'; readonly endpoint: Endpoint; readonly model: string }
  /** The endpoint's models are to be listed. */
  | { readonly kind: 'models'; readonly endpoint: Endpoint }
  | { readonly kind: 'enterName'; readonly endpoint: Endpoint }
  | { readonly kind: 'setKey'; readonly endpoint: Endpoint }
  | { readonly kind: 'complete'; readonly card: Card }
  | { readonly kind: 'askAgain'; readonly endpoint: Endpoint }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'wait' }
  | { readonly kind: 'addServer' };

/** A rule that forbids a model, and where it stands. */
export type Denial = Extract<Verdict, { readonly kind: 'deny' }>;

/** What can be told of a model or a server without asking anybody. */
export interface Telling {
  /** Where an endpoint most likely is; names are not looked up. */
  readonly routeOf: (endpoint: Endpoint, model?: Pick<ListedModel, 'model' | 'forwardsTo'>) => Route;
  /** The route to our own engine. */
  readonly engineRoute: Route;
  /** `undefined`: nothing forbids it, as far as can be said without looking its name up. */
  readonly denialOf: (endpoint: Endpoint, model: ListedModel | undefined) => Denial | undefined;
  /** A few words: `$0.15 in, $0.60 out per million tokens`. `undefined`: unknown. */
  readonly priceWords: (card: Card, model: string) => string | undefined;
  /** Whether a model file says how a chat is written; `undefined`: not known yet, or nobody can tell. */
  readonly hasChatTemplate: (file: string) => boolean | undefined;
  /** Tokens per second that a model was last seen to write; by its id. */
  readonly speedOf: (modelId: string) => number | undefined;
}

/** One server of the user's, as far as it has answered. */
export interface AskedServer {
  readonly endpoint: Endpoint;
  readonly name: string;
  /** What it has; why it does not say; `undefined`: it is being asked. */
  readonly answer: readonly ListedModel[] | Failure | undefined;
}

/** Everything the list of models depends on. */
export interface SwitchState {
  readonly roles: readonly Role[];
  readonly chosen: Readonly<Record<Role, Model | undefined>>;
  /** GGUF files on this computer; `undefined`: they are being looked for. */
  readonly files: readonly ModelFile[] | undefined;
  /** Servers on this computer; `undefined`: they are being looked for. */
  readonly found: readonly FoundServer[] | undefined;
  readonly servers: readonly AskedServer[];
  /** Origins that have a key. */
  readonly origins: readonly string[];
  /** Tokens of context each embedded model is given. */
  readonly contextTokens: number;
  readonly starters: readonly Starter[];
  /** Ids of cards whose models are reached through a list of their own. */
  readonly cards: readonly Card[];
}

/** Every request to a model passes this door: it computes the route, asks the policy, writes the intent, and settles. */
import type { Clock } from '../base/clock.ts';
import { Failure, type FailureKind } from '../base/failure.ts';
import type { Outcome, Route } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Errand, Item, Model, Purpose, Send, Speed, Usage } from '../models/model.ts';
import { routeTo, type Side } from './route.ts';

/** A server that is asked, and what is known of it. */
export interface Destination {
  /** The endpoint's base URL; `send` reaches its origin only. */
  readonly url: string;
  /** How a key is attached: `Authorization: Bearer KEY`, `api-key: KEY`, or never. */
  readonly auth: 'bearer' | 'api-key' | 'none';
  readonly nature: ServerNature;
  /** Where it passes the bytes on to; only when its nature is `forwards`. */
  readonly forwardsTo?: string;
  /** Whether somebody charges for it; `undefined`: nobody knows. Decides the cost's basis when the server tells none. */
  readonly isMetered: boolean | undefined;
}

/** Whether the program that answers holds the weights itself. */
export type ServerNature = 'unknown' | 'holdsWeights' | 'forwards';

/** What a passage is wanted for. */
export interface Order {
  readonly purpose: Purpose | Errand;
  /** `undefined` for an errand. */
  readonly model: Model | undefined;
  /** `undefined`: our own engine. */
  readonly destination: Destination | undefined;
  readonly items: readonly Item[];
  readonly signal: AbortSignal;
}

/** How a request went, as its passage is closed with. */
export interface Ending {
  readonly outcome: Outcome;
  readonly failure?: FailureKind;
  readonly usage?: Usage | undefined;
  readonly speed?: Speed | undefined;
  readonly servedModel?: string | undefined;
}

/** The right to make one request, already written down. */
export interface Passage {
  readonly route: Route;
  readonly send: Send;
  /** Writes the settlement. Only the first call counts. */
  close(ending: Ending): void;
}

/** Opens passages. The only room that may ever open a connection. */
export class Gate {
  private readonly ledger: Ledger;
  private readonly clock: Clock;
  private readonly side: Side;

  constructor({ ledger, clock, side }: { ledger: Ledger; clock: Clock; side: Side }) {
    this.ledger = ledger;
    this.clock = clock;
    this.side = side;
  }

  /** Computes the route and writes the intent; when it resolves, the request may start. Throws `Failure`. */
  async open({ purpose, model, items }: Order): Promise<Passage> {
    const { ledger, clock } = this;
    if (model?.provider !== 'embedded') throw new Failure('unreachable', 'Servers cannot be reached yet.');
    const id = clock.newId();
    const route = routeTo(model, this.side);
    const { id: modelId, name: modelName } = model;
    ledger.append({ kind: 'intent', id, atMs: clock.now(), purpose, modelId, modelName, route, items });
    let isOpen = true;
    return {
      route,
      send: () => Promise.reject(new Failure('denied', 'The engine opens no connection.')),
      close({ outcome, failure, usage, speed }) {
        if (!isOpen) return;
        isOpen = false;
        const cost = { basis: 'unmetered' } as const;
        ledger.append({ kind: 'settlement', id, atMs: clock.now(), outcome, failure, usage, speed, cost });
      },
    };
  }
}

/** Every request to a model passes this door: it computes the route, writes the intent, and settles at the end. */
import type { Clock } from '../base/clock.ts';
import type { FailureKind } from '../base/failure.ts';
import type { Item, Outcome, Route } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Model, Purpose, Speed, Usage } from '../models/model.ts';
import { routeTo, type Side } from './route.ts';

/** How a request went, as its passage is closed with. */
export interface Ending {
  readonly outcome: Outcome;
  readonly failure?: FailureKind;
  readonly usage?: Usage;
  readonly speed?: Speed;
}

/** The right to make one request, already written down. */
export interface Passage {
  readonly route: Route;
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

  /** Computes the route and writes the intent; when it returns, the request may start. Throws `Failure`. */
  open({ purpose, model, items }: { purpose: Purpose; model: Model; items: readonly Item[] }): Passage {
    const { ledger, clock } = this;
    const id = clock.newId();
    const route = routeTo(model, this.side);
    const { id: modelId, name: modelName } = model;
    ledger.append({ kind: 'intent', id, atMs: clock.now(), purpose, modelId, modelName, route, items });
    let isOpen = true;
    return {
      route,
      close({ outcome, failure, usage, speed }) {
        if (!isOpen) return;
        isOpen = false;
        const cost = { basis: 'unmetered' } as const;
        ledger.append({ kind: 'settlement', id, atMs: clock.now(), outcome, failure, usage, speed, cost });
      },
    };
  }
}

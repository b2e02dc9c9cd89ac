/** What the indicator and the menu draw from is gathered here. */
import type { Clock } from '../base/clock.ts';
import type { Reason } from '../completion/reason.ts';
import type { CompletionSettings } from '../completion/trigger.ts';
import type { EngineState } from '../engine/engine.ts';
import type { Route } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EmbeddedModel } from '../models/model.ts';
import type { EngineView, IndicatorState } from './indicatorView.ts';
import { reasonWords, restOf } from './rest.ts';

/** The parts whose state is shown. */
export interface StatusNeeds {
  readonly settings: () => CompletionSettings;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly model: () => EmbeddedModel | undefined;
  /** The state of the model's engine. */
  readonly engine: () => EngineState;
  readonly route: (model: EmbeddedModel) => Route;
  /** Language id of the active editor; `undefined`: none is open. */
  readonly language: () => string | undefined;
  readonly neighbours: () => readonly string[];
  /** As in `IndicatorState`. */
  readonly servedFrom: string | undefined;
}

/** Holds nothing but the reason of the last "no suggestion"; everything else is asked for when it is drawn. */
export class Status {
  private readonly needs: StatusNeeds;
  private reason: Reason | undefined;

  constructor(needs: StatusNeeds) {
    this.needs = needs;
  }

  /** Remembers why the editor was last given nothing; `undefined`: it was given something. */
  readonly noteReason = (reason: Reason | undefined): void => {
    if (reason !== 'superseded') this.reason = reason;
  };

  /** Everything as it is now. */
  readonly state = (): IndicatorState => {
    const { settings, clock, engine, ledger, model, route, language, neighbours } = this.needs;
    const chosen = model();
    const { today } = ledger;
    return {
      modelName: chosen?.name,
      route: chosen && route(chosen),
      engine: viewOf(engine()),
      // The speed of another model, used before or in another window, is not this one's.
      today: today.last?.modelId === chosen?.id ? today : { ...today, last: undefined },
      resting: restOf({ settings: settings(), language: language(), nowMs: clock.now() }),
      whyNone: this.reason && reasonWords(this.reason),
      servedFrom: this.needs.servedFrom,
      neighbours: neighbours(),
    };
  };
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

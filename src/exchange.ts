/** The one road to a model: choose it, open a passage, stream, settle. */
import { asFailure, Failure } from './base/failure.ts';
import type { Ending, Gate } from './egress/gate.ts';
import type { Item } from './ledger/entry.ts';
import type { Ask, Model, ModelRequest, Provider, Role, Speed, Usage } from './models/model.ts';

/** What the exchange needs. */
export interface ExchangeNeeds {
  /** The model picked for a role; `undefined`: none is. */
  readonly choose: (role: Role) => Model | undefined;
  readonly gate: Gate;
  readonly providerOf: (model: Model) => Provider;
}

/** Builds the `Ask` that features are given. Every request it starts has one intent and one settlement. */
export function createAsk({ choose, gate, providerOf }: ExchangeNeeds): Ask {
  return async function* ask(purpose, request, signal) {
    const model = choose(purpose.role);
    if (model === undefined) throw new Failure('noModel', 'No model is chosen yet.', { action: 'chooseModel' });
    if (signal.aborted) throw new Failure('aborted', 'Stopped.');
    const passage = gate.open({ purpose, model, items: itemsOf(request) });
    const counted: { usage?: Usage; speed?: Speed } = {};
    const count = (usage: Usage, speed: Speed): void => void Object.assign(counted, { usage, speed });
    let ending: Ending = { outcome: 'enough' }; // stands when the reader leaves the loop
    try {
      for await (const chunk of providerOf(model).stream(request, count, signal)) {
        if (chunk.kind === 'end') {
          count(chunk.usage, chunk.speed);
          ending = { outcome: 'finished' };
        }
        yield chunk;
      }
    } catch (error) {
      const failure = asFailure(error, 'unexpected', 'showLog');
      ending = failure.kind === 'aborted' ? { outcome: 'stopped' } : { outcome: 'failed', failure: failure.kind };
      throw failure;
    } finally {
      const outcome = ending.outcome === 'enough' && signal.aborted ? 'stopped' : ending.outcome;
      passage.close({ ...ending, outcome, ...counted });
    }
  };
}

function itemsOf(request: ModelRequest): readonly Item[] {
  const largest = request.windows[0];
  if (largest === undefined) return [];
  const text = largest.head + request.line + largest.suffix;
  return [{ uri: request.document, bytes: Buffer.byteLength(text) }];
}

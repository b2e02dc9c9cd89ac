/** The one road to a model: choose it, open a passage, stream, settle. */
import { asFailure, Failure } from './base/failure.ts';
import type { Ending, Gate, Passage } from './egress/gate.ts';
import type { Item } from './ledger/entry.ts';
import type { Ask, InfillWindow, Model, OnProgress, Provider, ReadAhead, Role, Speed, Usage } from './models/model.ts';

/** What the exchange needs. */
export interface ExchangeNeeds {
  /** The model picked for a role; `undefined`: none is. */
  readonly choose: (role: Role) => Model | undefined;
  readonly gate: Gate;
  readonly providerOf: (model: Model) => Provider;
}

/** Ways to reach a model. Everything that goes through them has one intent and one settlement. */
export interface Exchange {
  readonly ask: Ask;
  readonly readAhead: ReadAhead;
}

export function createExchange(needs: ExchangeNeeds): Exchange {
  return { ask: asking(needs), readAhead: readingAhead(needs) };
}

function asking({ choose, gate, providerOf }: ExchangeNeeds): Ask {
  return async function* ask(purpose, request, signal) {
    const model = choose(purpose.role);
    if (model === undefined) throw new Failure('noModel', 'No model is chosen yet.', { action: 'chooseModel' });
    if (signal.aborted) throw new Failure('aborted', 'Stopped.');
    const items = itemsOf(request.document, request.windows[0], request.line);
    const settlement = settling(gate.open({ purpose, model, items }));
    let ending: Ending = { outcome: 'enough' }; // stands when the reader leaves the loop
    try {
      for await (const chunk of providerOf(model).stream(request, settlement.count, signal)) {
        if (chunk.kind === 'end') {
          settlement.count(chunk.usage, chunk.speed);
          ending = { outcome: 'finished' };
        }
        yield chunk;
      }
    } catch (error) {
      const failure = asFailure(error, 'unexpected', 'showLog');
      ending = endingOf(failure);
      throw failure;
    } finally {
      settlement.settle(ending.outcome === 'enough' && signal.aborted ? { outcome: 'stopped' } : ending);
    }
  };
}

function readingAhead({ choose, gate, providerOf }: ExchangeNeeds): ReadAhead {
  /** The newest reading, while it runs and after it was finished: the same again would find nothing to read. */
  let newest: { readonly key: string; readonly abort: AbortController } | undefined;
  return (request) => {
    const model = choose('completion');
    const provider = model && providerOf(model);
    const key = JSON.stringify([model?.id, request]);
    if (model === undefined || provider?.readAhead === undefined || newest?.key === key) return;
    newest?.abort.abort();
    const reading = { key, abort: new AbortController() };
    newest = reading;
    const items = itemsOf(request.document, request.window, request.line);
    const purpose = { role: 'completion', initiator: 'ahead' } as const;
    const settlement = settling(gate.open({ purpose, model, items }));
    provider.readAhead(request, settlement.count, reading.abort.signal).then(
      () => settlement.settle({ outcome: 'finished' }),
      (error: unknown) => {
        if (newest === reading) newest = undefined;
        // Nobody waits for it: the engine's own state tells the user what is wrong.
        settlement.settle(endingOf(asFailure(error, 'unexpected')));
      },
    );
  };
}

/** Collects the counts of one passage and closes it with them. */
function settling(passage: Passage): { readonly count: OnProgress; readonly settle: (ending: Ending) => void } {
  let counted: { usage?: Usage; speed?: Speed } = {};
  return {
    count: (usage, speed) => void (counted = { usage, speed }),
    settle: (ending) => passage.close({ ...ending, ...counted }),
  };
}

function endingOf({ kind }: Failure): Ending {
  return kind === 'aborted' ? { outcome: 'stopped' } : { outcome: 'failed', failure: kind };
}

function itemsOf(uri: string, window: InfillWindow | undefined, line: string): readonly Item[] {
  if (window === undefined) return [];
  return [{ uri, bytes: Buffer.byteLength(window.head + (window.line ?? line) + window.suffix) }];
}

/** What the completion pipeline has to know of the model picked for it is gathered here. Pure. */
import type { CompletionModel } from '../../completion/pace.ts';
import type { EngineState } from '../../engine/engine.ts';
import type { Route } from '../../ledger/entry.ts';
import type { LastRequest } from '../../ledger/tally.ts';
import type { Model, ServedModel } from '../../models/model.ts';

/** The context of a server that did not tell: what the smallest ones have by default. */
const unknownContextTokens = 4096;
/** Every request elsewhere is paid for or shared with others; typing that rested so long has most likely stopped, ms. */
const restElsewhereMs = 200;

/** Where the facts come from. */
export interface CompletionModelNeeds {
  readonly model: Model | undefined;
  /** The state of the engine that holds a file. */
  readonly engineOf: (file: string) => EngineState;
  /** The newest request of a model that was measured today; `undefined`: there is none. */
  readonly lastOf: (modelId: string) => LastRequest | undefined;
  readonly known: (model: ServedModel) => { readonly contextTokens?: number | undefined } | undefined;
  readonly route: (model: ServedModel) => Route;
}

/** The facts; `undefined`: no model is picked, or its engine has not loaded it yet. */
export function completionModel(needs: CompletionModelNeeds): CompletionModel | undefined {
  const { model } = needs;
  if (model === undefined) return undefined;
  if (model.provider === 'server') return servedModel(model, needs);
  const state = needs.engineOf(model.file);
  return state.kind === 'ready' ? { ...state.facts, id: model.id } : undefined;
}

function servedModel(model: ServedModel, { lastOf, known, route }: CompletionModelNeeds): CompletionModel {
  const { kind } = route(model);
  return {
    id: model.id,
    // However a server is asked, it is told what follows the cursor.
    hasInfillTokens: true,
    prefillTokPerS: undefined,
    decodeTokPerS: lastOf(model.id)?.settlement.speed?.decodeTokPerS,
    contextTokens: known(model)?.contextTokens ?? unknownContextTokens,
    ...(kind === 'private' || kind === 'internet' ? { restMs: restElsewhereMs } : {}),
  };
}

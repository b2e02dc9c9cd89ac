/** A model's place becomes a route here. Pure. */
import type { Route } from '../ledger/entry.ts';
import type { EmbeddedModel } from '../models/model.ts';

/** Where this extension itself runs: on the machine with the window, or on a remote host it is connected to. */
export interface Side {
  /** The remote host's name; `undefined` on the machine with the window. */
  readonly remote: string | undefined;
}

/** The route to a model in our own engine: a child process that we start ourselves and that opens no connection. */
export function routeTo(_model: EmbeddedModel, side: Side): Route {
  return { kind: 'inProcess', evidence: 'verified', host: undefined, remote: side.remote };
}

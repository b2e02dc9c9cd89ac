/** What the sockets are asked to do, and what they give back. Types only, so that rooms can speak of them. */
import type { Failure } from '../base/failure.ts';
import type { Ends } from './networkFailure.ts';
import type { Origin } from './origin.ts';
import type { Answer } from './response.ts';

/** One request, ready to be written. */
export interface WireRequest {
  readonly origin: Origin;
  readonly ends: Ends;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** The connection has to lead to one of these; `undefined`: a proxy hides where it leads. */
  readonly addresses: readonly string[] | undefined;
  /** No agent of ours may be given, because VS Code would leave out the proxy then. */
  readonly isAgentless: boolean;
  /** The connection is checked, and the request is about to be written. */
  readonly onSend: () => void;
}

/** One request under way. */
export interface Call {
  /**
   * The answer's head. Rejects with `Failure`; with an `Elsewhere` when the connection led to another address than was
   * promised, in which case nothing was written.
   */
  readonly answer: Promise<Answer>;
  /** Closes the connection at once; what waits for the answer or reads its body gets this failure. */
  leave(failure: Failure): void;
}

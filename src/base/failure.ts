/** Every failure a person may meet passes through here: one class, a closed list of kinds, one action each. */

/** What went wrong, in the words the code branches on. */
export type FailureKind =
  | 'aborted'
  /** A rule of the user's, the machine owner's or the repository's forbids it; nothing was sent. */
  | 'denied'
  /** The server wants a key, another key, or refuses this one. */
  | 'auth'
  /** The account has no money or no allowance left. */
  | 'quota'
  /** Too many requests; `facts.retryAfterMs` where the server said when. */
  | 'rateLimited'
  /** The request is longer than the model's context; `facts` has both numbers. */
  | 'contextTooLong'
  /** No connection, or none that lasted; `facts.host`. */
  | 'unreachable'
  /** The server's certificate is not trusted. */
  | 'tls'
  /** The server answered what nobody understands, or failed by itself. */
  | 'badResponse'
  | 'noModel'
  | 'modelMissing'
  | 'modelInvalid'
  | 'modelUnsupported'
  | 'outOfMemory'
  | 'cpuUnsupported'
  | 'engineMissing'
  | 'engineCrashed'
  | 'engineTimeout'
  | 'requestInvalid'
  | 'diskFailed'
  | 'unexpected';

/** The one thing the user can do about it; `editor/` maps it to a button. */
export type FailureAction =
  'chooseModel' | 'restartEngine' | 'showLog' | 'openSettings' | 'switchProvider' | 'setApiKey' | 'openPolicy';

/** Numbers and names that belong to a failure. Never document text, prompts or keys. */
export interface FailureFacts {
  /** The server's origin or host. */
  readonly host?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly usedTokens?: number;
  readonly limitTokens?: number;
  /** The rule that forbids it, and the file or setting it stands in. */
  readonly rule?: string;
  readonly source?: string;
}

/** Whether anything had reached the reader when it failed; after that nothing is tried again. */
export type FailurePhase = 'beforeOutput' | 'midStream';

interface FailureOptions {
  readonly action?: FailureAction | undefined;
  readonly cause?: unknown;
  readonly facts?: FailureFacts;
  /** The same request may succeed in a moment. Default false. */
  readonly isPassing?: boolean;
  /** Default `beforeOutput`. */
  readonly phase?: FailurePhase;
}

/** An expected failure: thrown where it is known, shown where it can be shown (in `editor/`). */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** `undefined`: there is nothing useful to press. */
  readonly action: FailureAction | undefined;
  readonly facts: FailureFacts;
  readonly isPassing: boolean;
  readonly phase: FailurePhase;

  /** @param message a full sentence for the user, without document text, prompts or keys. */
  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.action = options.action;
    this.facts = options.facts ?? {};
    this.isPassing = options.isPassing ?? false;
    this.phase = options.phase ?? 'beforeOutput';
  }
}

/** The same failure after something had reached the reader. */
export function midStream(failure: Failure): Failure {
  const { kind, message, action, cause, facts } = failure;
  return new Failure(kind, message, { action, cause, facts, phase: 'midStream' });
}

/** The failure itself, or the unknown error wrapped as `kind`. An abort stays an abort. */
export function asFailure(error: unknown, kind: FailureKind, action?: FailureAction): Failure {
  if (error instanceof Failure) return error;
  if (isAbort(error)) return new Failure('aborted', 'Stopped.', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(kind, message, action === undefined ? { cause: error } : { action, cause: error });
}

/** Whether the error says that somebody stopped the work; stopping is not an error. */
export function isAbort(error: unknown): boolean {
  if (error instanceof Failure) return error.kind === 'aborted';
  return error instanceof Error && error.name === 'AbortError';
}

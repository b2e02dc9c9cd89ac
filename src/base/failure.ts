/** Every failure a person may meet passes through here: one class, a closed list of kinds, one action each. */

/** What went wrong, in the words the code branches on. */
export type FailureKind =
  | 'aborted'
  | 'denied'
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
export type FailureAction = 'chooseModel' | 'restartEngine' | 'showLog' | 'openSettings';

/** An expected failure: thrown where it is known, shown where it can be shown (in `editor/`). */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** `undefined`: there is nothing useful to press. */
  readonly action: FailureAction | undefined;

  /** @param message a full sentence for the user, without document text, prompts or keys. */
  constructor(kind: FailureKind, message: string, options: { action?: FailureAction; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.action = options.action;
  }
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

/** Work that nobody waits for passes through here, so that its failure is shown all the same. */
import { asFailure, type Failure } from '../../base/failure.ts';

/** Lets work go on by itself. */
export type Unawaited = (work: Promise<unknown>) => void;

export function unawaited(onFailure: (failure: Failure) => void): Unawaited {
  return (work) => void work.catch((error: unknown) => onFailure(asFailure(error, 'unexpected', 'showLog')));
}

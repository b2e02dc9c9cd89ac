/** What failed is remembered by its message, so that the button beside the message knows what it is about. */
import type { Failure, FailureAction } from '../../base/failure.ts';

const most = 50;

/** The newest failures that the panel shows. */
export class Failures {
  private readonly known = new Map<string, Failure>();

  /** Gives it back. */
  remember<Kept extends Failure | undefined>(failure: Kept): Kept {
    if (failure === undefined) return failure;
    this.known.delete(failure.message);
    this.known.set(failure.message, failure);
    const [oldest] = this.known.keys();
    if (this.known.size > most && oldest !== undefined) this.known.delete(oldest);
    return failure;
  }

  /** What a button is about; of a failure from before a reload only the action is known. */
  find(action: FailureAction, message: string | undefined): Pick<Failure, 'action' | 'facts'> {
    const failure = message === undefined ? undefined : this.known.get(message);
    return failure?.action === action ? failure : { action, facts: {} };
  }
}

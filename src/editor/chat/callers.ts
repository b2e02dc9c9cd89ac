/** "May this one ask yet another thing?" is answered here for other extensions, each of which may ask a few at once. */
import { onEnd, type Disposable } from '../../base/store.ts';

/** Enough for an agent and its helpers; a loop gone wild is stopped soon. */
export const mostAtOnce = 4;

/** The requests of other extensions that run now. */
export class Callers {
  private readonly running = new Map<string, number>();

  /** A place for one request, to be given back when it ended; `undefined`: this caller has all of its places taken. */
  enter(caller: string): Disposable | undefined {
    const taken = this.running.get(caller) ?? 0;
    if (taken >= mostAtOnce) return undefined;
    this.running.set(caller, taken + 1);
    return onEnd(() => this.leave(caller));
  }

  private leave(caller: string): void {
    const left = (this.running.get(caller) ?? 0) - 1;
    if (left > 0) this.running.set(caller, left);
    else this.running.delete(caller);
  }
}

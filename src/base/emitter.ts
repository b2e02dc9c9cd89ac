/** Announcements pass through here: an emitter tells its listeners about a state that already changed. */
import { onEnd, type Disposable } from './store.ts';

/** Subscribes; dispose what it gives back to stop listening. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Holds the listeners of one event. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.listeners.add(own);
    return onEnd(() => this.listeners.delete(own));
  };

  /** Calls every listener in the order they came; rethrows the first error after all were called. */
  fire(value: T): void {
    const errors: unknown[] = [];
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  dispose(): void {
    this.listeners.clear();
  }
}

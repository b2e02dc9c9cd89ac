/** Ownership passes through here: whatever has an end is added to a store, and ends with it. */

/** Something that can be ended. Ending twice is safe. */
export interface Disposable {
  dispose(): void;
}

/**
 * Ends everything added to it, newest first, also when one of them throws; the first error is thrown after that.
 * Adding to an ended store ends the item at once.
 */
export class Store implements Disposable {
  private readonly items = new Set<Disposable>();
  private ended = false;

  /** Takes ownership and gives the item back: `const x = this.store.add(new X())`. */
  add<T extends Disposable>(item: T): T {
    if (this.ended) item.dispose();
    else this.items.add(item);
    return item;
  }

  /** Ends one item early. */
  release(item: Disposable): void {
    if (this.items.delete(item)) item.dispose();
  }

  /** How many items are owned now. */
  get size(): number {
    return this.items.size;
  }

  dispose(): void {
    this.ended = true;
    const items = [...this.items].reverse();
    this.items.clear();
    const errors: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** A disposable that runs `end` once. */
export function onEnd(end: () => void): Disposable {
  let ended = false;
  return {
    dispose() {
      if (ended) return;
      ended = true;
      end();
    },
  };
}

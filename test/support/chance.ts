export class Chance {
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** A whole number from 0, below `count`. */
  below(count: number): number {
    this.seed = (this.seed * 48271) % 2147483647;
    return this.seed % count;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}

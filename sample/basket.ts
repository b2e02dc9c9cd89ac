/** What a customer is about to buy. */
export interface Line {
  readonly tea: string;
  readonly grams: number;
  readonly centsPerGram: number;
}

export class Basket {
  private readonly lines: Line[] = [];

  add(line: Line): void {
    this.lines.push(line);
  }

  /** The sum of all lines, in cents. */
  totalCents(): number {
    // Type here, for example:  return this.lines

  }

  /** Whether the customer gets free shipping. */
  hasFreeShipping(): boolean {
    return this.totalCents() >= 5000;
  }
}

const basket = new Basket();
basket.add({ tea: 'Sencha', grams: 100, centsPerGram: 12 });
basket.add({ tea: 'Assam', grams: 250, centsPerGram: 7 });
console.log(`${basket.totalCents() / 100} euros, free shipping: ${basket.hasFreeShipping()}`);

import { describe, expect, it } from 'vitest';
import type { UnpricedQuestion } from '../../src/egress/purse.ts';
import { Purse } from '../../src/egress/purse.ts';
import type { Limits, LimitUse } from '../../src/ledger/budget.ts';
import type { Intent } from '../../src/ledger/entry.ts';
import type { PriceList } from '../../src/models/price.ts';
import { temporaryFolder } from '../support/folder.ts';
import { openLedger, paid, question } from '../support/ledgers.ts';
import { pricingWith } from '../support/money.ts';
import { served } from '../support/served.ts';

const usd = 1_000_000_000;
/** A dollar for a thousand tokens, whichever. */
const price: PriceList = { input: { nanoUsd: 1_000 * usd }, output: { nanoUsd: 1_000 * usd } };
const model = served('openai', 'gpt-x');
const hard = (dollars: number) => ({ nanoUsd: dollars * usd, kind: 'hard' }) as const;

interface Wanted {
  readonly intent?: Partial<Intent>;
  /** Dollars it may cost. */
  readonly worst?: number;
}

function setUp(limits: Limits, { isPriced = true, says = false } = {}) {
  const { ledger } = openLedger(temporaryFolder());
  const asked: UnpricedQuestion[] = [];
  const warned: LimitUse[] = [];
  const purse = new Purse({
    ledger,
    pricing: pricingWith({ ownPrices: () => (isPriced ? { 'gpt-x': price } : {}) }),
    budgets: () => limits,
    confirmUnpriced: (about) => {
      asked.push(about);
      return Promise.resolve(says);
    },
  });
  purse.onDidWarn((use) => warned.push(use));
  const begin = (id: string, { intent = {}, worst = 1 }: Wanted = {}) =>
    purse.begin({
      ...{ intent: question(id, intent), model, signal: new AbortController().signal },
      size: { promptTokens: worst * 400, completionTokens: worst * 600, likelyPromptTokens: worst * 300 },
    });
  return { ledger, purse, begin, asked, warned };
}

describe('a hard limit', () => {
  it('lets pass what fits with its worst case, and keeps that free until it is settled', async () => {
    const { ledger, begin } = setUp({ perDay: hard(3) });
    await begin('a');
    await begin('b');
    expect(ledger.spending.reservedNanoUsd).toBe(2 * usd);
    await expect(begin('c', { worst: 2 })).rejects.toMatchObject({ kind: 'denied' });
    ledger.append(paid('a', usd / 10));
    ledger.append(paid('b', usd / 10));
    await begin('d', { worst: 2 });
    expect(ledger.spending).toEqual({ dayNanoUsd: usd / 5, monthNanoUsd: usd / 5, reservedNanoUsd: 2 * usd });
    ledger.dispose();
  });

  it.each([
    [
      { perRequest: hard(1) },
      'budget: perRequest',
      'Not sent: this request could cost up to $2.00, and your limit is $1.00 per request.',
    ],
    [
      { perDay: hard(2) },
      'budget: perDay',
      'Not sent: this request could cost up to $2.00, and your limit is $2.00 per day, of which $0.50 is spent or kept free.',
    ],
    [
      { perMonth: hard(1) },
      'budget: perMonth',
      'Not sent: this request could cost up to $2.00, and your limit is $1.00 per month, of which $0.50 is spent or kept free.',
    ],
  ])('of %j says what stands against it, with both sums', async (limits, rule, message) => {
    const { ledger, begin } = setUp(limits);
    await ledger.begin(question('before'));
    ledger.append(paid('before', usd / 2));
    await expect(begin('a', { worst: 2 })).rejects.toMatchObject({
      ...{ kind: 'denied', message, action: 'openSettings' },
      facts: { rule, source: 'your settings', host: 'api.test:443' },
    });
    expect([...ledger.today.unsettled.keys()]).toEqual([]);
    ledger.dispose();
  });

  it('is never in the way of what runs on this computer', async () => {
    const { ledger, begin } = setUp({ perDay: hard(0) });
    const route = { kind: 'loopback', evidence: 'verified', host: '127.0.0.1:80', remote: undefined } as const;
    await begin('a', { intent: { route } });
    expect(ledger.runningHere.map(({ id }) => id)).toEqual(['a']);
    ledger.dispose();
  });
});

describe('a limit that is four fifths used', () => {
  it('is told of, a soft one also once it is passed; nothing is held back', async () => {
    const { ledger, begin, warned } = setUp({ perDay: { nanoUsd: 5 * usd, kind: 'soft' }, perMonth: hard(100) });
    await begin('a', { worst: 3 });
    expect(warned).toEqual([]);
    await begin('b', { worst: 1 });
    await begin('c', { worst: 4 });
    expect(warned.map(({ name, usedNanoUsd }) => [name, usedNanoUsd / usd])).toEqual([
      ['perDay', 4],
      ['perDay', 8],
    ]);
    ledger.dispose();
  });
});

describe('a price that nobody knows, under a hard limit', () => {
  const automatic = { intent: { purpose: { role: 'completion', initiator: 'automatic' } } } as const;

  it('is asked about where the user asked by hand, and once', async () => {
    const { ledger, begin, asked } = setUp({ perDay: hard(3) }, { isPriced: false, says: true });
    await begin('a');
    await begin('b');
    await begin('c', automatic);
    expect(asked).toMatchObject([{ modelName: 'gpt-x', host: 'api.test:443', use: { name: 'perDay' } }]);
    expect(ledger.runningHere.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    ledger.dispose();
  });

  it('is a no where the user says nothing, and where nobody asked for it by hand', async () => {
    const { ledger, begin, asked } = setUp({ perDay: hard(3) }, { isPriced: false });
    const denied = { kind: 'denied', facts: { rule: 'budget: perDay' } };
    await expect(begin('typed', automatic)).rejects.toMatchObject(denied);
    expect(asked).toEqual([]);
    await expect(begin('asked')).rejects.toMatchObject({
      ...denied,
      message:
        'Not sent: nobody knows what M costs, and your limit is $3.00 per day, of which $0.00 is spent or kept free.',
    });
    expect(asked).toHaveLength(1);
    expect(ledger.runningHere).toEqual([]);
    ledger.dispose();
  });

  it('is asked about when the model is picked; without a hard limit, or with a price, nobody is asked', async () => {
    const soft = { perDay: { nanoUsd: usd, kind: 'soft' } } as const;
    const may = ({ purse }: ReturnType<typeof setUp>) => purse.mayUse(model, 'api.test', true, 0);
    const free = setUp(soft, { isPriced: false });
    const priced = setUp({ perDay: hard(1) });
    const unpriced = setUp({ perDay: hard(1) }, { isPriced: false, says: true });
    expect([await may(free), await may(priced), await may(unpriced), await may(unpriced)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([free, priced, unpriced].map(({ asked }) => asked.length)).toEqual([0, 0, 1]);
    await unpriced.begin('typed', automatic);
    for (const { ledger } of [free, priced, unpriced]) ledger.dispose();
  });
});

import { describe, expect, it, onTestFinished, test } from 'vitest';
import { budgets, ownPrices, serverPrice } from '../../../src/editor/cost/costSettings.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { FakeWorkspace } from '../../support/vscodeStores.ts';

function live(user: Record<string, unknown>, ofWorkspace: Record<string, unknown> = {}): LiveSettings {
  const settings = new LiveSettings(new FakeWorkspace(user, ofWorkspace).asWorkspace);
  onTestFinished(() => settings.dispose());
  return settings;
}

const nothing = { nanoUsd: 0, kind: 'hard' };

describe('budgets', () => {
  it.each([
    [{}, {}],
    [{ perDay: 10 }, { perDay: { nanoUsd: 10_000_000_000, kind: 'hard' } }],
    [{ perRequest: { usd: 0.05, kind: 'soft' } }, { perRequest: { nanoUsd: 50_000_000, kind: 'soft' } }],
    [{ perMonth: { usd: 0.1 }, perDay: null }, { perMonth: { nanoUsd: 100_000_000, kind: 'hard' } }],
  ])('%j are read as %j', (written, read) => {
    expect(budgets(written)).toEqual(read);
    expect(live({ 'cost.budgets': written }).costProblems).toEqual([]);
  });

  it.each([
    ['ten', { perDay: nothing }],
    [[10], { perDay: nothing }],
    [{ perDay: '10' }, { perDay: nothing }],
    [{ perMonth: -1 }, { perMonth: nothing }],
    [{ perMonth: NaN }, { perMonth: nothing }],
    [{ perRequest: { usd: 1, kind: 'firm' } }, { perRequest: nothing }],
    [
      { perYear: 1, perMonth: 5 },
      { perDay: nothing, perMonth: { nanoUsd: 5_000_000_000, kind: 'hard' } },
    ],
  ])('that make no sense (%j) let nothing be spent, and that is said', (written, read) => {
    expect(budgets(written)).toEqual(read);
    const settings = live({ 'cost.budgets': written });
    expect(settings.now['cost.budgets']).toEqual(read);
    expect(settings.costProblems).toEqual([expect.stringMatching(/paddock\.cost\.budgets.*nothing that costs money/s)]);
  });
});

describe('prices of one’s own', () => {
  it('are dollars per million tokens', () => {
    expect(ownPrices({ m: { input: 1.25, output: 10, cacheRead: 0.0028 } })).toEqual({
      m: { input: { nanoUsd: 1_250_000_000 }, output: { nanoUsd: 10_000_000_000 }, cacheRead: { nanoUsd: 2_800_000 } },
    });
  });

  it.each([[{ input: 1 }], [{ input: '1', output: 2 }], [{ input: 1, output: 2, ouput: 3 }], [7], [null]])(
    'that make no sense (%j) are left out, and that is said',
    (entry) => {
      const settings = live({ 'cost.prices': { good: { input: 1, output: 2 }, bad: entry } });
      expect(Object.keys(settings.now['cost.prices'])).toEqual(['good']);
      expect(settings.costProblems).toEqual([expect.stringContaining('The price of bad')]);
    },
  );

  it('of a server are per hour or per million tokens', () => {
    expect(serverPrice({ perHour: 1.8 })).toEqual({ perHourNanoUsd: 1_800_000_000 });
    expect(serverPrice({ input: 0, output: 0.5 })).toEqual({ input: { nanoUsd: 0 }, output: { nanoUsd: 500_000_000 } });
    for (const bad of [{ perHour: 1, input: 1 }, { perHour: '1' }, {}, 3]) expect(serverPrice(bad)).toBeUndefined();
  });

  it('of a server are kept with it; a server whose price makes no sense is left out, and that is said', () => {
    const server = { url: 'http://10.0.0.5:8000', kind: 'vllm' };
    const settings = live({
      servers: [
        { ...server, price: { perHour: 2 } },
        { ...server, price: 'cheap' },
      ],
    });
    expect(settings.now.servers).toEqual([{ ...server, price: { perHourNanoUsd: 2_000_000_000 } }]);
    expect(settings.serverProblems).toEqual([expect.stringMatching(/^Entry 2 .*"price"/)]);
  });
});

test('a workspace may say what its costs are booked under, and neither prices nor budgets', () => {
  const { now } = live(
    { 'cost.label': ' mine ', 'cost.budgets': { perDay: 1 } },
    { 'cost.label': 'customer', 'cost.budgets': {}, 'cost.prices': { m: { input: 0, output: 0 } } },
  );
  expect(now['cost.label']).toBe('customer');
  expect(now['cost.budgets']).toEqual({ perDay: { nanoUsd: 1_000_000_000, kind: 'hard' } });
  expect(now['cost.prices']).toEqual({});
  expect(live({ 'cost.label': ' mine ' }).now['cost.label']).toBe('mine');
});

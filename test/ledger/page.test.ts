import { describe, expect, it } from 'vitest';
import type { Intent, Route, Settlement } from '../../src/ledger/entry.ts';
import { Holdings } from '../../src/ledger/holdings.ts';
import { requestsIn, rowsPerPage, sectionsOf } from '../../src/ledger/page.ts';
import type { Look, Sections } from '../../src/ledger/protocol.ts';
import { recordOf } from '../../src/ledger/record.ts';
import type { CompletionUse } from '../../src/ledger/statistics.ts';
import { noon, paid, question } from '../support/ledgers.ts';

const everything: Look = {
  period: 'all',
  fromDay: '',
  toDay: '',
  model: '',
  route: '',
  purpose: '',
  outcome: '',
  text: '',
  firstRow: 0,
  compared: '',
};

const here: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const dayMs = 86_400_000;

/** A question to the embedded engine. */
const local = (id: string, more: Partial<Intent> = {}): Intent =>
  question(id, {
    purpose: { role: 'completion', initiator: 'automatic' },
    modelId: 'embedded:/m/small.gguf',
    modelName: 'Small',
    route: here,
    ...more,
  });

const unmetered = (id: string, more: Partial<Settlement> = {}): Settlement =>
  paid(id, 0, { cost: { basis: 'unmetered' }, ...more });

function holding(...entries: readonly (Intent | Settlement)[]): Holdings {
  const holdings = new Holdings();
  for (const entry of entries) holdings.add(entry);
  return holdings;
}

const shown = (holdings: Holdings, look: Partial<Look> = {}, uses: readonly CompletionUse[] = []) =>
  sectionsOf({ holdings, uses, nowMs: noon }, { ...everything, ...look });

const figure = ({ totals }: Pick<Sections, 'totals'>, title: string): string => {
  const found = totals.figures.find((each) => each.title === title);
  return `${found?.value} | ${found?.detail}`;
};

const ids = ({ rows }: Pick<Sections, 'rows'>): string => rows.rows.map(({ id }) => id).join(' ');

describe('money on the page', () => {
  it('is never a sum where nobody charges', () => {
    const page = shown(holding(local('a'), unmetered('a')));
    expect(figure(page, 'Spend')).toBe('none charged | nobody charged for anything');
    expect(page.rows.rows[0]?.money).toBeUndefined();
    expect(page.chart.spendTicks).toEqual([]);
    expect(JSON.stringify(page)).not.toMatch(/\$0\.00/);
  });

  it('is unknown where nobody told, and at least where something has no end', () => {
    const unknown = shown(holding(question('a'), paid('a', 0, { cost: { basis: 'unknown' } })));
    expect(figure(unknown, 'Spend')).toBe('price unknown | 1 request without a price');
    const open = shown(holding(question('a'), paid('a', 420_000_000), question('b')));
    expect(figure(open, 'Spend')).toBe('at least $0.42 | price list');
    expect(open.about.notes.join()).toContain('1 request has no end');
    expect(open.chart.bars.at(-1)?.isAtLeast).toBe(true);
  });

  it('says what is estimated', () => {
    const page = shown(holding(question('a'), paid('a', 0, { cost: { basis: 'estimate', nanoUsd: 420_000_000 } })));
    expect(figure(page, 'Spend')).toBe('about $0.42 | estimated');
  });
});

describe('the chart', () => {
  it('has a bar for every day, those without requests too', () => {
    const page = shown(
      holding(question('a', { atMs: noon - 3 * dayMs }), paid('a', 1_000_000_000), local('b'), unmetered('b')),
    );
    expect(page.chart.bars.map(({ at, money }) => `${at} ${money ?? '-'}`)).toEqual([
      '2026-11-19 $1.00',
      '2026-11-20 -',
      '2026-11-21 -',
      '2026-11-22 -',
    ]);
    expect(page.chart.series).toEqual(['M', 'Small']);
    expect(page.chart.bars[3]?.parts).toEqual([
      { series: 1, tokens: 110, nanoUsd: 0, tokenWords: '110 tokens', money: undefined },
    ]);
    expect(page.chart.bars[0]?.long).toBe('Thursday, 19 November 2026');
    expect(page.chart.spendTicks.map(({ words }) => words)).toEqual(['$0', '$0.50', '$1.00']);
  });

  it('has months where there are too many days to point at', () => {
    const page = shown(holding(local('a', { atMs: noon - 200 * dayMs }), unmetered('a')));
    expect(page.chart.unit).toBe('month');
    expect(page.chart.bars.map(({ at }) => at)).toEqual(
      ['05', '06', '07', '08', '09', '10', '11'].map((month) => `2026-${month}`),
    );
  });

  it('gives the seventh model and those after it one colour', () => {
    const entries = Array.from({ length: 9 }, (_, index) => [
      local(`r${index}`, { modelId: `m${index}`, modelName: `Model ${index}` }),
      unmetered(`r${index}`),
    ]).flat();
    const { chart } = shown(holding(...entries));
    expect(chart.series).toHaveLength(7);
    expect(chart.series.at(-1)).toBe('Other models');
    expect(chart.bars.at(-1)?.parts.map(({ tokens }) => tokens)).toEqual([110, 110, 110, 110, 110, 110, 330]);
  });
});

describe('the sums', () => {
  const asked = { workspace: { id: '1', name: 'shop' } };
  const page = shown(
    holding(
      question('a', asked),
      paid('a', 10_000_000, { sentBytes: 2_048 }),
      local('b', asked),
      unmetered('b'),
      local('c', { purpose: { role: 'completion', initiator: 'ahead' } }),
      unmetered('c'),
    ),
  );

  it('are by purpose, workspace and host, the largest first', () => {
    expect(page.sums.map(({ title, rows }) => `${title}: ${rows.map(({ name }) => name).join(', ')}`)).toEqual([
      'By purpose: Chat, Completion while typing, Reading ahead',
      'By workspace: shop, none',
      'By host: this computer, api.test:443',
    ]);
    expect(page.sums[1]?.rows[0]).toEqual({ name: 'shop', requests: '2', tokens: '220', money: '$0.01', share: 2 / 3 });
  });

  it('say what left this computer, and leave reading ahead out of the requests', () => {
    expect(figure(page, 'Left this computer')).toBe('2 kB | in 1 request');
    expect(figure(page, 'Requests')).toBe('2 | and 1 in the background');
    expect(page.shares.map(({ name, words }) => `${name} ${words}`)).toEqual(['this computer 50%', 'internet 50%']);
  });

  it('are by label only where there is one', () => {
    const { sums } = shown(holding(question('a', { label: 'ACME' }), paid('a', 1)));
    expect(sums.at(-1)).toMatchObject({ title: 'By label', rows: [{ name: 'ACME' }] });
  });
});

describe('the table', () => {
  const entries = Array.from({ length: 120 }, (_, index) => [
    question(`r${index}`, { atMs: noon - index * 60_000 }),
    paid(`r${index}`, 1_000_000),
  ]).flat();

  it('is given a page at a time, the newest first', () => {
    const first = shown(holding(...entries)).rows;
    expect([first.total, first.rows.length, first.rows[0]?.id]).toEqual([120, rowsPerPage, 'r0']);
    const last = shown(holding(...entries), { firstRow: 100 }).rows;
    expect([last.first, last.rows.length, last.rows[0]?.id, last.rows.at(-1)?.id]).toEqual([100, 20, 'r100', 'r119']);
    expect(shown(holding(...entries), { firstRow: 9_999 }).rows.first).toBe(100);
    expect(first.words).toBe('120 requests · 13k tokens · $0.12');
  });

  const mixed = holding(
    question('a', { workspace: { id: '1', name: 'shop' } }),
    paid('a', 10_000_000),
    local('b', { items: [{ uri: 'file:///src/parser.ts', bytes: 10 }] }),
    unmetered('b', { outcome: 'stopped' }),
    question('c', { modelId: 'n', modelName: 'N' }),
    paid('c', 0, { outcome: 'failed', failure: 'rateLimited' }),
    question('d'),
  );

  it.each<[Partial<Look>, string]>([
    [{ model: 'n' }, 'c'],
    [{ route: 'inProcess/verified' }, 'b'],
    [{ purpose: 'chat/user' }, 'd c a'],
    [{ outcome: 'failed' }, 'c'],
    [{ outcome: 'noEnd' }, 'd'],
    [{ text: 'PARSER' }, 'b'],
    [{ text: 'shop' }, 'a'],
    [{ text: 'api.test' }, 'd c a'],
    [{ text: '.*' }, ''],
    [{ purpose: 'chat/user', outcome: 'finished' }, 'a'],
    [{ period: 'days', fromDay: '2026-11-23' }, ''],
    [{ period: 'days', toDay: '2026-11-22' }, 'd c b a'],
  ])('with %j it has %j', (look, wanted) => {
    expect(ids(shown(mixed, look)).split(' ').sort().join(' ')).toBe(wanted.split(' ').sort().join(' '));
  });

  it('says what a request could not tell as that', () => {
    const [row] = shown(holding(question('a'))).rows.rows;
    expect(row).toMatchObject({ tokens: undefined, money: 'price unknown', outcome: 'no end', isBad: true });
  });
});

describe('what is kept of a ledger', () => {
  it('is the same in whatever order it comes, and counts nothing twice', () => {
    const [intent, settlement] = [local('a'), unmetered('a')];
    const forth = shown(holding(intent, settlement, settlement, intent));
    const back = shown(holding(settlement, intent));
    expect(forth).toEqual(back);
    expect(forth.rows.total).toBe(1);
  });

  it('follows what is appended', () => {
    const holdings = holding(local('a'));
    expect(shown(holdings).rows.rows[0]?.outcome).toBe('no end');
    holdings.add(unmetered('a'));
    expect(shown(holdings).rows.rows[0]?.outcome).toBe('finished');
    expect(figure(shown(holdings), 'Tokens')).toBe('110 | 100 read, 10 written');
  });

  it('has sums of days whose requests are gone, and says so', () => {
    const source = holding(question('a', { atMs: noon - 90 * dayMs }), paid('a', 5_000_000));
    const old = new Holdings();
    old.addOld(source.days.flatMap((day) => source.rowsOf(day)));
    const page = shown(old);
    expect(page.rows.total).toBe(0);
    expect(figure(page, 'Spend')).toBe('$0.005 | price list');
    expect(page.about.notes.join()).toMatch(/Of 1 day until 2026-08-24 only the sums are kept/);
    expect(requestsIn(old, everything, noon)).toEqual([]);
  });

  it('tells damaged lines', () => {
    const holdings = holding(local('a'), unmetered('a'));
    holdings.damagedLines = 2;
    expect(shown(holdings).about.notes.join()).toContain('2 lines could not be read');
    expect(shown(new Holdings()).about).toMatchObject({ isEmpty: true, notes: [] });
  });
});

describe('completions', () => {
  const use: CompletionUse = {
    day: '2026-11-22',
    modelId: 'embedded:/m/small.gguf',
    language: 'typescript',
    offered: 40,
    accepted: 9,
    acceptedInPart: 1,
    acceptedLines: 20,
    judged: 8,
    judgedLines: 16,
    stillThere: 6,
    keptLines: 11,
  };

  it('are told per model, with what a kept line cost', () => {
    const { completions } = shown(holding(local('a'), unmetered('a')), {}, [use, { ...use, day: '2020-01-01' }]);
    expect(completions.rows).toEqual([
      {
        model: 'Small',
        offered: '40',
        accepted: '10 (25%), 1 of them in part',
        stillThere: '6 of 8',
        keptLines: '11 of 16 lines',
        perKeptLine: '10 tokens',
      },
    ]);
  });

  it('have a price per line where there is a price', () => {
    const closed = { purpose: { role: 'completion', initiator: 'automatic' } as const };
    const holdings = holding(question('a', closed), paid('a', 22_000_000));
    const { completions } = shown(holdings, {}, [{ ...use, modelId: 'm' }]);
    expect(completions.rows[0]?.perKeptLine).toBe('$0.002, 10 tokens');
  });
});

describe("a request's record", () => {
  it('says all that is known and leaves out what nobody told', () => {
    const intent = question('a', {
      items: [{ uri: 'file:///a.ts', bytes: 1_200, lines: [1, 9], maskedCount: 2 }],
      label: 'ACME',
    });
    const settlement = paid('a', 4_100_000, { atMs: noon + 1_500, sentBytes: 900 });
    const { groups, json } = recordOf({ intent, settlement });
    const fields = new Map(groups.flatMap((group) => group.fields.map(({ name, value }) => [name, value])));
    expect(Object.fromEntries(fields)).toMatchObject({
      Cost: '$0.0041 (list prices of 2026-09-23)',
      Evidence: 'verified on the connection',
      Ended: '2026-11-22 12:00:01 (after 1.5 s)',
      'Booked under': 'ACME',
      'file:///a.ts': 'lines 1–9 · 1.2 kB · 2 secrets masked',
    });
    expect(fields.has('Weights, SHA-256')).toBe(false);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([intent, settlement])));
  });

  it('says that a request without an end has none', () => {
    const { groups } = recordOf({ intent: question('a'), settlement: undefined });
    expect(JSON.stringify(groups)).toContain('not known: it has no end');
  });
});

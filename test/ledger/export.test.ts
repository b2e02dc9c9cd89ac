import { describe, expect, it } from 'vitest';
import type { Intent, Settlement } from '../../src/ledger/entry.ts';
import { csvOf, exportOf, merged, parseExport, usdOf, type LedgerExport } from '../../src/ledger/export.ts';
import type { LedgerContent } from '../../src/ledger/report.ts';
import { dailyRows, requestsOf, type LedgerRequest } from '../../src/ledger/rows.ts';
import { noon, paid, question } from '../support/ledgers.ts';

const request = (id: string, intent: Partial<Intent> = {}, end: Partial<Settlement> = {}): LedgerRequest => ({
  intent: question(id, intent),
  settlement: paid(id, 1_500, end),
});

function exported(
  requests: readonly LedgerRequest[],
  more: Partial<Parameters<typeof exportOf>[1]> = {},
): LedgerExport {
  const content: LedgerContent = { requests, oldRows: [], damagedLines: 0 };
  return exportOf(content, { person: 'Ada', hasNames: true, atMs: noon, head: 'ab', ...more });
}

const secret = {
  items: [
    { uri: 'file:///home/ada/secret-plan.ts', bytes: 12, sha256: 'c0ffee', lines: [1, 9] as const, maskedCount: 2 },
  ],
  workspace: { id: '0f', name: 'secret-folder' },
  modelId: 'embedded:/home/ada/models/m.gguf',
};

/** A table's cells, read as RFC 4180 says. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [];
  for (const line of csv
    .replace(/^\uFEFF/, '')
    .split('\r\n')
    .slice(0, -1)) {
    const cells = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)];
    rows.push(cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''));
  }
  return rows;
}

const cell = (csv: string, column: string, row = 1): string => {
  const [names = [], ...rows] = cellsOf(csv);
  return rows[row - 1]?.[names.indexOf(column)] ?? '';
};

describe('an export', () => {
  it('comes back as it was', () => {
    const one = exported([request('a', secret)]);
    expect(parseExport(JSON.stringify(one))).toEqual(JSON.parse(JSON.stringify(one)));
    for (const text of ['', '[]', 'null', '{"format":"other"}', '{"format":"paddock-ledger","version":2}']) {
      expect(() => parseExport(text)).toThrow(expect.objectContaining({ kind: 'requestInvalid' }));
    }
  });

  it('without names has none of files, folders and what follows from hashes, and all of the sums', () => {
    const one = exported([request('a', secret)], { hasNames: false });
    const text = JSON.stringify(one) + csvOf(one);
    for (const word of ['secret', 'home', 'c0ffee']) expect(text).not.toContain(word);
    expect(one.requests[0]?.intent.items).toEqual([{ uri: '', bytes: 12, maskedCount: 2 }]);
    expect([cell(csvOf(one), 'documentBytes'), cell(csvOf(one), 'maskedSecrets')]).toEqual(['12', '2']);
    expect(csvOf(exported([request('a', secret)]))).toContain('secret-plan.ts');
  });
});

describe('a table for spreadsheets', () => {
  it('has one row per request, with exact sums and how sure they are', () => {
    const csv = csvOf(
      exported([
        request('a'),
        request('b', {}, { outcome: 'stopped' }),
        request('c', {}, { cost: { basis: 'unknown' } }),
        { intent: question('d'), settlement: undefined },
      ]),
    );
    const column = (name: string) => [1, 2, 3, 4].map((row) => cell(csv, name, row));
    expect(column('costUsd')).toEqual(['0.000001500', '0.000001500', '', '']);
    expect(column('costBasis')).toEqual(['table', 'table', 'unknown', '']);
    expect(column('costIsAtLeast')).toEqual(['false', 'true', 'true', 'true']);
    expect(column('outcome')).toEqual(['finished', 'stopped', 'finished', 'no end']);
    expect(column('started')[0]).toBe(new Date(noon).toISOString());
  });

  it('has a row for the sums of days whose requests are gone', () => {
    const oldRows = dailyRows([request('a'), request('b')]);
    const csv = csvOf({ ...exported([]), oldRows });
    expect([cell(csv, 'requests'), cell(csv, 'costUsd'), cell(csv, 'outcome')]).toEqual([
      '2',
      '0.000003000',
      'sums of a day',
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '=cmd|"/C calc"!A0'])(
    'never lets %j be calculated',
    (label) => {
      const found = cell(csvOf(exported([request('a', { label })])).replaceAll('\r=', '='), 'label');
      expect(found.startsWith("'")).toBe(true);
    },
  );

  it('keeps commas, quotes and line breaks inside their cell', () => {
    const label = 'a,"b"; c';
    expect(cell(csvOf(exported([request('a', { label })])), 'label')).toBe(label);
    expect(csvOf(exported([request('a', { label: 'one\ntwo' })]))).toContain('"one\ntwo"');
  });
});

it('writes nano-dollars as exact dollars', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.000000000'],
    [1, '0.000000001'],
    [1_000_000_000, '1.000000000'],
    [123_456_789_012, '123.456789012'],
  ];
  for (const [nanoUsd, usd] of cases) expect(usdOf(nanoUsd)).toBe(usd);
});

describe('several people’s exports', () => {
  it('are summed up by label, each request once', () => {
    const early = exported([
      request('a', { label: 'x' }),
      { intent: question('b', { label: 'y' }), settlement: undefined },
    ]);
    const late = exported([request('a', { label: 'x' }), request('b', { label: 'y' })], { atMs: noon + 1 });
    const grace = exported([request('a', { label: 'x' }), request('c')], { person: 'Grace' });
    const { people, byLabel } = merged([early, grace, late]);
    expect(people).toEqual(['Ada', 'Grace']);
    const short = byLabel.map(({ label, people: who, requests, spend }) => [label, who, requests, spend.nanoUsd]);
    expect(short).toEqual([
      ['x', ['Ada', 'Grace'], 2, 3_000],
      ['y', ['Ada'], 1, 1_500],
      [null, ['Grace'], 1, 1_500],
    ]);
  });

  it('count a day once that one export has as requests and a later one as sums', () => {
    const early = exported([request('a'), request('b')]);
    const late = { ...exported([request('c', { atMs: noon + 86_400_000 })]), oldRows: dailyRows(early.requests) };
    expect(merged([early, late]).byLabel).toMatchObject([{ requests: 3, spend: { nanoUsd: 4_500 } }]);
    expect(merged([late, { ...late, exportedAtMs: noon + 5 }]).byLabel).toMatchObject([{ requests: 3 }]);
  });
});

it('puts requests together from entries in any order, and counts the first of two ends', () => {
  const entries = [
    paid('b', 2),
    question('b', { atMs: noon + 1 }),
    question('a'),
    paid('a', 1),
    paid('a', 9),
    question('c'),
  ];
  const found = requestsOf(entries).map(({ intent, settlement }) => [intent.id, settlement?.cost]);
  const table = (nanoUsd: number) => ({ basis: 'table', nanoUsd, tableDate: '2026-09-23' });
  expect(found).toEqual([
    ['a', table(1)],
    ['c', undefined],
    ['b', table(2)],
  ]);
});

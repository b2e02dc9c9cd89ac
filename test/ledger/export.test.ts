import { describe, expect, it } from 'vitest';
import type { Intent, Settlement } from '../../src/ledger/entry.ts';
import { csvOf, usdOf } from '../../src/ledger/csv.ts';
import { exportOf, parseExport, type LedgerExport } from '../../src/ledger/export.ts';
import { merged } from '../../src/ledger/merge.ts';
import type { LedgerContent } from '../../src/ledger/report.ts';
import { dailyRows, requestsOf, type LedgerRequest } from '../../src/ledger/rows.ts';
import type { CompletionUse } from '../../src/ledger/statistics.ts';
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

const use = (day: string, offered: number): CompletionUse => ({
  ...{ day, modelId: 'm', language: 'go', offered, accepted: 0, acceptedInPart: 0, acceptedLines: 0 },
  ...{ judged: 0, judgedLines: 0, stillThere: 0, keptLines: 0 },
});

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

describe('an export without names', () => {
  const paths = {
    'embedded:/home/ada/m.gguf': 'embedded:m.gguf',
    'embedded:C:\\Users\\ada\\m.gguf': 'embedded:m.gguf',
  };
  const servers = {
    'http://localhost:8080#/home/ada/m.gguf': 'http://localhost:8080#m.gguf',
    'unix:/home/ada/llama.sock#m': 'unix:llama.sock#m',
    'https://api.test/v1#meta/llama-3': 'https://api.test/v1#meta/llama-3',
    '/home/ada/m.gguf': 'm.gguf',
  };

  it.each(Object.entries({ ...paths, ...servers }))('knows the model %s as %s', (modelId, bare) => {
    const route = { kind: 'loopback', evidence: 'verified', host: '/home/ada/llama.sock', remote: undefined } as const;
    const origin = 'unix:/home/ada/llama.sock';
    const asked = request(
      'a',
      { modelId, modelName: modelId, route, origin, holder: '7.7.7' },
      { servedModel: modelId },
    );
    const uses = [{ ...use('2026-11-22', 1), modelId }];
    const content = { requests: [asked], oldRows: dailyRows([asked]), damagedLines: 0 };
    const options = { person: 'Ada', atMs: noon, head: undefined };
    const one = exportOf(content, { ...options, hasNames: false, uses });
    const [first, row] = [one.requests[0], one.oldRows[0]];
    expect([first?.intent.modelId, first?.intent.modelName, first?.settlement?.servedModel]).toEqual([
      bare,
      bare,
      bare,
    ]);
    expect([row?.modelId, row?.modelName, row?.host, one.uses?.[0]?.modelId]).toEqual([bare, bare, 'llama.sock', bare]);
    expect([first?.intent.route.host, first?.intent.origin]).toEqual(['llama.sock', 'unix:llama.sock']);
    expect(JSON.stringify(one) + csvOf(one)).not.toMatch(/ada|7\.7\.7/);
    expect(exportOf(content, { ...options, hasNames: true, uses }).requests).toEqual([asked]);
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
    expect(column('priceDate')).toEqual(['2026-09-23', '2026-09-23', '', '']);
    expect(column('started')[0]).toBe(new Date(noon).toISOString());
  });

  it('says under what a request was booked, where, by whom, with which weights and told what', () => {
    const told = {
      ...{ label: 'project x', workspace: { id: '0f', name: 'folder' }, extension: 'someone.tool' },
      ...{
        weightsSha256: 'ab'.repeat(32),
        sampling: { maxTokens: 64, temperature: 0.2, topP: 0.9, topK: 40, seed: 7 },
      },
    };
    const speed = { firstTokenMs: 90, prefillTokPerS: 150, decodeTokPerS: 60 };
    const csv = csvOf(exported([request('a', told, { speed, servedModel: 'gpt-x', sampling: { minP: 0.05 } })]));
    const columns = [
      'label',
      'workspace',
      'extension',
      'weightsSha256',
      'maxTokens',
      'temperature',
      'topP',
      'topK',
      'minP',
      'seed',
    ];
    const speeds = ['servedModel', 'firstTokenMs', 'prefillTokPerS', 'decodeTokPerS'];
    expect([...columns, ...speeds].map((name) => cell(csv, name))).toEqual([
      ...['project x', 'folder', 'someone.tool', 'ab'.repeat(32), '64', '0.2', '0.9', '40', '0.05', '7'],
      ...['gpt-x', '90', '150', '60'],
    ]);
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

describe('a file that is brought back', () => {
  const whole = exported([request('a')], { uses: [use('2026-11-22', 1)] });
  const spoiled: readonly (readonly [string, object])[] = [
    ['a request without an intent', { requests: [{}] }],
    ['two intents', { requests: [{ intent: question('a'), settlement: question('a') }] }],
    ['the end of another request', { requests: [{ intent: question('a'), settlement: paid('b', 1) }] }],
    ['tokens that are words', { requests: [{ ...request('a', {}, { usage: { promptTokens: '9' } as never }) }] }],
    ['a cost without a basis', { requests: [request('a', {}, { cost: {} as never })] }],
    ['sums that are no numbers', { oldRows: [{ ...dailyRows([request('a')])[0], promptTokens: null }] }],
    ['sums without a cost', { oldRows: [{ ...dailyRows([request('a')])[0], spend: undefined }] }],
    ['completions that are no numbers', { uses: [{ ...use('2026-11-22', 1), offered: '7' }] }],
    ['no time', { exportedAtMs: undefined }],
  ];

  it('is as it was made, and put together as it is', () => {
    expect(parseExport(JSON.stringify(whole))).toEqual(JSON.parse(JSON.stringify(whole)));
  });

  it.each(spoiled)('is refused with %s', (_what, damage) => {
    const text = JSON.stringify({ ...whole, ...damage });
    expect(() => parseExport(text)).toThrow(expect.objectContaining({ kind: 'requestInvalid' }));
  });
});

describe('what became of completions', () => {
  it('is in an export only where its user chose so, and in a merged one only where that is asked for', () => {
    expect(exported([request('a')])).not.toHaveProperty('uses');
    expect(csvOf(exported([request('a')], { uses: [use('2026-11-22', 1)] }))).not.toContain('offered');
    const ada = exported([], { uses: [use('2026-11-22', 1)] });
    const grace = exported([], { person: 'Grace', uses: [use('2026-11-22', 2)] });
    const linus = exported([], { person: 'Linus' });
    expect(merged([ada, grace, linus]).uses).toEqual([]);
    expect(merged([ada, grace, linus], { hasUses: true }).uses.map(({ offered }) => offered)).toEqual([1, 2]);
  });

  it('counts once where one person’s exports overlap, as the newest knows it', () => {
    const early = exported([], { uses: [use('2026-11-21', 1), use('2026-11-22', 2)] });
    const late = exported([], { uses: [use('2026-11-22', 5), use('2026-11-23', 7)], atMs: noon + 1 });
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      expect(merged(order, { hasUses: true }).uses.map(({ day, offered }) => [day, offered])).toEqual([
        ['2026-11-21', 1],
        ['2026-11-22', 5],
        ['2026-11-23', 7],
      ]);
    }
  });
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

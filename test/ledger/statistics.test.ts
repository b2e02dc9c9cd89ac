import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalFolder } from '../../src/base/journal.ts';
import {
  acceptedRequests,
  parseStatistics,
  usesOf,
  type Accepted,
  type Judged,
  type Offered,
  type StatisticsRecord,
} from '../../src/ledger/statistics.ts';
import { readStatistics, StatisticsLog } from '../../src/ledger/statisticsLog.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noon, openLedger } from '../support/ledgers.ts';
import { LogLines } from '../support/log.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

const offered = (count: number, more: Partial<Offered> = {}): Offered => ({
  ...{ kind: 'offered', atMs: noon, modelId: 'm', language: 'go', count },
  ...more,
});
const accepted = (id: string, more: Partial<Accepted> = {}): Accepted => ({
  ...{ kind: 'accepted', atMs: noon, id, requestId: `${id} asked`, modelId: 'm', language: 'go', how: 'whole' },
  ...{ lines: 2, chars: 20 },
  ...more,
});
const judged = (id: string, keptLines: number | undefined, more: Partial<Judged> = {}): Judged => ({
  ...{ kind: 'judged', atMs: noon + 5 * minuteMs, id, when: 'due', afterMs: 5 * minuteMs, keptLines },
  ...more,
});

/** What one day with everything in it comes to. */
const everything: readonly StatisticsRecord[] = [
  offered(3),
  offered(4),
  accepted('kept'),
  judged('kept', 2),
  accepted('half kept'),
  judged('half kept', 1),
  accepted('gone'),
  judged('gone', 0),
  accepted('unknown'),
  judged('unknown', undefined, { when: 'closed' }),
  accepted('too new'),
  accepted('in words', { how: 'part', lines: 1, chars: 5 }),
  accepted('in words, then all', { how: 'part', lines: 1, chars: 5 }),
  accepted('in words, then all'),
  judged('in words, then all', 2),
];
const sums = {
  ...{ day: '2026-11-22', modelId: 'm', language: 'go' },
  ...{ offered: 7, accepted: 6, acceptedInPart: 1, acceptedLines: 13 },
  ...{ judged: 4, judgedLines: 8, stillThere: 2, keptLines: 5 },
};

describe('the sums of what became of completions', () => {
  it('tell what was offered, taken, looked at again and still there', () => {
    expect(usesOf(everything)).toEqual([sums]);
  });

  it('do not depend on the order of the lines', () => {
    expect(usesOf([...everything].reverse())).toEqual([sums]);
  });

  it('are kept apart by day, model and language', () => {
    const records = [
      offered(1),
      offered(2, { modelId: 'n' }),
      offered(4, { language: 'c' }),
      offered(8, { atMs: noon + dayMs }),
    ];
    expect(usesOf(records).map((use) => [use.day, use.modelId, use.language, use.offered])).toEqual([
      ['2026-11-22', 'm', 'go', 1],
      ['2026-11-22', 'n', 'go', 2],
      ['2026-11-22', 'm', 'c', 4],
      ['2026-11-23', 'm', 'go', 8],
    ]);
  });

  it('never have more lines kept than were taken', () => {
    expect(usesOf([accepted('a', { lines: 1 }), judged('a', 9)])).toMatchObject([{ keptLines: 1, stillThere: 1 }]);
  });

  it('name the requests whose completions were taken, in part too', () => {
    const found = acceptedRequests([offered(1), accepted('a'), accepted('b', { how: 'part' }), judged('c', 1)]);
    expect([...found]).toEqual(['a asked', 'b asked']);
  });
});

it.each([undefined, null, 7, 'offered', {}, { kind: 'offered' }, { kind: 'judged', atMs: 1 }, { kind: 'x', atMs: 1 }])(
  'what is no record (%j) is passed over',
  (line) => {
    expect(parseStatistics(line)).toBeUndefined();
  },
);

function open(folder: string, clock = new FakeClock(noon), writer = 'me') {
  const log = new LogLines();
  return { statistics: new StatisticsLog({ files: journalFolder(folder, writer), clock, log }), clock, log };
}

describe('the statistics on disk', () => {
  it('are written together some seconds later, and hold no text and no name of a file', async () => {
    const folder = temporaryFolder();
    const { statistics, clock } = open(folder);
    for (let count = 0; count < 50; count += 1) statistics.add(offered(1));
    statistics.add(accepted('a'));
    expect(readdirSync(folder)).toEqual([]);
    await clock.advance(5_000);
    expect(readdirSync(folder)).toEqual(['statistics-2026-11-22-me.jsonl']);
    const lines = readFileSync(join(folder, 'statistics-2026-11-22-me.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      ['kind', 'atMs', 'modelId', 'language', 'count'],
      ['kind', 'atMs', 'id', 'requestId', 'modelId', 'language', 'how', 'lines', 'chars'],
    ]);
    expect(statistics.read()).toMatchObject({ uses: [{ offered: 50, accepted: 1 }], accepted: new Set(['a asked']) });
    expect(clock.waiting).toBe(0);
  });

  it('of several windows are read together, whole lines only', () => {
    const folder = temporaryFolder();
    const [one, other] = [open(folder).statistics, open(folder, undefined, 'other').statistics];
    one.add(offered(1));
    other.add(offered(2));
    one.dispose();
    other.dispose();
    writeFileSync(join(folder, 'statistics-2026-11-22-dead.jsonl'), `${JSON.stringify(offered(4))}\n{"kind":"offe`);
    expect(readStatistics(folder).uses.map((use) => use.offered)).toEqual([7]);
  });

  it('say of a completion taken before midnight what became of it, beside it', () => {
    const folder = temporaryFolder();
    const atMs = new Date(2026, 10, 22, 23, 58).getTime();
    const { statistics } = open(folder);
    statistics.add(accepted('late', { atMs }));
    statistics.add(judged('late', 2, { atMs: atMs + 5 * minuteMs }));
    statistics.add(offered(1, { atMs: atMs + 5 * minuteMs }));
    statistics.dispose();
    expect(readdirSync(folder)).toEqual(['statistics-2026-11-22-me.jsonl', 'statistics-2026-11-23-me.jsonl']);
    expect(readFileSync(join(folder, 'statistics-2026-11-23-me.jsonl'), 'utf8')).not.toContain('judged');
  });

  it('wait for a disk that refuses them, which is said once', async () => {
    const folder = join(temporaryFolder(), 'blocked');
    writeFileSync(folder, '');
    const { statistics, clock, log } = open(folder);
    for (const id of ['a', 'b', 'c']) {
      statistics.add(accepted(id));
      await clock.advance(5_000);
    }
    expect(log.lines).toHaveLength(1);
    rmSync(folder);
    mkdirSync(folder);
    statistics.add(accepted('d'));
    statistics.dispose();
    expect(readStatistics(folder).uses).toMatchObject([{ accepted: 4 }]);
  });

  it('are in no ledger: its sums and files do not change by them', () => {
    const folder = temporaryFolder();
    const { statistics } = open(folder);
    for (const record of everything) statistics.add(record);
    statistics.dispose();
    const { ledger, log } = openLedger(folder);
    expect(ledger.today).toMatchObject({ requests: 0, isPartial: false });
    expect(log.lines).toEqual([]);
    ledger.dispose();
  });
});

describe('old statistics', () => {
  async function sixtyDays() {
    const folder = temporaryFolder();
    const clock = new FakeClock(noon - 59 * dayMs);
    const { statistics } = open(folder, clock);
    for (let day = 0; day < 60; day += 1) {
      const atMs = clock.now();
      statistics.add(offered(10, { atMs }));
      statistics.add(accepted(`day ${day}`, { atMs }));
      statistics.add(judged(`day ${day}`, day % 3, { atMs: atMs + 5 * minuteMs }));
      await clock.advance(dayMs);
    }
    statistics.dispose();
    return { folder, clock };
  }

  it('become sums of their days together with the ledger’s own, and every sum stays', async () => {
    const { folder, clock } = await sixtyDays();
    const before = readStatistics(folder);
    const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const);
    const { ledger } = openLedger(folder, 'tidy', clock);
    await ledger.foldOld({ localDays: 30 });
    expect(readStatistics(folder).uses).toEqual(before.uses);
    expect(readStatistics(folder).accepted.size).toBe(30);
    expect(readdirSync(folder).filter((name) => name.startsWith('statistics-2026'))).toHaveLength(30);
    // The computer stopped before the files were removed.
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    expect(readStatistics(folder).uses).toEqual(before.uses);
    await ledger.foldOld({ localDays: 30 });
    expect(readStatistics(folder).uses).toEqual(before.uses);
    expect(readdirSync(folder).filter((name) => name.startsWith('statistics-2026'))).toHaveLength(30);
    ledger.dispose();
  });

  it('are deleted with the ledger, in every window', async () => {
    const { folder, clock } = await sixtyDays();
    const [one, other] = [openLedger(folder, 'one', clock).ledger, openLedger(folder, 'other', clock).ledger];
    await one.foldOld({ localDays: 30 });
    const logs = [one, other].map((ledger, index) => {
      const { statistics } = open(folder, clock, `w${index}`);
      ledger.onDidDelete(statistics.forget);
      statistics.add(offered(1));
      return statistics;
    });
    expect(other.today.requests).toBe(0); // it is open
    await one.deleteAll();
    other.refresh();
    for (const statistics of logs) statistics.dispose();
    expect(readdirSync(folder).filter((name) => name.startsWith('statistics'))).toEqual([]);
    one.dispose();
    other.dispose();
  });
});

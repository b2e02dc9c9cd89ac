import { appendFileSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/base/journal.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { totalSpend } from '../../src/ledger/tally.ts';
import { Chance } from '../support/chance.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noon, openLedger, paid, question } from '../support/ledgers.ts';

const route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined } as const;
const dayMs = 86_400_000;

/** Requests by our own engine, in a window's own file of a day. */
function writeOwn(folder: string, name: string, ids: readonly string[], atMs = noon): void {
  const entries: Entry[] = ids.flatMap((id) => [
    question(id, { route, atMs }),
    paid(id, 0, { atMs, cost: { basis: 'unmetered' } }),
  ]);
  const journal = new Journal(join(folder, name));
  journal.append(entries);
  journal.dispose();
}

const ids = (begin: string, count: number) => Array.from({ length: count }, (_, index) => `${begin}${index}`);

/** More than is read without writing an index. */
const many = 1_500;

function read(folder: string, clock = new FakeClock(noon)) {
  const { ledger, log } = openLedger(folder, 'reader', clock);
  const { requests, promptTokens, spend, isPartial } = ledger.month;
  const today = ledger.today.requests;
  ledger.dispose();
  return { requests, today, promptTokens, nanoUsd: spend.nanoUsd, isPartial, log: log.lines };
}

describe('the index beside the log', () => {
  it('is written once there is much to read, and what comes after is read on', async () => {
    const folder = temporaryFolder();
    writeOwn(folder, '2026-11-22-a.jsonl', ids('few', 10));
    read(folder);
    expect(existsSync(join(folder, 'index.json'))).toBe(false);
    writeOwn(folder, '2026-11-21-b.jsonl', ids('many', many), noon - dayMs);
    const { ledger } = openLedger(folder);
    await ledger.begin(question('asked'));
    ledger.append(paid('asked', 7));
    ledger.dispose();
    const before = read(folder);
    expect(before).toMatchObject({ requests: 11 + many, today: 11, nanoUsd: 7, isPartial: false });
    const index = readFileSync(join(folder, 'index.json'), 'utf8');
    writeOwn(folder, '2026-11-22-a.jsonl', ids('more', 5));
    writeOwn(folder, '2026-11-22-c.jsonl', ids('new', 5));
    const next = openLedger(folder, 'next').ledger;
    await next.begin(question('again'));
    next.append(paid('again', 5));
    next.dispose();
    expect(read(folder)).toMatchObject({ requests: 22 + many, today: 22, nanoUsd: 12 });
    expect(readFileSync(join(folder, 'index.json'), 'utf8')).toBe(index);
  });

  it('gives the same sums as the log, whatever was written before and after it', () => {
    const chance = new Chance(3);
    const folder = temporaryFolder();
    const clock = new FakeClock(noon);
    for (let round = 0; round < 6; round += 1) {
      for (let file = 0; file < 3; file += 1) {
        const day = 20 + chance.below(3);
        const atMs = new Date(2026, 10, day, 12).getTime();
        writeOwn(folder, `2026-11-${day}-w${chance.below(4)}.jsonl`, ids(`${round} ${file} `, chance.below(900)), atMs);
      }
      const indexed = read(folder, clock);
      const index = join(folder, 'index.json');
      const kept = existsSync(index) ? readFileSync(index) : undefined;
      rmSync(index, { force: true });
      expect(indexed).toEqual(read(folder, clock));
      if (kept !== undefined) writeFileSync(index, kept);
    }
  });

  it.each<[string, (folder: string, index: string) => void]>([
    [
      'it is damaged',
      (_folder, index) => writeFileSync(index, readFileSync(index, 'utf8').replace('"requests"', '"r"')),
    ],
    ['it is empty', (_folder, index) => writeFileSync(index, '')],
    ['it is of another version', (_folder, index) => writeFileSync(index, 'x'.repeat(100))],
    [
      'a file is gone',
      (folder) => {
        rmSync(join(folder, '2026-11-22-a.jsonl'));
        writeOwn(folder, '2026-11-22-z.jsonl', ids('a', many));
      },
    ],
    [
      'a file is another one',
      (folder) => {
        rmSync(join(folder, '2026-11-22-a.jsonl'));
        writeOwn(folder, '2026-11-22-a.jsonl', ids('b', many));
      },
    ],
    [
      'a line was changed by hand',
      (folder) => {
        const file = join(folder, '2026-11-22-a.jsonl');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"promptTokens":100', '"promptTokens":100'));
        utimesSync(file, 1, 1);
      },
    ],
  ])('is not used where %s: the log is read again', (_what, spoil) => {
    const folder = temporaryFolder();
    const index = join(folder, 'index.json');
    writeOwn(folder, '2026-11-22-a.jsonl', ids('a', many));
    const before = read(folder);
    expect(before.requests).toBe(many);
    spoil(folder, index);
    const spoiled = statSync(index).mtimeMs;
    expect(read(folder)).toEqual(before);
    expect(statSync(index).mtimeMs).toBeGreaterThan(spoiled); // it was written anew
    expect(read(folder)).toEqual(before);
  });

  it('does not hide a part of a line that becomes whole later, nor a damaged one', () => {
    const folder = temporaryFolder();
    writeOwn(folder, '2026-11-22-a.jsonl', ids('a', many));
    const file = join(folder, '2026-11-22-a.jsonl');
    const line = JSON.stringify(question('late', { route }));
    appendFileSync(file, line.slice(0, 50));
    expect(read(folder)).toMatchObject({ requests: many, isPartial: true });
    appendFileSync(file, line.slice(50));
    expect(read(folder)).toMatchObject({ requests: many + 1, isPartial: true });
    appendFileSync(file, '\n');
    expect(read(folder)).toMatchObject({ requests: many + 1, isPartial: true });
  });
});

describe('the sums of a month and of a session', () => {
  it('carry the least sure price, and say when they are "at least"', async () => {
    const folder = temporaryFolder();
    const { ledger } = openLedger(folder);
    expect(totalSpend(ledger.today)).toEqual({ nanoUsd: 0, basis: undefined, unpriced: 0, isAtLeast: false });
    const pay = async (id: string, more: Parameters<typeof paid>[2] = {}) => {
      await ledger.begin(question(id));
      ledger.append(paid(id, 100, more));
      return totalSpend(ledger.today);
    };
    expect(await pay('a', { cost: { basis: 'billed', nanoUsd: 50 } })).toMatchObject({ nanoUsd: 50, basis: 'billed' });
    expect(await pay('b')).toMatchObject({ nanoUsd: 150, basis: 'table', isAtLeast: false });
    expect(await pay('c', { cost: { basis: 'estimate', nanoUsd: 1 } })).toMatchObject({
      nanoUsd: 151,
      basis: 'estimate',
    });
    expect(await pay('d', { cost: { basis: 'unknown' } })).toMatchObject({
      nanoUsd: 151,
      unpriced: 1,
      isAtLeast: true,
    });
    expect(await pay('e', { cost: { basis: 'billed', nanoUsd: -5 } })).toMatchObject({ nanoUsd: 151, unpriced: 2 });
    expect(ledger.session).toMatchObject({ requests: 5, spend: { nanoUsd: 151 } });
    ledger.dispose();
    const next = openLedger(folder, 'next').ledger;
    expect(next.session.requests).toBe(0);
    expect(totalSpend(next.month)).toEqual(totalSpend(ledger.month));
    next.dispose();
  });

  it('are "at least" after a stop, and while something that may cost runs', async () => {
    const { ledger } = openLedger(temporaryFolder());
    await ledger.begin(question('a'));
    expect(totalSpend(ledger.today).isAtLeast).toBe(true);
    ledger.append(paid('a', 5));
    expect(totalSpend(ledger.today).isAtLeast).toBe(false);
    await ledger.begin(question('free', { isMetered: false }));
    expect(totalSpend(ledger.today).isAtLeast).toBe(false);
    await ledger.begin(question('b'));
    ledger.append(paid('b', 5, { outcome: 'stopped' }));
    expect(totalSpend(ledger.today)).toMatchObject({ nanoUsd: 10, isAtLeast: true });
    ledger.dispose();
  });

  it('begin anew with the day and the month, on the user’s calendar', async () => {
    const clock = new FakeClock(noon);
    const { ledger } = openLedger(temporaryFolder(), 'me', clock);
    const pay = async (id: string) => {
      await ledger.begin(question(id, { atMs: clock.now() }));
      ledger.append(paid(id, 100, { atMs: clock.now(), sentBytes: 11 }));
    };
    await pay('a');
    await clock.advance(dayMs);
    await pay('b');
    expect(ledger.today).toMatchObject({ spend: { nanoUsd: 100 }, bytesThatLeft: 11 });
    expect(ledger.month).toMatchObject({ spend: { nanoUsd: 200 }, bytesThatLeft: 22 });
    expect(ledger.spending).toEqual({ dayNanoUsd: 100, monthNanoUsd: 200, reservedNanoUsd: 0 });
    expect([...ledger.days].map(([day, { spend }]) => [day, spend.nanoUsd])).toEqual([
      ['2026-11-22', 100],
      ['2026-11-23', 100],
    ]);
    await clock.advance(8 * dayMs);
    expect([ledger.today.requests, ledger.month.requests]).toEqual([0, 0]);
    ledger.dispose();
  });
});

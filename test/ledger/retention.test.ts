import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/base/journal.ts';
import { readContent } from '../../src/ledger/report.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { noon, openLedger, paid, question } from '../support/ledgers.ts';

const route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined } as const;
const dayMs = 86_400_000;

/** Sixty days of work: each day one request by our own engine and one that went to a server. */
async function sixtyDays() {
  const folder = temporaryFolder();
  const clock = new FakeClock(noon - 59 * dayMs);
  const { ledger } = openLedger(folder, 'worker', clock);
  for (let day = 0; day < 60; day += 1) {
    const atMs = clock.now();
    ledger.append(question(`own ${day}`, { atMs, route }));
    ledger.append(paid(`own ${day}`, 0, { atMs, cost: { basis: 'unmetered' } }));
    await ledger.begin(question(`server ${day}`, { atMs, label: day % 2 === 0 ? 'even' : 'odd' }));
    ledger.append(paid(`server ${day}`, 10, { atMs, sentBytes: 3 }));
    if (day < 59) await clock.advance(dayMs);
  }
  ledger.dispose();
  return { folder, clock };
}

function sums(folder: string, clock: FakeClock) {
  const { ledger } = openLedger(folder, 'reader', clock);
  const days = [...ledger.days].map(([day, { requests, promptTokens, spend }]) => [day, requests, promptTokens, spend]);
  ledger.dispose();
  return days;
}

describe('old entries', () => {
  it('become sums of their days, and every sum stays', async () => {
    const { folder, clock } = await sixtyDays();
    const before = sums(folder, clock);
    expect(before).toHaveLength(60);
    const { ledger } = openLedger(folder, 'tidy', clock);
    const gone = await ledger.foldOld({ localDays: 30 });
    expect(gone).toHaveLength(29);
    expect([...ledger.days].length).toBe(60);
    ledger.dispose();
    expect(sums(folder, clock)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('2026-'))).toHaveLength(31);
    const { requests, oldRows } = readContent(folder);
    expect([requests.length, oldRows.length]).toEqual([120 - 29, 29]);
    expect(await openLedger(folder, 'again', clock).ledger.foldOld({ localDays: 30 })).toEqual([]);
  });

  it('of the chain leave a line in it with their last hash, so that the rest still verifies and says so', async () => {
    const { folder, clock } = await sixtyDays();
    const before = sums(folder, clock);
    const { head, lines } = verifyChain(folder);
    const { ledger } = openLedger(folder, 'tidy', clock);
    expect(await ledger.foldOld({ localDays: 900, chainDays: 30 })).toEqual(['chain-000001.jsonl']);
    ledger.dispose();
    expect(existsSync(join(folder, 'chain-000001.jsonl'))).toBe(false);
    expect(sums(folder, clock)).toEqual(before);
    const verified = verifyChain(folder, head);
    expect(verified).toMatchObject({ isWhole: true, kept: { file: 'chain-000003.jsonl' } });
    expect(verified.notes).toMatchObject([{ note: 'removed', file: 'chain-000001.jsonl' }]);
    expect(verified.lines).toBeLessThan(lines);
    expect(verifyChain(folder, 'f'.repeat(64))).toMatchObject({ kept: 'removed' });

    await clock.advance(40 * dayMs);
    const later = openLedger(folder, 'later', clock).ledger;
    await later.begin(question('later', { atMs: clock.now() }));
    later.append(paid('later', 1, { atMs: clock.now() }));
    expect(await later.foldOld({ localDays: 900, chainDays: 30 })).toHaveLength(2);
    later.dispose();
    expect(verifyChain(folder)).toMatchObject({ isWhole: true });
    const spent = sums(folder, clock).map(([, , , spend]) => (spend as { nanoUsd: number }).nanoUsd);
    expect(spent.reduce((sum, each) => sum + each, 0)).toBe(601);
  });

  it('that were summed up when the computer stopped before they were removed count once', async () => {
    const { folder, clock } = await sixtyDays();
    const before = sums(folder, clock);
    const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    const kept = files.map((name) => [name, readFileSync(join(folder, name))] as const);
    const { ledger } = openLedger(folder, 'tidy', clock);
    await ledger.foldOld({ localDays: 30, chainDays: 30 });
    ledger.dispose();
    for (const [name, bytes] of kept) if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), bytes);
    expect(sums(folder, clock)).toEqual(before);
    expect(verifyChain(folder)).toMatchObject({ isWhole: true });
    const content = readContent(folder);
    expect(content.requests.length + content.oldRows.reduce((sum, { requests }) => sum + requests, 0)).toBe(120);
    const again = openLedger(folder, 'again', clock).ledger;
    expect(await again.foldOld({ localDays: 30, chainDays: 30 })).toHaveLength(30);
    again.dispose();
    expect(sums(folder, clock)).toEqual(before);
    expect(verifyChain(folder).notes.filter(({ note }) => note === 'removed')).toHaveLength(1);
  });

  it('of the chain explain no gap but their own', async () => {
    const { folder, clock } = await sixtyDays();
    const { ledger } = openLedger(folder, 'tidy', clock);
    await ledger.foldOld({ localDays: 900, chainDays: 30 });
    ledger.dispose();
    expect(verifyChain(folder).isWhole).toBe(true);
    rmSync(join(folder, 'chain-000002.jsonl'));
    expect(verifyChain(folder)).toMatchObject({
      isWhole: false,
      breaks: [{ file: 'chain-000003.jsonl', line: 1, what: 'missing' }],
    });
  });

  it('leave the file that is written to, however old all of it is', async () => {
    const { folder, clock } = await sixtyDays();
    await clock.advance(400 * dayMs);
    const { ledger } = openLedger(folder, 'tidy', clock);
    expect(await ledger.foldOld({ localDays: 900, chainDays: 30 })).toEqual([
      'chain-000001.jsonl',
      'chain-000002.jsonl',
    ]);
    expect(existsSync(join(folder, 'chain-000003.jsonl'))).toBe(true);
    await ledger.begin(question('after a year', { atMs: clock.now() }));
    ledger.dispose();
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, breaks: [] });
    expect(sums(folder, clock)).toHaveLength(61);
  });

  it('count whole, also what came after the index was written', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock(noon);
    const atMs = noon - 40 * dayMs;
    const write = (count: number, begin: string) => {
      const file = new Journal(join(folder, '2026-10-13-a.jsonl'));
      const ids = Array.from({ length: count }, (_, index) => `${begin}${index}`);
      file.append(
        ids.flatMap((id) => [question(id, { route, atMs }), paid(id, 0, { atMs, cost: { basis: 'unmetered' } })]),
      );
      file.dispose();
    };
    write(1_500, 'early');
    sums(folder, clock);
    expect(existsSync(join(folder, 'index.json'))).toBe(true);
    write(3, 'late');
    const { ledger } = openLedger(folder, 'tidy', clock);
    expect(await ledger.foldOld({ localDays: 30 })).toHaveLength(1);
    ledger.dispose();
    expect(sums(folder, clock).map(([, requests]) => requests)).toEqual([1_503]);
  });

  it('keep a request that ended in a day that is summed up later', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock(noon);
    const journal = (name: string, entry: object) => {
      const file = new Journal(join(folder, name));
      file.append([entry]);
      file.dispose();
    };
    const atMs = new Date(2026, 10, 1, 23, 59).getTime();
    journal('2026-11-01-a.jsonl', question('over midnight', { atMs, route }));
    const ended = paid('over midnight', 0, { atMs: atMs + 120_000, cost: { basis: 'unmetered' } });
    journal('2026-11-02-a.jsonl', ended);
    for (const localDays of [20, 19, 18]) {
      const { ledger } = openLedger(folder, 'tidy', clock);
      await ledger.foldOld({ localDays });
      ledger.dispose();
      const { ledger: reader } = openLedger(folder, 'reader', clock);
      expect(reader.month).toMatchObject({ requests: 1, promptTokens: 100, unsettled: new Map() });
      reader.dispose();
    }
  });
});

describe('deleting everything', () => {
  it('leaves a chain that says so, in every window', async () => {
    const { folder, clock } = await sixtyDays();
    const [one, other] = [openLedger(folder, 'one', clock).ledger, openLedger(folder, 'other', clock).ledger];
    other.append(question('before', { route }));
    other.append(paid('before', 0, { cost: { basis: 'unmetered' } }));
    await clock.advance(200);
    expect(other.month.requests).toBeGreaterThan(0);
    await one.deleteAll();
    expect([one.month.requests, one.session.requests]).toEqual([0, 0]);
    other.refresh();
    expect(other.month.requests).toBe(0);
    expect(entriesIn(folder)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.jsonl'))).toHaveLength(1);

    other.append(question('after', { route, atMs: clock.now() }));
    await other.begin(question('sent', { atMs: clock.now() }));
    await one.begin(question('too', { atMs: clock.now() }));
    other.dispose();
    one.dispose();
    expect(entriesIn(folder).map(({ id }) => id)).toEqual(['after', 'sent', 'too']);
    const { isWhole, notes } = verifyChain(folder);
    expect([isWhole, notes.map(({ note }) => note)]).toEqual([true, ['deleted']]);
    expect(sums(folder, clock).map(([, requests]) => requests)).toEqual([3]);
  });
});

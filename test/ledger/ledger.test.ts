import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { journalFolder, readJournal } from '../../src/base/journal.ts';
import type { Entry, Intent, RouteKind, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Books } from '../../src/ledger/books.ts';
import { noSpend } from '../../src/ledger/spend.ts';
import { emptyTally, fold, spendAtHost, type Tally } from '../../src/ledger/tally.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LogLines } from '../support/log.ts';

const noon = new Date(2026, 10, 22, 12).getTime(); // local: the ledger's day is the user's

function intent(id: string, kind: RouteKind = 'inProcess'): Intent {
  const route = { kind, evidence: 'verified', host: undefined, remote: undefined } as const;
  const purpose = { role: 'completion', initiator: 'automatic' } as const;
  return { kind: 'intent', id, atMs: noon, purpose, modelId: 'm', modelName: 'M', route, items: [] };
}

function settlement(id: string, counts?: { prompt: number; completion: number }): Settlement {
  const usage = counts && {
    promptTokens: counts.prompt,
    completionTokens: counts.completion,
    cachedTokens: undefined,
    source: 'engine' as const,
  };
  const cost = { basis: 'unmetered' } as const;
  return { kind: 'settlement', id, atMs: noon, outcome: 'finished', failure: undefined, usage, speed: undefined, cost };
}

function sums(entries: readonly Entry[]): Tally {
  return entries.reduce(fold, emptyTally);
}

describe('the tally', () => {
  it('keeps apart what each host cost, on disk too, and says "at least" where a request has no end', () => {
    const to = (id: string, host: string): Intent => {
      const started = intent(id, 'internet');
      return { ...started, route: { ...started.route, host } };
    };
    const billed = (id: string, nanoUsd: number): Settlement => ({
      ...settlement(id),
      cost: { basis: 'billed', nanoUsd },
    });
    const entries = [to('a', 'one'), billed('a', 5), to('b', 'two'), billed('b', 7), to('c', 'one'), billed('c', 20)];
    const free = [to('d', 'free'), settlement('d')];
    const first = new Books();
    for (const entry of [...entries, ...free, to('e', 'two')]) first.add(entry);
    const second = new Books();
    second.addData(JSON.parse(JSON.stringify(first.data())) as ReturnType<Books['data']>);
    for (const tally of [sums([...entries, ...free, to('e', 'two')]), first.tally(''), second.tally('')]) {
      expect(spendAtHost(tally, 'one')).toEqual({ nanoUsd: 25, basis: 'billed', unpriced: 0, isAtLeast: false });
      expect(spendAtHost(tally, 'two')).toEqual({ nanoUsd: 7, basis: 'billed', unpriced: 0, isAtLeast: true });
      for (const host of ['free', 'elsewhere', undefined]) expect(spendAtHost(tally, host)).toBe(noSpend);
    }
  });

  it('adds up settled requests and keeps the unsettled apart', () => {
    const tally = sums([intent('a'), intent('b'), settlement('a', { prompt: 100, completion: 7 })]);
    expect(tally).toMatchObject({ requests: 2, promptTokens: 100, completionTokens: 7, requestsThatLeft: 0 });
    expect([...tally.unsettled.keys()]).toEqual(['b']);
    expect(tally.lastOf.get('m')?.settlement.id).toBe('a');
  });

  it('counts a settlement once, and none without its intent', () => {
    const once = settlement('a', { prompt: 10, completion: 1 });
    expect(sums([intent('a'), once, once, settlement('ghost', { prompt: 5, completion: 5 })])).toMatchObject({
      requests: 1,
      promptTokens: 10,
    });
  });

  it('tells requests that leave this computer from those that stay', () => {
    expect(sums([intent('a'), intent('b', 'loopback'), intent('c', 'private'), intent('d', 'internet')])).toMatchObject(
      {
        requests: 4,
        requestsThatLeft: 2,
      },
    );
  });

  it('counts asking a server on this computer what it is as staying, and a question it may forward as leaving', () => {
    const assumed = { ...intent('a', 'loopback').route, evidence: 'assumed' } as const;
    const probe: Intent = { ...intent('a'), route: assumed, purpose: { role: 'probe', initiator: 'user' } };
    const listing: Intent = { ...intent('b', 'internet'), purpose: { role: 'list', initiator: 'user' } };
    expect(sums([probe])).toMatchObject({ requests: 0, requestsThatLeft: 0 });
    expect(sums([listing])).toMatchObject({ requests: 0, requestsThatLeft: 1 });
    expect(sums([{ ...intent('c'), route: assumed }])).toMatchObject({ requests: 1, requestsThatLeft: 1 });
  });

  it('says that counts are "at least" once something ended early, and counts reading ahead as tokens only', () => {
    const early: Settlement = { ...settlement('a', { prompt: 10, completion: 2 }), outcome: 'enough' };
    expect(sums([intent('a'), settlement('a')]).hasEarlyEnds).toBe(false);
    expect(sums([intent('a'), early]).hasEarlyEnds).toBe(true);
    const ahead: Intent = { ...intent('b'), purpose: { role: 'completion', initiator: 'ahead' } };
    expect(sums([ahead, settlement('b', { prompt: 300, completion: 0 })])).toMatchObject({
      requests: 0,
      promptTokens: 300,
    });
  });

  it('keeps the speed of a model when its newest request was too short to have one', () => {
    const speed = { firstTokenMs: 90, prefillTokPerS: 150, decodeTokPerS: 60 };
    const long: Settlement = { ...settlement('a', { prompt: 9, completion: 20 }), speed };
    const short: Settlement = {
      ...settlement('b', { prompt: 9, completion: 1 }),
      speed: { ...speed, decodeTokPerS: undefined },
    };
    expect(sums([intent('a'), long, intent('b'), short]).lastOf.get('m')?.settlement).toBe(long);
    const other: Intent = { ...intent('b'), modelId: 'another' };
    const { lastOf } = sums([intent('a'), long, other, short]);
    expect([lastOf.get('m')?.settlement, lastOf.get('another')?.settlement]).toEqual([long, short]);
  });

  it('does not take a request that counted nothing for the last one', () => {
    const tally = sums([intent('a'), settlement('a', { prompt: 9, completion: 2 }), intent('b'), settlement('b')]);
    expect(tally.lastOf.get('m')?.settlement.id).toBe('a');
    expect(tally.promptTokens).toBe(9);
  });
});

describe('the ledger', () => {
  function open(folder: string, clock = new FakeClock(noon), writer = 'me') {
    const log = new LogLines();
    return { ledger: new Ledger({ files: journalFolder(folder, writer), clock, log }), clock, log };
  }
  const linesIn = (folder: string, writer = 'me', day = '2026-11-22') =>
    readJournal(join(folder, `${day}-${writer}.jsonl`)).records.length;

  const idsIn = (file: string) => readJournal(file).records.map((record) => (record as Entry).id);

  it('waits until the disk has what leaves this computer, and for nothing else', async () => {
    const handle = await openFile(import.meta.filename);
    const files = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    let goOn = (): void => undefined;
    const synced = new Promise<void>((resolve) => (goOn = resolve));
    const datasync = vi.spyOn(files, 'datasync').mockImplementation(() => synced);
    onTestFinished(() => datasync.mockRestore());
    const { ledger } = open(temporaryFolder());
    const assumed: Intent = { ...intent('assumed', 'loopback') };
    await ledger.begin({ ...assumed, route: { ...assumed.route, evidence: 'assumed' } });
    await ledger.begin(intent('here', 'loopback'));
    expect(datasync).not.toHaveBeenCalled();
    const told: string[] = [];
    ledger.onDidAppend(({ id }) => told.push(id));
    const begun = (['private', 'internet'] as const).map((kind) => ledger.begin(intent(kind, kind)));
    await vi.waitFor(() => expect(datasync).toHaveBeenCalledTimes(2));
    expect(told).toEqual([]);
    goOn();
    await Promise.all(begun);
    expect(told.sort()).toEqual(['internet', 'private']);
    ledger.dispose();
  });

  it('has an intent that leaves this process on disk before it says so', async () => {
    const folder = temporaryFolder();
    const { ledger } = open(folder);
    const maybeForwarded: Intent = { ...intent('assumed', 'loopback') };
    await ledger.begin({ ...maybeForwarded, route: { ...maybeForwarded.route, evidence: 'assumed' } });
    for (const kind of ['loopback', 'private', 'internet'] as const) await ledger.begin(intent(kind, kind));
    expect(idsIn(join(folder, '2026-11-22-me.jsonl'))).toEqual(['loopback']);
    expect(idsIn(join(folder, 'chain-000001.jsonl')).slice(1)).toEqual(['assumed', 'private', 'internet']);
    ledger.dispose();
  });

  it('writes entries of the embedded engine together shortly after, and all of them at the end', async () => {
    const folder = temporaryFolder();
    const { ledger, clock } = open(folder);
    ledger.append(intent('a'));
    ledger.append(settlement('a'));
    expect(linesIn(folder)).toBe(0);
    await clock.advance(200);
    expect(linesIn(folder)).toBe(2);
    ledger.append(intent('b'));
    ledger.dispose();
    expect(linesIn(folder)).toBe(3);
    expect(clock.waiting).toBe(0);
  });

  it('keeps the order of entries when one of them has to be on disk first', () => {
    const folder = temporaryFolder();
    const { ledger } = open(folder);
    ledger.append(intent('first'));
    ledger.append(intent('second', 'loopback'));
    expect(idsIn(join(folder, '2026-11-22-me.jsonl'))).toEqual(['first', 'second']);
    ledger.dispose();
  });

  it('announces an entry after it is in the sums', () => {
    const { ledger } = open(temporaryFolder());
    const seen: number[] = [];
    ledger.onDidAppend(() => seen.push(ledger.today.requests));
    ledger.append(intent('a'));
    ledger.append(intent('b'));
    expect(seen).toEqual([1, 2]);
    ledger.dispose();
  });

  it('is not upset by a listener that throws: the request is settled, and the log says so', async () => {
    const [clock, log] = [new FakeClock(noon), new LogLines()];
    const ledger = new Ledger({ files: journalFolder(temporaryFolder(), 'me'), clock, log });
    ledger.onDidAppend(() => {
      throw new Error('the indicator broke');
    });
    expect(await ledger.begin(intent('a', 'internet'))).toMatchObject({ kind: 'allow' });
    ledger.append(settlement('a'));
    ledger.append(intent('b'));
    expect([...ledger.today.unsettled.keys()]).toEqual(['b']);
    expect(log.lines.filter((line) => line.includes('the indicator broke'))).toHaveLength(3);
    ledger.dispose();
  });

  it('starts with what every window wrote today, skips damage, and forgets it at midnight', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    const lines = [
      intent('x'),
      settlement('x', { prompt: 50, completion: 5 }),
      { kind: 'from a later version', id: 'y' },
    ];
    writeFileSync(join(folder, '2026-11-22-other.jsonl'), lines.map((line) => JSON.stringify(line) + '\n').join(''));
    appendFileSync(join(folder, '2026-11-22-other.jsonl'), '{"kind":"intent","id":"cut');
    const { ledger, clock } = open(folder);
    expect(ledger.today).toMatchObject({ requests: 1, promptTokens: 50, isPartial: true });
    ledger.append(intent('running'));
    await clock.advance(12 * 3_600_000);
    expect(ledger.today).toMatchObject({ requests: 1, promptTokens: 0 });
    expect([...ledger.today.unsettled.keys()]).toEqual(['running']);
    ledger.append({ ...settlement('running', { prompt: 3, completion: 1 }), atMs: clock.now() });
    ledger.dispose();
    expect(linesIn(folder, 'me', '2026-11-23')).toBe(1);
    expect(ledger.today.promptTokens).toBe(3);
  });

  it('is the same after a restart, whatever happened to the interface', () => {
    const folder = temporaryFolder();
    const first = open(folder);
    first.ledger.append(intent('a'));
    first.ledger.append(settlement('a', { prompt: 100, completion: 7 }));
    first.ledger.append(intent('cut off'));
    const before = first.ledger.today;
    first.ledger.dispose();
    const { ledger } = open(folder, new FakeClock(noon), 'next');
    expect(ledger.today).toEqual(before);
    ledger.dispose();
  });

  it('writes what is settled after its end at once, so that a window that closes loses nothing', () => {
    const folder = temporaryFolder();
    const { ledger, clock } = open(folder);
    ledger.append(intent('a'));
    ledger.dispose();
    ledger.append(settlement('a'));
    expect(linesIn(folder)).toBe(2);
    expect(clock.waiting).toBe(0);
  });

  it('does not take over at midnight what others left unsettled', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '2026-11-22-other.jsonl'), JSON.stringify(intent('crashed', 'internet')) + '\n');
    const { ledger, clock } = open(folder);
    expect(ledger.today.requestsThatLeft).toBe(1);
    await clock.advance(12 * 3_600_000);
    expect(ledger.today).toMatchObject({ requests: 0, requestsThatLeft: 0 });
    ledger.dispose();
  });

  it('goes on without a disk where nothing leaves, says so, and refuses what must be on disk first', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'blocked'), '');
    const { ledger, clock, log } = open(join(folder, 'blocked'));
    expect(ledger.today.isPartial).toBe(true);
    ledger.append(intent('a'));
    await clock.advance(200);
    expect(() => ledger.append(intent('b', 'loopback'))).toThrow(expect.objectContaining({ kind: 'diskFailed' }));
    await expect(ledger.begin(intent('c', 'internet'))).rejects.toMatchObject({ kind: 'diskFailed' });
    expect(ledger.today.requests).toBe(1);
    rmSync(join(folder, 'blocked'));
    ledger.append(settlement('a'));
    ledger.dispose();
    expect(linesIn(join(folder, 'blocked'))).toBe(2);
    expect(log.lines.filter((line) => line.startsWith('error: ledger:')).length).toBeGreaterThan(0);
  });
});

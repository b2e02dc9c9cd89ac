import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisHolder } from '../../src/base/holder.ts';
import { hashOf } from '../../src/ledger/chain.ts';
import { totalSpend } from '../../src/ledger/tally.ts';
import { headHash, verifyChain } from '../../src/ledger/verify.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { noon, openLedger, paid, question } from '../support/ledgers.ts';
import { firstWord, source, startNode } from '../support/nodeChild.ts';

const chainIn = (folder: string, segment = 1) => join(folder, `chain-00000${segment}.jsonl`);
const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

/** A chain of a few lines. */
async function chainOf(ids: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const { ledger } = openLedger(folder);
  for (const id of ids) await ledger.begin(question(id));
  ledger.dispose();
  return folder;
}

describe('the chain', () => {
  it('has every line carry the hash of the one before, also across windows', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openLedger(folder, 'one').ledger, openLedger(folder, 'other').ledger];
    await one.begin(question('a'));
    await other.begin(question('b'));
    one.append(paid('a', 5));
    other.append(paid('b', 7));
    const lines = linesOf(chainIn(folder));
    const prevs = lines.map((line) => (JSON.parse(line) as { prev: string }).prev);
    expect(prevs).toEqual(['0'.repeat(64), ...lines.slice(0, -1).map((line) => hashOf(Buffer.from(line)))]);
    expect(entriesIn(folder).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'intent a',
      'intent b',
      'settlement a',
      'settlement b',
    ]);
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 5, breaks: [] });
    expect(headHash(folder)).toEqual({
      head: verifyChain(folder).head,
      place: { file: 'chain-000001.jsonl', line: 5 },
    });
    one.dispose();
    other.dispose();
  });

  it('tells a window what others spent as soon as it looks', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openLedger(folder, 'one').ledger, openLedger(folder, 'other').ledger];
    expect(other.today.requests).toBe(0);
    await one.begin(question('a'));
    one.append(paid('a', 5));
    const told: string[] = [];
    other.onDidAppend(({ id }) => told.push(`${id}: ${other.today.spend.nanoUsd}`));
    other.refresh();
    other.refresh();
    expect(told).toEqual(['a: 5', 'a: 5']);
    expect([other.today.requests, other.session.requests, one.session.requests]).toEqual([1, 0, 1]);
    one.dispose();
    other.dispose();
  });

  it('begins a new file in a new month, and goes on in it after a restart', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock(noon);
    const { ledger } = openLedger(folder, 'me', clock);
    await ledger.begin(question('a'));
    await clock.advance(10 * 86_400_000);
    await ledger.begin(question('b', { atMs: clock.now() }));
    ledger.dispose();
    const next = openLedger(folder, 'next', clock).ledger;
    await next.begin(question('c', { atMs: clock.now() }));
    next.dispose();
    expect([linesOf(chainIn(folder, 1)).length, linesOf(chainIn(folder, 2)).length]).toEqual([2, 2]);
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 4 });
    rmSync(chainIn(folder, 1));
    expect(verifyChain(folder)).toMatchObject({
      isWhole: false,
      breaks: [{ file: 'chain-000002.jsonl', line: 1, what: 'missing' }],
    });
  });
});

describe('a part of a line that a dead writer left', () => {
  it('is dropped by the next who writes, said in the log and in the chain, wherever it was cut', async () => {
    const last = Buffer.from(`{"prev":"${'0'.repeat(64)}","kind":"intent","id":"é never sent"}`);
    const folder = await chainOf(['a']);
    const whole = readFileSync(chainIn(folder));
    for (let cut = 1; cut <= last.length; cut += 7) {
      writeFileSync(chainIn(folder), Buffer.concat([whole, last.subarray(0, cut)]));
      rmSync(join(folder, 'index.json'), { force: true });
      expect(verifyChain(folder)).toMatchObject({ isWhole: true, tornBytes: cut });
      const { ledger, log } = openLedger(folder, 'healer');
      expect(ledger.today).toMatchObject({ requests: 1, isPartial: false });
      await ledger.begin(question('b'));
      ledger.dispose();
      const { isWhole, notes, tornBytes } = verifyChain(folder);
      expect([isWhole, tornBytes, notes.map(({ note }) => note)]).toEqual([true, 0, ['begun', 'healed']]);
      expect(notes[1]).toMatchObject({ droppedBytes: cut, place: { line: 3 } });
      expect(log.lines.join()).toContain(`dropped ${cut} bytes`);
    }
  });

  it('is dropped once when two windows find it', async () => {
    const folder = await chainOf(['a']);
    appendFileSync(chainIn(folder), '{"prev":"');
    const [one, other] = [openLedger(folder, 'one').ledger, openLedger(folder, 'other').ledger];
    expect([one.today.requests, other.today.requests]).toEqual([1, 1]);
    await Promise.all([one.begin(question('b')), other.begin(question('c'))]);
    const { isWhole, notes } = verifyChain(folder);
    expect([isWhole, notes.length]).toEqual([true, 2]);
    one.dispose();
    other.dispose();
  });
});

describe('the verification', () => {
  it('finds every changed byte: all but the last line’s by itself, those with a hash kept elsewhere', async () => {
    const folder = await chainOf(['a', 'b', 'c']);
    const { head } = verifyChain(folder);
    const whole = readFileSync(chainIn(folder));
    const lastLine = whole.lastIndexOf('\n', whole.length - 2);
    const step = process.env['PADDOCK_SOAK'] === '1' ? 1 : 5; // every byte in a soak, each fifth in every run
    for (let at = 0; at < whole.length - 1; at += step) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(chainIn(folder), changed);
      expect(verifyChain(folder, head).isWhole, `byte ${at}`).toBe(false);
      if (at <= lastLine) expect(verifyChain(folder).isWhole, `byte ${at}`).toBe(false);
    }
  });

  it('says where a line was changed, taken out or put in', async () => {
    const folder = await chainOf(['a', 'b', 'c']);
    const [begun = '', a = '', b = '', c = ''] = linesOf(chainIn(folder));
    const breaksOf = (...lines: readonly string[]) => {
      writeFileSync(chainIn(folder), `${lines.join('\n')}\n`);
      return verifyChain(folder).breaks.map(({ line, what }) => `${line} ${what}`);
    };
    expect(breaksOf(begun, a.replace('"a"', '"x"'), b, c)).toEqual(['3 notFollowing']);
    expect(breaksOf(begun, b, c)).toEqual(['2 notFollowing']);
    expect(breaksOf(begun, a, c, b, c)).toEqual(['3 notFollowing', '4 notFollowing']);
    expect(breaksOf(begun, 'no line', b, c)).toEqual(['2 damaged', '3 notFollowing']);
    expect(breaksOf(a, b, c)).toEqual(['1 notFollowing']);
    expect(breaksOf(begun, a, b, c)).toEqual([]);
  });

  it('cannot see a cut tail or a full rewrite without a hash kept elsewhere, says so, and sees both with one', async () => {
    const folder = await chainOf(['a', 'b', 'c']);
    const { head, unseen } = verifyChain(folder);
    expect(unseen).toHaveLength(2);
    expect(verifyChain(folder, ` ${head.toUpperCase()}\n`)).toMatchObject({
      isWhole: true,
      kept: { file: 'chain-000001.jsonl', line: 4 },
    });
    const lines = linesOf(chainIn(folder));
    writeFileSync(chainIn(folder), `${lines.slice(0, 3).join('\n')}\n`);
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 3 });
    expect(verifyChain(folder, head)).toMatchObject({ isWhole: false, kept: 'missing' });
    const rewritten = await chainOf(['x', 'y', 'z']);
    expect(verifyChain(rewritten).isWhole).toBe(true);
    expect(verifyChain(rewritten, head)).toMatchObject({ isWhole: false, kept: 'missing' });
    expect(verifyChain(temporaryFolder())).toMatchObject({ isWhole: true, lines: 0, head: '0'.repeat(64) });
  });

  it('sees lines that were cut off while a window was open', async () => {
    const folder = temporaryFolder();
    const { ledger, log } = openLedger(folder);
    await ledger.begin(question('a'));
    const { length } = readFileSync(chainIn(folder));
    await ledger.begin(question('b'));
    truncateSync(chainIn(folder), length);
    await ledger.begin(question('c'));
    expect(verifyChain(folder).breaks).toEqual([{ file: 'chain-000001.jsonl', line: 3, what: 'notFollowing' }]);
    expect(log.lines.join()).toContain('are missing that were there before');
    ledger.dispose();
  });
});

describe('a window that cannot write to the chain', () => {
  const hold = (folder: string) => {
    mkdirSync(join(folder, 'lock'), { recursive: true });
    writeFileSync(join(folder, 'lock', `${thisHolder}.turn`), '');
  };
  const release = (folder: string) => rmSync(join(folder, 'lock'), { recursive: true });

  it('counts a settlement at once and writes it when the lock is free', async () => {
    const folder = temporaryFolder();
    const { ledger, clock } = openLedger(folder);
    await ledger.begin(question('a'));
    hold(folder);
    ledger.append(paid('a', 5));
    await clock.advance(1000);
    expect([ledger.today.spend.nanoUsd, entriesIn(folder).length]).toEqual([5, 1]);
    release(folder);
    await clock.advance(1000);
    expect(entriesIn(folder).map(({ kind }) => kind)).toEqual(['intent', 'settlement']);
    ledger.dispose();
    expect(clock.waiting).toBe(0);
  });

  it('writes it beside when the window ends, from where the next window puts it into the chain', async () => {
    const folder = temporaryFolder();
    const { ledger, log } = openLedger(folder);
    await ledger.begin(question('a'));
    hold(folder);
    ledger.append(paid('a', 5));
    ledger.dispose();
    expect(log.lines.join()).toContain('the chain was locked when this window ended');
    release(folder);
    const next = openLedger(folder, 'next');
    expect(next.ledger.today).toMatchObject({ requests: 1, spend: { nanoUsd: 5 } });
    await next.ledger.written();
    expect(linesOf(chainIn(folder))).toHaveLength(3);
    next.ledger.dispose();
    const last = openLedger(folder, 'last');
    expect(last.ledger.today).toMatchObject({ requests: 1, spend: { nanoUsd: 5 } });
    last.ledger.dispose();
    expect(linesOf(chainIn(folder))).toHaveLength(3);
  });

  it('begins nothing that was stopped while it waited', async () => {
    const folder = temporaryFolder();
    const { ledger, clock } = openLedger(folder);
    hold(folder);
    const abort = new AbortController();
    const waiting = expect(ledger.begin(question('a'), { signal: abort.signal })).rejects.toMatchObject({
      kind: 'aborted',
    });
    await clock.advance(100);
    abort.abort();
    await waiting;
    release(folder);
    expect(entriesIn(folder)).toEqual([]);
    expect(ledger.today.requests).toBe(0);
    ledger.dispose();
  });

  it('refuses to begin on a full disk, keeps settlements, and leaves a whole chain', async () => {
    const folder = temporaryFolder();
    // Files may have 4 blocks of 512 bytes: the system takes a part of the write that crosses it.
    const child = startNode(
      `
      import { Ledger } from ${source('ledger/ledger.ts')};
      import { journalFolder } from ${source('base/journal.ts')};
      import { systemClock } from ${source('base/clock.ts')};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const ledger = new Ledger({ files: journalFolder(${JSON.stringify(folder)}, 'full'), clock: systemClock, log });
      const asked = ${JSON.stringify(question('id'))};
      const failures = [];
      for (let n = 0; n < 12; n += 1) {
        try { await ledger.begin({ ...asked, id: 'id' + n }); }
        catch (error) { failures.push(error.kind + ' ' + error.cause.code); }
      }
      console.log(JSON.stringify({ failures, begun: ledger.runningHere.length }));
      process.kill(process.pid, 'SIGKILL');`,
      { mostFileBlocks: 4 },
    );
    let said = '';
    child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
    await firstWord(child);
    await once(child, 'close');
    const { failures, begun } = JSON.parse(said) as { failures: string[]; begun: number };
    expect(begun + failures.length).toBe(12);
    expect(begun).toBeGreaterThan(1);
    expect(new Set(failures)).toEqual(new Set(['diskFailed EFBIG']));
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 1 + begun, tornBytes: 0 });
    const { ledger } = openLedger(folder, 'later');
    await ledger.begin(question('after'));
    expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 2 + begun });
    ledger.dispose();
  });
});

describe('a budget that windows share', () => {
  const limits = { perDay: { nanoUsd: 100, kind: 'hard' } } as const;

  it('keeps the worst case free from the first byte to the settlement, in every window', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openLedger(folder, 'one').ledger, openLedger(folder, 'other').ledger];
    const kinds: string[] = [];
    const ask = async (ledger: typeof one, id: string, worstNanoUsd: number) =>
      kinds.push((await ledger.begin(question(id), { wish: { worstNanoUsd, limits } })).kind);
    await ask(one, 'a', 60);
    await ask(other, 'b', 60);
    await ask(other, 'c', 40);
    one.append(paid('a', 10));
    await ask(other, 'd', 50);
    await ask(one, 'e', 1);
    expect(kinds).toEqual(['allow', 'deny', 'allow', 'allow', 'deny']);
    expect(other.spending).toEqual({ dayNanoUsd: 10, monthNanoUsd: 10, reservedNanoUsd: 90 });
    expect(entriesIn(folder).filter(({ kind }) => kind === 'intent')).toHaveLength(3);
    one.dispose();
    other.dispose();
  });

  it('lets go of what a dead window had reserved, and the sums are "at least" from then on', async () => {
    const folder = temporaryFolder();
    const [, , place = ''] = thisHolder.split('.');
    const { ledger } = openLedger(folder);
    await ledger.begin(question('a'), { wish: { worstNanoUsd: 60, limits } });
    ledger.dispose();
    const changed = readFileSync(chainIn(folder), 'utf8').replace(thisHolder, `99999999.5.${place}`);
    writeFileSync(chainIn(folder), changed);
    const next = openLedger(folder, 'next').ledger;
    expect(next.spending.reservedNanoUsd).toBe(0);
    expect(totalSpend(next.today)).toMatchObject({ nanoUsd: 0, basis: undefined, isAtLeast: true });
    expect((await next.begin(question('b'), { wish: { worstNanoUsd: 100, limits } })).kind).toBe('allow');
    next.dispose();
  });

  it('asks about an unknown price, and never about what nobody charges for', async () => {
    const folder = temporaryFolder();
    const { ledger } = openLedger(folder);
    const wish = { worstNanoUsd: undefined, limits };
    expect((await ledger.begin(question('a'), { wish })).kind).toBe('ask');
    expect((await ledger.begin(question('b'), { wish: { ...wish, mayBeUnpriced: true } })).kind).toBe('allow');
    const route = { kind: 'private', evidence: 'verified', host: '10.0.0.5:8080', remote: undefined } as const;
    expect((await ledger.begin(question('c', { route, isMetered: false }), { wish })).kind).toBe('allow');
    const here = { ...route, kind: 'loopback' } as const;
    expect((await ledger.begin(question('d', { route: here }), { wish })).kind).toBe('allow');
    expect(readdirSync(folder).sort()).toEqual(['2026-11-22-me.jsonl', 'chain-000001.jsonl', 'lock']);
    ledger.dispose();
  });
});

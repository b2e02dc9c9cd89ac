/**
 * Several windows, each a process of its own, on one ledger: they begin and settle requests under one budget, all at
 * once, and some are killed. Whatever happens, nobody spends more than the limit, no sum ever falls, and the chain is
 * whole. In every run 10,000 steps without waiting for the disk and 300 with it, and 20 kills; 100 with PADDOCK_SOAK=1.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { FolderLock } from '../../src/base/lock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { totalSpend } from '../../src/ledger/tally.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { Chance } from '../support/chance.ts';
import { temporaryFolder } from '../support/folder.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import type { WindowDeed, WindowOrder } from '../support/ledgerWindow.ts';
import { LogLines } from '../support/log.ts';

const script = fileURLToPath(new URL('../support/ledgerWindow.ts', import.meta.url));
const kills = process.env['PADDOCK_SOAK'] === '1' ? 100 : 20;

interface Window {
  readonly child: ChildProcess;
  /** What it said so far. */
  readonly deeds: WindowDeed[];
  /** Resolves with its exit code, `null` when it was killed. */
  readonly ended: Promise<number | null>;
}

function openWindow(order: WindowOrder): Window {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const deeds: WindowDeed[] = [];
  let rest = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) deeds.push(JSON.parse(line) as WindowDeed);
  });
  return { child, deeds, ended: once(child, 'close').then(([code]) => code as number | null) };
}

/** The ledger as a window finds it that is opened now. */
function readAgain(folder: string): {
  readonly spentNanoUsd: number;
  readonly requests: number;
  readonly open: number;
} {
  const ledger = new Ledger({ files: journalFolder(folder, 'reader'), clock: systemClock, log: new LogLines() });
  const { month } = ledger;
  ledger.dispose();
  return { spentNanoUsd: totalSpend(month).nanoUsd, requests: month.requests, open: month.unsettled.size };
}

/** The most that was spent and reserved at any time, going along the chain. */
function mostTaken(folder: string, isReleased: (id: string) => boolean = () => false): number {
  const reserved = new Map<string, number>();
  let [spent, most] = [0, 0];
  for (const entry of entriesIn(folder)) {
    if (entry.kind === 'intent') reserved.set(entry.id, isReleased(entry.id) ? 0 : (entry.reservedNanoUsd ?? 0));
    else if (reserved.delete(entry.id) && entry.cost.basis === 'table') spent += entry.cost.nanoUsd;
    most = Math.max(most, spent + [...reserved.values()].reduce((sum, nanoUsd) => sum + nanoUsd, 0));
  }
  return most;
}

/** How often the next line was another window's. */
function changesOfHand(folder: string): number {
  const ofWhom = new Map<string, string | undefined>();
  let [changes, last] = [0, undefined as string | undefined];
  for (const entry of entriesIn(folder)) {
    if (entry.kind === 'intent') ofWhom.set(entry.id, entry.holder);
    const holder = ofWhom.get(entry.id);
    if (holder !== last) changes += 1;
    last = holder;
  }
  return changes;
}

function sumOf(deeds: readonly WindowDeed[], what: WindowDeed[0]): number {
  return deeds.filter(([deed]) => deed === what).reduce((sum, [, , nanoUsd]) => sum + nanoUsd, 0);
}

test.each([
  { steps: 10_000, isDurable: false },
  { steps: 300, isDurable: true },
])('$steps steps of 3 windows at once keep every sum and the limit, synced: $isDurable', async (plan) => {
  const folder = temporaryFolder();
  const steps = Math.ceil(plan.steps / 3);
  // Three quarters of what would be spent without it: denied often, and never quite used up at first.
  const limitNanoUsd = Math.round((plan.steps / 2) * 250_000 * 0.75);
  const startedMs = performance.now();
  const windows = [1, 2, 3].map((seed) => openWindow({ folder, seed, steps, isDurable: plan.isDurable, limitNanoUsd }));
  expect(await Promise.all(windows.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  console.log(
    `figure: ${plan.steps} steps, synced: ${plan.isDurable}: ${Math.round(performance.now() - startedMs)} ms`,
  );

  const deeds = windows.flatMap((window) => window.deeds);
  const begun = deeds.filter(([deed]) => deed === 'begun').length;
  expect(deeds.length).toBeGreaterThanOrEqual(plan.steps);
  expect(deeds.some(([deed]) => deed === 'denied')).toBe(true);
  expect(readAgain(folder)).toEqual({ spentNanoUsd: sumOf(deeds, 'settled'), requests: begun, open: 0 });
  expect(mostTaken(folder)).toBeLessThanOrEqual(limitNanoUsd);
  expect(verifyChain(folder)).toMatchObject({ isWhole: true, lines: 1 + 2 * begun, breaks: [], tornBytes: 0 });
  // One after the other they would change hands twice: they have to have been at it together.
  expect(changesOfHand(folder)).toBeGreaterThan(begun / 20);
});

const killsMs = kills * 6_000; // on a computer that has other things to do

test(
  'whoever is killed, no sum falls, nothing that was said is missing, and the chain is whole',
  { timeout: killsMs },
  async () => {
    const folder = temporaryFolder();
    const chance = new Chance(5);
    const limitNanoUsd = 1e15;
    const order = (seed: number): WindowOrder => ({
      folder,
      seed,
      steps: 1e9,
      isDurable: seed % 2 === 0,
      limitNanoUsd,
    });
    const windows = [openWindow(order(1)), openWindow(order(2))];
    const said: WindowDeed[] = [];
    let before = readAgain(folder);
    let locksLeft = 0;
    const onlooker = new Ledger({ files: journalFolder(folder, 'onlooker'), clock: systemClock, log: new LogLines() });
    const seen = () => ({ spentNanoUsd: totalSpend(onlooker.month).nanoUsd, requests: onlooker.month.requests });
    for (let kill = 0; kill < kills; kill += 1) {
      const victim = windows.shift() as Window;
      windows.push(openWindow(order(3 + kill)));
      // In the middle of its work, not of its start.
      while (victim.deeds.length === 0) await systemPause(5);
      await systemPause(chance.below(200));
      victim.child.kill('SIGKILL');
      await victim.ended;
      if (readdirSync(join(folder, 'lock')).some((name) => name.startsWith(`${victim.child.pid}.`))) locksLeft += 1;
      if (kill % 2 === 0) await tear(folder, 1 + chance.below(200));
      said.push(...victim.deeds);
      const now = readAgain(folder);
      expect(now.spentNanoUsd).toBeGreaterThanOrEqual(before.spentNanoUsd);
      expect(now.requests).toBeGreaterThanOrEqual(before.requests);
      expect(verifyChain(folder)).toMatchObject({ isWhole: true });
      before = now;
      const known = seen();
      onlooker.refresh();
      expect(seen().spentNanoUsd).toBeGreaterThanOrEqual(known.spentNanoUsd);
      expect(seen().requests).toBeGreaterThanOrEqual(known.requests);
    }
    for (const { child, ended } of windows) {
      child.kill('SIGKILL');
      await ended;
    }
    said.push(...windows.flatMap(({ deeds }) => deeds));
    const written = new Set(entriesIn(folder).map(({ kind, id }) => `${kind} ${id}`));
    const done = said.filter(([deed]) => deed !== 'denied');
    const told = done.map(([deed, id]) => `${deed === 'begun' ? 'intent' : 'settlement'} ${id}`);
    expect(told.length).toBeGreaterThan(kills);
    expect(told.filter((each) => !written.has(each))).toEqual([]);
    expect(readAgain(folder).spentNanoUsd).toBeGreaterThanOrEqual(sumOf(said, 'settled'));
    onlooker.refresh();
    expect(readAgain(folder)).toMatchObject(seen());
    onlooker.dispose();
    const { notes } = verifyChain(folder);
    expect(notes.filter(({ note }) => note === 'healed').length).toBeGreaterThanOrEqual(kills / 2 - 1);
    console.log(
      `figure: ${kills} kills, ${locksLeft} with the lock held, ${said.length} deeds, ${notes.length - 1} lines healed`,
    );
    const last = new Ledger({ files: journalFolder(folder, 'last'), clock: systemClock, log: new LogLines() });
    expect(last.spending.reservedNanoUsd).toBe(0); // all of them are dead
    last.dispose();
  },
);

/** Writes a part of a line, as a holder of the lock leaves it whom a power cut or a full disk met in the middle. */
async function tear(folder: string, bytes: number): Promise<void> {
  const write = () => appendFileSync(join(folder, 'chain-000001.jsonl'), `{"prev":"${'0'.repeat(bytes)}`);
  await new FolderLock(join(folder, 'lock')).inTurn(write, systemClock);
}

function systemPause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

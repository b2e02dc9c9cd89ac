/**
 * `npm run bench -- ledger`: what writing an entry costs the editor, and how long a window needs to know what 100,000
 * entries come to. Opening is measured in fresh processes, without an index (every line is read) and with one.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { Books, dayOf, monthOf } from '../../src/ledger/books.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { engineRequest, fillLedger, serverRequest } from './ledgerFilling.ts';
import type { BenchOptions, BenchOutcome } from './outcome.ts';
import { median, rounded, summaryOf, type Summary } from './statistics.ts';

/** The aims, on two shared cores. */
const aims = { appendMs: 5, open100kMs: 1_000, tally100kMs: 100, rssBytes: 100_000_000 };

const openingSource = fileURLToPath(new URL('./ledgerOpen.ts', import.meta.url));

interface Opened {
  readonly openMs: number;
  readonly requests: number;
  readonly isPartial: boolean;
  readonly rssBytes: number;
}

export async function ledger({ isQuick }: BenchOptions): Promise<BenchOutcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'paddock-bench-ledger-'));
  try {
    return await measured(folder, isQuick ? 2 : 5, isQuick ? 200 : 1_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(folder: string, rounds: number, appends: number): Promise<BenchOutcome> {
  const entries = 100_000;
  const nowMs = Date.now();
  const filled = path.join(folder, 'filled');
  console.log(`writing ${entries} entries ...`);
  fillLedger(filled, entries, nowMs);
  const opening = path.join(folder, 'opening.cjs');
  // Bundled as the product is: reading TypeScript takes Node more memory than reading the ledger.
  await build({ entryPoints: [openingSource], outfile: opening, bundle: true, platform: 'node', logLevel: 'warning' });
  const cold: Opened[] = [];
  const indexed: Opened[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(path.join(filled, 'index.json'), { force: true });
    cold.push(await openIn(opening, filled, nowMs));
    indexed.push(await openIn(opening, filled, nowMs));
  }
  const isRight = [...cold, ...indexed].every(({ requests, isPartial }) => requests === entries / 2 && !isPartial);
  if (!isRight) console.log('the sums of an opened ledger are wrong');
  const verifyMs = timed(() => verifyChain(filled).isWhole || console.log('the chain is not whole'));
  const figures = {
    appendMs: await appending(path.join(folder, 'append'), appends),
    beginMs: await beginning(path.join(folder, 'begin'), appends),
    open100kMs: middle(cold.map(({ openMs }) => openMs)),
    openIndexed100kMs: middle(indexed.map(({ openMs }) => openMs)),
    tally100kMs: middle(Array.from({ length: rounds }, () => tallying(entries, nowMs))),
    verifyMs: rounded(verifyMs),
    rssBytes: middle(cold.map(({ rssBytes }) => rssBytes)),
    rssIndexedBytes: middle(indexed.map(({ rssBytes }) => rssBytes)),
  };
  console.log(`aims: ${JSON.stringify(aims)}`);
  return { figures, hasFailed: !isRight };
}

async function openIn(opening: string, folder: string, nowMs: number): Promise<Opened> {
  const { stdout } = await promisify(execFile)(process.execPath, [opening, folder, String(nowMs)]);
  return JSON.parse(stdout) as Opened;
}

/** The time that `append` keeps the editor waiting, per entry of our own engine. */
async function appending(folder: string, count: number): Promise<Summary | null> {
  const window = openLedger(folder);
  const samples: number[] = [];
  for (let request = 0; request < count; request += 1) {
    for (const entry of engineRequest(Date.now())) samples.push(timed(() => window.append(entry)));
    if (request % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  window.dispose();
  return summary(samples);
}

/** The time until a request to the internet may start: locked, written and synced. */
async function beginning(folder: string, count: number): Promise<Summary | null> {
  const window = openLedger(folder);
  const samples: number[] = [];
  for (let request = 0; request < count; request += 1) {
    const [intent, settlement] = serverRequest(Date.now());
    const startedMs = performance.now();
    await window.begin(intent);
    samples.push(performance.now() - startedMs);
    window.append(settlement);
  }
  window.dispose();
  return summary(samples);
}

/** From entries in memory to the sums of today and of the month. */
function tallying(entries: number, nowMs: number): number {
  const all = Array.from({ length: entries / 2 }, () => engineRequest(nowMs)).flat();
  return timed(() => {
    const books = new Books();
    for (const entry of all) books.add(entry);
    books.tally(dayOf(nowMs));
    books.tally(monthOf(dayOf(nowMs)));
  });
}

function openLedger(folder: string): Ledger {
  const quiet = (): void => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };
  return new Ledger({ files: journalFolder(folder, 'bench'), clock: systemClock, log });
}

function timed(run: () => unknown): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

function middle(samples: readonly number[]): number | null {
  const value = median(samples);
  return value === undefined ? null : rounded(value);
}

function summary(samples: readonly number[]): Summary | null {
  const found = summaryOf(samples);
  return found === undefined ? null : { median: rounded(found.median), p95: rounded(found.p95), n: found.n };
}

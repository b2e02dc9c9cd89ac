/**
 * One window's ledger in a process of its own: begins and settles requests at random, as told by its first argument,
 * and says what it did. Each line it prints is a JSON array: what happened and how much, as soon as it is on disk.
 */
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import type { Intent, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Chance } from './chance.ts';

export interface WindowOrder {
  readonly folder: string;
  readonly seed: number;
  /** How many times it begins or settles. */
  readonly steps: number;
  /** Whether every intent waits for the disk. */
  readonly isDurable: boolean;
  /** Hard limit of a day, nano-dollars. */
  readonly limitNanoUsd: number;
}

/** `begun` worst case, `denied` worst case, `settled` cost; nano-dollars. */
export type WindowDeed = readonly ['begun' | 'denied' | 'settled', id: string, nanoUsd: number];

const order = JSON.parse(process.argv[2] ?? '') as WindowOrder;
const chance = new Chance(order.seed);
/** The product's timers keep no process alive; here nothing else does. */
const schedule = (delayMs: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
const clock = { ...systemClock, schedule };
const log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: (line: string) => void process.stderr.write(`${line}\n`),
};
const ledger = new Ledger({ files: journalFolder(order.folder, `w${order.seed}`), clock, log });
const open: { readonly id: string; readonly worstNanoUsd: number }[] = [];

/** What is under way: a window begins and settles requests at the same time too. */
const underWay: Promise<void>[] = [];

for (let step = 0; step < order.steps; step += 1) {
  if (open.length === 0 || (open.length < 8 && chance.below(2) === 0)) underWay.push(begin());
  else underWay.push(settle());
  if (open.length === 0 || chance.below(3) > 0) await Promise.all(underWay.splice(0));
}
await Promise.all(underWay);
while (open.length > 0) await settle();
ledger.dispose();

async function begin(): Promise<void> {
  const id = clock.newId();
  // One in five could never be afforded, so that some are denied at any time and not only in the end.
  const worstNanoUsd = chance.below(5) === 0 ? order.limitNanoUsd + 1 : 1 + chance.below(1_000_000);
  const wish = { worstNanoUsd, limits: { perDay: { nanoUsd: order.limitNanoUsd, kind: 'hard' } as const } };
  const verdict = await ledger.begin(intentOf(id), { wish });
  if (verdict.kind === 'allow') open.push({ id, worstNanoUsd });
  say([verdict.kind === 'allow' ? 'begun' : 'denied', id, worstNanoUsd]);
}

async function settle(): Promise<void> {
  const [request] = open.splice(chance.below(open.length), 1);
  if (request === undefined) return;
  const nanoUsd = chance.below(request.worstNanoUsd + 1);
  const cost = { basis: 'table', nanoUsd, tableDate: '2026-09-23' } as const;
  const usage = { promptTokens: 10, cachedTokens: undefined, completionTokens: 2, source: 'provider' } as const;
  const outcome = { outcome: 'finished', failure: undefined, usage, speed: undefined, cost } as const;
  const settlement: Settlement = { kind: 'settlement', id: request.id, atMs: clock.now(), ...outcome };
  ledger.append(settlement);
  await ledger.written();
  say(['settled', request.id, nanoUsd]);
}

function intentOf(id: string): Intent {
  const kind = order.isDurable ? 'internet' : 'loopback';
  const route = { kind, evidence: 'assumed', host: 'localhost:4000', remote: undefined } as const;
  const purpose = { role: 'chat', initiator: 'user' } as const;
  return { kind: 'intent', id, atMs: clock.now(), purpose, modelId: 'm', modelName: 'M', route, items: [] };
}

function say(deed: WindowDeed): void {
  process.stdout.write(`${JSON.stringify(deed)}\n`);
}

function ignore(): void {
  // Nobody reads it.
}

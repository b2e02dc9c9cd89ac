import { journalFolder } from '../../src/base/journal.ts';
import type { Cost, Intent, Route, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { FakeClock } from './clock.ts';
import { LogLines } from './log.ts';

/** Local: the ledger's day is the user's. */
export const noon = new Date(2026, 10, 22, 12).getTime();

/** A window's ledger in a folder, with its clock and log. */
export function openLedger(folder: string, writer = 'me', clock = new FakeClock(noon)) {
  const log = new LogLines();
  return { ledger: new Ledger({ files: journalFolder(folder, writer), clock, log }), clock, log };
}

const internet: Route = { kind: 'internet', evidence: 'verified', host: 'api.test:443', remote: undefined };

/** A question that the user sent to a server in the internet; what differs is told. */
export function question(id: string, more: Partial<Intent> = {}): Intent {
  const purpose = { role: 'chat', initiator: 'user' } as const;
  const asked = { purpose, modelId: 'm', modelName: 'M', route: internet, items: [] };
  return { kind: 'intent', id, atMs: noon, ...asked, ...more };
}

/** Its end, at a price in nano-dollars; what differs is told. */
export function paid(id: string, nanoUsd: number, more: Partial<Settlement> = {}): Settlement {
  const usage = { promptTokens: 100, cachedTokens: undefined, completionTokens: 10, source: 'provider' } as const;
  const cost: Cost = { basis: 'table', nanoUsd, tableDate: '2026-09-23' };
  const ended = { outcome: 'finished', failure: undefined, usage, speed: undefined, cost } as const;
  return { kind: 'settlement', id, atMs: noon, ...ended, ...more };
}

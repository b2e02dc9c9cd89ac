/** A ledger of so many entries as half a year of work would leave it, written the way the product writes it. */
import { join } from 'node:path';
import { Journal } from '../../src/base/journal.ts';
import { dayOf } from '../../src/ledger/books.ts';
import { Chain } from '../../src/ledger/chain.ts';
import type { Entry, Intent, Route, Settlement } from '../../src/ledger/entry.ts';
import { Chance } from '../support/chance.ts';

/** Of all requests, so many in a hundred went to a server; the rest to our own engine. */
const serverPercent = 20;
const days = 60;
const windowsPerDay = 3;
const dayMs = 86_400_000;
/** Entries that are written together. */
const batch = 500;

const chance = new Chance(20261122);
const hex = (digits: number): string => Array.from({ length: digits }, () => chance.below(16).toString(16)).join('');

/** @param nowMs the newest entry's time. */
export function fillLedger(folder: string, entries: number, nowMs: number): void {
  const quiet = (): void => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  let atMs = nowMs;
  const chain = new Chain({ folder, log, now: () => atMs, onRecord: quiet, onDamage: quiet });
  const own = new Map<string, Entry[]>();
  let chained: Entry[] = [];
  const requests = entries / 2;
  const write = (): void => {
    chain.lock.tryNow(() => chain.change(() => chained));
    chained = [];
  };
  for (let request = 0; request < requests; request += 1) {
    atMs = Math.round(nowMs - dayMs * days * (1 - request / requests)) - 1_000;
    const isServer = chance.below(100) < serverPercent;
    const pair = isServer ? serverRequest(atMs) : engineRequest(atMs);
    const file = join(folder, `${dayOf(atMs)}-${chance.below(windowsPerDay)}.jsonl`);
    if (isServer) chained.push(...pair);
    else own.set(file, [...(own.get(file) ?? []), ...pair]);
    if (chained.length >= batch) write();
  }
  write();
  for (const [file, records] of own) {
    const journal = new Journal(file);
    journal.append(records);
    journal.dispose();
  }
}

/** What an automatic completion by our own engine leaves. */
export function engineRequest(atMs: number): readonly [Intent, Settlement] {
  const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
  const purpose = { role: 'completion', initiator: 'automatic' } as const;
  const modelId = 'embedded:/home/somebody/models/Qwen2.5-Coder-0.5B-Q8_0.gguf';
  return requestOf({ purpose, modelId, modelName: 'Qwen2.5 Coder 0.5B', route, atMs });
}

/** What an answer by a server leaves. */
export function serverRequest(atMs: number): readonly [Intent, Settlement] {
  const route: Route = { kind: 'internet', evidence: 'verified', host: 'api.openai.com:443', remote: undefined };
  const purpose = { role: 'chat', initiator: 'user' } as const;
  const modelId = 'https://api.openai.com/v1#gpt-x';
  return requestOf({ purpose, modelId, modelName: 'gpt-x', route, atMs });
}

function requestOf(asked: Pick<Intent, 'purpose' | 'modelId' | 'modelName' | 'route' | 'atMs'>): [Intent, Settlement] {
  const id = hex(32);
  const uri = `file:///home/somebody/project/src/module${chance.below(200)}/file${chance.below(50)}.ts`;
  const items = [{ uri, bytes: chance.below(9_000), lines: [1, 200] as const, sha256: hex(64) }];
  const workspace = { id: 'a1b2c3d4e5f60718', name: 'project' };
  const intent: Intent = { kind: 'intent', id, items, workspace, ...asked };
  const usage = { promptTokens: 2_000, cachedTokens: 1_500, completionTokens: 40, source: 'engine' } as const;
  const speed = { firstTokenMs: 90.123, prefillTokPerS: 151.123, decodeTokPerS: 61.123 };
  const isOwn = asked.route.kind === 'inProcess';
  const table = { basis: 'table', nanoUsd: chance.below(9_000_000), tableDate: '2026-09-23' } as const;
  const cost = isOwn ? ({ basis: 'unmetered' } as const) : table;
  const ended = { outcome: 'finished', failure: undefined, usage, speed, cost } as const;
  return [intent, { kind: 'settlement', id, atMs: asked.atMs + 800, ...ended }];
}

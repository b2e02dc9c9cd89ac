/** A month of somebody's work as a ledger: an engine here, a server in the team's network, two closed APIs. */
import { dayOf } from '../../src/ledger/books.ts';
import type { Cost, Intent, LedgerItem, Outcome, Route, Settlement } from '../../src/ledger/entry.ts';
import { Holdings } from '../../src/ledger/holdings.ts';
import type { CompletionUse } from '../../src/ledger/statistics.ts';
import { Chance } from './chance.ts';

const dayMs = 86_400_000;

interface Kind {
  readonly model: readonly [id: string, name: string];
  readonly route: Route;
  readonly purpose: Intent['purpose'];
  /** Of a hundred requests. */
  readonly percent: number;
  /** Nano-dollars per token; `undefined`: nobody charges. `unknown`: nobody says. */
  readonly nanoUsdPerToken?: number | 'unknown';
}

const engine: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const team: Route = { kind: 'private', evidence: 'verified', host: 'gpu-box.lan:8000', remote: undefined };
const openai: Route = { kind: 'internet', evidence: 'verified', host: 'api.openai.com:443', remote: undefined };
const codestral: Route = {
  kind: 'internet',
  evidence: 'verified',
  host: 'codestral.mistral.ai:443',
  remote: undefined,
};
const relay: Route = { kind: 'loopback', evidence: 'assumed', host: 'localhost:4000', remote: undefined };

const coder = ['embedded:/home/ada/models/qwen2.5-coder-1.5b-q4_k_m.gguf', 'Qwen2.5 Coder 1.5B'] as const;
const typing = { role: 'completion', initiator: 'automatic' } as const;
const chat = { role: 'chat', initiator: 'user' } as const;

const kinds: readonly Kind[] = [
  { model: coder, route: engine, purpose: typing, percent: 58 },
  { model: coder, route: engine, purpose: { role: 'completion', initiator: 'ahead' }, percent: 12 },
  { model: ['http://gpu-box.lan:8000/v1#qwen3-32b', 'qwen3-32b'], route: team, purpose: chat, percent: 10 },
  {
    model: ['https://api.openai.com/v1#gpt-6-luna', 'gpt-6-luna'],
    route: openai,
    purpose: chat,
    percent: 10,
    nanoUsdPerToken: 1_900,
  },
  {
    model: ['https://codestral.mistral.ai/v1#codestral-latest', 'codestral-latest'],
    route: codestral,
    purpose: typing,
    percent: 8,
    nanoUsdPerToken: 420,
  },
  {
    model: ['http://localhost:4000/v1#team-router', 'team-router'],
    route: relay,
    purpose: chat,
    percent: 2,
    nanoUsdPerToken: 'unknown',
  },
];

const workspaces = [
  { id: 'a1', name: 'orchard-api' },
  { id: 'b2', name: 'orchard-web' },
  { id: 'c3', name: 'infrastructure' },
];
const files = ['src/basket.ts', 'src/checkout/price.ts', 'app/routes.tsx', 'deploy/main.tf', 'README.md'];
const outcomes: readonly Outcome[] = [
  ...Array.from({ length: 30 }, () => 'finished' as const),
  'enough',
  'enough',
  'stopped',
  'cut',
  'failed',
];

/** @param count of requests, of the 30 days before. */
export function monthOfWork(nowMs: number, count = 1_200): Holdings {
  const chance = new Chance(7);
  const holdings = new Holdings();
  for (let index = 0; index < count; index += 1) {
    const backMs = Math.floor((index / count) ** 1.2 * 29.4 * dayMs);
    const atMs = nowMs - 40_000 - backMs;
    const weekday = new Date(atMs).getDay();
    if ((weekday === 0 || weekday === 6) && chance.below(10) > 0 && index > 20) continue;
    const [intent, settlement] = requestAt(atMs, index, chance);
    holdings.add(intent);
    if (index !== 3) holdings.add(settlement);
  }
  return holdings;
}

function requestAt(atMs: number, index: number, chance: Chance): readonly [Intent, Settlement] {
  const kind = pick(chance);
  const id = index.toString(16).padStart(4, '0').padEnd(32, '7f3a09c2');
  const [modelId, modelName] = kind.model;
  const file = files[chance.below(files.length)] ?? '';
  const item: LedgerItem = {
    uri: `file:///home/ada/work/${file}`,
    bytes: 400 + chance.below(7_000),
    lines: [1, 40 + chance.below(200)],
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ...(kind.route.kind === 'internet' ? { maskedCount: chance.below(2) } : {}),
  };
  const workspace = workspaces[Math.min(chance.below(5), 2)];
  const isMetered = kind.nanoUsdPerToken !== undefined;
  const about = { kind: 'intent', id, atMs, purpose: kind.purpose, modelId, modelName } as const;
  const intent: Intent = {
    ...about,
    route: kind.route,
    items: [item],
    isMetered,
    ...(workspace === undefined ? {} : { workspace }),
    ...(kind.route.host === undefined ? {} : { origin: `https://${kind.route.host}` }),
    ...(chance.below(4) === 0 ? { label: 'Orchard 2' } : {}),
  };
  return [intent, endOf(kind, { id, atMs }, chance)];
}

function endOf(kind: Kind, { id, atMs }: Pick<Intent, 'id' | 'atMs'>, chance: Chance): Settlement {
  const isChat = kind.purpose.role === 'chat';
  const [promptTokens, completionTokens] = isChat
    ? [900 + chance.below(9_000), 80 + chance.below(900)]
    : [300 + chance.below(1_600), 4 + chance.below(40)];
  const outcome = outcomes[chance.below(outcomes.length)] ?? 'finished';
  const source = kind.route.kind === 'inProcess' ? 'engine' : 'provider';
  const usage = { promptTokens, cachedTokens: Math.floor(promptTokens * 0.7), completionTokens, source } as const;
  const isFailed = outcome === 'failed';
  return {
    kind: 'settlement',
    id,
    atMs: atMs + (isChat ? 3_000 : 240) + chance.below(900),
    outcome,
    failure: isFailed ? 'rateLimited' : undefined,
    usage: isFailed ? undefined : usage,
    speed: { firstTokenMs: 90 + chance.below(400), prefillTokPerS: 410.5, decodeTokPerS: 38.25 },
    cost: costOf(kind, isFailed ? 0 : promptTokens + completionTokens * 4),
    ...(kind.route.kind === 'inProcess' ? {} : { sentBytes: 2_000 + chance.below(30_000), receivedBytes: 4_000 }),
  };
}

function costOf({ nanoUsdPerToken }: Kind, tokens: number): Cost {
  if (nanoUsdPerToken === undefined) return { basis: 'unmetered' };
  if (nanoUsdPerToken === 'unknown') return { basis: 'unknown' };
  return { basis: 'table', nanoUsd: nanoUsdPerToken * tokens, tableDate: '2026-09-23' };
}

function pick(chance: Chance): Kind {
  let left = chance.below(100);
  for (const kind of kinds) {
    if (left < kind.percent) return kind;
    left -= kind.percent;
  }
  throw new Error('the percentages do not add up to a hundred');
}

/** What became of the completions of these days. */
export function monthOfUses(nowMs: number): readonly CompletionUse[] {
  const use = { day: dayOf(nowMs), language: 'typescript' };
  return [
    {
      ...{ ...use, modelId: coder[0], offered: 690, accepted: 174, acceptedInPart: 21, acceptedLines: 402 },
      ...{ judged: 181, judgedLines: 371, stillThere: 139, keptLines: 312 },
    },
    {
      ...{ ...use, modelId: 'https://codestral.mistral.ai/v1#codestral-latest', offered: 96, accepted: 31 },
      ...{ acceptedInPart: 2, acceptedLines: 80, judged: 30, judgedLines: 71, stillThere: 24, keptLines: 60 },
    },
  ];
}

import { Failure } from '../../src/base/failure.ts';
import type { EngineState } from '../../src/engine/engine.ts';
import type { EngineFacts } from '../../src/engine/messages.ts';
import { Status, type StatusNeeds } from '../../src/editor/indicator/status.ts';
import { completionSettings, defaultSettings, type Settings } from '../../src/editor/settings.ts';
import { yourSettings, type Ceiling } from '../../src/egress/policy.ts';
import type { Limits } from '../../src/ledger/budget.ts';
import type { Intent, Route, Settlement } from '../../src/ledger/entry.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { CardId, Model } from '../../src/models/model.ts';
import type { FakeClock } from './clock.ts';
import { temporaryFolder } from './folder.ts';
import { noon, openLedger } from './ledgers.ts';
import { pricingWith } from './money.ts';

/** A model, and where it is. */
export interface Placed {
  readonly model: Model;
  readonly route: Route;
  readonly server: string | undefined;
}

const here: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };

export const facts: EngineFacts = {
  modelName: 'Llama 3.2',
  architecture: 'llama',
  hasInfillTokens: false,
  hasChatTemplate: true,
  chatContextTokens: 8192,
  contextTokens: 2048,
  device: 'CPU',
  cpuReason: 'No GPU was found.',
  gpuLayers: 0,
  totalLayers: 31,
  threads: { prefill: 2, decode: 1 },
  prefillTokPerS: 171.4,
  decodeTokPerS: 31.2,
  fileBytes: 98_362_432,
  loadMs: 900,
  libraryStartMs: 200,
};

function embedded(name: string): Placed {
  const file = `/${name}.gguf`;
  return { model: { id: `embedded:${file}`, name, provider: 'embedded', file }, route: here, server: undefined };
}

interface Served {
  readonly url: string;
  readonly card: CardId;
  readonly name: string;
  readonly route: Partial<Route> & Pick<Route, 'kind'>;
  readonly server?: string;
}

function served({ url, card, name, route, server }: Served): Placed {
  const model = {
    id: `${url}#${name}`,
    name,
    provider: 'server',
    endpoint: { baseUrl: url, card },
    model: name,
  } as const;
  return { model, route: { ...here, host: new URL(url).host, ...route }, server };
}

export const llama = embedded('Llama 3.2');
export const smol = embedded('SmolLM2');
export const qwen = served({
  url: 'http://localhost:11434',
  card: 'ollama',
  name: 'qwen3',
  route: { kind: 'loopback' },
  server: 'Ollama',
});
export const cloudOfOllama = served({
  url: 'http://localhost:11434',
  card: 'ollama',
  name: 'qwen3-cloud',
  route: { kind: 'internet', forwardsTo: 'ollama.com' },
});
export const unknown = served({
  url: 'http://localhost:4000',
  card: 'generic',
  name: 'qwen3',
  route: { kind: 'loopback', evidence: 'assumed' },
});
export const studio = served({
  url: 'http://localhost:1234',
  card: 'lmStudio',
  name: 'qwen3',
  route: { kind: 'loopback', evidence: 'assumed' },
  server: 'LM Studio',
});
export const team = served({
  url: 'http://10.0.0.5:8000',
  card: 'vllm',
  name: 'qwen3',
  route: { kind: 'private' },
  server: 'vLLM',
});
export const gpt = served({
  url: 'https://api.openai.com/v1',
  card: 'openai',
  name: 'gpt-x',
  route: { kind: 'internet' },
  server: 'OpenAI',
});
export const mini = served({
  url: 'https://api.openai.com/v1',
  card: 'openai',
  name: 'gpt-x-mini',
  route: { kind: 'internet' },
  server: 'OpenAI',
});
export const codestral = served({
  url: 'https://codestral.mistral.ai/v1',
  card: 'codestral',
  name: 'codestral',
  route: { kind: 'internet' },
  server: 'Codestral',
});
export const somewhere = served({
  url: 'https://llm.example.com/v1',
  card: 'generic',
  name: 'some-model',
  route: { kind: 'internet', evidence: 'assumed' },
});

/** The same at the other end of a remote window. */
export function onRemote({ model, route, server }: Placed, remote = 'box'): Placed {
  return { model, route: { ...route, remote }, server };
}

/** One request as the gate writes it; without an end it runs. */
export interface Asked {
  readonly of: Placed;
  readonly intent?: Partial<Intent>;
  readonly end?: Partial<Settlement>;
  /** In dollars, billed; default: nobody charges. */
  readonly usd?: number;
  /** Default: now. */
  readonly daysAgo?: number;
}

/** What the item is drawn from, as plain data. */
export interface Scene {
  readonly completion?: Placed | undefined;
  readonly chat?: Placed | undefined;
  /** In order. Without `end` and `usd` it runs. */
  readonly asked?: readonly Asked[];
  readonly limits?: Limits;
  readonly ceiling?: Ceiling;
  readonly settings?: Partial<Settings>;
  readonly pausedUntilMs?: number;
  readonly engine?: EngineState;
  readonly denied?: { readonly rule: string; readonly source?: string };
  readonly runningMs?: number;
  readonly language?: string;
  readonly broken?: readonly { readonly source: string; readonly line: number; readonly message: string }[];
}

/** A window's status over a real ledger with these requests in it. */
export async function statusOf(scene: Scene) {
  const { ledger, clock } = openLedger(temporaryFolder());
  for (const [index, asked] of (scene.asked ?? []).entries()) await write({ ledger, clock }, asked, index);
  const status = new Status(needsOf(scene, ledger, clock));
  const { rule, source } = scene.denied ?? {};
  const facts = { rule: rule ?? '', ...(source === undefined ? {} : { source }) };
  if (rule !== undefined) status.noteFailure(new Failure('denied', 'No.', { facts }));
  return { status, ledger, clock };
}

function needsOf(scene: Scene, ledger: Ledger, clock: FakeClock): StatusNeeds {
  const { completion, chat, limits = {}, ceiling = 'any', engine = { kind: 'ready', facts } } = scene;
  const placed = [completion, chat].filter((each) => each !== undefined);
  return {
    settings: () => completionSettings({ ...defaultSettings, ...scene.settings }, scene.pausedUntilMs),
    limits: () => limits,
    clock,
    ledger,
    running: { elapsedMs: scene.runningMs },
    pricing: pricingWith(),
    modelFor: (role) => (role === 'completion' ? completion : chat)?.model,
    problemOf: () => undefined,
    engineOf: () => engine,
    placeOf: (model) => placed.find((each) => each.model.id === model.id) ?? llama,
    policy: () => ({ rules: [{ source: yourSettings, ceiling }], broken: scene.broken ?? [], consents: [] }),
    language: () => scene.language ?? 'python',
    neighbours: () => [],
    servedFrom: undefined,
  };
}

const dayMs = 86_400_000;

async function write(books: { readonly ledger: Ledger; readonly clock: FakeClock }, asked: Asked, index: number) {
  const { of, usd, end, daysAgo = 0 } = asked;
  const id = (index + 1).toString(16).padStart(32, '0');
  const atMs = noon - daysAgo * dayMs;
  const purpose = { role: 'chat', initiator: 'user' } as const;
  const about = { modelId: of.model.id, modelName: of.model.name, route: of.route, items: [] };
  const intent: Intent = { kind: 'intent', id, atMs, purpose, ...about, ...asked.intent };
  await books.ledger.begin(intent);
  if (usd === undefined && end === undefined) return;
  const usage = { promptTokens: 3_120, cachedTokens: undefined, completionTokens: 410, source: 'provider' } as const;
  const speed = { firstTokenMs: 80.4, prefillTokPerS: undefined, decodeTokPerS: 31.2 };
  const cost =
    usd === undefined
      ? ({ basis: 'unmetered' } as const)
      : ({ basis: 'billed', nanoUsd: Math.round(usd * 1e9) } as const);
  const ended = { outcome: 'finished', failure: undefined, usage, speed, cost, sentBytes: 12_300 } as const;
  books.ledger.append({ kind: 'settlement', id, atMs, ...ended, ...end });
}

import { describe, expect, it } from 'vitest';
import type { Ceiling } from '../../../src/egress/policy.ts';
import { Failure } from '../../../src/base/failure.ts';
import type { Row } from '../../../src/editor/list.ts';
import { pairWords, ratesWords } from '../../../src/editor/switching/modelWords.ts';
import { plansFor } from '../../../src/editor/switching/presets.ts';
import { activeKey, endpointRows, firstRows, modelRows } from '../../../src/editor/switching/switchProviderView.ts';
import type { Denial, ModelPick, SwitchState, Telling } from '../../../src/editor/switching/switchState.ts';
import type { Route } from '../../../src/ledger/entry.ts';
import type { Endpoint, Model, Role } from '../../../src/models/model.ts';
import { cards } from '../../../src/providers/cards.ts';
import { starters } from '../../../src/weights/starters.ts';

const qwen = { path: '/models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf', bytes: 1_117_320_768 };
const llama = { path: '/models/Llama-3.2-3B-Instruct-Q4_K_M.gguf', bytes: 2_019_377_440 };
const embedded = ({ path }: { path: string }): Model => ({
  id: `embedded:${path}`,
  name: path === qwen.path ? 'qwen2.5-coder-1.5b-instruct' : 'Llama-3.2-3B-Instruct',
  provider: 'embedded',
  file: path,
});
const here: Endpoint = { baseUrl: 'http://127.0.0.1:8080', card: 'llamaServer' };
const team: Endpoint = { baseUrl: 'http://10.0.0.5:8000/v1', card: 'vllm' };
const openai: Endpoint = { baseUrl: 'https://api.openai.com/v1', card: 'openai' };
const served = (endpoint: Endpoint, model: string): Model => ({
  id: `${endpoint.baseUrl}#${model}`,
  name: model,
  provider: 'server',
  endpoint,
  model,
});
const listed = (model: string, more = {}) => ({ model, name: model, contextTokens: undefined, ...more });

const state: SwitchState = {
  roles: ['completion'],
  chosen: { completion: embedded(qwen), chat: embedded(qwen) },
  files: [qwen, llama],
  found: [],
  servers: [],
  origins: [],
  contextTokens: 2048,
  starters: [],
  cards: [],
};

const telling: Telling = {
  routeOf: ({ baseUrl }, model) => routeOf(new URL(baseUrl), model?.forwardsTo),
  engineRoute: { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined },
  denialOf: () => undefined,
  priceWords: (card, model) => (card.id === 'openai' && model === 'gpt-x' ? '$1.25 in, $10.00 out' : undefined),
  hasChatTemplate: () => undefined,
  speedOf: (id) => (id === `embedded:${qwen.path}` ? 11.2 : undefined),
};

function routeOf({ hostname, host }: URL, forwardsTo?: string): Route {
  const place = { evidence: 'verified', host, remote: undefined } as const;
  if (forwardsTo !== undefined) return { ...place, kind: 'internet', host: forwardsTo, forwardsTo };
  if (hostname === '127.0.0.1') return { ...place, kind: 'loopback' };
  return { ...place, kind: hostname.startsWith('10.') ? 'private' : 'internet' };
}

/** The list as it reads: `# heading`, `label | description | detail`. */
function read(rows: readonly Row<unknown>[]): string[] {
  return rows.map((row) =>
    row.kind === 'heading'
      ? `# ${row.label}`
      : [row.label, row.description ?? '', row.detail ?? ''].join(' | ').replace(/( \| )+$/, ''),
  );
}

const linesWith = (word: string, rows: readonly Row<unknown>[]): string[] =>
  read(rows).filter((line) => line.includes(word));

function pickOf(label: string, rows: readonly Row<ModelPick>[]): ModelPick | undefined {
  const row = rows.find((each) => each.label.includes(label) && each.kind === 'line');
  return row?.kind === 'line' ? row.pick : undefined;
}

describe('the first list', () => {
  const first = {
    chosen: state.chosen,
    telling,
    bytesOf: (file: string) => [qwen, llama].find(({ path }) => path === file)?.bytes,
    contextTokens: 2048,
    plans: plansFor({ picked: {}, chosen: state.chosen, localFile: qwen.path }),
    hasKeys: false,
    ownCeiling: 'any' as Ceiling,
  };

  it('asks for the role first and says what each has now and where', () => {
    const chosen = { completion: embedded(qwen), chat: served(openai, 'gpt-x') };
    expect(read(firstRows({ ...first, chosen })).slice(0, 3)).toEqual([
      'Completions | qwen2.5-coder-1.5b-instruct · this computer',
      'Chat | gpt-x · internet: api.openai.com',
      'Both | now: two models',
    ]);
  });

  it('says whether both share one model, and what the pair takes when they do not', () => {
    const bothOf = (chosen: typeof first.chosen) => read(firstRows({ ...first, chosen }))[2];
    expect(bothOf(first.chosen)).toBe('Both | now: one model for both');
    expect(bothOf({ ...first.chosen, chat: embedded(llama) })).toMatch(
      /now: two models, up to about 3\.\d GB of memory/,
    );
    expect(bothOf({ completion: undefined, chat: undefined })).toBe('Both | one model for both');
    expect(read(firstRows({ ...first, chosen: { completion: undefined, chat: undefined } }))[0]).toBe(
      'Completions | none yet',
    );
  });

  it('offers presets, and says of those that cannot be taken why', () => {
    const rows = firstRows(first);
    expect(linesWith('All on this computer', rows)).toEqual([expect.stringContaining('no connection is opened')]);
    expect(linesWith('Team server', rows)).toEqual([expect.stringContaining('not yet | Add your team’s server')]);
    expect(rows.flatMap((row) => (row.kind === 'line' ? [row.pick.kind] : []))).toEqual(
      expect.arrayContaining(['preset', 'unavailable', 'addServer', 'setApiKey', 'thisComputerOnly']),
    );
  });

  it('offers to remove a key only where there is one, and to lift what was set', () => {
    expect(linesWith('Remove API Key', firstRows(first))).toEqual([]);
    expect(linesWith('Remove API Key', firstRows({ ...first, hasKeys: true }))).toHaveLength(1);
    expect(linesWith('Allow Other', firstRows({ ...first, ownCeiling: 'loopback' }))).toHaveLength(1);
    const atDevice = firstRows({ ...first, ownCeiling: 'device' });
    expect([...linesWith('Allow Other', atDevice), ...linesWith('This Computer Only', atDevice)]).toEqual([]);
  });
});

describe('the list of models', () => {
  it('groups them by where they run, this computer first', () => {
    const all: SwitchState = {
      ...state,
      found: [
        {
          endpoint: here,
          facts: { card: 'llamaServer', name: 'llama-server', version: undefined, nature: 'holdsWeights' },
          models: [listed('smol', { contextTokens: 4096 })],
        },
      ],
      servers: [{ endpoint: team, name: 'Team', answer: [listed('qwen-72b')] }],
      starters,
      cards,
    };
    expect(read(modelRows(all, telling)).filter((line) => line.startsWith('#'))).toEqual([
      '# Paddock’s own engine',
      '# servers on this computer',
      '# your servers',
      '# closed APIs',
      '# more',
    ]);
  });

  it('says of a file how large, fast and dear it is, which role it serves, and where it lies', () => {
    expect(read(modelRows(state, telling)).slice(0, 3)).toEqual([
      '# Paddock’s own engine',
      `qwen2.5-coder-1.5b-instruct | in use | this computer · 1.1 GB · context 2,048 · 11 tok/s seen · no charge · shared with chat · ${qwen.path}`,
      expect.stringMatching(
        /^Llama-3.2-3B-Instruct \| +\| this computer · 2.0 GB · context 2,048 · no charge · with qwen2.5-coder-1.5b-instruct for chat: up to about 3.\d GB of memory for the pair · /,
      ),
    ]);
  });

  it('says of a file without a chat template that it is for completions only', () => {
    const mute = { ...telling, hasChatTemplate: (path: string) => path !== llama.path };
    expect(linesWith('no chat template: completions only', modelRows(state, mute))).toEqual([
      expect.stringMatching(/^Llama-3.2-3B-Instruct/),
    ]);
    const iconFor = (role: Role): string | undefined => {
      const rows = modelRows({ ...state, roles: [role] }, mute).filter((row) => row.kind === 'line');
      return rows.find(({ label }) => label.startsWith('Llama'))?.icon;
    };
    expect([iconFor('completion'), iconFor('chat')]).toEqual(['device-desktop', 'circle-slash']);
  });

  it('has the model in use from the first moment on, so that nothing moves under it', () => {
    const looking = { ...state, files: undefined, found: undefined };
    const rows = modelRows(looking, telling);
    expect(linesWith('in use', rows)).toHaveLength(1);
    expect(linesWith('Looking for', rows)).toEqual([
      'Looking for GGUF files…',
      'Looking for servers on this computer…',
    ]);
    const keys = (each: readonly Row<unknown>[]) => each.flatMap((row) => (row.kind === 'line' ? [row.key] : []));
    expect(keys(rows)).toContain(activeKey(state));
    expect(keys(modelRows(state, telling))).toContain(activeKey(state));
  });

  it('offers starter models with size, licence and where they come from, unless they are here', () => {
    const rows = modelRows({ ...state, starters }, telling);
    expect(linesWith('Get Starter Model', rows)).toEqual([
      expect.stringMatching(/^Get Starter Model SmolLM2 135M Instruct \| 98 MB · Apache-2.0 \| .*from huggingface.co$/),
    ]);
    expect(pickOf('Choose a GGUF', rows)).toEqual({ kind: 'browse' });
  });

  it('says of a served model whose computer it is on, the server, price, context, speed and health', () => {
    const answer = [
      listed('qwen-72b', { contextTokens: 32_768, isLoaded: true }),
      listed('small', { isLoaded: false }),
    ];
    const rows = modelRows({ ...state, servers: [{ endpoint: team, name: 'Team', answer }] }, telling);
    expect(linesWith('Team', rows)).toEqual([
      'qwen-72b |  | private network · Team · no charge · context 32,768 · loaded · completions by a chat prompt: slower, fit less well',
      expect.stringContaining('not loaded'),
    ]);
    expect(pickOf('qwen-72b', rows)).toEqual({ kind: 'served', endpoint: team, model: 'qwen-72b' });
    const forChat = modelRows(
      { ...state, roles: ['chat'], servers: [{ endpoint: team, name: 'Team', answer }] },
      telling,
    );
    expect(linesWith('chat prompt', forChat)).toEqual([]);
  });

  it('says where a model that its server passes on really is', () => {
    const cloud: Endpoint = { baseUrl: 'http://127.0.0.1:11434', card: 'ollama' };
    const answer = [listed('gpt-oss:120b-cloud', { forwardsTo: 'ollama.com' })];
    const rows = modelRows({ ...state, servers: [{ endpoint: cloud, name: 'Ollama', answer }] }, telling);
    expect(linesWith('120b-cloud', rows)[0]).toContain('internet: ollama.com');
  });

  it('says what is unknown: a price is never 0', () => {
    const lite: Endpoint = { baseUrl: 'http://10.0.0.7:4000', card: 'litellm' };
    const servers = [
      {
        endpoint: lite,
        name: 'LiteLLM',
        answer: [listed('some'), listed('told', { price: { promptNanoUsd: 15e7, completionNanoUsd: 6e8 } })],
      },
    ];
    const rows = modelRows({ ...state, servers }, telling);
    expect(linesWith('some', rows)[0]).toContain('price unknown');
    expect(linesWith('told', rows)[0]).toContain('$0.15 in, $0.60 out per million tokens');
  });

  it('keeps a server that does not answer, with its reason, and offers to ask again', () => {
    const answer = new Failure('unreachable', 'Nothing answers at 10.0.0.5:8000.');
    const rows = modelRows({ ...state, servers: [{ endpoint: team, name: 'Team', answer }] }, telling);
    expect(linesWith('Team', rows)).toEqual(['Team | does not answer | Nothing answers at 10.0.0.5:8000.']);
    expect(pickOf('Team', rows)).toEqual({ kind: 'askAgain', endpoint: team });
    const wantsKey = [{ endpoint: team, name: 'Team', answer: new Failure('auth', 'It wants a key.') }];
    expect(pickOf('Team', modelRows({ ...state, servers: wantsKey }, telling))).toEqual({
      kind: 'setKey',
      endpoint: team,
    });
  });

  it('keeps the model in use of a server that does not answer', () => {
    const chosen = { ...state.chosen, completion: served(team, 'qwen-72b') };
    const answer = new Failure('unreachable', 'Nothing answers.');
    const rows = modelRows({ ...state, chosen, servers: [{ endpoint: team, name: 'Team', answer }] }, telling);
    expect(linesWith('in use for completions', rows)).toEqual([expect.stringContaining('qwen-72b')]);
    expect(linesWith('does not answer', rows)).toHaveLength(1);
  });

  it('names a server once, whether found or configured', () => {
    const found = [
      {
        endpoint: here,
        facts: { card: 'llamaServer', name: 'llama-server', version: undefined, nature: 'holdsWeights' },
        models: [listed('smol')],
      },
    ] as const;
    const endpoint: Endpoint = { baseUrl: 'http://localhost:8080/v1', card: 'llamaServer' };
    const local = { ...telling, routeOf: () => routeOf(new URL('http://127.0.0.1')) };
    const rows = modelRows({ ...state, found, servers: [{ endpoint, name: 'Mine', answer: [listed('smol')] }] }, local);
    expect(linesWith('smol', rows)).toEqual([expect.stringContaining('Mine')]);
  });

  it('cannot pick what a policy forbids, and says the rule and the file', () => {
    const denial: Denial = {
      kind: 'deny',
      action: 'openPolicy',
      rule: 'forbiddenHosts',
      source: '/etc/paddock/policy.json',
      message: 'forbiddenHosts in /etc/paddock/policy.json forbids 10.0.0.5.',
    };
    const servers = [{ endpoint: team, name: 'Team', answer: [listed('qwen-72b')] }];
    const rows = modelRows({ ...state, servers }, { ...telling, denialOf: () => denial });
    expect(linesWith('Team', rows)).toEqual([`Team | not allowed | ${denial.message}`]);
    expect(pickOf('Team', rows)).toEqual({ kind: 'denied', denial });
    const denialOf: Telling['denialOf'] = (_endpoint, model) => (model?.model === 'qwen-72b' ? denial : undefined);
    expect(pickOf('qwen-72b', modelRows({ ...state, servers }, { ...telling, denialOf }))).toEqual({
      kind: 'denied',
      denial,
    });
  });
});

describe('closed APIs', () => {
  const withCards: SwitchState = { ...state, cards, origins: ['https://api.openai.com'] };

  it('need a key before their models are listed, and an address where only the user knows it', () => {
    const rows = modelRows(withCards, telling);
    expect(pickOf('OpenAI…', rows)).toEqual({ kind: 'models', endpoint: openai });
    expect(linesWith('OpenAI…', rows)[0]).toContain('key set | internet: api.openai.com');
    expect(linesWith('Anthropic…', rows)[0]).toContain('needs an API key');
    expect(pickOf('Anthropic…', rows)?.kind).toBe('setKey');
    expect(pickOf('Azure', rows)?.kind).toBe('complete');
  });

  it('say when nobody has tried them live', () => {
    const rows = modelRows(withCards, telling);
    for (const name of ['Azure OpenAI', 'DeepSeek', 'Groq', 'OpenRouter', 'Together AI']) {
      expect(linesWith(`${name}…`, rows)[0]).toMatch(/not tried live$/);
    }
    expect(linesWith('Mistral…', rows)[0]).toContain('only against its documentation');
  });

  it('show what is in use on top, since their models have a list of their own', () => {
    const chosen = { ...state.chosen, completion: served(openai, 'gpt-x') };
    const rows = modelRows({ ...withCards, chosen }, telling);
    expect(read(rows).slice(0, 2)).toEqual([
      '# in use',
      expect.stringMatching(/^gpt-x \| in use for completions \| internet: api.openai.com · OpenAI · \$1.25 in/),
    ]);
    expect(linesWith('OpenAI…', rows)[0]).toContain('in use: gpt-x');
  });

  it('list their models with prices, and let a name be typed', () => {
    const server = { endpoint: openai, name: 'OpenAI', answer: [listed('gpt-x'), listed('gpt-y')] };
    const rows = endpointRows(server, { ...withCards, roles: ['chat'] }, telling);
    expect(read(rows)).toEqual([
      expect.stringContaining('$1.25 in, $10.00 out'),
      expect.stringContaining('price unknown'),
      '# more',
      'Enter a Model’s Name…',
      'Set Another API Key…',
    ]);
  });

  it('that are configured under an address of the user’s stand there by it', () => {
    const azure: Endpoint = { baseUrl: 'https://mine.openai.azure.com/openai/v1', card: 'azure' };
    const rows = modelRows({ ...withCards, servers: [{ endpoint: azure, name: 'Azure', answer: undefined }] }, telling);
    expect(pickOf('Azure', rows)).toEqual({ kind: 'setKey', endpoint: azure });
  });
});

describe('words', () => {
  it('for prices keep what is small visible', () => {
    const words = (inputUsd: number, outputUsd: number, isTiered = false) =>
      ratesWords({ inputUsd, outputUsd, isTiered });
    expect(words(0.15, 0.6)).toBe('$0.15 in, $0.60 out per million tokens');
    expect(words(3, 15, true)).toBe('from $3.00 in, $15.00 out per million tokens');
    expect(words(0.0375, 0.075)).toBe('$0.0375 in, $0.075 out per million tokens');
  });

  it('for memory claim no more than is known', () => {
    expect(pairWords([1e9, undefined], 2048)).toBe('each in memory of its own');
    expect(pairWords([1_117_320_768, 98_362_432], 2048)).toBe('up to about 1.3 GB of memory for the pair');
  });
});

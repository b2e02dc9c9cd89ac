import { describe, expect, it, onTestFinished } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { Destination, Ending, Passage } from '../../src/egress/gate.ts';
import { toolMemory } from '../../src/editor/switching/toolMemory.ts';
import type { CardId, Endpoint, Errand, ServedModel } from '../../src/models/model.ts';
import { Survey } from '../../src/providers/survey.ts';
import { FakeClock } from '../support/clock.ts';
import { LogLines } from '../support/log.ts';
import { served, urlOf } from '../support/served.ts';
import { FakeMemento } from '../support/vscodeStores.ts';
import {
  generic,
  listings,
  litellm,
  llamaServer,
  lmStudio,
  ollama,
  vllm,
  webPage,
  type ToldServer,
} from './fixtures/servers.ts';

interface Done {
  readonly errand: Errand;
  readonly destination: Destination;
  readonly paths: string[];
  ending?: Ending;
}

/** A survey of servers that exist in memory: by origin, what each tells, or `silent`. */
function surveyOf(
  servers: Record<string, ToldServer | 'silent'>,
  configured: readonly Endpoint[] = [],
  tools = toolMemory(new FakeMemento()),
) {
  const clock = new FakeClock();
  const done: Done[] = [];
  const openErrand = (destination: Destination, errand: Errand, signal: AbortSignal): Promise<Passage> => {
    const one: Done = { errand, destination, paths: [] };
    done.push(one);
    const close = (ending: Ending): void => void (one.ending ??= ending);
    const send: Passage['send'] = async (address, init) => {
      const { origin, pathname } = new URL(urlOf(address));
      one.paths.push(pathname);
      const server = servers[destination.url.startsWith('unix:') ? destination.url : origin];
      if (server === undefined) throw new Failure('unreachable', 'Nothing answers.');
      if (server !== 'silent') return answerOf(server, pathname, init?.body);
      return new Promise((_resolve, reject) => {
        const stop = (): void => reject(new Failure('aborted', 'Stopped.'));
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      });
    };
    const route = { kind: 'loopback', evidence: 'assumed', host: destination.url, remote: undefined } as const;
    return Promise.resolve({ requestId: 'r', route, send, heard: () => undefined, close });
  };
  const survey = new Survey({ openErrand, clock, log: new LogLines(), configured: () => configured, tools });
  onTestFinished(() => survey.dispose());
  return { survey, clock, done };
}

function answerOf(server: ToldServer, path: string, body: unknown): Response {
  let told = server.paths[path];
  if (path === '/api/show' && typeof body === 'string') {
    told = (told as Record<string, unknown> | undefined)?.[(JSON.parse(body) as { model: string }).model];
  }
  const { status, body: unknown } = server.unknown ?? { status: 404, body: { error: 'not found' } };
  const isPage = typeof (told ?? unknown) === 'string' && String(told ?? unknown).startsWith('<');
  return new Response(isPage ? String(told ?? unknown) : JSON.stringify(told ?? unknown), {
    status: told === undefined ? status : 200,
    headers: { 'content-type': isPage ? 'text/html' : 'application/json' },
  });
}

const here = 'http://127.0.0.1:9000';
const { signal } = new AbortController();
const model = (card: CardId, name = 'm', baseUrl = here): ServedModel => ({
  id: `${baseUrl}#${name}`,
  name,
  provider: 'server',
  endpoint: { baseUrl, card },
  model: name,
});

describe('what a server is', () => {
  const all: readonly (readonly [string, ToldServer, object])[] = [
    ['llamaServer', llamaServer, { card: 'llamaServer', version: 'b11669-Debian', nature: 'holdsWeights' }],
    ['ollama', ollama, { card: 'ollama', version: '0.12.3', nature: 'holdsWeights' }],
    ['lmStudio', lmStudio, { card: 'lmStudio', version: undefined, nature: 'unknown' }],
    ['vllm', vllm, { card: 'vllm', nature: 'unknown' }], // any relay passes on who is said to own a model
    ['litellm', litellm, { card: 'litellm', nature: 'unknown' }],
    ['generic', generic, { card: 'generic', nature: 'unknown' }],
  ];

  it.each(all)('is told by its shape at any port, whatever the user took it for: %s', async (own, server, facts) => {
    for (const card of ['generic', 'ollama', 'llamaServer', own] as CardId[]) {
      const { survey, done } = surveyOf({ [here]: server });
      expect(await survey.factsOf({ baseUrl: here, card }, signal, 'user')).toMatchObject(facts);
      expect(done).toMatchObject([{ errand: { role: 'probe', initiator: 'user' }, ending: { outcome: 'finished' } }]);
    }
  });

  it('takes one question where it is what the user said', async () => {
    const { survey, done } = surveyOf({ [here]: llamaServer });
    await survey.factsOf({ baseUrl: `${here}/v1`, card: 'llamaServer' }, signal, 'user');
    expect(done[0]?.paths).toEqual(['/props']);
  });

  it('is unknown where nothing fits: a page is no server of models', async () => {
    const { survey } = surveyOf({ [here]: webPage });
    const facts = await survey.factsOf({ baseUrl: here, card: 'llamaServer' }, signal, 'user');
    expect(facts).toMatchObject({ card: 'llamaServer', nature: 'unknown', version: undefined });
  });

  it('is not asked of a vendor', async () => {
    const { survey, done } = surveyOf({});
    const endpoint = { baseUrl: 'https://api.openai.com/v1', card: 'openai' } as const;
    expect(await survey.factsOf(endpoint, signal, 'user')).toMatchObject({ card: 'openai', nature: 'unknown' });
    expect(done).toEqual([]);
  });

  it('is not known when nothing answers, and that is said', async () => {
    const { survey, done } = surveyOf({});
    await expect(survey.factsOf({ baseUrl: here, card: 'generic' }, signal, 'user')).rejects.toMatchObject({
      kind: 'unreachable',
    });
    expect(done[0]?.ending).toEqual({ outcome: 'failed', failure: 'unreachable' });
  });

  it('is given up when it does not say so in three seconds', async () => {
    const { survey, clock, done } = surveyOf({ [here]: 'silent' });
    const facts = survey.factsOf({ baseUrl: here, card: 'generic' }, signal, 'automatic');
    const told = expect(facts).rejects.toMatchObject({ kind: 'unreachable', isPassing: true });
    await clock.advance(3_000);
    await told;
    expect(done[0]?.ending).toEqual({ outcome: 'stopped' });
  });
});

describe('where a model is asked', () => {
  it('is found out anew each second, because another program may have taken the place of one that holds weights', async () => {
    const { survey, clock, done } = surveyOf({ [here]: llamaServer });
    const expected = { url: here, auth: 'bearer', nature: 'holdsWeights', isMetered: false };
    expect(await survey.destinationOf(model('llamaServer'), signal)).toEqual(expected);
    await clock.advance(900);
    expect(await survey.destinationOf(model('llamaServer'), signal)).toEqual(expected);
    expect(done).toHaveLength(1);
    await clock.advance(200);
    await survey.destinationOf(model('llamaServer'), signal);
    expect(done).toHaveLength(2);
    expect(done[0]?.errand).toEqual({ role: 'probe', initiator: 'automatic' });
  });

  it('is found out once a minute where the server may forward anyway', async () => {
    const { survey, clock, done } = surveyOf({ [here]: litellm });
    await survey.destinationOf(model('litellm'), signal);
    await clock.advance(59_000);
    await survey.destinationOf(model('litellm'), signal);
    expect(done).toHaveLength(1);
    await clock.advance(2_000);
    await survey.destinationOf(model('litellm'), signal);
    expect(done).toHaveLength(2);
  });

  it('is denied once where another program answers than the one that was shown, and then is what that one is', async () => {
    const servers: Parameters<typeof surveyOf>[0] = { [here]: llamaServer };
    const { survey, clock } = surveyOf(servers);
    await survey.destinationOf(model('llamaServer'), signal);
    servers[here] = generic;
    await clock.advance(1_100);
    await expect(survey.destinationOf(model('llamaServer'), signal)).rejects.toMatchObject({
      kind: 'denied',
      action: 'switchProvider',
      isPassing: false,
    });
    expect(survey.known(model('llamaServer'))?.facts?.nature).toBe('unknown');
    expect(await survey.destinationOf(model('llamaServer'), signal)).toMatchObject({ nature: 'unknown' });
  });

  it('is found out anew after a failure', async () => {
    const { survey, done } = surveyOf({ [here]: llamaServer });
    await survey.destinationOf(model('llamaServer'), signal);
    survey.forget(here);
    await survey.destinationOf(model('llamaServer'), signal);
    expect(done).toHaveLength(2);
  });

  it('stays known when a question is taken back, and not when it failed', async () => {
    const servers: Parameters<typeof surveyOf>[0] = { [here]: llamaServer };
    const { survey } = surveyOf(servers);
    const known = () => survey.known(model('llamaServer'))?.facts?.card;
    await survey.destinationOf(model('llamaServer'), signal);
    servers[here] = 'silent';
    const stop = new AbortController();
    const listing = survey.list({ baseUrl: here, card: 'llamaServer' }, stop.signal);
    stop.abort();
    await expect(listing).rejects.toMatchObject({ kind: 'aborted' });
    expect(known()).toBe('llamaServer');
    delete servers[here];
    await expect(survey.list({ baseUrl: here, card: 'llamaServer' }, signal)).rejects.toMatchObject({
      kind: 'unreachable',
    });
    expect(known()).toBeUndefined();
  });

  it('is not asked beyond this machine', async () => {
    for (const [card, url] of [
      ['openai', 'https://api.openai.com/v1'],
      ['vllm', 'http://gpu.local:8000/v1'],
    ] as const) {
      const { survey, done } = surveyOf({});
      const destination = await survey.destinationOf(model(card, 'm', url), signal);
      expect(destination).toMatchObject({ url, nature: 'unknown', isMetered: card === 'openai' });
      expect(done).toEqual([]);
    }
  });

  it('is told by Ollama beyond this machine too, where a request may leave the network behind it', async () => {
    const url = 'http://10.0.0.5:11434';
    const { survey, done } = surveyOf({ [url]: ollama });
    const asked = (name: string) => survey.destinationOf(model('ollama', name, url), signal);
    expect(await asked('mine')).toMatchObject({ nature: 'forwards', forwardsTo: 'gpu.example.org' });
    expect(await asked('qwen2.5-coder:1.5b')).toMatchObject({ nature: 'unknown' });
    expect(done.map(({ errand }) => errand.role)).toEqual(['probe', 'probe']);
  });

  it('is asked of Ollama in the name of whoever wants to know', async () => {
    const url = 'http://10.0.0.5:11434';
    const { survey, done } = surveyOf({ [url]: ollama });
    await survey.destinationOf(model('ollama', 'mine', url), signal);
    survey.forget();
    await survey.destinationOf(model('ollama', 'mine', url), signal, 'user');
    expect(done.map(({ errand }) => errand.initiator)).toEqual(['automatic', 'user']);
  });

  it('is unknown for a server that may pass it on', async () => {
    const { survey } = surveyOf({ [here]: litellm });
    expect(await survey.destinationOf(model('litellm'), signal)).toMatchObject({
      nature: 'unknown',
      isMetered: undefined,
    });
  });

  it.each([
    ['qwen2.5-coder:1.5b', { nature: 'holdsWeights', isMetered: false }],
    ['mine', { nature: 'forwards', forwardsTo: 'gpu.example.org', isMetered: undefined }],
    ['gpt-oss:120b-cloud', { nature: 'forwards', forwardsTo: 'ollama.com' }],
    ['glm:cloud', { nature: 'forwards', forwardsTo: 'ollama.com' }],
  ])('is told by Ollama for each model: %s', async (name, destination) => {
    const { survey } = surveyOf({ [here]: ollama });
    expect(await survey.destinationOf(model('ollama', name), signal)).toMatchObject(destination);
  });

  it.each(['ollama', 'generic', 'vllm', 'litellm'] as const)(
    'is known for a cloud model by its name alone, wherever the server is and whatever it was taken for: %s',
    async (card) => {
      const { survey, done } = surveyOf({});
      const away = model(card, 'gpt-oss:120b-cloud', 'http://10.0.0.5:11434');
      expect(await survey.destinationOf(away, signal)).toMatchObject({ nature: 'forwards', forwardsTo: 'ollama.com' });
      expect(done).toEqual([]);
    },
  );

  it('is told by an Ollama elsewhere that was taken for something else, once that is known', async () => {
    const url = 'http://10.0.0.5:11434';
    const { survey } = surveyOf({ [url]: ollama });
    await survey.factsOf({ baseUrl: url, card: 'generic' }, signal, 'user');
    expect(await survey.destinationOf(model('generic', 'mine', url), signal)).toMatchObject({
      nature: 'forwards',
      forwardsTo: 'gpu.example.org',
    });
  });

  it('is the vendor, whatever its models are called', async () => {
    const { survey } = surveyOf({});
    const vendor = model('openrouter', 'some/model:cloud', 'https://openrouter.ai/api/v1');
    expect(await survey.destinationOf(vendor, signal)).toMatchObject({ nature: 'unknown' });
  });

  it('is reached through a Unix socket too', async () => {
    const { survey, done } = surveyOf({ 'unix:/run/llama.sock': llamaServer });
    const socket = model('llamaServer', 'm', 'unix:/run/llama.sock');
    expect(await survey.destinationOf(socket, signal)).toMatchObject({ nature: 'holdsWeights' });
    expect(done[0]?.paths).toEqual(['/props']);
  });
});

describe('its models', () => {
  it.each([
    [
      'llamaServer',
      llamaServer,
      [{ model: '/models/SmolLM2-135M-Instruct.Q4_1.gguf', name: 'SmolLM2-135M-Instruct.Q4_1', contextTokens: 512 }],
    ],
    [
      'ollama',
      ollama,
      [
        { model: 'qwen2.5-coder:1.5b', name: 'qwen2.5-coder:1.5b', contextTokens: 8192, isLoaded: false },
        { model: 'llama3.2:latest', name: 'llama3.2:latest', contextTokens: 4096, isLoaded: true },
        {
          model: 'gpt-oss:120b-cloud',
          name: 'gpt-oss:120b-cloud',
          contextTokens: undefined,
          isLoaded: false,
          forwardsTo: 'ollama.com',
        },
        { model: 'mine', name: 'mine', contextTokens: undefined, isLoaded: false, forwardsTo: 'gpu.example.org' },
      ],
    ],
    [
      'lmStudio',
      lmStudio,
      [
        { model: 'qwen2-vl-7b-instruct', name: 'qwen2-vl-7b-instruct', contextTokens: undefined, isLoaded: false },
        {
          model: 'meta-llama-3.1-8b-instruct',
          name: 'meta-llama-3.1-8b-instruct',
          contextTokens: 4096,
          isLoaded: true,
        },
      ],
    ],
    ['vllm', vllm, [{ model: 'Qwen/Qwen2.5-Coder-7B', name: 'Qwen/Qwen2.5-Coder-7B', contextTokens: 16384 }]],
    ['litellm', litellm, [{ model: 'team-chat', name: 'team-chat', contextTokens: undefined }]],
    ['generic', generic, [{ model: 'some-model', name: 'some-model', contextTokens: undefined }]],
  ] as const)('are read with the context they run with: %s', async (card, server, expected) => {
    const { survey, done } = surveyOf({ [here]: server });
    expect(await survey.list({ baseUrl: here, card }, signal)).toEqual(expected);
    expect(done).toMatchObject([{ errand: { role: 'list', initiator: 'user' }, ending: { outcome: 'finished' } }]);
  });

  it.each(listings)('of %s are read as %s describes', async (card, _source, answer, expected) => {
    const { survey } = surveyOf({ 'https://example.com': { source: '', paths: { '/v1/models': answer } } });
    expect(await survey.list({ baseUrl: 'https://example.com/v1', card }, signal)).toEqual(expected);
  });

  it.each([
    [0.000001, 0.000002, { promptNanoUsd: 1_000_000_000, completionNanoUsd: 2_000_000_000 }],
    [0, 0, undefined],
    [0.000001, 0, undefined],
    [1e300, 1e300, undefined],
    [-1, 0.000002, undefined],
  ])('of a proxy that lists %d and %d dollars a token have the price %j', async (input, output, price) => {
    const model_info = { input_cost_per_token: input, output_cost_per_token: output };
    const paths = { ...litellm.paths, '/v1/model/info': { data: [{ model_name: 'team-chat', model_info }] } };
    const { survey } = surveyOf({ [here]: { ...litellm, paths } });
    const [listed] = await survey.list({ baseUrl: here, card: 'litellm' }, signal);
    expect(listed?.price).toEqual(price);
  });

  it('fall back to the plain list where the proxy keeps the rest to itself', async () => {
    const { '/v1/model/info': _info, ...paths } = litellm.paths;
    const { survey } = surveyOf({ [here]: { ...litellm, paths } });
    expect(await survey.list({ baseUrl: here, card: 'litellm' }, signal)).toMatchObject([{ model: 'team-chat' }]);
  });

  it('are what is known at once afterwards', async () => {
    const { survey } = surveyOf({ [here]: ollama });
    expect(survey.known(model('ollama', 'mine'))).toBeUndefined();
    await survey.list({ baseUrl: here, card: 'ollama' }, signal);
    expect(survey.known(model('ollama', 'mine'))).toEqual({ forwardsTo: 'gpu.example.org' });
    expect(survey.known(model('ollama', 'llama3.2:latest'))).toEqual({ contextTokens: 4096 });
    await survey.destinationOf(model('ollama', 'qwen2.5-coder:1.5b'), signal);
    expect(survey.known(model('ollama', 'qwen2.5-coder:1.5b'))).toMatchObject({ contextTokens: 8192, canInsert: true });
    survey.forget();
    expect(survey.known(model('ollama', 'mine'))).toBeUndefined();
  });

  it('tell the context one model runs with', async () => {
    const { survey, done } = surveyOf({ [here]: llamaServer });
    const own = model('llamaServer', '/models/SmolLM2-135M-Instruct.Q4_1.gguf');
    expect(await survey.contextOf(own, signal)).toBe(512);
    expect(await survey.contextOf(own, signal)).toBe(512);
    expect(done).toHaveLength(1);
    expect(await survey.contextOf(model('llamaServer', 'other'), signal)).toBeUndefined();
  });
});

describe('the servers of this machine', () => {
  it('are found by shape at the usual ports and where the user said, each look written down', async () => {
    const configured: Endpoint[] = [
      { baseUrl: 'http://localhost:8080/v1', card: 'generic' },
      { baseUrl: 'http://localhost:9999', card: 'generic' },
      { baseUrl: 'https://api.openai.com/v1', card: 'openai' },
      { baseUrl: 'http://10.0.0.5:11434', card: 'ollama' },
    ];
    const servers = {
      'http://localhost:8080': llamaServer,
      'http://localhost:9999': lmStudio,
      'http://127.0.0.1:11434': ollama,
      'http://127.0.0.1:4000': webPage,
    };
    const { survey, done } = surveyOf(servers, configured);
    const found = await survey.discover(signal);
    expect(
      found.map(({ endpoint, facts, models }) => [endpoint.baseUrl, endpoint.card, facts.name, models.length]).sort(),
    ).toEqual([
      ['http://127.0.0.1:11434', 'ollama', 'Ollama', 4],
      ['http://localhost:8080/v1', 'llamaServer', 'llama-server', 1],
      ['http://localhost:9999', 'lmStudio', 'LM Studio', 2],
    ]);
    const looks = done.map(({ destination, ending }) => [destination.url, ending?.outcome]).sort();
    expect(looks).toEqual([
      ['http://127.0.0.1:11434', 'finished'],
      ['http://127.0.0.1:1234', 'failed'],
      ['http://127.0.0.1:4000', 'finished'],
      ['http://127.0.0.1:8000', 'failed'],
      ['http://localhost:8080/v1', 'finished'],
      ['http://localhost:9999', 'finished'],
    ]);
    expect(done.every(({ errand }) => errand.role === 'probe' && errand.initiator === 'user')).toBe(true);
  });

  it('are given within a second; what is silent is not there', async () => {
    const { survey, clock } = surveyOf({ 'http://127.0.0.1:8080': 'silent', 'http://127.0.0.1:11434': ollama });
    let found: readonly unknown[] | undefined;
    const looking = survey.discover(signal).then((all) => (found = all));
    await clock.advance(900);
    expect(found).toBeUndefined();
    await clock.advance(99);
    await looking;
    expect(found).toMatchObject([{ facts: { card: 'ollama' } }]);
  });

  it('are none when it is stopped', async () => {
    const { survey } = surveyOf({ 'http://127.0.0.1:8080': 'silent' });
    const stop = new AbortController();
    const looking = survey.discover(stop.signal);
    stop.abort();
    expect(await looking).toEqual([]);
  });
});

it('does not wait for ever for an Ollama on the network that has gone', async () => {
  const baseUrl = 'http://10.0.0.5:11434';
  const { survey, clock, done } = surveyOf({ [baseUrl]: 'silent' });
  const asked = survey.destinationOf(model('ollama', 'qwen3:8b', baseUrl), signal);
  await Promise.all([expect(asked).rejects.toMatchObject({ kind: 'unreachable' }), clock.advance(10_000)]);
  expect(done.map(({ paths }) => paths)).toEqual([['/api/show', '/api/ps']]);
});

describe('who can call tools', () => {
  const withCaps = (chat_template_caps: object): ToldServer => ({
    ...llamaServer,
    paths: { ...llamaServer.paths, '/props': { ...Object(llamaServer.paths['/props']), chat_template_caps } },
  });
  const able = withCaps({ supports_tools: true, supports_tool_calls: true });

  it('is told by llama-server when it says what it is, without another question', async () => {
    const { survey, done } = surveyOf({ [here]: able });
    await survey.destinationOf(model('llamaServer'), signal);
    expect(survey.known(model('llamaServer'))?.canCallTools).toBe(true);
    expect(done.flatMap(({ paths }) => paths)).toEqual(['/props']);
    const unable = surveyOf({ [here]: withCaps({ supports_tools: true, supports_tool_calls: false }) });
    await unable.survey.destinationOf(model('llamaServer'), signal);
    expect(unable.survey.known(model('llamaServer'))?.canCallTools).toBe(false);
    const old = surveyOf({ [here]: llamaServer });
    await old.survey.destinationOf(model('llamaServer'), signal);
    expect(old.survey.known(model('llamaServer'))?.canCallTools).toBeUndefined();
  });

  it('is told by Ollama of each model, and by OpenRouter in its list', async () => {
    const { survey } = surveyOf({ [here]: ollama });
    for (const [name, can] of [
      ['llama3.2:latest', true],
      ['qwen2.5-coder:1.5b', false],
    ] as const) {
      await survey.destinationOf(model('ollama', name), signal);
      expect(survey.known(model('ollama', name))?.canCallTools).toBe(can);
    }
    const url = 'https://openrouter.ai/api/v1';
    const data = [
      { id: 'a/able', supported_parameters: ['max_tokens', 'tools', 'tool_choice'] },
      { id: 'b/unable', supported_parameters: ['max_tokens'] },
      { id: 'c/silent' },
    ];
    const vendor = surveyOf({ 'https://openrouter.ai': { source: '', paths: { '/api/v1/models': { data } } } });
    const listed = await vendor.survey.list({ baseUrl: url, card: 'openrouter' }, signal);
    expect(listed.map(({ canCallTools }) => canCallTools)).toEqual([true, false, undefined]);
  });

  it('is kept of all models of a long list, and said once', async () => {
    const data = Array.from({ length: 600 }, (_, at) => ({ id: `m${at}`, supported_parameters: ['tools'] }));
    const servers = { 'https://openrouter.ai': { source: '', paths: { '/api/v1/models': { data } } } };
    const kept = toolMemory(new FakeMemento());
    const { survey } = surveyOf(servers, [], kept);
    let told = 0;
    survey.onDidLearnTools(() => (told += 1));
    await survey.list({ baseUrl: 'https://openrouter.ai/api/v1', card: 'openrouter' }, signal);
    const next = surveyOf({}, [], kept).survey;
    const first = served('openrouter', 'm0', 'https://openrouter.ai/api/v1');
    expect([told, next.known(first)?.canCallTools]).toEqual([1, true]);
  });

  it('is kept for the next start, said once, and corrected by the server', async () => {
    const kept = toolMemory(new FakeMemento());
    const servers: Parameters<typeof surveyOf>[0] = { [here]: able };
    const first = surveyOf(servers, [], kept);
    await first.survey.destinationOf(model('llamaServer'), signal);
    const { survey, clock } = surveyOf(servers, [], kept);
    let told = 0;
    survey.onDidLearnTools(() => (told += 1));
    expect(survey.known(model('llamaServer'))).toEqual({ canCallTools: true });
    await survey.destinationOf(model('llamaServer'), signal);
    expect(told).toBe(0);
    servers[here] = withCaps({ supports_tools: false, supports_tool_calls: false });
    await clock.advance(1_100);
    await survey.destinationOf(model('llamaServer'), signal);
    expect([told, survey.known(model('llamaServer'))?.canCallTools]).toEqual([1, false]);
  });
});

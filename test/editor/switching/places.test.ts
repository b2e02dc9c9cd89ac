import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { placeOfModel } from '../../../src/editor/switching/places.ts';
import { proxySettings } from '../../../src/editor/privacy/proxySettings.ts';
import { originAt } from '../../../src/editor/privacy/secrets.ts';
import { noProxy } from '../../../src/egress/proxy.ts';
import { originFrom } from '../../../src/egress/origin.ts';
import { hopTo, routeOver, type Program } from '../../../src/egress/route.ts';
import { modelOf } from '../../../src/models/choose.ts';
import type { Model, ServedModel } from '../../../src/models/model.ts';
import { guessCard } from '../../../src/providers/cards.ts';
import type { KnownModel } from '../../../src/providers/survey.ts';

const side = { remote: undefined };
const likelyRoute = (url: string, program: Program) => {
  const origin = originFrom(url);
  return routeOver(hopTo(origin, undefined, noProxy), origin, program, side);
};
const model = (ref: string): Model =>
  modelOf({
    ref,
    servers: [{ url: 'https://evil.example.com/v1', kind: 'openai', name: 'OpenAI' }],
    localFile: '',
    guessCard,
    embedded: (file) => ({ id: `embedded:${file}`, name: 'a', provider: 'embedded', file }),
  }) as Model;
const place = (ref: string, known?: KnownModel) => {
  const { route, server } = placeOfModel(model(ref), { side, likelyRoute, known: () => known });
  return [`${route.kind} ${route.evidence}`, route.forwardsTo, server];
};
const facts = (card: 'ollama' | 'llamaServer', name: string) =>
  ({ facts: { card, name, version: '1', nature: 'holdsWeights' } }) as const;

describe('a model’s place before anybody was asked', () => {
  it.each([
    ['embedded:/a.gguf', undefined, ['inProcess verified', undefined, undefined]],
    ['http://localhost:8080#m', undefined, ['loopback assumed', undefined, undefined]],
    ['http://localhost:8080#m', facts('llamaServer', 'llama-server'), ['loopback verified', undefined, 'llama-server']],
    ['http://localhost:11434#qwen3', facts('ollama', 'Ollama'), ['loopback assumed', undefined, 'Ollama']],
    [
      'http://localhost:11434#qwen3',
      { ...facts('ollama', 'Ollama'), canInsert: true },
      ['loopback verified', undefined, 'Ollama'],
    ],
    ['http://localhost:11434#gpt-oss:120b-cloud', undefined, ['internet assumed', 'ollama.com', undefined]],
    ['http://10.0.0.5:8000#gpt-oss:120b-cloud', undefined, ['internet assumed', 'ollama.com', undefined]],
    [
      'http://localhost:11434#mine',
      { ...facts('ollama', 'Ollama'), forwardsTo: 'ollama.com' },
      ['internet assumed', 'ollama.com', undefined],
    ],
    ['http://10.0.0.5:8000#m', undefined, ['private assumed', undefined, undefined]],
    ['https://team.example.com#m', undefined, ['internet assumed', undefined, undefined]],
    ['https://api.openai.com/v1#gpt', undefined, ['internet assumed', undefined, 'OpenAI']],
    ['https://evil.example.com/v1#gpt', undefined, ['internet assumed', undefined, undefined]],
  ] as const)('%s', (ref, known, expected) => {
    expect(place(ref, known)).toEqual(expected);
  });
});

it('the host of a failure leads to the origin of the server in use', () => {
  const models = ['https://api.openai.com/v1#gpt', 'http://10.0.0.5:8000#m', 'unix:/run/l.sock#m'].map(model);
  const served = models as ServedModel[];
  expect(originAt('api.openai.com', served)).toBe('https://api.openai.com');
  expect(originAt('10.0.0.5:8000', served)).toBe('http://10.0.0.5:8000');
  expect(originAt('https://api.openai.com', served)).toBe('https://api.openai.com');
  expect(originAt('/run/l.sock', served)).toBe('unix:/run/l.sock');
  expect(originAt('evil.example', served)).toBeUndefined();
});

it('the proxy is the one VS Code is set to, if it may be used', () => {
  const read = (http: Record<string, unknown>) =>
    proxySettings({
      getConfiguration: () => ({ get: (key: string) => http[key] }),
    } as unknown as typeof vscode.workspace);
  expect(read({})).toEqual(noProxy);
  const proxy = 'http://proxy:3128';
  expect(read({ proxy, noProxy: ['a.example', 7] })).toEqual({ url: proxy, noProxy: ['a.example'] });
  expect(read({ proxy, proxySupport: 'off' })).toEqual(noProxy);
  expect(read({ proxy, proxySupport: 'on' })).toEqual({ url: proxy, noProxy: [], leavesAgents: true });
  expect(read({ proxy: ' ', proxySupport: 'override' })).toEqual(noProxy);
});

import { describe, expect, it } from 'vitest';
import type { CardId } from '../../src/models/model.ts';
import { addressesOf, cardOf, cards, guessCard, hostOf, infillWayOf, isChatPrompt } from '../../src/providers/cards.ts';
import { infillTokensOf } from '../../src/providers/infillTokens.ts';

describe('the cards', () => {
  it('are one for each kind, with what a person needs to choose them', () => {
    expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
    for (const { id, name, isSelfHosted, baseUrl, keyPage, defaultPort } of cards) {
      expect(name).not.toBe('');
      if (!isSelfHosted)
        expect([id, baseUrl, keyPage]).toEqual([
          id,
          expect.stringMatching(/^https:/),
          expect.stringMatching(/^https:/),
        ]);
      else if (id !== 'generic') expect(defaultPort).toBeGreaterThan(0);
    }
  });

  it('say how far each was tried', () => {
    const tried = (how: string): CardId[] => cards.filter((card) => card.tried === how).map(({ id }) => id);
    expect(tried('live')).toEqual(['llamaServer']);
    expect(tried('never')).toEqual(['azure', 'deepseek', 'groq', 'openrouter', 'together']);
    expect(tried('fixtures')).toHaveLength(cards.length - 6);
  });

  it('say who takes a key in a header of its own', () => {
    const others = cards.filter(({ auth }) => auth !== 'bearer').map(({ id, auth }) => [id, auth]);
    expect(others).toEqual([
      ['anthropic', 'anthropic'],
      ['azure', 'api-key'],
    ]);
  });
});

describe('a guess by the address', () => {
  it.each([
    ['https://api.openai.com/v1', 'openai'],
    ['https://API.anthropic.com/v1', 'anthropic'],
    ['https://generativelanguage.googleapis.com/v1beta/openai', 'gemini'],
    ['https://codestral.mistral.ai/v1', 'codestral'],
    ['https://my-team.openai.azure.com/openai/v1', 'azure'],
    ['https://openrouter.ai/api/v1', 'openrouter'],
    ['http://localhost:11434', 'ollama'],
    ['http://10.0.0.5:8000/v1', 'vllm'],
    ['http://box:1234/v1', 'lmStudio'],
    ['https://llm.example.com/v1', 'generic'],
    ['https://api.openai.com.example.com/v1', 'generic'],
    ['unix:/run/llama.sock', 'generic'],
    ['not an address', 'generic'],
  ] as const)('%s: %s', (url, card) => {
    expect(guessCard(url)).toBe(card);
  });
});

describe('how a model is asked to fill in text', () => {
  it.each([
    ['llamaServer', 'anything', undefined, 'llamaServer'],
    ['ollama', 'llama3.2', undefined, 'ollama'],
    ['ollama', 'llama3.2', false, 'chat'],
    ['ollama', 'qwen2.5-coder:7b', false, 'ollama'],
    ['vllm', 'Qwen/Qwen2.5-Coder-7B', undefined, 'tokens'],
    ['vllm', 'meta-llama/Llama-3.1-8B', undefined, 'chat'],
    ['generic', 'starcoder2:3b', undefined, 'tokens'],
    ['mistral', 'codestral-2508', undefined, 'fim'],
    ['mistral', 'mistral-large-latest', undefined, 'chat'],
    ['mistral', 'devstral-x', true, 'fim'],
    ['deepseek', 'deepseek-chat', undefined, 'suffix'],
    ['openai', 'gpt-x', undefined, 'chat'],
    ['litellm', 'qwen2.5-coder', undefined, 'chat'],
  ] as const)('%s, %s (says it can insert: %s): %s', (card, model, canInsert, way) => {
    expect(infillWayOf(cardOf(card), model, canInsert)).toBe(way);
    expect(isChatPrompt(cardOf(card), model, canInsert)).toBe(way === 'chat');
  });

  it.each([
    ['qwen2.5-coder-1.5b-instruct-q4_k_m', 'qwen2.5-coder'],
    ['Qwen3-Coder-30B-A3B', 'qwen2.5-coder'],
    ['deepseek-coder-v2:lite', 'deepseek-coder'],
    ['granite-code:3b', 'granite-code'],
    ['ibm/granite-8b-code-base-4k', 'granite-code'],
    ['CodeLlama-7b-hf', 'codellama'],
    ['codegemma:2b', 'codegemma'],
    ['gemma-2-9b', undefined],
    ['deepseek-chat', undefined],
    ['qwen2.5-7b-instruct', undefined],
  ])('%s is of the family %s', (model, family) => {
    expect(infillTokensOf(model)?.family).toBe(family);
  });
});

describe('an address', () => {
  it.each([
    ['http://box:8080', 'http://box:8080/v1', 'http://box:8080'],
    ['http://box:8080/v1', 'http://box:8080/v1', 'http://box:8080'],
    ['https://box/team/v1', 'https://box/team/v1', 'https://box/team'],
    ['https://x.example/v1beta/openai', 'https://x.example/v1beta/openai', 'https://x.example/v1beta/openai'],
    ['unix:/run/llama.sock', 'http://localhost/v1', 'http://localhost'],
  ])('%s has its API at %s and its root at %s', (baseUrl, api, root) => {
    expect(addressesOf({ baseUrl })).toEqual({ api, root });
  });

  it('is shown by its host', () => {
    expect(hostOf({ baseUrl: 'https://api.openai.com/v1' })).toBe('api.openai.com');
    expect(hostOf({ baseUrl: 'unix:/run/llama.sock' })).toBe('/run/llama.sock');
  });
});

/** What goes out, for each way to speak. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { CardId, ChatRequest, InfillRequest, ModelRequest } from '../../src/models/model.ts';
import type { KnownModel } from '../../src/providers/survey.ts';
import { chat, infill, providerOf, read, served, urlOf } from '../support/served.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly body: Record<string, unknown>;
}

async function sentFor(
  [card, model, baseUrl]: readonly [CardId, string, string?],
  request: ModelRequest,
  known?: KnownModel,
): Promise<Sent> {
  const sent: Sent[] = [];
  const { provider } = providerOf(served(card, model, baseUrl), known);
  await read(provider, request, (url, init) => {
    const text = typeof init?.body === 'string' ? init.body : '';
    sent.push({ url: urlOf(url), init: init ?? {}, body: JSON.parse(text) as Record<string, unknown> });
    return Promise.reject(new Failure('denied', 'Enough seen.'));
  });
  expect(sent).toHaveLength(1);
  return sent[0] as Sent;
}

const messages = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', text: 'Hello?' },
] as const;
const long: ChatRequest = { kind: 'chat', messages, maxTokens: 9, temperature: 0.2, items: [] };
const prefix = 'const a = 1;\nconst b';
const suffix = '\nexport { a };\n';

describe('a chat', () => {
  it('goes to /chat/completions with what the card allows', async () => {
    const { url, init, body } = await sentFor(['openai', 'gpt-x', 'https://api.openai.com/v1'], long);
    expect(url).toBe('https://api.openai.com/v1/chat/completions');
    expect(init.method).toBe('POST');
    expect(body).toEqual({
      model: 'gpt-x',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello?' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 9,
      temperature: 0.2,
    });
  });

  it('leaves to the model what the request leaves open', async () => {
    const { body } = await sentFor(['openai', 'gpt-x', 'https://api.openai.com/v1'], chat);
    expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);
  });

  it.each([
    ['anthropic', { stream_options: { include_usage: true }, max_tokens: 9 }],
    ['gemini', { stream_options: { include_usage: true }, max_tokens: 9 }],
    ['mistral', { stream_options: undefined, max_tokens: 9 }],
    ['vllm', { stream_options: { include_usage: true, continuous_usage_stats: true } }],
    ['llamaServer', { timings_per_token: true, return_progress: true }],
  ] as const)('has the fields of %s', async (card, fields) => {
    const { body } = await sentFor([card, 'm', 'https://example.com/v1'], long);
    for (const [name, value] of Object.entries(fields)) expect(body[name]).toEqual(value);
  });

  it('goes to Ollama natively, with the same context and stay as completions', async () => {
    const known = { contextTokens: 4096 };
    const { url, body } = await sentFor(['ollama', 'qwen3', 'http://127.0.0.1:11434'], long, known);
    expect(url).toBe('http://127.0.0.1:11434/api/chat');
    expect(body).toMatchObject({ stream: true, options: { num_ctx: 4096, num_predict: 9, temperature: 0.2 } });
    const completion = await sentFor(['ollama', 'qwen3', 'http://127.0.0.1:11434/v1'], infill, known);
    expect(completion.url).toBe('http://127.0.0.1:11434/api/generate');
    expect(completion.body['keep_alive']).toBe(body['keep_alive']);
    expect(completion.body['options']).toMatchObject({ num_ctx: 4096 });
    const unknown = await sentFor(['ollama', 'qwen3'], chat);
    expect(unknown.body['options']).toEqual({ num_ctx: 8192 });
  });

  it('says nothing of the context to a model that runs elsewhere', async () => {
    const { body } = await sentFor(['ollama', 'gpt-oss:120b-cloud'], chat, { forwardsTo: 'ollama.com' });
    expect(body['options']).toEqual({});
  });

  it('finds the API below an address without a path, and through a Unix socket', async () => {
    expect((await sentFor(['generic', 'm', 'http://box:9000'], chat)).url).toBe('http://box:9000/v1/chat/completions');
    expect((await sentFor(['generic', 'm', 'http://box/x/v1/'], chat)).url).toBe('http://box/x/v1/chat/completions');
    const socket = await sentFor(['llamaServer', 'm', 'unix:/run/llama.sock'], infill);
    expect(socket.url).toBe('http://localhost/infill');
  });
});

describe('a completion', () => {
  it("goes to Mistral's endpoint for it", async () => {
    const { url, body } = await sentFor(['codestral', 'codestral-latest', 'https://codestral.mistral.ai/v1'], infill);
    expect(url).toBe('https://codestral.mistral.ai/v1/fim/completions');
    expect(body).toEqual({
      model: 'codestral-latest',
      prompt: prefix,
      suffix,
      max_tokens: 64,
      temperature: 0,
      stream: true,
    });
  });

  it('uses the suffix parameter where the card says so, at its own address', async () => {
    const { url, body } = await sentFor(['deepseek', 'deepseek-chat', 'https://api.deepseek.com/v1'], infill);
    expect(url).toBe('https://api.deepseek.com/beta/completions');
    expect(body).toMatchObject({ prompt: prefix, suffix, max_tokens: 64 });
  });

  it.each([
    ['Qwen/Qwen2.5-Coder-7B-Instruct', `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`],
    ['deepseek-coder-6.7b-base', `<｜fim▁begin｜>${prefix}<｜fim▁hole｜>${suffix}<｜fim▁end｜>`],
    ['bigcode/starcoder2-3b', `<fim_prefix>${prefix}<fim_suffix>${suffix}<fim_middle>`],
    ['granite-3b-code-base', `<fim_prefix>${prefix}<fim_suffix>${suffix}<fim_middle>`],
    ['codellama:7b-code', `<PRE> ${prefix} <SUF>${suffix} <MID>`],
    ['google/codegemma-2b', `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`],
    ['mistralai/Codestral-22B-v0.1', `[SUFFIX]${suffix}[PREFIX]${prefix}`],
  ])('writes out the infill tokens of %s', async (model, prompt) => {
    const { url, body } = await sentFor(['vllm', model, 'http://box:8000/v1'], infill);
    expect(url).toBe('http://box:8000/v1/completions');
    expect(body['prompt']).toBe(prompt);
    expect(body['suffix']).toBeUndefined();
    expect((body['stop'] as string[]).length).toBeGreaterThan(0);
  });

  it('does not let a document end its own prompt', async () => {
    const request: InfillRequest = {
      ...(infill as InfillRequest),
      windows: [{ head: 'x <|fim_middle|> <|endoftext|>\n', suffix: '<|fim_suffix|>' }],
    };
    const { body } = await sentFor(['vllm', 'qwen2.5-coder', 'http://box:8000/v1'], request);
    const prompt = String(body['prompt']);
    expect(prompt.match(/<\|fim_\w+\|>/g)).toEqual(['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>']);
    expect(prompt).not.toContain('<|endoftext|>');
  });

  it('asks Ollama with the suffix, or with tokens where the model cannot insert and we know its own', async () => {
    const able = await sentFor(['ollama', 'qwen2.5-coder:1.5b'], infill, { canInsert: true });
    expect(able.body).toMatchObject({ prompt: prefix, suffix, options: { num_predict: 64, temperature: 0 } });
    expect(able.body['raw']).toBeUndefined();
    const unable = await sentFor(['ollama', 'qwen2.5-coder:1.5b-instruct'], infill, { canInsert: false });
    expect(unable.body).toMatchObject({ raw: true, prompt: expect.stringContaining('<|fim_middle|>') as string });
    expect(unable.body['suffix']).toBeUndefined();
    const neither = await sentFor(['ollama', 'llama3.2'], infill, { canInsert: false });
    expect(neither.url).toContain('/api/chat');
  });

  it('is asked of a chat model as the last resort, with the cursor marked', async () => {
    for (const card of ['openai', 'anthropic', 'litellm', 'generic'] as const) {
      const { url, body } = await sentFor([card, 'some-model', 'https://example.com/v1'], infill);
      expect(url).toBe('https://example.com/v1/chat/completions');
      const sent = body['messages'] as { role: string; content: string }[];
      expect(sent.map(({ role }) => role)).toEqual(['system', 'user']);
      expect(sent[1]?.content).toBe(`${prefix}<CURSOR>${suffix}`);
      // OpenAI's reasoning models refuse one.
      expect(body['temperature']).toBe(card === 'openai' ? undefined : 0);
    }
  });

  it('speaks as what was found where the user could not say', async () => {
    const facts = { card: 'llamaServer', name: 'llama-server', version: undefined, nature: 'holdsWeights' } as const;
    expect((await sentFor(['generic', 'm', 'http://127.0.0.1:9000'], infill, { facts })).url).toBe(
      'http://127.0.0.1:9000/infill',
    );
  });

  it('uses the lines since the window where the window has its own', async () => {
    const windows = [
      { head: 'a\n', suffix: '\n', line: 'b\nc' },
      { head: '', suffix: '' },
    ];
    const { body } = await sentFor(['codestral', 'codestral'], { ...(infill as InfillRequest), windows });
    expect(body).toMatchObject({ prompt: 'a\nb\nc', suffix: '\n' });
  });
});

describe('a request that a server would cut without a word', () => {
  const request = { ...long, messages: [{ role: 'user', text: 'word '.repeat(20_000) }] } as ChatRequest;

  it.each([
    ['ollama', { contextTokens: 4096 }, 4096],
    ['ollama', undefined, 8192],
    ['lmStudio', { contextTokens: 2048 }, 2048],
  ] as const)('is refused before it is sent, and said to be a guess (%s)', async (card, known, limitTokens) => {
    const { provider } = providerOf(served(card, 'm'), known);
    const { error } = await read(provider, request, () => Promise.reject(new Error('was sent')));
    expect(error).toMatchObject({ kind: 'contextTooLong', facts: { limitTokens } });
    expect((error as Failure).facts.usedTokens).toBeUndefined(); // nobody counted them
    expect((error as Failure).message).toMatch(/^The request has about 33334 tokens; .* It was not sent: /);
  });

  it('is sent where the context is not known', async () => {
    await sentFor(['lmStudio', 'm'], request);
    await sentFor(['vllm', 'm'], request, { contextTokens: 100 });
    await sentFor(['ollama', 'm:cloud'], request, { forwardsTo: 'ollama.com' });
  });
});

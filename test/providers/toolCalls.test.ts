/** Calls of tools: how they are asked for, and how they come back, whole and cut anywhere. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { CardId, ChatRequest, Chunk, Send } from '../../src/models/model.ts';
import { mostArgumentBytes, mostCalls } from '../../src/models/tools.ts';
import { embeddedProvider } from '../../src/providers/embedded.ts';
import { canCallTools } from '../../src/providers/server.ts';
import type { KnownModel } from '../../src/providers/survey.ts';
import { answering, bodyOf, providerOf, served } from '../support/served.ts';

const able: KnownModel = { canCallTools: true };
const request: ChatRequest = {
  kind: 'chat',
  messages: [
    { role: 'user', text: 'How warm is it?' },
    { role: 'assistant', text: '', calls: [{ id: 'a', name: 'look', argumentsJson: '{"room":"hall"}' }] },
    { role: 'tool', callId: 'a', text: '21' },
    { role: 'user', text: 'And upstairs?' },
  ],
  toolbox: {
    tools: [{ name: 'look', description: 'Reads a room.', schemaJson: '{"type":"object"}' }],
    choice: 'auto',
  },
  items: [],
};
const offered = [
  { type: 'function', function: { name: 'look', description: 'Reads a room.', parameters: { type: 'object' } } },
];

async function sentFor(card: CardId, asked: ChatRequest, known = able): Promise<Record<string, unknown>> {
  let body = '';
  const send: Send = (_url, init) => {
    body = typeof init?.body === 'string' ? init.body : '';
    return Promise.reject(new Failure('denied', 'Enough seen.'));
  };
  const { error } = await answerTo(card, asked, { send, known });
  if (body === '') throw error;
  return JSON.parse(body) as Record<string, unknown>;
}

interface Circumstances {
  readonly send: Send;
  readonly known?: KnownModel;
}

/** All chunks, and what it failed with. */
async function answerTo(card: CardId, asked: ChatRequest, { send, known = able }: Circumstances) {
  const { provider, clock } = providerOf(served(card, 'm'), known);
  const chunks: Chunk[] = [];
  try {
    const { signal } = new AbortController();
    for await (const chunk of provider.stream(asked, send, () => undefined, signal)) chunks.push(chunk);
    return { chunks, error: undefined, clock };
  } catch (error) {
    return { chunks, error, clock };
  }
}

const events = (...values: readonly unknown[]): string =>
  values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');
const delta = (tool_calls: readonly object[], finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta: { tool_calls }, finish_reason }],
});
const part = (index: number | undefined, id: string | undefined, name: string | undefined, text?: string): object => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id, type: 'function' }),
  function: { ...(name === undefined ? {} : { name }), ...(text === undefined ? {} : { arguments: text }) },
});
const end = delta([], 'tool_calls');
const heard = (body: string) => answerTo('openai', request, { send: answering(body, 'text/event-stream') });
const callsIn = (chunks: readonly Chunk[]) =>
  chunks.flatMap((chunk) => (chunk.kind === 'toolCall' ? [[chunk.id, chunk.name, chunk.argumentsJson]] : []));

describe('a question with tools', () => {
  it('has them, the calls so far and their results in OpenAI’s words', async () => {
    const body = await sentFor('openai', request);
    expect(body).toMatchObject({ tools: offered });
    expect(body['tool_choice']).toBeUndefined();
    expect(body['messages']).toEqual([
      { role: 'user', content: 'How warm is it?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"room":"hall"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '21' },
      { role: 'user', content: 'And upstairs?' },
    ]);
  });

  it('says where one of them has to be called', async () => {
    const toolbox = { tools: request.toolbox?.tools ?? [], choice: 'required' } as const;
    expect(await sentFor('llamaServer', { ...request, toolbox })).toMatchObject({ tool_choice: 'required' });
    // Ollama has no word for it, and would let the model do as it likes.
    await expect(sentFor('ollama', { ...request, toolbox })).rejects.toMatchObject({ kind: 'modelUnsupported' });
  });

  it('has objects for arguments in Ollama’s words, and a tool’s name with its result', async () => {
    const body = await sentFor('ollama', request);
    expect(body).toMatchObject({ tools: offered });
    expect((body['messages'] as object[]).slice(1, 3)).toEqual([
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'look', arguments: { room: 'hall' } } }] },
      { role: 'tool', tool_name: 'look', content: '21' },
    ]);
  });

  it('is refused where nobody knows that the model can call any, and nothing is sent', async () => {
    for (const [card, known] of [
      ['llamaServer', {}],
      ['vllm', {}],
      ['openai', { canCallTools: false }],
    ] as const) {
      await expect(sentFor(card, request, known)).rejects.toMatchObject({
        kind: 'modelUnsupported',
        message: expect.stringContaining('Nothing was sent') as string,
      });
    }
  });

  it('goes to a model without tools as text where it has only the calls of another one', async () => {
    const { toolbox: _, ...past } = request;
    expect((await sentFor('vllm', past, {}))['messages']).toEqual([
      { role: 'user', content: 'How warm is it?' },
      { role: 'assistant', content: '[a call of the tool look]' },
      { role: 'user', content: '21\n\nAnd upstairs?' },
    ]);
    const heardByEngine: unknown[] = [];
    const engine = { chat: ({ messages }: ChatRequest) => heardByEngine.push(messages.map(({ role }) => role)) };
    const provider = embeddedProvider(engine as never);
    const { signal } = new AbortController();
    const stream = (asked: ChatRequest) => provider.stream(asked, undefined as never, () => undefined, signal);
    stream(past);
    expect(heardByEngine).toEqual([['user', 'assistant', 'user']]);
    expect(() => stream(request)).toThrow(Failure);
    await expect(provider.count?.(request, signal)).rejects.toMatchObject({ kind: 'modelUnsupported' });
  });

  it('may be asked of what its vendor or its server says', () => {
    expect(canCallTools(served('openai', 'gpt-x'))).toBe(true);
    expect(canCallTools(served('anthropic', 'claude-x'))).toBe(true);
    for (const card of ['gemini', 'mistral', 'ollama', 'openrouter', 'generic'] as const) {
      expect(canCallTools(served(card, 'm'))).toBe(false);
      expect(canCallTools(served(card, 'm'), able)).toBe(true);
    }
  });
});

describe('a call', () => {
  const body = events(
    { choices: [{ delta: { role: 'assistant', content: 'I look.' } }] },
    delta([part(0, 'c1', 'look', '')]),
    delta([part(0, undefined, undefined, '{"ro')]),
    delta([part(0, undefined, undefined, 'om":"hall ä"}')]),
    delta([part(1, 'c2', 'look', '{"room":"attic"}')]),
    end,
    { choices: [], usage: { prompt_tokens: 5, completion_tokens: 9 } },
    '[DONE]',
  );

  it('is whole however it comes in pieces, after the text', async () => {
    const { chunks, error } = await heard(body);
    expect(error).toBeUndefined();
    expect(chunks.map(({ kind }) => kind)).toEqual(['text', 'toolCall', 'toolCall', 'end']);
    expect(callsIn(chunks)).toEqual([
      ['c1', 'look', '{"room":"hall ä"}'],
      ['c2', 'look', '{"room":"attic"}'],
    ]);
    expect(chunks.at(-1)).toMatchObject({ reason: 'endOfText', usage: { completionTokens: 9 } });
  });

  it('is never half a call, wherever the connection breaks', async () => {
    const bytes = Buffer.from(body);
    for (let length = 0; length < bytes.length; length += 7) {
      const send = answering(bodyOf([bytes.subarray(0, length)], 'broken'), 'text/event-stream');
      const { chunks } = await answerTo('openai', request, { send });
      const calls = callsIn(chunks);
      expect([0, 2], `after ${length} bytes`).toContain(calls.length);
      const last = chunks.at(-1);
      if (last?.kind === 'end') expect(last.reason === 'cut', `after ${length} bytes`).toBe(calls.length === 0);
    }
  });

  it.each([
    ['all counted as the first', [part(0, 'x', 'look', '{}'), part(0, 'y', 'look', '{"a":1}')]],
    ['counted by nobody', [part(undefined, undefined, 'look', '{}'), part(undefined, undefined, 'look', '{"a":1}')]],
    ['with one id for all', [part(0, 'x', 'look', '{}'), part(1, 'x', 'look', '{"a":1}')]],
  ])('is told from the next one: %s', async (_what, parts) => {
    const { chunks } = await heard(events(...parts.map((one) => delta([one])), end, '[DONE]'));
    const calls = callsIn(chunks);
    expect(calls.map(([, , text]) => text)).toEqual(['{}', '{"a":1}']);
    expect(new Set(calls.map(([id]) => id)).size).toBe(2);
  });

  it('without arguments has an empty object', async () => {
    const { chunks } = await heard(events(delta([part(0, 'x', 'look')]), end, '[DONE]'));
    expect(callsIn(chunks)).toEqual([['x', 'look', '{}']]);
  });

  it('comes from Ollama with its arguments as an object', async () => {
    const call = (room: string) => ({ function: { index: 0, name: 'look', arguments: { room } } });
    const lines = [
      { message: { role: 'assistant', content: '', tool_calls: [call('hall')] }, done: false },
      { message: { role: 'assistant', content: '', tool_calls: [call('attic')] }, done: false },
      { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', eval_count: 3 },
    ];
    const send = answering(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'application/x-ndjson');
    const { chunks } = await answerTo('ollama', request, { send });
    const id = expect.stringMatching(/^call_./) as string;
    expect(callsIn(chunks)).toEqual([
      [id, 'look', '{"room":"hall"}'],
      [id, 'look', '{"room":"attic"}'],
    ]);
  });

  it.each([
    ['is no JSON', [part(0, 'x', 'look', '{"room":')], 'has no JSON object'],
    ['is no object', [part(0, 'x', 'look', '["hall"]')], 'has no JSON object'],
    ['names nothing', [part(0, 'x', undefined, '{}')], 'names no tool'],
    ['names what no tool is called', [part(0, 'x', 'rm -rf', '{}')], 'names no tool'],
    ['is too long', [part(0, 'x', 'look', ' '.repeat(mostArgumentBytes + 1))], 'too much at once'],
    [
      'is one of too many',
      Array.from({ length: mostCalls + 1 }, (_, at) => part(at, `${at}`, 'look', '{}')),
      'too much',
    ],
  ])('that %s is a failure and no guess', async (_what, parts, said) => {
    const { chunks, error } = await heard(events(delta(parts), end, '[DONE]'));
    expect(error).toMatchObject({ kind: 'badResponse', isPassing: false });
    expect((error as Failure).message).toContain(said);
    expect(callsIn(chunks)).toEqual([]);
  });

  it('that is one of too many is a failure also where the answer ends with it', async () => {
    const parts = Array.from({ length: mostCalls + 1 }, (_, at) => part(at, `${at}`, 'look', '{}'));
    const { chunks, error } = await heard(events(delta(parts, 'tool_calls'), '[DONE]'));
    expect((error as Failure | undefined)?.message).toContain('too much');
    expect(callsIn(chunks)).toEqual([]);
  });

  it('that the longest answer cut says so', async () => {
    const { error } = await heard(events(delta([part(0, 'x', 'look', '{"a":')]), delta([], 'length'), '[DONE]'));
    expect((error as Failure).message).toContain('had no room to end');
  });

  it('that has begun is an answer: what fails after it is not tried again', async () => {
    const { error } = await heard(events(delta([part(0, 'x', 'look', '{')]), { error: { message: 'overloaded' } }));
    expect(error).toMatchObject({ kind: 'badResponse', phase: 'midStream' });
  });

  it('that nobody asked for is no part of an answer', async () => {
    const { toolbox: _, ...plain } = request;
    const { chunks, error } = await answerTo('openai', plain, { send: answering(body, 'text/event-stream') });
    expect([chunks.map(({ kind }) => kind), error]).toEqual([['text', 'end'], undefined]);
  });

  it('has the time of its beginning as the first token’s', async () => {
    const { provider, clock } = providerOf(served('openai', 'm'), able);
    const pieces = [delta([part(0, 'x', 'look', '{')]), delta([part(0, undefined, undefined, '}')]), end].map((one) =>
      Buffer.from(events(one)),
    );
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      await clock.advance(100);
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    };
    const send = answering(new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 }), 'text/event-stream');
    let last: Chunk | undefined;
    for await (const chunk of provider.stream(request, send, () => undefined, new AbortController().signal))
      last = chunk;
    expect(last).toMatchObject({ kind: 'end', speed: { firstTokenMs: 100 } });
  });
});

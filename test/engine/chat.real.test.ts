import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/base/failure.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { ChatMessage, ChatRequest, Chunk, OnProgress, Sampling, Usage } from '../../src/models/model.ts';
import { answerTo, isAlive, realEngine, until, type RealEngine } from '../support/realEngine.ts';

/** What came of one turn. */
interface Turn {
  readonly text: string;
  readonly chunks: readonly Chunk[];
  readonly end: Extract<Chunk, { kind: 'end' }> | undefined;
  readonly usage: Usage | undefined;
  readonly sampling: Sampling | undefined;
  readonly evaluatedTokens: number;
}

async function turn(
  engine: Engine,
  messages: readonly ChatMessage[],
  {
    signal = new AbortController().signal,
    onChunk = (_chunk: Chunk): void => undefined,
    ...options
  }: Partial<ChatRequest> & { signal?: AbortSignal; onChunk?: (chunk: Chunk) => void } = {},
): Promise<Turn> {
  const request: ChatRequest = { kind: 'chat', messages, maxTokens: 8, temperature: 0, items: [], ...options };
  const chunks: Chunk[] = [];
  let usage: Usage | undefined;
  let sampling: Sampling | undefined;
  const onProgress: OnProgress = (counted, _speed, chosen) => void ([usage, sampling] = [counted, chosen]);
  for await (const chunk of engine.chat(request, onProgress, signal)) {
    chunks.push(chunk);
    onChunk(chunk);
  }
  const text = chunks.map((chunk) => (chunk.kind === 'text' ? chunk.text : '')).join('');
  const end = chunks.find((chunk) => chunk.kind === 'end');
  const evaluatedTokens = (usage?.promptTokens ?? 0) - (usage?.cachedTokens ?? 0);
  return { text, chunks, end, usage, sampling, evaluatedTokens };
}

const user = (text: string): ChatMessage => ({ role: 'user', text });
const assistant = (text: string): ChatMessage => ({ role: 'assistant', text });
const system: ChatMessage = { role: 'system', text: 'You answer briefly.' };

/** About so many tokens, different for each name. */
function prose(name: string, tokens: number): string {
  return Array.from({ length: tokens / 8 }, (_, index) => `The ${name} number ${index} is fine. `).join('');
}

const failureOf = (work: Promise<unknown>): Promise<Failure | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => error as Failure,
  );

describe('a conversation with the demo model', () => {
  let real: RealEngine;
  let engine: Engine;

  beforeAll(async () => {
    real = await realEngine({ name: 'demo' }, { device: 'cpu', chatContextTokens: 512, chatIdleMs: 1_000 });
    engine = real.engine;
    await turn(engine, [user('Hi')], { maxTokens: 1 });
  });

  afterAll(async () => {
    engine.dispose();
    await until(() => real.processIds.every((id) => !isAlive(id)), 5_000, 'every process has ended');
  });

  test('is answered piece by piece, after telling how far it is read', async () => {
    const asked = [system, user('Say hello to Bob. Use at most three words.')];
    const { chunks, text, end, sampling } = await turn(engine, asked, { maxTokens: 12 });
    expect(text).toMatch(/hello|bob/i);
    expect(text).not.toContain('<|im_end|>');
    expect(chunks.filter(({ kind }) => kind === 'text').length).toBeGreaterThan(1);
    const readings = chunks.filter((chunk) => chunk.kind === 'reading');
    expect(readings[0]?.totalTokens).toBe(end?.usage?.promptTokens);
    expect(readings.every(({ readTokens, totalTokens }) => readTokens < totalTokens)).toBe(true);
    expect(end?.usage).toMatchObject({ source: 'engine' });
    expect(end?.usage?.reasoningTokens).toBeUndefined();
    expect(end?.speed.firstTokenMs).toBeGreaterThan(0);
    expect(sampling).toEqual({ temperature: 0, topP: 0.95, topK: 40, minP: 0.05, seed: expect.any(Number) });
  });

  test('is counted as its turn will be, while another is answered', async () => {
    const asked = [system, user('Count the sheep, please.')];
    const request: ChatRequest = { kind: 'chat', messages: asked, items: [] };
    const { signal } = new AbortController();
    const answering = turn(engine, [user('Write a long story.')], { maxTokens: 24 });
    const counted = await engine.count(request, signal);
    await answering;
    const { end } = await turn(engine, asked, { maxTokens: 1 });
    expect(counted?.tokens).toBe(end?.usage?.promptTokens);
    await expect(engine.count({ ...request, messages: [] }, signal)).rejects.toMatchObject({ kind: 'requestInvalid' });
  });

  test('evaluates only what is new in each turn', async () => {
    const messages: ChatMessage[] = [system, user('Name a colour.')];
    let before = 0;
    for (const question of ['Another one?', 'And a third 🙂?']) {
      const answer = await turn(engine, messages, { maxTokens: 200 });
      expect(answer.end?.reason).toBe('endOfText');
      // All that was read and written stays; what is read are the tokens after it.
      expect(answer.usage?.cachedTokens).toBeGreaterThanOrEqual(before);
      before = (answer.usage?.promptTokens ?? 0) + (answer.usage?.completionTokens ?? 0);
      messages.push(assistant(answer.text), user(question));
    }
    const request: ChatRequest = { kind: 'chat', messages, items: [] };
    const countHeld = async () => (await engine.count(request, new AbortController().signal))?.heldTokens;
    expect(await countHeld()).toBe(before);
    const last = await turn(engine, messages, { maxTokens: 1 });
    expect(last.usage?.cachedTokens).toBe(before);
    // `<|im_end|>\n<|im_start|>user\nAnd a third 🙂?<|im_end|>\n<|im_start|>assistant\n`
    expect(last.evaluatedTokens).toBeLessThan(24);
    // Whoever asks something else takes its place.
    await turn(engine, [user('What is two and two?')], { maxTokens: 1 });
    expect(await countHeld()).toBeLessThan(8); // the beginning of the template
  });

  test('keeps an answer that the tokenizer would spell in another way', async () => {
    const messages = [user('Write some random letters.')];
    for (let index = 0; index < 4; index += 1) {
      const { text, usage } = await turn(engine, messages, { maxTokens: 32, temperature: 2 });
      const next = await turn(engine, [...messages, assistant(text), user('Go on.')], { maxTokens: 1 });
      // The last token written was not read yet, and a few may be cut where it ends inside a character.
      const held = (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0);
      expect(next.usage?.cachedTokens).toBeGreaterThanOrEqual(held - 6);
    }
  });

  test('goes on from an earlier turn that is said in another way', async () => {
    const begun = [system, user(prose('apple', 96)), assistant('Yes.')];
    const first = await turn(engine, [...begun, user('How many are fine?')], { maxTokens: 2 });
    const other = await turn(engine, [...begun, user('Which one is best?')], { maxTokens: 2 });
    expect(other.usage?.cachedTokens).toBeGreaterThan((first.usage?.promptTokens ?? 0) - 16);
    expect(other.evaluatedTokens).toBeLessThan(16);
  });

  test('is answered in whole characters', async () => {
    const asked = [user('Repeat exactly: 🙂🚀 日本語 Größe')];
    const { chunks } = await turn(engine, asked, { maxTokens: 24 });
    const pieces = chunks.flatMap((chunk) => (chunk.kind === 'text' ? [chunk.text] : []));
    for (const piece of pieces) expect(piece.isWellFormed() && !piece.includes('\ufffd')).toBe(true);
    expect(pieces.join('')).toMatch(/[\u{1f300}-\u{1faff}日本語ö]/u);
  });

  test('reads what looks like a control token as text', async () => {
    const plain = await turn(engine, [user('a b c')], { maxTokens: 1 });
    const looks = await turn(engine, [user('a <|im_end|> c')], { maxTokens: 1 });
    expect(looks.usage?.promptTokens).toBeGreaterThan((plain.usage?.promptTokens ?? 0) + 3);
  });

  test('ends after as many tokens as were asked for, and varies with a temperature', async () => {
    const asked = [user('Tell me a story.')];
    const { end } = await turn(engine, asked, { maxTokens: 3 });
    expect(end).toMatchObject({ reason: 'maxTokens', usage: { completionTokens: 3 } });
    const told = new Set<string>();
    for (let index = 0; index < 4; index += 1) {
      told.add((await turn(engine, asked, { temperature: 2, maxTokens: 12 })).text);
    }
    expect(told.size).toBeGreaterThan(1);
  });

  test('stops while it is read, and keeps what was read', async () => {
    const stop = new AbortController();
    let readTokens = 0;
    const onChunk = (chunk: Chunk): void => {
      if (chunk.kind !== 'reading' || chunk.readTokens === 0) return;
      readTokens = chunk.readTokens;
      stop.abort();
    };
    const failure = await failureOf(turn(engine, [user(prose('pear', 360))], { signal: stop.signal, onChunk }));
    expect(failure).toMatchObject({ kind: 'aborted' });
    // A conversation that begins with as much of it as was read.
    const again = await turn(engine, [user(prose('pear', readTokens))], { maxTokens: 1 });
    expect(again.usage?.cachedTokens).toBeGreaterThanOrEqual(Math.min(readTokens, 100));
    expect(again.evaluatedTokens).toBeLessThan(64);
  });

  test('stops while it is written, and goes on from there', async () => {
    const asked = [user('Count from one to a hundred in words.')];
    const stop = new AbortController();
    let text = '';
    const onChunk = (chunk: Chunk): void => {
      if (chunk.kind === 'text') text += chunk.text;
      if (text.length > 12) stop.abort();
    };
    const failure = await failureOf(turn(engine, asked, { signal: stop.signal, onChunk, maxTokens: 400 }));
    expect(failure).toMatchObject({ kind: 'aborted' });
    expect(text.length).toBeLessThan(40);
    const next = await turn(engine, [...asked, assistant(text), user('Go on.')], { maxTokens: 2 });
    expect(next.evaluatedTokens).toBeLessThan(24);
  });

  test('gives way to a completion and still says the same', async () => {
    const asked = [user(`${prose('plum', 96)}\nWhat is fine?`)];
    const alone = await turn(engine, asked, { maxTokens: 16 });
    await turn(engine, [user('Something else')], { maxTokens: 1 }); // so that it has to be read again
    const seen: string[] = [];
    const completions: Promise<void>[] = [];
    const complete = (during: string): void => {
      seen.push(`asked while ${during}`);
      const request = { windows: [{ head: 'const a = 1;\nconst b =', suffix: '' }], maxTokens: 2 };
      completions.push(answerTo(engine, request).then(({ end }) => void seen.push(end ? `completed` : 'lost')));
    };
    const onChunk = (chunk: Chunk): void => {
      const isNew = !seen.includes(chunk.kind);
      seen.push(chunk.kind);
      if (isNew && (chunk.kind === 'reading' || chunk.kind === 'text')) complete(chunk.kind);
    };
    const crossed = await turn(engine, asked, { maxTokens: 16, onChunk });
    await Promise.all(completions);
    expect(crossed.text).toBe(alone.text);
    expect(crossed.end?.usage?.completionTokens).toBe(alone.end?.usage?.completionTokens);
    // Each completion came while the conversation still had much to do, after at most a few of its units.
    for (const during of ['reading', 'text']) {
      const from = seen.indexOf(`asked while ${during}`);
      const to = seen.indexOf('completed', from);
      expect(seen.slice(from, to).filter((each) => each === during).length).toBeLessThanOrEqual(3);
    }
    expect(seen.at(-1)).toBe('end');
  });

  test('waits while another one is answered', async () => {
    const order: string[] = [];
    const ask = (name: string): Promise<Turn> =>
      turn(engine, [user(`Talk about ${name}.`)], { onChunk: ({ kind }) => void order.push(`${name} ${kind}`) });
    await Promise.all([ask('cats'), ask('dogs')]);
    expect(order.indexOf('dogs text')).toBeGreaterThan(order.indexOf('cats end'));
  });

  test('that is too long is refused with both numbers, and a shorter one is answered', async () => {
    const long = [user(prose('cherry', 800))];
    const failure = await failureOf(turn(engine, long));
    expect(failure).toMatchObject({ kind: 'contextTooLong', facts: { limitTokens: 448 } });
    const { usedTokens = 0 } = failure?.facts ?? {};
    expect(usedTokens).toBeGreaterThan(600);
    // Without the last sentence it has that many tokens less: the numbers are counted, not guessed.
    const shorter = await failureOf(turn(engine, [user(prose('cherry', 792))]));
    expect(usedTokens - (shorter?.facts.usedTokens ?? 0)).toBeLessThan(12);
    expect(engine.state.kind).toBe('ready');
    expect((await turn(engine, [user('Hi')])).end).toBeDefined();
  });

  test('that does not end with the user is refused', async () => {
    const failure = await failureOf(turn(engine, [user('Hi'), assistant('Hello')]));
    expect(failure).toMatchObject({ kind: 'requestInvalid' });
  });

  test('ends when the context is full', async () => {
    const asked = [user(`${prose('fig', 344)}\nRepeat all of it.`)];
    const { end, usage } = await turn(engine, asked, { maxTokens: 4000 });
    expect(end?.reason).toBe('maxTokens');
    const usedTokens = (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0);
    expect(usedTokens).toBeGreaterThan(500);
    expect(usedTokens).toBeLessThanOrEqual(512);
    expect((await turn(engine, [user('Hi')])).end).toBeDefined();
  });

  test('is read again after its memory was given back, since nobody talked', async () => {
    const asked = [user('Hi')];
    const first = await turn(engine, asked, { maxTokens: 1 });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const second = await turn(engine, asked, { maxTokens: 1 });
    expect(second.usage).toMatchObject({ promptTokens: first.usage?.promptTokens, cachedTokens: 0 });
    const third = await turn(engine, asked, { maxTokens: 1 });
    expect(third.evaluatedTokens).toBe(1);
  });

  test('is read again by an engine that was started again', async () => {
    const asked = [user('Hi')];
    const first = await turn(engine, asked, { maxTokens: 1 });
    engine.restart();
    const second = await turn(engine, asked, { maxTokens: 1 });
    expect(second.usage).toMatchObject({ promptTokens: first.usage?.promptTokens, cachedTokens: 0 });
    expect(real.processIds).toHaveLength(2);
  });
});

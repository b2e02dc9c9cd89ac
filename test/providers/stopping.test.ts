/** Leaving an answer, stopping it, and how fast it came. */
import { describe, expect, it } from 'vitest';
import type { CardId, Chunk, ModelRequest, Send } from '../../src/models/model.ts';
import { FakeClock } from '../support/clock.ts';
import { bodyOf, chat, infill, providerOf, read, served } from '../support/served.ts';

const nobody = (): void => undefined;

/** [card, how it is asked, content type, one event with text] */
const ways: readonly (readonly [CardId, ModelRequest, string, string])[] = [
  ['generic', chat, 'text/event-stream', 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'],
  ['llamaServer', infill, 'text/event-stream', 'data: {"content":"Hi","stop":false}\n\n'],
  ['ollama', chat, 'application/x-ndjson', '{"message":{"content":"Hi"},"done":false}\n'],
];

describe.each(ways)('%s', (card, request, type, event) => {
  /** A server that says one thing and then nothing; a broken connection is told by the signal, as the gate does. */
  function silentAfterOne() {
    const signals: AbortSignal[] = [];
    let isCancelled = false;
    const send: Send = (_url, init) => {
      if (init?.signal) signals.push(init.signal);
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Buffer.from(event)),
        cancel: () => void (isCancelled = true),
      });
      return Promise.resolve(new Response(body, { headers: { 'content-type': type } }));
    };
    return { send, signals, isLetGo: () => isCancelled || signals.some(({ aborted }) => aborted) };
  }

  it('lets go of the connection when the reader leaves', async () => {
    const server = silentAfterOne();
    const { provider } = providerOf(served(card, 'm'));
    for await (const chunk of provider.stream(request, server.send, nobody, new AbortController().signal)) {
      expect(chunk).toEqual({ kind: 'text', text: 'Hi' });
      break;
    }
    expect(server.isLetGo()).toBe(true);
  });

  it('ends as stopped when it is stopped in the middle, even if the body never notices', async () => {
    const server = silentAfterOne();
    const { provider, forgotten } = providerOf(served(card, 'm'));
    const stop = new AbortController();
    const chunks: Chunk[] = [];
    const reading = (async () => {
      for await (const chunk of provider.stream(request, server.send, nobody, stop.signal)) {
        chunks.push(chunk);
        stop.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'aborted' });
    expect(chunks).toEqual([{ kind: 'text', text: 'Hi' }]);
    expect(server.isLetGo()).toBe(true);
    expect(forgotten).toEqual([]); // stopping says nothing about the server
  });

  it('ends as stopped when it is stopped before the server answered', async () => {
    const stop = new AbortController();
    const send: Send = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError')));
        stop.abort();
      });
    const { error, text } = await read(providerOf(served(card, 'm')).provider, request, send, stop.signal);
    expect({ text, error }).toMatchObject({ text: '', error: { kind: 'aborted' } });
  });
});

describe('how fast it came', () => {
  /** A body that takes the clock on before each piece. */
  function timed(clock: FakeClock, ...steps: readonly (readonly [number, string])[]): Send {
    const left = [...steps];
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const [delayMs, text] = left.shift() ?? [0, ''];
          await clock.advance(delayMs);
          if (text === '') controller.close();
          else controller.enqueue(Buffer.from(text));
        },
      },
      { highWaterMark: 0 },
    );
    return () => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  }

  it('is measured by what arrived where the server does not say', async () => {
    const clock = new FakeClock();
    const { provider } = providerOf(served('generic', 'm'), undefined, clock);
    const send = timed(
      clock,
      [400, 'data: {"choices":[{"delta":{"reasoning_content":"Hm"}}]}\n\n'],
      [100, 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'],
      [900, 'data: {"choices":[{"delta":{"content":" you"},"finish_reason":"stop"}]}\n\n'],
      [50, 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":11}}\n\ndata: [DONE]\n\n'],
    );
    const { end } = await read(provider, chat, send);
    expect(end?.speed).toEqual({ firstTokenMs: 500, prefillTokPerS: undefined, decodeTokPerS: 10 });
  });

  it('is what the server measured where it does', async () => {
    const { provider } = providerOf(served('llamaServer', 'm'));
    const event =
      '{"content":"Hi","stop":true,"stop_type":"eos","timings":{"prompt_n":3,"prompt_per_second":50,"predicted_n":2,"predicted_per_second":20}}';
    const send: Send = () =>
      Promise.resolve(
        new Response(bodyOf([Buffer.from(`data: ${event}\n\n`)]), { headers: { 'content-type': 'text/event-stream' } }),
      );
    const { end } = await read(provider, infill, send);
    expect(end?.speed).toMatchObject({ prefillTokPerS: 50, decodeTokPerS: 20 });
  });

  it('tells the counts while it runs, so that a stopped request has them', async () => {
    const { provider } = providerOf(served('llamaServer', 'm'));
    const event = '{"content":"Hi","stop":false,"timings":{"cache_n":7,"prompt_n":3,"predicted_n":2}}';
    const send: Send = () =>
      Promise.resolve(
        new Response(bodyOf([Buffer.from(`data: ${event}\n\n`)], 'open'), {
          headers: { 'content-type': 'text/event-stream' },
        }),
      );
    const counted: unknown[] = [];
    for await (const _chunk of provider.stream(
      infill,
      send,
      (usage) => counted.push(usage),
      new AbortController().signal,
    )) {
      break;
    }
    expect(counted).toEqual([{ promptTokens: 10, cachedTokens: 7, completionTokens: 2, source: 'provider' }]);
  });

  it('shows how far the prompt has been read, which is no answer yet', async () => {
    const { provider } = providerOf(served('llamaServer', 'm'));
    const event =
      '{"choices":[{"delta":{"content":null}}],"prompt_progress":{"total":90,"cache":10,"processed":40,"time_ms":5}}';
    const chunks: Chunk[] = [];
    const send: Send = () =>
      Promise.resolve(new Response(`data: ${event}\n\n`, { headers: { 'content-type': 'text/event-stream' } }));
    const reading = (async () => {
      for await (const chunk of provider.stream(chat, send, nobody, new AbortController().signal)) chunks.push(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'unreachable', isPassing: true });
    expect(chunks).toEqual([{ kind: 'reading', readTokens: 40, totalTokens: 90 }]);
  });
});

import { expect, test } from 'vitest';
import type { ChatRequest, Chunk, InfillRequest, Send } from '../../src/models/model.ts';
import { embeddedProvider } from '../../src/providers/embedded.ts';

const infill: InfillRequest = { kind: 'infill', document: 'd', windows: [], line: '', maxTokens: 1, patienceMs: 1 };
const chat: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text: 'Hi' }], items: [] };

test('each kind of request goes to the engine, and nothing is sent', async () => {
  const asked: string[] = [];
  async function* answer(kind: string): AsyncGenerator<Chunk, void, void> {
    asked.push(kind);
    yield { kind: 'text', text: kind };
  }
  const provider = embeddedProvider({
    infill: (request) => answer(request.kind),
    chat: (request) => answer(request.kind),
    readAhead: async () => undefined,
    count: async () => ({ tokens: 7, heldTokens: 3 }),
  });
  const send: Send = () => Promise.reject(new Error('Nothing may be sent.'));
  const { signal } = new AbortController();
  for (const request of [infill, chat]) {
    for await (const chunk of provider.stream(request, send, () => undefined, signal)) {
      expect(chunk).toEqual({ kind: 'text', text: request.kind });
    }
  }
  expect(asked).toEqual(['infill', 'chat']);
  expect(await provider.count?.(chat, signal)).toEqual({ tokens: 7, heldTokens: 3 });
  expect(provider.sampling?.(infill)).toEqual({ maxTokens: 1, temperature: 0 });
  expect(provider.sampling?.({ ...chat, temperature: 0.7 })).toEqual({ temperature: 0.7 });
});

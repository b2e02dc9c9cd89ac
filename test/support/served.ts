/** Asking a server's provider in tests, without a gate: `send` is what the test makes of it. */
import type { CardId, Chunk, ModelRequest, Provider, Send, ServedModel, Usage } from '../../src/models/model.ts';
import { serverProvider } from '../../src/providers/server.ts';
import type { KnownModel } from '../../src/providers/survey.ts';
import { FakeClock } from './clock.ts';

/** A model on a server. */
export function served(card: CardId, model: string, baseUrl = 'http://127.0.0.1:9/v1'): ServedModel {
  return { id: `${baseUrl}#${model}`, name: model, provider: 'server', endpoint: { baseUrl, card }, model };
}

export const chat: ModelRequest = { kind: 'chat', messages: [{ role: 'user', text: 'Hello?' }], items: [] };
export const infill: ModelRequest = {
  kind: 'infill',
  document: 'file:///a.ts',
  windows: [{ head: 'const a = 1;\n', suffix: '\nexport { a };\n' }],
  line: 'const b',
  maxTokens: 64,
  patienceMs: 100,
};

/** A provider with a clock that stands still, and what it told the survey to forget. */
export function providerOf(model: ServedModel, known?: KnownModel, clock = new FakeClock()) {
  const forgotten: (string | undefined)[] = [];
  const survey = { known: () => known, forget: (baseUrl?: string) => void forgotten.push(baseUrl) };
  return { provider: serverProvider(model, { survey, clock }), forgotten, clock };
}

/** What came back for one request. */
export interface ReadAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly end: Extract<Chunk, { kind: 'end' }> | undefined;
  /** The last counts that were told while it ran. */
  readonly counted: Usage | undefined;
  readonly error: unknown;
}

/** Reads an answer to its end, or to its failure. */
export async function read(
  provider: Provider,
  request: ModelRequest,
  send: Send,
  signal = new AbortController().signal,
): Promise<ReadAnswer> {
  const got = { text: '', reasoning: '', end: undefined as ReadAnswer['end'], counted: undefined as Usage | undefined };
  const count = (usage: Usage): void => void (got.counted = usage);
  try {
    for await (const chunk of provider.stream(request, send, count, signal)) {
      if (chunk.kind === 'end') got.end = chunk;
      else if (chunk.kind === 'text' || chunk.kind === 'reasoning') got[chunk.kind] += chunk.text;
    }
    return { ...got, error: undefined };
  } catch (error) {
    return { ...got, error };
  }
}

/** How a body ends: in good order, by a broken connection, or not at all. */
export type BodyEnd = 'closed' | 'broken' | 'open';

/** A body that gives these pieces, one at a time, and then ends so. */
export function bodyOf(pieces: readonly Uint8Array[], end: BodyEnd = 'closed'): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(next);
      else if (end === 'closed') controller.close();
      else if (end === 'broken') controller.error(new Error('read ECONNRESET'));
    },
  });
}

/** A `send` that answers everything so. */
export function answering(
  body: string | ReadableStream<Uint8Array>,
  type: string,
  status = 200,
  headers: Record<string, string> = {},
): Send {
  return () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type, ...headers } }));
}

/** The address a `send` was given. */
export function urlOf(address: string | URL | Request): string {
  return address instanceof Request ? address.url : address.toString();
}

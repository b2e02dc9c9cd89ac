/**
 * Answers as they go over the wire, whole and cut after every byte: in every run after one byte in good order and after
 * the next by a broken connection, with PADDOCK_SOAK=1 in both ways after each.
 */
import { describe, expect, it } from 'vitest';
import { answering, bodyOf, chat, infill, providerOf, read, served, type BodyEnd } from '../support/served.ts';
import { streams, type RecordedStream } from './fixtures/streams.ts';

async function readPieces(stream: RecordedStream, pieces: readonly Uint8Array[], end: BodyEnd = 'closed') {
  const { provider } = providerOf(served(stream.card, stream.model));
  return read(provider, stream.ask === 'chat' ? chat : infill, answering(bodyOf(pieces, end), stream.type));
}

const ways = ['closed', 'broken'] as const;
/** How many bytes lie between two after which it ends in the same way. */
const stride = process.env['PADDOCK_SOAK'] === '1' ? 1 : ways.length;

type Said = Pick<Awaited<ReturnType<typeof readPieces>>, 'text' | 'reasoning'>;

/** What has been said after each number of bytes, while the connection stays open. */
async function saidWhileOpen(stream: RecordedStream): Promise<readonly Said[]> {
  const { provider } = providerOf(served(stream.card, stream.model));
  const now = { text: '', reasoning: '' };
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) });
  const chunks = provider.stream(
    stream.ask === 'chat' ? chat : infill,
    answering(body, stream.type),
    () => undefined,
    new AbortController().signal,
  );
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of chunks) {
      if (chunk.kind === 'text' || chunk.kind === 'reasoning') now[chunk.kind] += chunk.text;
    }
    isOver = true;
  })();
  const said: Said[] = [];
  for (const byte of Buffer.from(stream.body)) {
    await quiet();
    said.push({ ...now });
    if (!isOver) feed?.enqueue(Uint8Array.of(byte)); // nobody reads what follows the mark of the end
  }
  if (!isOver) feed?.close();
  await reading;
  expect(now.text).toBe(stream.text);
  return said;
}

/** Lets everything be read that has come. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('has twenty streams of at most 1.5 kB', () => {
  expect(streams).toHaveLength(20);
  for (const { body } of streams) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1536);
});

describe.each(streams)('$name', (stream) => {
  const bytes = Buffer.from(stream.body);
  let whileOpen: ReturnType<typeof saidWhileOpen> | undefined;

  it('is read whole', async () => {
    const { text, reasoning, end, counted, error } = await readPieces(stream, [bytes]);
    expect(error).toBeUndefined();
    expect({ text, reasoning }).toEqual({ text: stream.text, reasoning: stream.reasoning ?? '' });
    expect(end).toMatchObject({ reason: stream.reason });
    expect(end?.usage).toEqual(stream.usage);
    expect(counted).toEqual(stream.usage);
    if (stream.servedModel !== undefined) expect(end?.servedModel).toBe(stream.servedModel);
  });

  it('is the same in whatever pieces it comes', async () => {
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const halves = [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)];
    for (const pieces of [single, halves]) {
      const { text, reasoning, end } = await readPieces(stream, pieces);
      expect({ text, reasoning }).toEqual({ text: stream.text, reasoning: stream.reasoning ?? '' });
      expect(end).toMatchObject({ reason: stream.reason });
      expect(end?.usage).toEqual(stream.usage);
    }
  });

  it.each(ways)('loses and doubles nothing, %s after any byte', async (how) => {
    const said = await (whileOpen ??= saidWhileOpen(stream));
    for (let length = ways.indexOf(how) % stride; length < bytes.length; length += stride) {
      const at = `after ${length} bytes`;
      const { text, reasoning, end, error } = await readPieces(stream, [bytes.subarray(0, length)], how);
      // In good order, a last line counts without its line break, or the empty line behind it.
      const lineEnds = how === 'closed' ? [0, 1, 2, 3, 4] : [0];
      expect(
        lineEnds.map((more) => said[length + more]),
        at,
      ).toContainEqual({ text, reasoning });
      if (end === undefined) {
        // It ended before anything came, so that it may be sent again.
        expect(text + reasoning, at).toBe('');
        expect(error, at).toMatchObject({ kind: 'unreachable', isPassing: true, phase: 'beforeOutput' });
      } else if (end.reason !== 'cut') {
        expect(text, at).toBe(stream.text);
        expect(end.reason, at).toBe(stream.reason);
      }
      if (end !== undefined && text !== stream.text) expect(end.reason, at).toBe('cut');
    }
  });
});

it('is cut although its text has the mark of the end in it, wherever it comes in pieces', async () => {
  const said = 'It ends with data: [DONE] as a rule.';
  const event = `data: ${JSON.stringify({ choices: [{ delta: { content: said } }] })}\n\n`;
  for (let at = 1; at < event.length; at += 1) {
    const pieces = [event.slice(0, at), event.slice(at)].map((piece) => Buffer.from(piece));
    const { provider } = providerOf(served('generic', 'm'));
    const { text, end } = await read(provider, chat, answering(bodyOf(pieces), 'text/event-stream'));
    expect([text, end?.reason], `in two after ${at} bytes`).toEqual([said, 'cut']);
  }
});

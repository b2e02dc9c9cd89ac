/** Answers as they go over the wire, whole and cut at every byte. */
import { describe, expect, it } from 'vitest';
import { answering, bodyOf, chat, infill, providerOf, read, served, type BodyEnd } from '../support/served.ts';
import { streams, type RecordedStream } from './fixtures/streams.ts';

async function readPieces(stream: RecordedStream, pieces: readonly Uint8Array[], end: BodyEnd = 'closed') {
  const { provider } = providerOf(served(stream.card, stream.model));
  return read(provider, stream.ask === 'chat' ? chat : infill, answering(bodyOf(pieces, end), stream.type));
}

it('has twenty streams of at most 1.5 kB', () => {
  expect(streams).toHaveLength(20);
  for (const { body } of streams) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1536);
});

describe.each(streams)('$name', (stream) => {
  const bytes = Buffer.from(stream.body);

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

  it.each(['closed', 'broken'] as const)('loses and doubles nothing, %s after any byte', async (how) => {
    let lastLength = 0;
    for (let length = 0; length < bytes.length; length += 1) {
      const at = `after ${length} bytes`;
      const { text, reasoning, end, error } = await readPieces(stream, [bytes.subarray(0, length)], how);
      expect(stream.text.startsWith(text), at).toBe(true);
      expect((stream.reasoning ?? '').startsWith(reasoning), at).toBe(true);
      expect(text.length, at).toBeGreaterThanOrEqual(lastLength); // what has come once comes again
      lastLength = text.length;
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

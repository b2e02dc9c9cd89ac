/** Bodies that stream pass through here, from bytes to lines and events. */
import { Failure } from '../base/failure.ts';

/** A line longer than this is no model's. */
const longestLine = 16 * 1024 * 1024;

/**
 * The lines of a body as they become whole, without their ends; the last may lack one. Leaving the loop or aborting
 * lets go of the body and waits for nothing. Throws what the body throws, and `Failure('aborted')`.
 */
export async function* linesOf(response: Response, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  /** The pieces of the line that is not whole yet: joined once, so that a giant line costs its length only. */
  let begun: string[] = [];
  let begunLength = 0;
  for await (const bytes of piecesOf(response, signal)) {
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    for (const [index, part] of parts.entries()) {
      begun.push(part);
      begunLength += part.length;
      if (begunLength > longestLine) throw new Failure('badResponse', 'The server sent a line without an end.');
      if (index === parts.length - 1) continue;
      yield withoutReturn(begun.join(''));
      begun = [];
      begunLength = 0;
    }
  }
  const last = withoutReturn(begun.join('') + decoder.decode());
  if (last !== '') yield last;
}

/** The data of each server-sent event, as WHATWG's HTML standard (9.2) reads them; the last may lack its empty line. */
export async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let data: string[] = [];
  for await (const line of lines) {
    const value = /^data: ?(.*)$/s.exec(line)?.[1];
    if (value !== undefined) data.push(value);
    if (line !== '' || data.length === 0) continue;
    yield data.join('\n');
    data = [];
  }
  if (data.length > 0) yield data.join('\n');
}

async function* piecesOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  if (response.body === null) return;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Failure('aborted', 'Stopped.'));
  aborted.catch(() => undefined); // told by the race below, where somebody still reads
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    reader.cancel().catch(() => undefined); // it is broken already, which is as good as let go
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

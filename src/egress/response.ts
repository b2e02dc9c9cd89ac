/** What a socket gives becomes a `Response` here: unpacked, within bounds, and with its end told truthfully. */
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createUnzip, constants } from 'node:zlib';
import { Failure } from '../base/failure.ts';
import { cutShort, type Ends } from './networkFailure.ts';

/** An answer whose body is still coming. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable;
}

/** How an answer is read. */
export interface Reading {
  readonly ends: Ends;
  /** Unpacked bytes after which it is no answer any more; `undefined`: as long as it likes. */
  readonly mostBytes: number | undefined;
  /** A piece of the body came, so many bytes as they went over the wire. */
  readonly onBytes: (wireBytes: number) => void;
  /** Whether the reader has enough for now, so that no byte is waited for. */
  readonly onHold: (isHeld: boolean) => void;
  /** Nothing more will come: it ended, broke, or the reader left. Called once. */
  readonly onOver: () => void;
}

/**
 * So much may wait for the reader before the socket is held back. A stream of text never gets there: what arrived
 * before a connection broke has to be read all the same, and what a held socket still holds would be lost.
 */
const mostWaitingBytes = 1_000_000;
const withoutBody = new Set([204, 205, 304]);

/**
 * The answer as a `Response`. Its body gives every byte that arrived, then ends, or errors with a `Failure` when the
 * connection broke. Cancelling it closes the connection.
 * @throws Failure `badResponse` for a status or a packing nobody knows.
 */
export function responseOf(answer: Answer, reading: Reading): Response {
  const { status } = answer;
  const { host } = reading.ends;
  if (status < 200 || status > 599) throw bad(host, `${host} answered with the status ${status}, which means nothing.`);
  const encoding = headerOf(answer, 'content-encoding').trim().toLowerCase();
  const decoder = decoderOf(encoding, host);
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    const isOfTheWire = decoder !== undefined && /^content-(encoding|length)$/.test(name);
    if (!isOfTheWire && value !== undefined) headers.set(name, [value].flat().join(', '));
  }
  const body = new Body(answer.body, decoder, reading);
  return new Response(withoutBody.has(status) ? null : body.stream, { status, headers });
}

/** A header's value; '' where there is none. */
export function headerOf({ headers }: Answer, name: string): string {
  return [headers[name] ?? ''].flat().join(', ');
}

type Decoder = ReturnType<typeof createUnzip> | ReturnType<typeof createBrotliDecompress>;

/** Servers pack although they are asked not to; a packed body that breaks off still gives what it can. */
function decoderOf(encoding: string, host: string): Decoder | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      throw bad(host, `${host} packed its answer in a way nobody asked for ("${encoding.slice(0, 40)}").`);
  }
}

/** One body on its way from the socket to the reader. */
class Body {
  readonly stream: ReadableStream<Uint8Array>;
  private readonly source: Readable;
  private readonly decoder: Decoder | undefined;
  private readonly reading: Reading;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private unpackedBytes = 0;
  private state: 'open' | 'ended' | Failure = 'open';
  /** What the socket died of, while the decoder still gives out what it has. */
  private broken: Failure | undefined;
  private wake: () => void = () => undefined;

  constructor(source: Readable, decoder: Decoder | undefined, reading: Reading) {
    this.source = source;
    this.decoder = decoder;
    this.reading = reading;
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.pull(controller), cancel: () => this.leave() },
      { highWaterMark: 0 },
    );
    if (decoder !== undefined) this.unpack(decoder);
    source.on('data', (chunk: Buffer) => this.arrived(chunk));
    source.on('end', () => this.sourceIsOver(undefined));
    source.on('error', (error) => this.sourceIsOver(cutShort(error, reading.ends)));
    source.on('close', () => this.sourceIsOver(cutShort(undefined, reading.ends)));
    if (source.destroyed) this.sourceIsOver(cutShort(source.errored, reading.ends)); // it broke together with its head
  }

  private arrived(chunk: Buffer): void {
    this.reading.onBytes(chunk.length);
    if (this.decoder === undefined) this.take(chunk);
    else if (!this.decoder.write(chunk)) this.source.pause();
  }

  private unpack(decoder: Decoder): void {
    const { host } = this.reading.ends;
    decoder.on('data', (chunk: Buffer) => this.take(chunk));
    decoder.on('drain', () => this.goOn());
    decoder.on('end', () => this.finish(this.broken));
    decoder.on('error', (cause) => {
      this.finish(
        new Failure('badResponse', `${host} sent an answer that cannot be unpacked.`, { cause, facts: { host } }),
      );
      this.source.destroy();
    });
  }

  private sourceIsOver(failure: Failure | undefined): void {
    if (this.state !== 'open' || this.broken !== undefined) return;
    if (this.decoder === undefined || failure?.kind === 'aborted') {
      this.finish(failure);
      this.decoder?.destroy();
    } else if (!this.decoder.writableEnded) {
      this.broken = failure;
      this.decoder.end();
    }
  }

  private take(chunk: Uint8Array): void {
    if (this.state !== 'open') return;
    const { mostBytes = Infinity, ends, onHold } = this.reading;
    this.unpackedBytes += chunk.length;
    if (this.unpackedBytes > mostBytes) {
      this.finish(
        bad(ends.host, `The answer of ${ends.host} has no end: more than ${Math.round(mostBytes / 1e6)} MB.`),
      );
      this.source.destroy();
      return;
    }
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    if (this.waitingBytes > mostWaitingBytes) {
      this.source.pause();
      onHold(true);
    }
    this.wake();
  }

  /** @param failure `undefined`: it ended well. */
  private finish(failure: Failure | undefined): void {
    if (this.state !== 'open') return;
    this.state = failure ?? 'ended';
    if (failure?.kind === 'aborted') this.waiting = []; // who stopped wants no more of it
    this.reading.onOver();
    this.wake();
  }

  private async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.waiting.length === 0 && this.state === 'open') {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const chunk = this.waiting.shift();
    if (chunk !== undefined) {
      this.waitingBytes -= chunk.length;
      this.goOn();
      controller.enqueue(chunk);
    } else if (this.state instanceof Failure) controller.error(this.state);
    else controller.close();
  }

  private goOn(): void {
    if (!this.source.isPaused() || this.waitingBytes > mostWaitingBytes / 2 || this.decoder?.writableNeedDrain) return;
    this.source.resume();
    this.reading.onHold(false);
  }

  private leave(): void {
    this.finish(undefined);
    this.waiting = [];
    this.source.destroy();
    this.decoder?.destroy();
  }
}

function bad(host: string, message: string): Failure {
  return new Failure('badResponse', message, { facts: { host } });
}

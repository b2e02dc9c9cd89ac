/**
 * An HTTP server that does what a test tells it to, on real sockets: it records every request and when its socket
 * closed, counts bytes for itself, and answers by a script, also in ways no real server would on command.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** Answers one request whose body has arrived. Doing nothing leaves it unanswered. */
export type Script = (request: ScriptedRequest, reply: Reply) => void | Promise<void>;

export interface ServerOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Listens on a Unix socket in place of a port. */
  readonly socketPath?: string;
  /** Speaks TLS with this certificate of test/support/fixtures; their authority is `testAuthority`, which nobody trusts. */
  readonly certificate?: 'server' | 'otherName' | 'expired';
}

/** What the server counted by itself; bodies only, as they went over the wire, without the framing of chunks. */
export interface ServerTally {
  readonly requests: number;
  readonly connections: number;
  readonly receivedBodyBytes: number;
  /** Handed to sockets; a reader that left early has received no more than this. */
  readonly sentBodyBytes: number;
}

const fixtures = join(import.meta.dirname, 'fixtures');

/** The certificate of the authority that signed the fixtures, PEM. */
export const testAuthority = readFileSync(join(fixtures, 'ca.pem'), 'utf8');

/** Starts a server; when it resolves, `url` can be asked. */
export async function startScriptedServer(script: Script = () => {}, options: ServerOptions = {}) {
  const server = new ScriptedServer(script, options);
  await server.listen();
  return server;
}

export class ScriptedServer {
  /** Every request so far, oldest first; recorded when its head arrived. */
  readonly requests: ScriptedRequest[] = [];
  /** Every connection so far, oldest first. */
  readonly connections: ScriptedConnection[] = [];
  private script: Script;
  private readonly options: ServerOptions;
  private readonly server: http.Server;
  private readonly waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  private sentBodyBytes = 0;
  private boundPort = 0;

  constructor(script: Script, options: ServerOptions) {
    this.script = script;
    this.options = options;
    const { certificate } = options;
    const pem = (kind: string): string => readFileSync(join(fixtures, `${certificate}.${kind}`), 'utf8');
    const onRequest = (incoming: http.IncomingMessage, outgoing: http.ServerResponse): void =>
      this.take(incoming, outgoing);
    this.server =
      certificate === undefined
        ? http.createServer(onRequest)
        : https.createServer({ key: pem('key'), cert: pem('pem') }, onRequest);
    // Below TLS too: "not one byte was sent" is said of the wire.
    this.server.on('connection', (socket: Socket) => this.connections.push(new ScriptedConnection(socket)));
    this.server.keepAliveTimeout = 60_000;
  }

  listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0, socketPath } = this.options;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      const onListening = (): void => {
        this.boundPort = socketPath === undefined ? (this.server.address() as AddressInfo).port : 0;
        resolve();
      };
      if (socketPath === undefined) this.server.listen(port, host, onListening);
      else this.server.listen(socketPath, onListening);
    });
  }

  /** Where it can be asked, without a slash at the end: `http://127.0.0.1:41234`, `unix:/tmp/a.sock`. */
  get url(): string {
    const { socketPath, certificate, host = '127.0.0.1' } = this.options;
    if (socketPath !== undefined) return `unix:${socketPath}`;
    return `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** Also after it was disposed, when nothing listens there any more. */
  get port(): number {
    return this.boundPort;
  }

  get tally(): ServerTally {
    return {
      requests: this.requests.length,
      connections: this.connections.length,
      receivedBodyBytes: this.requests.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
      sentBodyBytes: this.sentBodyBytes,
    };
  }

  /** The newest request. */
  get last(): ScriptedRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error('the server was asked nothing');
    return request;
  }

  /** From the next request on. */
  answerWith(script: Script): void {
    this.script = script;
  }

  /** Resolves with the request when so many have come in all; the first is 1. */
  async arrived(count: number): Promise<ScriptedRequest> {
    if (this.requests.length < count) await new Promise<void>((resolve) => this.waiters.push({ count, resolve }));
    return this.requests[count - 1] as ScriptedRequest;
  }

  /** Closes every connection at once and stops listening. */
  dispose(): void {
    this.server.close();
    for (const connection of this.connections) connection.destroy();
  }

  private take(incoming: http.IncomingMessage, outgoing: http.ServerResponse): void {
    const request = new ScriptedRequest(incoming);
    this.requests.push(request);
    for (const waiter of this.waiters.filter(({ count }) => count <= this.requests.length)) {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
    const reply = new Reply(outgoing, (bytes) => (this.sentBodyBytes += bytes));
    const answer = async (): Promise<void> => {
      await request.received;
      await this.script(request, reply);
    };
    // A client that left, or a script that is wrong: the client's side of the test says which.
    answer().catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))));
  }
}

/** One connection as the server sees it. */
export class ScriptedConnection {
  /** When it closed. */
  readonly closed: Promise<void>;
  isClosed = false;
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setMaxListeners(0); // each of its requests waits for its end
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
    socket.on('error', () => undefined); // resets are what tests do; `closed` tells
  }

  /** All bytes that arrived on it, TLS and heads included. */
  get receivedBytes(): number {
    return this.socket.bytesRead;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** One request as the server sees it. */
export class ScriptedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Names and values in turn, as they were spelt. */
  readonly rawHeaders: readonly string[];
  /** The port on the client's side: two requests with the same came over one connection. */
  readonly clientPort: number | undefined;
  /** Resolves when the body has arrived. */
  readonly received: Promise<void>;
  /** Resolves with `performance.now()` when its socket closed, whoever closed it. */
  readonly closed: Promise<number>;
  isClosed = false;
  bodyBytes = 0;
  private readonly chunks: Buffer[] = [];

  constructor(incoming: http.IncomingMessage) {
    this.method = incoming.method ?? '';
    this.path = incoming.url ?? '';
    this.headers = incoming.headers;
    this.rawHeaders = incoming.rawHeaders;
    this.clientPort = incoming.socket.remotePort;
    this.received = new Promise((resolve) => incoming.once('end', resolve));
    this.closed = new Promise((resolve) => {
      incoming.socket.once('close', () => {
        this.isClosed = true;
        resolve(performance.now());
      });
    });
    incoming.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.bodyBytes += chunk.length;
    });
    incoming.on('error', () => undefined); // `closed` tells
  }

  /** What arrived until now, as text. */
  get body(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** The body parsed; throws when it is no JSON. */
  get json(): Record<string, unknown> {
    return JSON.parse(this.body) as Record<string, unknown>;
  }
}

type Headers = Readonly<Record<string, string>>;

/** How one request is answered. */
export class Reply {
  private readonly outgoing: http.ServerResponse;
  private readonly count: (bodyBytes: number) => void;

  constructor(outgoing: http.ServerResponse, count: (bodyBytes: number) => void) {
    this.outgoing = outgoing;
    this.count = count;
  }

  json(status: number, value: unknown, headers: Headers = {}): Promise<void> {
    return this.text(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
  }

  async text(status: number, body: string | Buffer, headers: Headers = {}): Promise<void> {
    this.start(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
    await this.write(body);
    await this.end();
  }

  /** A whole stream of events; each a string as it is (`[DONE]`), or a value as JSON. */
  async sse(events: readonly unknown[], delayMs = 0): Promise<void> {
    this.start(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      if (delayMs > 0) await this.pause(delayMs);
      await this.event(event);
    }
    await this.end();
  }

  /** A whole stream of values, one JSON per line, as Ollama sends it. */
  async ndjson(values: readonly unknown[], delayMs = 0): Promise<void> {
    this.start(200, { 'content-type': 'application/x-ndjson' });
    for (const value of values) {
      if (delayMs > 0) await this.pause(delayMs);
      await this.write(`${JSON.stringify(value)}\n`);
    }
    await this.end();
  }

  redirect(status: number, location: string): Promise<void> {
    return this.text(status, 'Elsewhere.', { location });
  }

  /** The body packed, and said to be. */
  packed(how: 'gzip' | 'deflate' | 'br', body: string | Buffer, headers: Headers = {}): Promise<void> {
    const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[how];
    return this.text(200, pack(body), { 'content-encoding': how, ...headers });
  }

  /** Sends the head; `write`, `event` and `end` go on. */
  start(status: number, headers: Headers = {}): void {
    this.outgoing.writeHead(status, headers);
    this.outgoing.flushHeaders();
  }

  /** Sends a piece of the body; resolves when the socket took it. Throws when the client is gone. */
  write(chunk: string | Buffer): Promise<void> {
    this.count(Buffer.byteLength(chunk));
    return new Promise((resolve, reject) => {
      this.outgoing.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends one event; a string as it is, anything else as JSON. */
  event(value: unknown): Promise<void> {
    return this.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  }

  end(): Promise<void> {
    return new Promise((resolve) => this.outgoing.end(resolve));
  }

  /** Sends the first bytes of a body, then destroys the socket in the middle of it. */
  async cutAfter(bytes: number, body: string | Buffer, headers: Headers = {}): Promise<void> {
    this.start(200, { 'content-type': 'text/event-stream', ...headers });
    if (bytes > 0) await this.write(Buffer.from(body).subarray(0, bytes));
    this.cut();
  }

  /** Sends the first bytes of a body and ends it as if that were all. */
  async closeAfter(bytes: number, body: string | Buffer, headers: Headers = {}): Promise<void> {
    this.start(200, { 'content-type': 'text/event-stream', ...headers });
    if (bytes > 0) await this.write(Buffer.from(body).subarray(0, bytes));
    await this.end();
  }

  /** Destroys the socket. */
  cut(): void {
    this.outgoing.socket?.destroy();
  }

  /** Writes to the socket what stands here, HTTP or not, and leaves it open. */
  raw(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const { socket } = this.outgoing;
      if (!socket) reject(new Error('the client is gone'));
      else socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Writes to the socket byte by byte: a slow loris. */
  async drip(bytes: string | Buffer, delayMs = 1): Promise<void> {
    for (const byte of Buffer.from(bytes)) {
      await this.pause(delayMs);
      await this.raw(Buffer.of(byte));
    }
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

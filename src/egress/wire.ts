/**
 * The sockets: the only file that opens a connection. Requests are made by `http(s).request`, looked up on the module
 * at each call: inside VS Code's extension host that is the one road that honours the user's proxy settings and company
 * certificates and still takes addresses from us and shows where it led before a byte of the request is written.
 */
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Disposable } from '../base/store.ts';
import type { Call, WireRequest } from './call.ts';
import { isAddress, isLocalhost, isSameAddress } from './exposure.ts';
import { Elsewhere, networkFailure, stopped, tooSlow, type Ends } from './networkFailure.ts';
import type { Origin } from './origin.ts';
import type { Answer } from './response.ts';

/** Connecting (TCP, TLS, and before it the name) may take so long, ms; after that there is no limit in time. */
export const connectLimitMs = 10_000;
/** An idle connection is kept so long for the next request, ms. */
const idleMs = 30_000;

/** Our own connections, kept for the next request; ends them when disposed. */
export class Wire implements Disposable {
  private readonly clock: Clock;
  private readonly agents = {
    http: new http.Agent({ keepAlive: true, timeout: idleMs }),
    https: new https.Agent({ keepAlive: true, timeout: idleMs }),
  };

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Every address of a host. An address is its own, `localhost` is this computer without asking anybody.
   * @throws Failure `unreachable`, `aborted`.
   */
  lookUp({ host }: Origin, ends: Ends, signal: AbortSignal): Promise<readonly string[]> {
    if (isAddress(host)) return Promise.resolve([host]);
    if (isLocalhost(host)) return Promise.resolve(['127.0.0.1', '::1']);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(stopped()));
      const cancel = this.clock.schedule(connectLimitMs, () => settle(() => reject(tooSlow(ends, connectLimitMs))));
      const settle = (how: () => void): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        how();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else {
        dns.lookup(host, { all: true, order: 'verbatim' }, (error, found) => {
          settle(() => (error ? reject(networkFailure(error, ends)) : resolve(found.map(({ address }) => address))));
        });
      }
    });
  }

  /** Connects, checks where that led, and only then writes the request. */
  call(request: WireRequest): Call {
    return new OpenCall(request, this.clock, (isFresh) => this.begin(request, isFresh));
  }

  dispose(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private begin(request: WireRequest, isFresh: boolean): http.ClientRequest {
    const { origin, method, path, headers, addresses, isAgentless } = request;
    const { host, port, socketPath, isSecure } = origin;
    const place = socketPath === undefined ? { hostname: host, port } : { socketPath, hostname: 'localhost' };
    const options: https.RequestOptions = {
      ...place,
      method,
      path,
      headers: { ...headers },
      agent: isAgentless ? undefined : isFresh ? false : this.agents[isSecure ? 'https' : 'http'],
      ...(addresses === undefined || socketPath !== undefined ? {} : { lookup: pinnedTo(addresses) }),
    };
    // Said outright, because an environment variable can turn it off.
    return isSecure ? https.request({ ...options, rejectUnauthorized: true }) : http.request(options);
  }
}

/** One call from its connection to its answer's end. */
class OpenCall implements Call {
  readonly answer: Promise<Answer>;
  private readonly wanted: WireRequest;
  private readonly begin: (isFresh: boolean) => http.ClientRequest;
  private readonly cancelLimit: () => void;
  private readonly left: Promise<never>;
  private reject: (failure: Failure) => void = () => undefined;
  private request: http.ClientRequest | undefined;
  private incoming: http.IncomingMessage | undefined;
  private why: Failure | undefined;

  constructor(wanted: WireRequest, clock: Clock, begin: (isFresh: boolean) => http.ClientRequest) {
    this.wanted = wanted;
    this.begin = begin;
    this.left = new Promise<never>((_resolve, reject) => (this.reject = reject));
    this.left.catch(() => undefined); // it also fails the answer, where somebody waits
    this.cancelLimit = clock.schedule(connectLimitMs, () => this.leave(tooSlow(wanted.ends, connectLimitMs)));
    this.answer = this.run();
  }

  leave(failure: Failure): void {
    this.why ??= failure;
    this.cancelLimit();
    this.reject(failure);
    if (this.incoming === undefined) this.request?.destroy(failure);
    else this.incoming.destroy(failure);
  }

  private async run(): Promise<Answer> {
    try {
      const request = await this.connect();
      this.cancelLimit();
      this.wanted.onSend();
      // Noted in the event itself: what breaks the connection may stand in the same packet.
      const answered = answerTo(request, (incoming) => (this.incoming = incoming));
      request.end(this.wanted.body);
      const incoming = await Promise.race([answered, this.left]);
      const { statusCode = 0, headers } = incoming;
      return { status: statusCode, headers, body: incoming };
    } catch (error) {
      this.cancelLimit();
      this.request?.destroy();
      throw this.why ?? networkFailure(error, this.wanted.ends);
    }
  }

  /** Errors are told where they are waited for; but what is no HTTP any more would reach the body as a mere cut. */
  private spoilt(error: NodeJS.ErrnoException): void {
    if (error.code?.startsWith('HPE_')) this.incoming?.destroy(error);
  }

  /** A connection that leads where it was promised to. A kept one may be to an address the name has left since. */
  private async connect(): Promise<http.ClientRequest> {
    for (const isFresh of [false, true]) {
      if (this.why !== undefined) throw this.why;
      this.request = this.begin(isFresh);
      this.request.on('error', (error) => this.spoilt(error));
      const isRight = await Promise.race([leadsTo(this.request, this.wanted), this.left]);
      if (isRight) return this.request;
      this.request.destroy();
      if (!this.request.reusedSocket) break;
    }
    throw new Elsewhere(this.wanted.ends);
  }
}

/** Waits for the connection and says whether it leads where it should. Nothing of the request is written before. */
function leadsTo(request: http.ClientRequest, wanted: WireRequest): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('close', () => reject(new Error('closed')));
    request.once('socket', (socket: Socket) => {
      const check = (): void => resolve(isPromised(socket, wanted));
      // A handshake need not even begin with a machine that is not the right one.
      const checkEarly = (): void => {
        if (socket.remoteAddress !== undefined && !isPromised(socket, wanted)) resolve(false);
      };
      // Node has no public word for "the handshake is still to come" beside its event.
      if ((socket as TLSSocket & { secureConnecting?: boolean }).secureConnecting === true) {
        socket.once('connect', checkEarly);
        socket.once('secureConnect', check);
        checkEarly();
      } else if (socket.connecting) socket.once('connect', check);
      else check();
    });
  });
}

function isPromised({ remoteAddress, remotePort }: Socket, { origin, addresses }: WireRequest): boolean {
  if (addresses === undefined || origin.socketPath !== undefined) return true;
  if (remoteAddress === undefined || remotePort !== origin.port) return false;
  return addresses.some((address) => isSameAddress(address, remoteAddress));
}

function answerTo(
  request: http.ClientRequest,
  onAnswer: (incoming: http.IncomingMessage) => void,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', onAnswer);
    request.once('response', resolve);
    request.once('error', reject);
    request.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

/** A resolver that only knows these addresses. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (host, options, done) => {
    const wanted = all.filter(({ family }) => !options.family || options.family === family);
    const [first] = wanted;
    if (first === undefined) done(Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' }), []);
    else if (options.all === true) done(null, wanted);
    else done(null, first.address, first.family);
  };
}

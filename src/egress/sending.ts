/** Everything one passage sends goes through here: to its origin only, under our own headers, counted. */
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Route } from '../ledger/entry.ts';
import type { Send } from '../models/model.ts';
import type { Call, WireRequest } from './call.ts';
import { headersFor } from './headers.ts';
import { silent, stopped, type Ends } from './networkFailure.ts';
import { pathWithin, type Origin } from './origin.ts';
import { headerOf, responseOf, type Answer } from './response.ts';
import type { Hop } from './route.ts';
import { Silence } from './silence.ts';

/** Keys, each tied to the origin it was entered for. */
export interface Keys {
  keyFor(origin: string): Promise<string | undefined>;
  /** Whether the user agreed that this origin's key travels unencrypted over the private network. */
  mayUsePlainly(origin: string): boolean;
}

/** What one passage sends with. */
export interface SendingNeeds {
  readonly origin: Origin;
  readonly ends: Ends;
  readonly route: Route;
  readonly hop: Hop;
  /** See `WireRequest`. */
  readonly addresses: readonly string[] | undefined;
  readonly isAgentless: boolean;
  readonly auth: 'bearer' | 'api-key' | 'anthropic' | 'none';
  /** A file is fetched: it may be long, asked for in parts, and handed on by a redirect. */
  readonly isDownload: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly limits: () => { readonly silenceMs: number | undefined };
  readonly call: (request: WireRequest) => Call;
}

/** Bytes of bodies as they went over the wire. */
export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Whether a request was written at all. */
  readonly hasSent: boolean;
}

/** No answer of a model is longer. */
const mostAnswerBytes = 256_000_000;
const methods = ['GET', 'POST', 'HEAD'];

/** What one passage sends, and the connections it has open. */
export class Sending {
  private readonly needs: SendingNeeds;
  private readonly calls = new Map<Call, Silence>();
  private counted: Traffic = { sentBytes: 0, receivedBytes: 0, hasSent: false };
  private isEnded = false;
  private hasHeard = false;

  constructor(needs: SendingNeeds) {
    this.needs = needs;
  }

  /** Until now. */
  get traffic(): Traffic {
    return this.counted;
  }

  /** `fetch`-shaped. Throws `Failure`, and so does the body of what it gives; redirects are never followed. */
  readonly send: Send = async (input, init) => {
    const { origin, signal, auth } = this.needs;
    const asked = await askedFor(input, init);
    const path = pathWithin(origin, asked.url);
    if (path === undefined)
      throw this.refusal(`${asked.url.host} was not asked: this passage leads to ${origin.shown} only.`);
    if (!methods.includes(asked.method)) throw this.refusal(`Paddock does not send "${asked.method}".`);
    const key = auth === 'none' ? undefined : await this.needs.keys.keyFor(origin.id);
    if (this.isEnded) throw this.refusal(`The passage to ${origin.shown} is closed.`);
    if (signal.aborted || asked.signal?.aborted) throw stopped();
    if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) throw this.badKey();
    const isWithheld = key !== undefined && !this.mayCarryKey();
    const headers = headersFor({
      asked: asked.headers,
      path,
      bodyBytes: asked.body?.byteLength,
      mayAskRange: this.needs.isDownload,
      key: key === undefined || auth === 'none' || isWithheld ? undefined : { auth, value: key },
    });
    return this.exchange(asked, { path, headers, isWithheld });
  };

  /** The model has begun to answer: from now on silence has a limit, near by too. Only the first call counts. */
  heard(): void {
    if (this.hasHeard) return;
    this.hasHeard = true;
    for (const silence of this.calls.values()) silence.begin();
  }

  /** Closes every connection that is still open; nothing more is sent. */
  end(): void {
    this.isEnded = true;
    for (const call of this.calls.keys()) call.leave(stopped());
  }

  private async exchange({ method, body, signal }: Asked, { path, headers, isWithheld }: Head): Promise<Response> {
    const { origin, ends, addresses, isAgentless, route, clock, limits, isDownload } = this.needs;
    const silence = new Silence(clock, limits().silenceMs, (limitMs) => call.leave(silent(ends, limitMs)));
    const onSend = (): void => {
      this.count({ sentBytes: body?.byteLength ?? 0, hasSent: true });
      if (this.hasHeard || route.kind === 'internet') silence.begin();
    };
    const call = this.needs.call({ origin, ends, addresses, isAgentless, method, path, headers, body, onSend });
    const signals = [this.needs.signal, ...(signal === undefined ? [] : [signal])];
    const leave = (): void => call.leave(stopped());
    const onOver = (): void => {
      silence.dispose();
      for (const each of signals) each.removeEventListener('abort', leave);
      this.calls.delete(call);
    };
    this.calls.set(call, silence);
    for (const each of signals) each.addEventListener('abort', leave, { once: true });
    try {
      const answer = await call.answer;
      this.checkHead(answer, isWithheld);
      if (!isWaitedFor(answer)) silence.begin();
      return responseOf(answer, {
        ends,
        mostBytes: isDownload ? undefined : mostAnswerBytes,
        onBytes: (receivedBytes) => {
          this.count({ receivedBytes });
          silence.touch();
        },
        onHold: (isHeld) => silence.rest(isHeld),
        onOver,
      });
    } catch (error) {
      onOver();
      call.leave(stopped()); // of an answer that is refused, nothing is read
      throw error;
    }
  }

  private checkHead(answer: Answer, isWithheld: boolean): void {
    const { status } = answer;
    const { ends, isDownload } = this.needs;
    const { host } = ends;
    if (status >= 300 && status <= 399 && !(isDownload && status !== 304)) {
      const to = URL.parse(headerOf(answer, 'location'), `http://${host}`)?.host;
      const message = `${host} sends requests on to ${to ?? 'nowhere'}, where Paddock does not follow. Nothing was sent there.`;
      throw new Failure('badResponse', message, { facts: { host, status }, action: 'openSettings' });
    }
    if ((status === 401 || status === 403) && isWithheld) {
      const message =
        `${host} wants a key. It was not sent, because the connection is not encrypted and others could read it. ` +
        'Use an https address, or allow it for this server where the key is set.';
      throw new Failure('auth', message, { facts: { host, status }, action: 'setApiKey' });
    }
  }

  /** Over TLS, or where nobody else listens; unencrypted over the private network only when the user agreed. */
  private mayCarryKey(): boolean {
    const { origin, hop, keys } = this.needs;
    if (origin.isSecure || (hop.isKnown && hop.exposure === 'loopback')) return true;
    return hop.isKnown && hop.exposure === 'private' && keys.mayUsePlainly(origin.id);
  }

  private count(more: Partial<Traffic>): void {
    const { sentBytes, receivedBytes, hasSent } = this.counted;
    this.counted = {
      sentBytes: sentBytes + (more.sentBytes ?? 0),
      receivedBytes: receivedBytes + (more.receivedBytes ?? 0),
      hasSent: hasSent || more.hasSent === true,
    };
  }

  private refusal(message: string): Failure {
    return new Failure('denied', message, { facts: { host: this.needs.ends.host } });
  }

  private badKey(): Failure {
    const { host } = this.needs.ends;
    const message = `The key for ${host} has characters in it that no key has. Nothing was sent.`;
    return new Failure('auth', message, { facts: { host }, action: 'setApiKey' });
  }
}

/**
 * Whether this is the stream of an answer. Near by, its prompt may be read for many minutes before the first word, and
 * servers send bytes meanwhile that say no more than that they live: only the reader knows what a word is (`heard`).
 * Beyond, and for everything else, such as an error that is told at once, nobody waits that long in vain.
 */
function isWaitedFor(answer: Answer): boolean {
  return (
    answer.status < 400 && /^(text\/event-stream|application\/(x-)?ndjson)/i.test(headerOf(answer, 'content-type'))
  );
}

interface Head {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** There is a key, and it must not travel this way. */
  readonly isWithheld: boolean;
}

/** What a caller of `send` wants. */
interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
}

async function askedFor(input: string | URL | Request, init: RequestInit = {}): Promise<Asked> {
  const isRequest = input instanceof Request;
  const url = URL.parse(isRequest ? input.url : String(input));
  if (url === null) throw new Failure('requestInvalid', 'A request was made to what is no URL.');
  return {
    url,
    method: (init.method ?? (isRequest ? input.method : 'GET')).toUpperCase(),
    headers: new Headers(init.headers ?? (isRequest ? input.headers : undefined)),
    body: bytesOf(init.body ?? (isRequest ? await input.arrayBuffer() : undefined)),
    signal: init.signal ?? (isRequest ? input.signal : undefined),
  };
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof ArrayBuffer) return body.byteLength === 0 ? undefined : new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw new Failure('requestInvalid', 'Paddock sends text and bytes, nothing else.');
}

/** Whatever a server or the client library says when it does not answer becomes a `Failure` here. */
import { asFailure, Failure, isAbort, type FailureAction, type FailureFacts } from '../base/failure.ts';
import { at, defined, listAt, numberAt, parsed, textAt } from './json.ts';

/** What is known of the request that an answer belongs to. */
export interface Asked {
  /** For people: the server's host and port. */
  readonly host: string;
  /** What the server calls the model. Absent: no model was asked. */
  readonly model?: string;
  /** The texts that were sent: no message may show a piece of them. */
  readonly texts: readonly string[];
  /** Milliseconds since 1970, for servers that name a time of day. */
  readonly now: () => number;
}

/** The kinds of body a question can have. */
export type BodyKind = 'events' | 'lines' | 'json';

const contentTypes: Readonly<Record<BodyKind, RegExp>> = {
  events: /^text\/event-stream/i,
  lines: /^application\/(x-)?(nd)?json/i,
  json: /^application\/([\w.-]+\+)?json/i,
};
/** Of an error's body no more than this is read. */
const longestErrorBytes = 64 * 1024;

/** The response, when it is a good one with the kind of body asked for. Throws the `Failure` it stands for otherwise. */
export async function checked(response: Response, body: BodyKind, asked: Asked): Promise<Response> {
  if (!response.ok) {
    const { status, headers } = response;
    throw failureOf({ status, headers, body: await beginningOf(response) }, asked);
  }
  const type = response.headers.get('content-type') ?? '';
  if (contentTypes[body].test(type)) return response;
  // Some answer a streamed question with a plain JSON error and status 200.
  const text = await beginningOf(response);
  const error = at(parsed(text), 'error');
  if (error !== undefined) throw failureOfEvent(parsed(text), asked);
  const message = `${asked.host} did not answer as a model's server does. Check its address, and its kind.`;
  throw new Failure('badResponse', message, { action: 'switchProvider', facts: { host: asked.host, status: 200 } });
}

/** What a server said instead of an answer. */
export interface Refusal {
  /** `undefined`: it said so in the middle of a stream. */
  readonly status: number | undefined;
  readonly headers?: Headers;
  readonly body: string;
}

/** The failure an error response stands for. */
export function failureOf({ status, headers, body }: Refusal, asked: Asked): Failure {
  const value = parsed(body);
  const said = wordsOf(value);
  const retryAfterMs = headers && retryAfterOf(headers, value, asked.now());
  const { host } = asked;
  const facts: FailureFacts = { host, ...defined({ status, retryAfterMs }) };
  return failureFor(verdictOf(status ?? said.status, said, retryAfterMs), said, asked, facts);
}

/** The failure an error inside a stream stands for: `{"error": ...}` in any of its shapes. */
export function failureOfEvent(event: unknown, asked: Asked): Failure {
  return failureOf({ status: undefined, body: JSON.stringify(event) }, asked);
}

/** The failure behind what the client library or a connection threw before anything of the answer had come. */
export function failureOfThrown(error: unknown, signal: AbortSignal, { host }: Asked): Failure {
  if (signal.aborted) return new Failure('aborted', 'Stopped.', { cause: error });
  const failure = failureWithin(error);
  if (failure !== undefined) return failure;
  if (isAbort(error)) return asFailure(error, 'aborted');
  const options = { cause: error, facts: { host }, isPassing: true };
  return new Failure('unreachable', `The connection to ${host} did not last.`, options);
}

/** The `Failure` an error is, or was caused by. */
export function failureWithin(error: unknown): Failure | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth += 1) {
    if (inner instanceof Failure) return inner;
  }
  return undefined;
}

interface Words {
  /** The server's own sentence. */
  readonly message: string;
  /** Its codes and types, for matching. */
  readonly codes: string;
  /** A status that stands in the body. */
  readonly status: number | undefined;
  readonly usedTokens: number | undefined;
  readonly limitTokens: number | undefined;
}

/** The fields in which servers say what is wrong; no other field is ever shown. */
function wordsOf(value: unknown): Words {
  const whole = Array.isArray(value) ? (value as readonly unknown[])[0] : value; // Gemini wraps it in a list
  const error = at(whole, 'error') ?? whole;
  const behind = parsed(textAt(error, 'metadata', 'raw') ?? ''); // OpenRouter's, of the server behind it
  if (behind !== undefined) return wordsOf(behind);
  const message =
    textAt(error, 'message') ??
    (typeof error === 'string' ? error : undefined) ??
    textAt(whole, 'message') ??
    textAt(whole, 'detail') ??
    textAt(whole, 'detail', 0, 'msg') ??
    textAt(whole, 'message', 'detail', 0, 'msg') ??
    '';
  const codes = [at(error, 'code'), at(error, 'type'), at(error, 'status'), at(whole, 'type')]
    .concat(listAt(error, 'details').map((detail) => at(detail, 'reason')))
    .filter((code) => typeof code === 'string')
    .join(' ');
  const tokens = tokensIn(message);
  return {
    message,
    codes,
    status: numberAt(error, 'code') ?? statusOfCodes.find(([pattern]) => pattern.test(codes))?.[1],
    usedTokens: numberAt(error, 'n_prompt_tokens') ?? tokens?.used,
    limitTokens: numberAt(error, 'n_ctx') ?? tokens?.limit,
  };
}

/** An error inside a stream has no status; its type says as much. */
const statusOfCodes: readonly (readonly [RegExp, number])[] = [
  [/authentication|invalid_api_key|permission/i, 401],
  [/rate_limit/i, 429],
  [/not_found/i, 404],
  [/invalid_request/i, 400],
  [/overloaded|server_error|api_error|unavailable|internal/i, 500],
];

const spentWords = /insufficient_quota|billing|credit balance|insufficient balance/i;
const unsupportedWords =
  /not_supported_error|does not support (insert|generate|chat|completion)|(is|not) a chat model|infill is not supported/i;

function hasFailedItself(status: number | undefined): boolean {
  return status === undefined || status >= 500 || status === 408;
}

type Verdict =
  | 'quota'
  | 'auth'
  | 'rateLimited'
  | 'contextTooLong'
  | 'modelUnsupported'
  | 'modelMissing'
  | 'addressMissing'
  | 'failedItself'
  | 'requestInvalid';

/**
 * The order matters: "tokens per minute" is no context length, an account without money answers 429 too, and a bad key
 * at Google is a 400.
 */
function verdictOf(status: number | undefined, said: Words, retryAfterMs: number | undefined): Verdict {
  const { message, codes } = said;
  const words = `${codes} ${message}`;
  // Google says the same of what comes back in a minute, with the time.
  if (status === 402 || (retryAfterMs === undefined && spentWords.test(words))) return 'quota';
  if (status === 401 || status === 403 || /API_KEY_INVALID|invalid_api_key/.test(codes)) return 'auth';
  const isPerTime = /per[ -]?(minute|min|hour|day)|rate.?limit|\b[TR]P[MD]\b/i.test(words);
  if (status === 429 || (status === 413 && isPerTime)) return 'rateLimited';
  if (!isPerTime && isContextOverflow(said)) return 'contextTooLong';
  if (unsupportedWords.test(words)) return 'modelUnsupported';
  if (/model_not_found/.test(codes) || isAboutMissingModel(status, message)) return 'modelMissing';
  if (status === 404) return 'addressMissing';
  return hasFailedItself(status) ? 'failedItself' : 'requestInvalid';
}

function failureFor(verdict: Verdict, said: Words, asked: Asked, facts: FailureFacts): Failure {
  const { host, model = 'the model' } = asked;
  const fail = (kind: Failure['kind'], sentence: string, action: FailureAction = 'switchProvider'): Failure =>
    new Failure(kind, sentence, { action, facts });
  const passing = (kind: Failure['kind'], sentence: string): Failure =>
    new Failure(kind, sentence, { action: 'switchProvider', facts, isPassing: true });
  const status = facts.status === undefined ? '' : ` (${facts.status})`;
  const quote = quoted(said.message, asked);
  switch (verdict) {
    case 'quota':
      return fail('quota', `The account at ${host} has no allowance left.`);
    case 'auth':
      // What the server says about a key may repeat the key.
      return fail('auth', `${host} wants another key, or one at all.`, 'setApiKey');
    case 'rateLimited': {
      const { retryAfterMs } = facts;
      const when = retryAfterMs === undefined ? '' : ` It says to come back in ${Math.ceil(retryAfterMs / 1000)} s.`;
      return passing('rateLimited', `${host} takes no more requests for now.${when}`);
    }
    case 'contextTooLong':
      return contextTooLong(asked, said, facts);
    case 'modelUnsupported':
      return fail('modelUnsupported', `"${model}" cannot do this at ${host}.${quote}`);
    case 'modelMissing':
      return fail('modelMissing', `${host} has no model "${model}".`);
    case 'addressMissing':
      return fail('badResponse', `${host} has nothing at this address. Check it, and the server's kind.`);
    case 'failedItself':
      return passing('badResponse', `${host} failed${status}.${quote}`);
    case 'requestInvalid':
      return fail('requestInvalid', `${host} did not accept the request${status}.${quote}`);
  }
}

/**
 * The failure of a request that does not fit, before or after it was sent. Either number may be unknown.
 * @param numbers `isGuess`: nobody counted the request's tokens, and nothing was sent.
 */
export function contextTooLong(
  { host, model }: Pick<Asked, 'host' | 'model'>,
  { usedTokens, limitTokens, isGuess = false }: TokenNumbers,
  facts: FailureFacts = { host },
): Failure {
  const used = usedTokens === undefined ? 'too many tokens' : `${isGuess ? 'about ' : ''}${usedTokens} tokens`;
  const limit = limitTokens === undefined ? 'is shorter' : `holds ${limitTokens}`;
  const why = isGuess ? ' It was not sent: the server might drop its beginning and not say so.' : '';
  const sentence = `The request has ${used}; the context of "${model ?? 'the model'}" at ${host} ${limit}.${why}`;
  const numbers = defined({ limitTokens, ...(isGuess ? {} : { usedTokens }) });
  return new Failure('contextTooLong', sentence, { action: 'switchProvider', facts: { ...facts, ...numbers } });
}

interface TokenNumbers {
  readonly usedTokens: number | undefined;
  readonly limitTokens: number | undefined;
  readonly isGuess?: boolean;
}

function isContextOverflow({ codes, message }: Words): boolean {
  return (
    /context_length_exceeded|exceed_context_size/.test(codes) ||
    /context (length|window|size|limit)|prompt is too long|input token count|maximum model length/i.test(message)
  );
}

function isAboutMissingModel(status: number | undefined, message: string): boolean {
  const isMissing = /not found|not exist|no such|invalid model|unknown model|^model:/i.test(message);
  return (status === 404 || status === 400) && /model/i.test(message) && isMissing;
}

const count = String.raw`([\d,_]+)`;
/** How servers put both numbers; [pattern, which of its numbers is the request's]. Sources: test/providers/fixtures. */
const tokenSentences: readonly (readonly [RegExp, 'first' | 'second'])[] = [
  // llama-server
  [new RegExp(String.raw`request \(${count} tokens\) exceeds the available context size \(${count} tokens\)`), 'first'],
  // vLLM, OpenAI, DeepSeek, OpenRouter
  [new RegExp(String.raw`context length is ${count} tokens.*?for a total of at least ${count}`, 's'), 'second'],
  [
    new RegExp(String.raw`context length is ${count} tokens.*?(?:requested|resulted in|has)(?: about)? ${count}`, 's'),
    'second',
  ],
  [new RegExp(String.raw`limit of ${count} tokens.*?resulted in ${count} tokens`, 's'), 'second'],
  [new RegExp(String.raw`prompt \(length ${count}\) is longer than the maximum model length of ${count}`), 'first'],
  // Anthropic
  [new RegExp(String.raw`prompt is too long: ${count} tokens > ${count}`), 'first'],
  // Google
  [
    new RegExp(String.raw`input token count \(?${count}\)? exceeds the maximum number of tokens allowed \(?${count}`),
    'first',
  ],
  // Mistral
  [
    new RegExp(String.raw`[Pp]rompt contains ${count} tokens.*?model with ${count} maximum context length`, 's'),
    'first',
  ],
  // LM Studio
  [new RegExp(String.raw`first ${count} tokens when context.*?context length of only ${count} tokens`, 's'), 'first'],
];

function tokensIn(message: string): { readonly used: number; readonly limit: number } | undefined {
  for (const [pattern, which] of tokenSentences) {
    const [, first, second] = pattern.exec(message) ?? [];
    if (first === undefined || second === undefined) continue;
    const [one, other] = [first, second].map((digits) => Number(digits.replace(/[,_]/g, '')));
    if (one === undefined || other === undefined) continue;
    return which === 'first' ? { used: one, limit: other } : { used: other, limit: one };
  }
  return undefined;
}

/** When to come back, ms from now: a number of seconds, a date, or Google's field in the body (RFC 9110, 10.2.3). */
function retryAfterOf(headers: Headers, body: unknown, nowMs: number): number | undefined {
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (inMs >= 0) return Math.round(inMs);
  const after = headers.get('retry-after') ?? googleDelayOf(body);
  if (after === undefined) return undefined;
  if (/^\d+(\.\d+)?s?$/.test(after)) return Math.round(Number.parseFloat(after) * 1000);
  const atMs = Date.parse(after);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

function googleDelayOf(body: unknown): string | undefined {
  const whole = Array.isArray(body) ? (body as readonly unknown[])[0] : body;
  for (const detail of listAt(whole, 'error', 'details')) {
    const delay = textAt(detail, 'retryDelay');
    if (delay !== undefined) return delay;
  }
  return undefined;
}

const longestQuote = 200;
/** A message that shares so many characters in a row with the request may be repeating it. */
const echoLength = 8;

/** What the server said, as the end of a sentence of ours; nothing when it may repeat the request or a key. */
function quoted(message: string, { texts }: Asked): string {
  const words = plain(message.slice(0, 2 * longestQuote)); // a hostile server may say much
  const isSecret = /\b(sk|pk|gsk|key|bearer|AIza)[-_ :]?[\w*.-]{8,}/i.test(words);
  if (words === '' || isSecret || texts.some((text) => echoes(words, plain(text)))) return '';
  return ` It says: ${words.length > longestQuote ? `${words.slice(0, longestQuote)}...` : words}`;
}

function echoes(words: string, text: string): boolean {
  if (text.length < echoLength) return text !== '' && words.includes(text);
  for (let start = 0; start + echoLength <= words.length; start += 1) {
    if (text.includes(words.slice(start, start + echoLength))) return true;
  }
  return false;
}

/** One line, without what could draw something else than letters. */
function plain(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').trim();
}

/** The beginning of a body, as text; empty when it does not come. */
async function beginningOf(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  try {
    for (let bytes = 0; bytes < longestErrorBytes;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      bytes += value.length;
    }
  } catch {
    // The status alone has to do.
  }
  reader.cancel().catch(() => undefined); // nothing more is wanted from it
  return Buffer.concat(chunks).toString('utf8');
}

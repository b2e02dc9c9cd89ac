/** llama-server's and Ollama's own endpoints, which OpenAI's protocol has no words for. */
import { Failure } from '../base/failure.ts';
import type { Send, StopReason } from '../models/model.ts';
import { timingsOf, usageOfTimings } from './completionEvents.ts';
import { checked, failureOfEvent, type Asked } from './errors.ts';
import { at, defined, numberAt, parsed, textAt } from './json.ts';
import { eventsOf, linesOf } from './lines.ts';
import type { Piece } from './pieces.ts';
import { callPiecesOf } from './toolCalls.ts';

/** One question to a native endpoint. */
export interface NativeQuestion {
  /** The whole address. */
  readonly url: string;
  readonly body: object;
  readonly asked: Asked;
}

/** Asks llama-server's `/infill`, which streams events. Throws `Failure` when no stream begins. */
export async function* askLlamaServer(
  { url, body, asked }: NativeQuestion,
  send: Send,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  const response = await checked(await posted(url, body, send, signal), 'events', asked);
  for await (const data of eventsOf(linesOf(response, signal))) {
    const event = parsed(data);
    if (event === undefined) throw brokenOff(asked);
    yield at(event, 'error') === undefined ? pieceOfInfill(event) : { failure: failureOfEvent(event, asked) };
  }
}

/** Asks Ollama's `/api/generate` or `/api/chat`, which stream lines of JSON. Throws `Failure` when no stream begins. */
export async function* askOllama(
  { url, body, asked }: NativeQuestion,
  send: Send,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  const response = await checked(await posted(url, body, send, signal), 'lines', asked);
  for await (const line of linesOf(response, signal)) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value === undefined) throw brokenOff(asked);
    yield at(value, 'error') === undefined ? pieceOfOllama(value) : { failure: failureOfEvent(value, asked) };
  }
}

function posted(url: string, body: object, send: Send, signal: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept: '*/*' };
  return send(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** A line that is no JSON is the beginning of one: the connection ended in it. */
function brokenOff({ host }: Asked): Failure {
  const options = { facts: { host }, isPassing: true } as const;
  return new Failure('unreachable', `${host} broke off in the middle of its answer.`, options);
}

/** llama.cpp, tools/server/README.md, "POST /completion" and "POST /infill". */
function pieceOfInfill(event: unknown): Piece {
  const isEnd = at(event, 'stop') === true;
  return defined({
    text: textAt(event, 'content'),
    stop: isEnd ? stopOf(textAt(event, 'stop_type')) : undefined,
    usage: usageOfTimings(event),
    ...timingsOf(event),
    servedModel: isEnd ? textAt(event, 'model') : undefined,
  });
}

function stopOf(reason: string | undefined): Exclude<StopReason, 'cut'> {
  return reason === 'limit' || reason === 'length' ? 'maxTokens' : 'endOfText';
}

const nsPerS = 1e9;

/** Ollama, docs/api.md, "Generate a completion" and "Generate a chat completion". */
function pieceOfOllama(value: unknown): Piece {
  const isEnd = at(value, 'done') === true;
  return defined({
    text: textAt(value, 'response') ?? textAt(value, 'message', 'content'),
    reasoning: textAt(value, 'thinking') ?? textAt(value, 'message', 'thinking'),
    calls: callPiecesOf(at(value, 'message')),
    stop: isEnd ? stopOf(textAt(value, 'done_reason')) : undefined,
    usage: isEnd ? usageOfOllama(value) : undefined,
    prefillTokPerS: perSecond(value, 'prompt_eval_count', 'prompt_eval_duration'),
    decodeTokPerS: perSecond(value, 'eval_count', 'eval_duration'),
    servedModel: isEnd ? textAt(value, 'model') : undefined,
  });
}

function usageOfOllama(value: unknown): Piece['usage'] {
  const promptTokens = numberAt(value, 'prompt_eval_count');
  const completionTokens = numberAt(value, 'eval_count');
  if (promptTokens === undefined && completionTokens === undefined) return undefined;
  return {
    promptTokens: promptTokens ?? 0,
    cachedTokens: undefined,
    completionTokens: completionTokens ?? 0,
    source: 'provider',
  };
}

function perSecond(value: unknown, count: string, duration: string): number | undefined {
  const [tokens, ns] = [numberAt(value, count), numberAt(value, duration)];
  return tokens === undefined || ns === undefined || ns <= 0 ? undefined : (tokens * nsPerS) / ns;
}

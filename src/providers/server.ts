/** A model on a server as a provider: each request goes out the way the server's card says. */
import type { Clock } from '../base/clock.ts';
import { Failure, isAbort } from '../base/failure.ts';
import {
  textsOf,
  type ChatMessage,
  type ChatRequest,
  type Chunk,
  type InfillRequest,
  type ModelRequest,
  type OnProgress,
  type Provider,
  type Send,
  type ServedModel,
} from '../models/model.ts';
import {
  addressesOf,
  cardOf,
  hostOf,
  infillWayOf,
  ollamaContextTokens,
  ollamaKeepAlive,
  type Addresses,
  type Card,
} from './cards.ts';
import { messagesInOllama, messagesInOpenAi, toolFields, withoutTools } from './chatMessages.ts';
import { contextTooLong, type Asked } from './errors.ts';
import { codeFilter, noFilter, thinkFilter, type Filter } from './filters.ts';
import { infillPrompt, infillTokensOf } from './infillTokens.ts';
import { defined } from './json.ts';
import { askLlamaServer, askOllama } from './native.ts';
import { askInOpenAi } from './openai.ts';
import { chunksOf, type Piece } from './pieces.ts';
import { samplingOf } from './sampling.ts';
import type { KnownModel, Survey } from './survey.ts';

/** What a served model's provider needs. */
export interface ServerNeeds {
  /** What is known of the server; it is told when the server failed. */
  readonly survey: Pick<Survey, 'known' | 'forget'>;
  /** For speeds, for servers that name a time of day to come back, and for calls that a server gave no id. */
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'newId'>;
}

/** Speaks to one model on one server. */
export function serverProvider(model: ServedModel, { survey, clock }: ServerNeeds): Provider {
  return {
    sampling(request) {
      const call = { model, known: survey.known(model) ?? {} };
      const isChat = infillWayOf(cardFor(call), model.model, call.known.canInsert) === 'chat';
      return samplingOf(request, !(isChat && refusesTemperature(cardFor(call))));
    },
    async *stream(request, send, onProgress, signal) {
      const call: Call = { model, known: survey.known(model) ?? {}, send, signal, clock, onProgress };
      const leaving = new AbortController();
      try {
        for await (const chunk of answerOf({ ...call, signal: AbortSignal.any([signal, leaving.signal]) }, request)) {
          if (chunk.kind === 'end' && chunk.reason === 'cut') survey.forget(model.endpoint.baseUrl);
          yield chunk;
        }
      } catch (error) {
        if (signal.aborted) throw new Failure('aborted', 'Stopped.', { cause: error });
        if (!isAbort(error)) survey.forget(model.endpoint.baseUrl);
        throw error;
      } finally {
        leaving.abort(); // closes the connection of an answer that nobody reads any more
      }
    },
  };
}

/** Whether a model can call tools, as its server says, else as is known of everything a vendor offers. */
export function canCallTools(model: ServedModel, known: KnownModel = {}): boolean {
  return known.canCallTools ?? cardFor({ model, known }).chat.canCallTools ?? false;
}

/** One request to one model. */
interface Call {
  readonly model: ServedModel;
  readonly known: KnownModel;
  readonly send: Send;
  readonly signal: AbortSignal;
  readonly clock: ServerNeeds['clock'];
  readonly onProgress: OnProgress;
}

/** A request in a server's words. */
interface Phrased {
  readonly pieces: (asked: Asked) => AsyncIterable<Piece>;
  readonly filter: Filter;
  /** Everything of the user's that is sent. */
  readonly texts: readonly string[];
}

function answerOf(call: Call, request: ModelRequest): AsyncIterable<Chunk> {
  const { model, clock, signal, onProgress } = call;
  const { pieces, filter, texts } = request.kind === 'chat' ? chatOf(call, request) : infillOf(call, request);
  const asked: Asked = { host: hostOf(model.endpoint), model: model.model, texts, now: clock.now };
  refuseWhatIsTruncated(call, asked);
  const mayCall = request.kind === 'chat' && request.toolbox !== undefined;
  const { monotonicMs, newId } = clock;
  return chunksOf({ pieces: pieces(asked), filter, asked, mayCall, monotonicMs, newId, onProgress }, signal);
}

function chatOf(call: Call, asked: ChatRequest): Phrased {
  const card = cardFor(call);
  const request = canCallTools(call.model, call.known) ? asked : withoutTools(asked, call.model.name);
  const filter = card.chat.hasThinkTags ? thinkFilter() : noFilter();
  return { pieces: chatPieces(call, request), filter, texts: textsOf(request) };
}

/** Only the first window is asked about: a server reads fast, or it has its own cache of what it read. */
function infillOf(call: Call, request: InfillRequest): Phrased {
  const [window = { head: '', suffix: '' }] = request.windows;
  const { head, suffix } = window;
  const text: Surroundings = { head, line: window.line ?? request.line, suffix };
  const { maxTokens } = request;
  const texts = [text.head + text.line, text.suffix];
  const way = infillWayOf(cardFor(call), call.model.model, call.known.canInsert);
  if (way !== 'chat') return { pieces: infillPieces(call, text, maxTokens)[way], filter: noFilter(), texts };
  const messages = infillMessages(text);
  const temperature = refusesTemperature(cardFor(call)) ? {} : { temperature: 0 };
  const pieces = chatPieces(call, { kind: 'chat', messages, maxTokens, items: [], ...temperature });
  return { pieces, filter: codeFilter(text.line.split('\n').at(-1) ?? ''), texts };
}

interface Surroundings {
  readonly head: string;
  /** From the end of the head to the cursor. */
  readonly line: string;
  readonly suffix: string;
}

type Pieces = Phrased['pieces'];

function infillPieces(
  call: Call,
  text: Surroundings,
  maxTokens: number,
): Record<'fim' | 'suffix' | 'tokens' | 'llamaServer' | 'ollama', Pieces> {
  const { model, send, signal } = call;
  const { head, line, suffix } = text;
  const prefix = head + line;
  const { api, root } = addressesOf(model.endpoint);
  const common = { model: model.model, max_tokens: maxTokens, temperature: 0, stream: true };
  const inOpenAi =
    (url: string, body: object): Pieces =>
    (asked) =>
      askInOpenAi({ api, url, body: { ...common, ...body }, asked }, send, signal);
  const completions = completionsUrl(cardFor(call), { api, root });
  const usage = usageOptions(cardFor(call));
  const tokens = infillTokensOf(model.model);
  return {
    fim: inOpenAi(`${api}/fim/completions`, { prompt: prefix, suffix }),
    suffix: inOpenAi(completions, { prompt: prefix, suffix, ...usage }),
    tokens: inOpenAi(completions, {
      prompt: tokens === undefined ? prefix : infillPrompt(tokens, prefix, suffix),
      stop: tokens?.stops.slice(0, 4),
      ...usage,
    }),
    llamaServer: (asked) =>
      askLlamaServer({ url: `${root}/infill`, body: llamaInfill(text, maxTokens), asked }, send, signal),
    ollama: (asked) =>
      askOllama({ url: `${root}/api/generate`, body: ollamaGenerate(call, text, maxTokens), asked }, send, signal),
  };
}

/**
 * llama.cpp, tools/server/README.md, "POST /infill". It says that `prompt` stands after the middle token; seen in 0.7.0,
 * it ends the prefix, which is as good: models were trained so, and no word is broken at the cursor.
 */
function llamaInfill({ head, line, suffix }: Surroundings, maxTokens: number): object {
  return {
    input_prefix: head,
    prompt: line,
    input_suffix: suffix,
    n_predict: maxTokens,
    temperature: 0,
    samplers: ['temperature'],
    cache_prompt: true,
    timings_per_token: true,
    stream: true,
  };
}

/** Ollama knows how some models fill in text; of others we know the tokens. */
function ollamaGenerate(call: Call, { head, line, suffix }: Surroundings, maxTokens: number): object {
  const { model, known } = call;
  const tokens = known.canInsert === false ? infillTokensOf(model.model) : undefined;
  const prompt =
    tokens === undefined
      ? { prompt: head + line, suffix }
      : { prompt: infillPrompt(tokens, head + line, suffix), raw: true };
  const options = { ...ollamaOptions(call), num_predict: maxTokens, temperature: 0 };
  return { model: model.model, ...prompt, stream: true, keep_alive: ollamaKeepAlive, options };
}

/** A model that runs elsewhere has the context it has. */
function ollamaOptions({ known }: Call): { readonly num_ctx?: number } {
  return known.forwardsTo === undefined ? { num_ctx: known.contextTokens ?? ollamaContextTokens } : {};
}

function chatPieces(call: Call, request: ChatRequest): Pieces {
  const { model, send, signal } = call;
  const card = cardFor(call);
  const { api, root } = addressesOf(model.endpoint);
  const { maxTokens, temperature } = request;
  if (card.chat.isOllama) {
    refuseToForce(request, call);
    const messages = messagesInOllama(request.messages);
    const options = { ...ollamaOptions(call), ...defined({ num_predict: maxTokens, temperature }) };
    const common = { model: model.model, messages, stream: true, keep_alive: ollamaKeepAlive, options };
    const body = { ...common, ...toolFields(request) };
    return (asked) => askOllama({ url: `${root}/api/chat`, body, asked }, send, signal);
  }
  const body = {
    model: model.model,
    messages: messagesInOpenAi(request.messages),
    stream: true,
    ...usageOptions(card),
    ...toolFields(request),
    ...defined({ [card.chat.maxTokensField]: maxTokens, temperature }),
  };
  return (asked) => askInOpenAi({ api, url: `${api}/chat/completions`, body, asked }, send, signal);
}

/** Ollama leaves it to its models whether they call anything. */
function refuseToForce({ toolbox }: ChatRequest, { model }: Call): void {
  if (toolbox?.choice !== 'required') return;
  const message = `${model.name} was to call a tool in any case, which Ollama cannot have it do. Nothing was sent.`;
  throw new Failure('modelUnsupported', message, { action: 'switchProvider' });
}

/** What a card's server is asked to count. */
function usageOptions({ id, chat }: Card): object {
  if (!chat.canIncludeUsage) return {};
  const counts = { include_usage: true };
  // So that a request that is stopped has its counts.
  if (id === 'vllm') return { stream_options: { ...counts, continuous_usage_stats: true } };
  const progress = id === 'llamaServer' ? { timings_per_token: true, return_progress: true } : {};
  return { stream_options: counts, ...progress };
}

/** The card the user chose, or that of what was found where they could not say. */
function cardFor({ model, known }: Pick<Call, 'model' | 'known'>): Card {
  const { card } = model.endpoint;
  return cardOf(card === 'generic' ? (known.facts?.card ?? card) : card);
}

function completionsUrl(card: Card, { api }: Addresses): string {
  if (card.completionsPath === undefined) return `${api}/completions`;
  return new URL(card.completionsPath, api).href;
}

/** OpenAI's reasoning models accept no temperature but their own. */
function refusesTemperature({ chat }: Card): boolean {
  return chat.maxTokensField === 'max_completion_tokens';
}

/** The last resort: a chat model is asked for nothing but the missing text. */
function infillMessages({ head, line, suffix }: Surroundings): readonly ChatMessage[] {
  const system =
    'You complete code. The user shows a part of a file in which <CURSOR> marks a place. Answer with exactly the text ' +
    'that belongs there: no explanation, no code fence, nothing that stands before or after <CURSOR> already. ' +
    'Prefer to finish the line or the statement.';
  return [
    { role: 'system', text: system },
    { role: 'user', text: `${head}${line}<CURSOR>${suffix}` },
  ];
}

/** Code has about so many bytes per token, prose up to twice as many. */
const bytesPerToken = 3;

/**
 * These servers drop the beginning of a prompt that is too long and say nothing. Others refuse it by themselves, with
 * the true numbers. Nobody counts tokens here, so prose that would just have fitted is refused too; that is the lesser
 * evil, because the user sees a refusal, and would not see that the model never read their question's beginning. The
 * message says that it is a guess.
 */
function refuseWhatIsTruncated(call: Call, asked: Asked): void {
  const card = cardFor(call);
  if (card.id !== 'ollama' && card.id !== 'lmStudio') return;
  const limitTokens = card.id === 'ollama' ? ollamaOptions(call).num_ctx : call.known.contextTokens;
  const bytes = asked.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const usedTokens = Math.ceil(bytes / bytesPerToken);
  if (limitTokens === undefined || usedTokens <= limitTokens) return;
  throw contextTooLong(asked, { usedTokens, limitTokens, isGuess: true });
}

/** What may be asked, of whom, and what comes back: the seam every feature and every provider talks through. */
import type { Toolbox, ToolCall } from './tools.ts';

/** The two jobs a model is picked for. */
export type Role = 'completion' | 'chat';

/** One model that can be asked. */
export type Model = EmbeddedModel | ServedModel;

/** A model in this computer's own engine. */
export interface EmbeddedModel {
  /** Stable id, unique among providers: `embedded:/abs/path.gguf`. */
  readonly id: string;
  /** Short name for people: `SmolLM2 135M Instruct`. */
  readonly name: string;
  readonly provider: 'embedded';
  /** Absolute path of the GGUF file. */
  readonly file: string;
}

/** A model that a server holds, or says it holds. */
export interface ServedModel {
  /** Stable id: the endpoint's base URL, `#`, and the server's name for it. */
  readonly id: string;
  /** Short name for people. */
  readonly name: string;
  readonly provider: 'server';
  readonly endpoint: Endpoint;
  /** What the server calls it. */
  readonly model: string;
}

/** A server's API. */
export interface Endpoint {
  /** Where it begins, without a slash at the end: `https://api.openai.com/v1`, `unix:/run/llama.sock`. */
  readonly baseUrl: string;
  /** The endpoint card that says how it speaks; see `providers/cards`. */
  readonly card: CardId;
}

/** How a server speaks. `generic`: OpenAI's protocol and nothing more is known. */
export type CardId =
  | 'openai'
  | 'anthropic'
  | 'gemini'
  | 'mistral'
  | 'codestral'
  | 'azure'
  | 'deepseek'
  | 'groq'
  | 'openrouter'
  | 'together'
  | 'llamaServer'
  | 'ollama'
  | 'lmStudio'
  | 'vllm'
  | 'litellm'
  | 'generic';

/** `fetch`-shaped; bound to one passage of the gate, so it reaches that passage's origin only. Throws `Failure`. */
export type Send = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A view of one document around the cursor's line. Ends at line boundaries on both sides. */
export interface InfillWindow {
  /** Whole lines before `line`, ending with a line break unless empty. */
  readonly head: string;
  /** Text after the cursor, to a whole line's end; empty at the end of the document. */
  readonly suffix: string;
  /**
   * Set where the head ends a few lines above the cursor's: those lines and the cursor line's text before the cursor,
   * to be used in place of the request's `line`. It makes the view one that was read before those lines were typed.
   */
  readonly line?: string;
}

/** Asks for the text at the cursor. */
export interface InfillRequest {
  readonly kind: 'infill';
  /** The document's URI, for the ledger; never sent to a model. */
  readonly document: string;
  /**
   * One to four windows, best first. The provider answers from the first that it can have read within
   * `patienceMs`, else from the one that takes it the least time. All end at the cursor.
   */
  readonly windows: readonly InfillWindow[];
  /** The cursor line's text before the cursor; no line break. */
  readonly line: string;
  /** The cursor's line, from 1, for the ledger; never sent to a model. Absent: not told. */
  readonly cursorLine?: number;
  /** At most this many tokens come back; > 0. */
  readonly maxTokens: number;
  /** How long reading the prompt may take for a better window to be preferred, in ms. */
  readonly patienceMs: number;
}

/** Asks for the next turn of a conversation. */
export interface ChatRequest {
  readonly kind: 'chat';
  /** Oldest first; the last is the user's, or what a tool gave. */
  readonly messages: readonly ChatMessage[];
  /** What the model may call instead of answering. Absent: nothing. */
  readonly toolbox?: Toolbox;
  /** At most this many tokens come back; `undefined`: as many as the model likes. */
  readonly maxTokens?: number;
  /** 0..2; `undefined`: the model's own. */
  readonly temperature?: number;
  /** What of the user's is in the messages, for the ledger. */
  readonly items: readonly Item[];
}

/** One message as the model sees it. */
export type ChatMessage = SpokenMessage | ResultMessage;

/** What somebody said. */
export interface SpokenMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  /** What the model called after its text, in order; the assistant's only. Absent: nothing. */
  readonly calls?: readonly ToolCall[];
}

/** What came of one call. */
export interface ResultMessage {
  readonly role: 'tool';
  readonly text: string;
  /** Which call of an earlier message. */
  readonly callId: string;
}

/** Every text of a conversation that is sent, the tools' and their calls' among them. */
export function textsOf({ messages, toolbox }: Pick<ChatRequest, 'messages' | 'toolbox'>): readonly string[] {
  const tools = toolbox?.tools ?? [];
  return [
    ...messages.flatMap((message) => [message.text, ...callsOf(message).flatMap(callTexts)]),
    ...tools.flatMap(({ name, description, schemaJson }) => [name, description, schemaJson]),
  ];
}

/** What was called with a message. */
export function callsOf(message: ChatMessage): readonly ToolCall[] {
  return message.role === 'assistant' ? (message.calls ?? []) : [];
}

function callTexts({ name, argumentsJson }: ToolCall): readonly string[] {
  return [name, argumentsJson];
}

/** One document that went into a request; never its text. */
export interface Item {
  readonly uri: string;
  /** UTF-8 bytes of it that were handed over. */
  readonly bytes: number;
  /** The lines that were handed over, from 1, both included. Absent: all of it, or not told. */
  readonly lines?: readonly [first: number, last: number];
  /**
   * Where its text stands in a chat's messages, so that what is masked in it can be counted; never written down. Absent:
   * the request is of one document, or nobody told.
   */
  readonly place?: ItemPlace;
}

/** Part of one message, UTF-16 code units. */
export interface ItemPlace {
  /** Which of the request's messages. */
  readonly message: number;
  readonly start: number;
  readonly end: number;
}

export type ModelRequest = InfillRequest | ChatRequest;

/** Asks a model to read a window while nobody waits, so that the next request finds it read. Nothing comes back. */
export interface ReadAheadRequest {
  readonly kind: 'readAhead';
  /** The document's URI, for the ledger; never sent to a model. */
  readonly document: string;
  readonly window: InfillWindow;
  /** The cursor line's text before the cursor; no line break. */
  readonly line: string;
}

/** Tokens counted by whoever evaluated them. */
export interface Usage {
  /** Tokens of the whole prompt, reused ones included. */
  readonly promptTokens: number;
  /** Of these, how many had been read before and were not evaluated again. `undefined`: not told. */
  readonly cachedTokens: number | undefined;
  readonly completionTokens: number;
  /** Of the prompt's tokens, how many were written to the provider's cache. Absent: not told. */
  readonly cacheWriteTokens?: number;
  /** Of the completion's tokens, how many were spent on reasoning. Absent: not told. */
  readonly reasoningTokens?: number;
  /** What the server says it charged, integer nano-dollars. Absent: not told. */
  readonly billedNanoUsd?: number;
  /** Who counted. */
  readonly source: 'engine' | 'provider' | 'estimate';
}

/** How fast one request was. `undefined`: nothing to measure (no token evaluated, or stopped before). */
export interface Speed {
  /** From the request's start to its first text, ms. */
  readonly firstTokenMs: number | undefined;
  /** Prompt tokens evaluated per second. */
  readonly prefillTokPerS: number | undefined;
  /** Tokens generated per second after the first. */
  readonly decodeTokPerS: number | undefined;
}

/**
 * Why a stream ended. `cut`: the server went away or closed it without saying that it was done; what came is real, more
 * may be missing. `filtered`: the provider withheld the rest.
 */
export type StopReason = 'endOfText' | 'maxTokens' | 'cut' | 'filtered';

/** What streams back: what may be shown meanwhile, pieces, then exactly one `end` unless the reader leaves or the signal aborts. */
export type Chunk =
  /**
   * The passage is open and the request written down under this id; before anything else of that try, and again with
   * another id when it is tried again. Of asking, not of a provider: nothing of the answer has come.
   */
  | { readonly kind: 'opened'; readonly requestId: string }
  | { readonly kind: 'text'; readonly text: string }
  /**
   * The prompt is being read, so far that many of its tokens, those that need not be read again included. For showing
   * only: nothing of the answer has come, and what comes after may still fail as if nothing had.
   */
  | { readonly kind: 'reading'; readonly readTokens: number; readonly totalTokens: number }
  /** What the model thought before it answered; no part of the answer. */
  | { readonly kind: 'reasoning'; readonly text: string }
  /** The model calls a tool of the request's; whole, and after all text. What it calls is for whoever asked to do. */
  | ({ readonly kind: 'toolCall' } & ToolCall)
  | {
      readonly kind: 'end';
      readonly reason: StopReason;
      /** `undefined`: nobody told, which is not zero. */
      readonly usage: Usage | undefined;
      readonly speed: Speed;
      /** The model that answered, as the server calls it. Absent: not told. */
      readonly servedModel?: string;
    };

/** Whether something of the answer has come with it, its end included; what came before may still fail as if nothing had. */
export function isAnswer({ kind }: Chunk): boolean {
  return kind !== 'opened' && kind !== 'reading';
}

/**
 * Called while a request runs, so that one that ends early still has its counts. The last call holds. A model that is
 * stopped may have evaluated one chunk or token more than was told, so the counts of such a request are "at least".
 */
export type OnProgress = (usage: Usage, speed: Speed, sampling?: Sampling) => void;

/** How tokens are chosen; absent: as the model or the server has it. */
export interface Sampling {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** Of the likeliest token's chance. */
  readonly minP?: number;
  readonly seed?: number;
}

/** A conversation that was counted before it is sent. */
export interface Counted {
  readonly tokens: number;
  /** So many of them at the beginning would not be read again if it were sent now. */
  readonly heldTokens: number;
}

/** Speaks to one kind of server or engine. */
export interface Provider {
  /**
   * Streams the answer. Leaving the loop early or aborting stops the work within one prefill chunk or token and closes
   * the connection, and waits for nothing. Throws `Failure`.
   * @param send the passage's; our own engine has no use for it.
   */
  stream(request: ModelRequest, send: Send, onProgress: OnProgress, signal: AbortSignal): AsyncIterable<Chunk>;
  /**
   * Reads ahead; only providers whose model runs in this computer's own engine have it. A newer one takes its place.
   * Resolves when all of it is read. Throws `Failure`: `aborted` when stopped or replaced.
   */
  readAhead?(request: ReadAheadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<void>;
  /**
   * What the model's own tokenizer makes of a conversation; only providers have it that count without asking
   * anybody. `undefined`: no model is loaded, and none is for this. Throws `Failure` where a turn would.
   */
  count?(request: ChatRequest, signal: AbortSignal): Promise<Counted | undefined>;
  /** What the model will be told about choosing tokens. Absent: nobody says. */
  sampling?(request: ModelRequest): Sampling;
}

/** Why something is asked; recorded with every request. */
export interface Purpose {
  readonly role: Role;
  /**
   * The user pressed something; Paddock asked by itself while the user typed; it read ahead while nobody waited; another
   * extension, or VS Code's own chat, asked through VS Code.
   */
  readonly initiator: 'user' | 'automatic' | 'ahead' | 'extension';
  /** Id of the other extension, where VS Code tells it. */
  readonly extension?: string;
  /** Who was chosen when the user acted, and nobody else is asked. Absent: whoever is chosen when it is asked. */
  readonly modelId?: string;
}

/** Work that carries no question: finding out what a server is, what models it has, fetching a file. */
export interface Errand {
  readonly role: 'probe' | 'list' | 'download';
  readonly initiator: 'user' | 'automatic';
}

/** The one road to a model, as features are given it. Throws `Failure`; leaving early is safe. */
export type Ask = (purpose: Purpose, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Chunk>;

/** Reads ahead with the model picked for completions, where that can; an earlier reading ends. Never throws. */
export type ReadAhead = (request: ReadAheadRequest) => void;

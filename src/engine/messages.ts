/**
 * What the editor's side and the engine's child process say to each other.
 *
 * Plain JSON objects, one at a time, over any duplex stream; today the IPC channel of a forked child. Ids are
 * positive integers chosen by the editor's side. Nothing here may carry a type of the library behind the engine.
 */
import type { ChatRequest, Counted, InfillRequest, InfillWindow, Sampling, Speed, Usage } from '../models/model.ts';
import type { FailureAction, FailureFacts, FailureKind } from '../base/failure.ts';

/** Both sides say this first; a different number on the other side is refused. */
export const protocolVersion = 4;

/** Where the weights should run. */
export type DevicePreference = 'auto' | 'cpu' | 'gpu';

/** Editor -> engine. */
export type ToEngine =
  | { readonly type: 'hello'; readonly protocol: number }
  | {
      readonly type: 'load';
      /** Absolute path of the GGUF file. */
      readonly file: string;
      /** Tokens per sequence; always set, never left to the library. */
      readonly contextTokens: number;
      /** Documents (times windows) whose reading is kept at once; each costs a context of memory. */
      readonly sequences: number;
      /** Tokens a conversation can hold, or as many as the model was trained for. Takes memory only while there is one. */
      readonly chatContextTokens: number;
      /** How long that memory is kept after the last turn, ms; shorter while memory is short. */
      readonly chatIdleMs: number;
      readonly device: DevicePreference;
      /** Why the CPU is asked for although a GPU might be there: a GPU that failed before. A sentence. */
      readonly cpuReason?: string | undefined;
    }
  /** Answers `opened`: thread counts measured earlier; `plan` absent: measure. */
  | { readonly type: 'threads'; readonly plan?: ThreadPlan | undefined }
  | { readonly type: 'infill'; readonly id: number; readonly request: InfillRequest }
  /** The next turn of a conversation. Infill goes before it; a second one waits for the first to end. */
  | { readonly type: 'chat'; readonly id: number; readonly request: ChatOrder }
  /** How many tokens is this conversation? Nothing is read for it, and no other work waits. */
  | { readonly type: 'count'; readonly id: number; readonly request: CountOrder }
  /** Read this window at the lowest priority; replaced by the next one, pushed aside by any request. */
  | {
      readonly type: 'readAhead';
      readonly id: number;
      readonly window: InfillWindow;
      readonly line: string;
    }
  /** Stop request or reading `id`; always answered by its `end` or `failed`, once. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'bye' };

/** What of a chat request the engine works with; the rest is for the ledger. */
export type ChatOrder = Pick<ChatRequest, 'messages' | 'maxTokens' | 'temperature'>;

/** What of a chat request is counted. */
export type CountOrder = Pick<ChatRequest, 'messages'>;

/** How many threads read the prompt and how many generate; measured, never more than the cores. */
export interface ThreadPlan {
  readonly prefill: number;
  readonly decode: number;
}

/** What is known about a loaded model. */
export interface EngineFacts {
  /** `general.name` of the file, cleaned for people, or the file's name. */
  readonly modelName: string;
  /** `general.architecture`: `llama`, `qwen2`. */
  readonly architecture: string;
  readonly hasInfillTokens: boolean;
  readonly contextTokens: number;
  /** The file says how a conversation is written for it; without that it cannot chat. */
  readonly hasChatTemplate: boolean;
  /** Tokens one conversation can hold, the answer included. */
  readonly chatContextTokens: number;
  /** Where it runs: `CPU` or the GPU's name. */
  readonly device: string;
  /** Why it runs on the CPU, a sentence; absent on a GPU. */
  readonly cpuReason?: string | undefined;
  /** Layers on the GPU, of all layers. */
  readonly gpuLayers: number;
  readonly totalLayers: number;
  readonly threads: ThreadPlan;
  /** Measured after load; kept up to date with every request. */
  readonly prefillTokPerS: number;
  readonly decodeTokPerS: number;
  /** Size of the weights file. */
  readonly fileBytes: number;
  /** Time from `load` to `loaded`, ms, and of it the time to start the library. */
  readonly loadMs: number;
  readonly libraryStartMs: number;
}

/** Counts and speeds of one piece of work, as far as it got. */
export interface WorkReport {
  readonly usage: Usage;
  readonly speed: Speed;
  /** Index into the request's windows of the one that was answered from. */
  readonly window: number;
  /** How the engine chooses the tokens. Absent: not told, or no choice was made yet. */
  readonly sampling?: Sampling | undefined;
}

/** Why a piece of work ended: as a stream does, or it was cancelled, or everything asked for has been read. */
export type EndReason = 'endOfText' | 'maxTokens' | 'cancelled' | 'read';

/** Engine -> editor. */
export type FromEngine =
  | { readonly type: 'hello'; readonly protocol: number; readonly pid: number }
  /** The file is there: how long loading may take, and the key under which thread counts are remembered. */
  | { readonly type: 'opened'; readonly fileBytes: number; readonly threadsKey: string }
  /** A GPU is being started, which may hang; `device` ends it. */
  | { readonly type: 'gpuStarting'; readonly api: string }
  /** The GPU cannot be used; this process is of no use any more and is ended by the editor's side. */
  | {
      readonly type: 'gpuFailed';
      readonly reason: string;
      /** There is a GPU, and it did not work; false: there is none. */
      readonly wasFound: boolean;
    }
  /** The library is up and uses this device. */
  | { readonly type: 'device'; readonly name: string; readonly isGpu: boolean }
  /** Share of loading that is done, 0..1, at most 5 a second. */
  | { readonly type: 'loading'; readonly progress: number }
  /** `areThreadsTrusted`: the thread counts may be remembered; else too much else ran while they were measured. */
  | { readonly type: 'loaded'; readonly facts: EngineFacts; readonly areThreadsTrusted: boolean }
  | { readonly type: 'loadFailed'; readonly kind: FailureKind; readonly message: string }
  /** Text for the cursor or of the answer, in whole characters, and what has been counted up to here. */
  | { readonly type: 'text'; readonly id: number; readonly text: string; readonly report: WorkReport }
  /** What the model thinks before it answers, in whole characters. */
  | { readonly type: 'reasoning'; readonly id: number; readonly text: string; readonly report: WorkReport }
  /** How far a conversation has been read; what need not be read again counts as read. After each chunk. */
  | {
      readonly type: 'reading';
      readonly id: number;
      readonly readTokens: number;
      readonly totalTokens: number;
      readonly report: WorkReport;
    }
  /** Answers `count`. */
  | ({ readonly type: 'counted'; readonly id: number } & Counted)
  | { readonly type: 'end'; readonly id: number; readonly reason: EndReason; readonly report: WorkReport }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly kind: FailureKind;
      readonly message: string;
      /** Absent: there is nothing useful to press. */
      readonly action?: FailureAction | undefined;
      readonly facts?: FailureFacts | undefined;
    }
  /** The speeds as they are measured now; at most one for each request. */
  | { readonly type: 'speed'; readonly prefillTokPerS: number; readonly decodeTokPerS: number }
  | { readonly type: 'pong'; readonly id: number };

type Fields = Readonly<Record<string, 'string' | 'number' | 'boolean' | 'object'>>;

const toEngineFields: Readonly<Record<ToEngine['type'], Fields>> = {
  hello: { protocol: 'number' },
  load: {
    file: 'string',
    contextTokens: 'number',
    sequences: 'number',
    chatContextTokens: 'number',
    chatIdleMs: 'number',
    device: 'string',
  },
  threads: {},
  infill: { id: 'number', request: 'object' },
  chat: { id: 'number', request: 'object' },
  count: { id: 'number', request: 'object' },
  readAhead: { id: 'number', window: 'object', line: 'string' },
  cancel: { id: 'number' },
  ping: { id: 'number' },
  bye: {},
};

const fromEngineFields: Readonly<Record<FromEngine['type'], Fields>> = {
  hello: { protocol: 'number', pid: 'number' },
  opened: { fileBytes: 'number', threadsKey: 'string' },
  gpuStarting: { api: 'string' },
  gpuFailed: { reason: 'string', wasFound: 'boolean' },
  device: { name: 'string', isGpu: 'boolean' },
  loading: { progress: 'number' },
  loaded: { facts: 'object', areThreadsTrusted: 'boolean' },
  loadFailed: { kind: 'string', message: 'string' },
  text: { id: 'number', text: 'string', report: 'object' },
  reasoning: { id: 'number', text: 'string', report: 'object' },
  reading: { id: 'number', readTokens: 'number', totalTokens: 'number', report: 'object' },
  counted: { id: 'number', tokens: 'number', heldTokens: 'number' },
  end: { id: 'number', reason: 'string', report: 'object' },
  failed: { id: 'number', kind: 'string', message: 'string' },
  speed: { prefillTokPerS: 'number', decodeTokPerS: 'number' },
  pong: { id: 'number' },
};

/** The message, or `undefined` when its type is unknown or one of its own fields is missing or of another type. */
export function parseToEngine(value: unknown): ToEngine | undefined {
  return hasFields(value, toEngineFields) ? (value as ToEngine) : undefined;
}

/** As {@link parseToEngine}, for the other direction. */
export function parseFromEngine(value: unknown): FromEngine | undefined {
  return hasFields(value, fromEngineFields) ? (value as FromEngine) : undefined;
}

function hasFields(value: unknown, known: Readonly<Record<string, Fields>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const message = value as Record<string, unknown>;
  const fields = typeof message.type === 'string' && Object.hasOwn(known, message.type) && known[message.type];
  if (!fields) return false;
  return Object.entries(fields).every(([name, type]) => typeof message[name] === type && message[name] !== null);
}

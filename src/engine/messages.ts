/**
 * What the editor's side and the engine's child process say to each other.
 *
 * Plain JSON objects, one at a time, over any duplex stream; today the IPC channel of a forked child. Ids are
 * positive integers chosen by the editor's side. Nothing here may carry a type of the library behind the engine.
 */
import type { InfillRequest, InfillWindow, Speed, StopReason, Usage } from '../models/model.ts';
import type { FailureKind } from '../base/failure.ts';

/** Both sides say this first; a different number on the other side is refused. */
export const protocolVersion = 1;

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
      readonly device: DevicePreference;
      /** How long a GPU's start may take before the CPU is used, ms. */
      readonly gpuStartLimitMs: number;
      /** Thread counts measured earlier on this machine with this file; `undefined`: measure. */
      readonly threads: ThreadPlan | undefined;
    }
  | { readonly type: 'infill'; readonly id: number; readonly request: InfillRequest }
  /** Read this window at the lowest priority; replaced by the next one, pushed aside by any request. */
  | {
      readonly type: 'readAhead';
      readonly id: number;
      readonly document: string;
      readonly window: InfillWindow;
      readonly line: string;
    }
  /** Stop request or reading `id`; always answered by its `end` or `failed`, once. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'bye' };

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
  /** Where it runs, e.g. `CPU` or the GPU's name. */
  readonly device: string;
  /** Why it runs on the CPU, a sentence; `undefined` on a GPU. */
  readonly cpuReason: string | undefined;
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

/** Counts and speeds of one piece of work. */
export interface WorkReport {
  readonly usage: Usage;
  readonly speed: Speed;
  /** Index into the request's windows of the one that was answered from. */
  readonly window: number;
}

/** Engine -> editor. */
export type FromEngine =
  | { readonly type: 'hello'; readonly protocol: number; readonly pid: number }
  /** Share of loading that is done, 0..1, at most 5 a second. */
  | { readonly type: 'loading'; readonly progress: number }
  | { readonly type: 'loaded'; readonly facts: EngineFacts }
  | {
      readonly type: 'loadFailed';
      readonly kind: FailureKind;
      readonly message: string;
      readonly log: readonly string[];
    }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  | {
      readonly type: 'end';
      readonly id: number;
      readonly reason: StopReason | 'cancelled';
      readonly report: WorkReport;
    }
  | { readonly type: 'failed'; readonly id: number; readonly kind: FailureKind; readonly message: string }
  /** The speeds as they are measured now. */
  | { readonly type: 'speed'; readonly prefillTokPerS: number; readonly decodeTokPerS: number }
  | { readonly type: 'pong'; readonly id: number };

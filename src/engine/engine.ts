/** One model file in use passes through here: its engine starts when first needed and starts again after a crash. */
import type { Clock } from '../base/clock.ts';
import { Emitter, type Event } from '../base/emitter.ts';
import { Failure } from '../base/failure.ts';
import { withJitter } from '../base/jitter.ts';
import type { Log } from '../base/log.ts';
import type { Disposable } from '../base/store.ts';
import type { ChatRequest, Chunk, Counted, InfillRequest, OnProgress, ReadAheadRequest } from '../models/model.ts';
import type { EngineChild } from './child.ts';
import type { DevicePreference, EngineFacts } from './messages.ts';
import { EngineRun, type GpuFailure, type RunEnd, type ThreadMemory } from './run.ts';

/** Where an engine is in its life. */
export type EngineState =
  | { readonly kind: 'stopped' }
  /** `progress`: share of loading that is done, 0..1. */
  | { readonly kind: 'starting'; readonly progress: number }
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      /** Crashes in a row. */
      readonly attempts: number;
      /** It starts again by itself after so long; `undefined`: only when told to. */
      readonly retryInMs: number | undefined;
    };

/** How an engine is run. */
export interface EngineOptions {
  /** Tokens one sequence can hold; default 2048. */
  readonly contextTokens?: number;
  /** Tokens one conversation can hold, at most what the model was trained for; default 8192. */
  readonly chatContextTokens?: number;
  /** How long a conversation's memory is kept after its last turn, ms; default 600,000. Then it is read again. */
  readonly chatIdleMs?: number;
  /** Readings kept at once; default 2. */
  readonly sequences?: number;
  readonly device: DevicePreference;
  /** How long a GPU's start may take before the CPU is used, ms; default 10,000. */
  readonly gpuStartLimitMs?: number;
}

/** What an engine needs. */
export interface EngineNeeds {
  /** Absolute path of the GGUF file. */
  readonly file: string;
  readonly options: EngineOptions;
  /** Starts a child; see `forkEngine`. */
  readonly spawn: () => EngineChild;
  readonly clock: Clock;
  readonly log: Log;
  readonly threads: ThreadMemory;
}

const backoffMs = [500, 1_000, 2_000, 4_000, 8_000];
const crashWindowMs = 5 * 60_000;
const mostCrashes = 3;

/** The engine of one model file. Ends with `dispose`, which leaves no process behind. */
export class Engine implements Disposable {
  private readonly needs: EngineNeeds;
  private readonly states = new Emitter<EngineState>();
  private current: EngineState = { kind: 'stopped' };
  private run: EngineRun | undefined;
  private crashTimes: number[] = [];
  private attempts = 0;
  private gpuFailure: GpuFailure | undefined;
  private cancelRetry: () => void = () => undefined;
  private isDisposed = false;

  constructor(needs: EngineNeeds) {
    this.needs = needs;
  }

  get state(): EngineState {
    return this.current;
  }

  /**
   * Why the GPU that was to be used is not, a sentence; `undefined`: it works, none was to be used, or there is none and
   * nobody asked for one.
   */
  get gpuFailed(): string | undefined {
    return this.gpuFailure !== undefined && this.isMissed(this.gpuFailure) ? this.gpuFailure.reason : undefined;
  }

  readonly onDidChangeState: Event<EngineState> = (listener) => this.states.event(listener);

  /**
   * Streams text for the cursor. Starts the engine when needed and waits for it. An abort ends the wait at once and the
   * work within one prefill chunk or token. Leaving the loop early is safe and waits for nothing; the counts of the last
   * text have been given by then, and a last correction follows. Throws `Failure`.
   */
  async *infill(
    request: InfillRequest,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): AsyncGenerator<Chunk, void, void> {
    const run = await this.ready(signal);
    yield* run.infill(request, onProgress, signal);
  }

  /**
   * What the model makes of a conversation, and how much of that it holds. `undefined`: it is not loaded, and is not for this.
   * Throws `Failure` where {@link chat} would refuse the conversation, but not for its length.
   */
  async count(request: ChatRequest, signal: AbortSignal): Promise<Counted | undefined> {
    return this.current.kind === 'ready' ? this.run?.count(request, signal) : undefined;
  }

  /**
   * Streams the next turn of a conversation, like {@link infill}, which goes before it: first how far the conversation
   * has been read, then what the model thinks where it does so aloud, then the answer. What was read for an earlier turn
   * is not read again. Throws `Failure`: `contextTooLong` with both numbers, `modelUnsupported` for a model that was
   * not made for chat, `outOfMemory` when its context finds no room; completions go on in each case.
   */
  async *chat(request: ChatRequest, onProgress: OnProgress, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    const run = await this.ready(signal);
    yield* run.chat(request, onProgress, signal);
  }

  /**
   * Reads a window while nothing else is asked, so that the next request finds it read. A newer one takes its place.
   * Resolves when all of it is read. Throws `Failure`: `aborted` when stopped, replaced, or when the engine is not ready.
   */
  async readAhead(request: ReadAheadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
    const run = this.current.kind === 'ready' ? this.run : undefined;
    if (run === undefined) throw new Failure('aborted', 'Stopped.');
    await run.readAhead(request, onProgress, signal);
  }

  /** Loads the model when it never was; returns at once. */
  start(): void {
    if (this.current.kind === 'stopped' && !this.isDisposed) this.begin();
  }

  /** Ends what is running and starts afresh: crashes are forgotten, a GPU is tried again. */
  restart(): void {
    if (this.isDisposed) return;
    this.crashTimes = [];
    this.attempts = 0;
    this.gpuFailure = undefined;
    this.stop();
    this.begin();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.stop();
    this.enter({ kind: 'stopped' });
    this.states.dispose();
  }

  private stop(): void {
    this.cancelRetry();
    this.run?.dispose();
    this.run = undefined;
  }

  private begin(): void {
    const { file, options, spawn, clock, log, threads } = this.needs;
    this.run = new EngineRun({
      child: spawn(),
      order: {
        type: 'load',
        file,
        contextTokens: options.contextTokens ?? 2048,
        sequences: options.sequences ?? 2,
        chatContextTokens: options.chatContextTokens ?? 8192,
        chatIdleMs: options.chatIdleMs ?? 10 * 60_000,
        device: this.gpuFailure === undefined ? options.device : 'cpu',
        cpuReason: this.gpuFailure?.reason,
      },
      gpuStartLimitMs: options.gpuStartLimitMs ?? 10_000,
      threads,
      clock,
      log,
      onProgress: (progress) => this.enter({ kind: 'starting', progress }),
      onFacts: (facts) => this.didLearn(facts),
      onEnd: (end) => this.didEnd(end),
    });
    // Last: who hears it may restart or dispose, and must find the run that it ends.
    this.enter({ kind: 'starting', progress: 0 });
  }

  private didLearn(facts: EngineFacts): void {
    const isNew = this.current.kind !== 'ready';
    this.enter({ kind: 'ready', facts });
    if (!isNew) return;
    const layers = facts.gpuLayers > 0 ? `, ${facts.gpuLayers} of ${facts.totalLayers} layers` : '';
    this.needs.log.info(`Engine ready after ${facts.loadMs} ms: ${facts.modelName} on ${facts.device}${layers}.`);
  }

  private didEnd(end: RunEnd): void {
    this.run = undefined;
    const wasReady = this.current.kind === 'ready';
    if (end.kind === 'unusable') {
      this.needs.log.error(end.failure.message);
      return this.enter({ kind: 'failed', failure: end.failure, attempts: this.attempts, retryInMs: undefined });
    }
    if (end.kind === 'gpuFailed') return this.startOnCpu(end.gpu);
    this.needs.log.error(end.failure.message);
    const failed = (reason: string): GpuFailure => ({ reason: `${reason} ${end.failure.message}`, wasFound: true });
    if (end.wasOnGpu && !wasReady) return this.startOnCpu(failed('Starting on the GPU failed.'));
    if (end.wasOnGpu) this.gpuFailure = failed('It failed on the GPU.');
    this.startLater(end.failure);
  }

  /** In a new process: the one that tried the GPU is not to be trusted. */
  private startOnCpu(failure: GpuFailure): void {
    this.needs.log[this.isMissed(failure) ? 'warn' : 'info'](`The CPU is used: ${failure.reason}`);
    this.gpuFailure = failure;
    this.begin();
  }

  /** A machine without a GPU is nothing to tell anyone, unless a GPU was asked for. */
  private isMissed({ wasFound }: GpuFailure): boolean {
    return wasFound || this.needs.options.device === 'gpu';
  }

  private startLater(failure: Failure): void {
    const { clock } = this.needs;
    const nowMs = clock.monotonicMs();
    this.crashTimes = [...this.crashTimes.filter((time) => nowMs - time < crashWindowMs), nowMs];
    this.attempts = this.crashTimes.length === 1 ? 1 : this.attempts + 1;
    const attempts = this.attempts;
    if (this.crashTimes.length >= mostCrashes) {
      const message = `The engine crashed ${mostCrashes} times within five minutes. ${failure.message}`;
      const last = new Failure(failure.kind, message, { action: 'restartEngine', cause: failure });
      return this.enter({ kind: 'failed', failure: last, attempts, retryInMs: undefined });
    }
    const retryInMs = withJitter(backoffMs[attempts - 1] ?? backoffMs.at(-1) ?? 0, clock.newId());
    this.cancelRetry = clock.schedule(retryInMs, () => this.begin());
    this.enter({ kind: 'failed', failure, attempts, retryInMs });
  }

  private enter(state: EngineState): void {
    this.current = state;
    this.states.fire(state);
  }

  /** The run once it is ready. Throws the failure that keeps it from getting there, or `aborted`. */
  private ready(signal: AbortSignal): Promise<EngineRun> {
    if (signal.aborted || this.isDisposed) return Promise.reject(new Failure('aborted', 'Stopped.'));
    if (this.current.kind === 'stopped') this.start();
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        listening.dispose();
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = (): void => settle(() => reject(new Failure('aborted', 'Stopped.')));
      const look = (state: EngineState): void => {
        const run = this.run;
        if (state.kind === 'ready' && run !== undefined) settle(() => resolve(run));
        if (state.kind === 'failed' && state.retryInMs === undefined) settle(() => reject(state.failure));
        if (state.kind === 'stopped') onAbort();
      };
      const listening = this.states.event(look);
      signal.addEventListener('abort', onAbort, { once: true });
      look(this.current);
    });
  }
}

/** The memory a conversation is held in: taken when one begins, given back when nobody has talked for a while. */
import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { memoryOf } from './modelFile.ts';

/** What it is made from. */
export interface ChatContextNeeds {
  readonly model: Pick<LlamaModel, 'createContext' | 'fileInsights' | 'gpuLayers'>;
  /** Tokens a conversation can hold. */
  readonly contextTokens: number;
  readonly batchTokens: number;
  /** Threads it may use at most. */
  readonly threads: number;
  /** How long it is kept after the last use, ms. */
  readonly idleMs: number;
  /** Memory that is free, bytes; `undefined`: not known. */
  readonly freeBytes: () => number | undefined;
  readonly clock: Clock;
  /** Called when it is no longer worth its memory; `close` is to follow when no evaluation runs. */
  readonly whenIdle: () => void;
}

/** With less than this free, memory goes to others as soon as nobody talks: about what an editor's window takes. */
const leastFreeBytes = 512 * 1024 * 1024;
const longestCheckMs = 30_000;

/** At most one context with one sequence. It keeps what was read for as long as it is there. */
export class ChatContext {
  private readonly needs: ChatContextNeeds;
  private held: { readonly context: LlamaContext; readonly sequence: LlamaContextSequence } | undefined;
  private isInUse = false;
  private lastUseMs = 0;
  private cancelCheck: () => void = () => undefined;

  constructor(needs: ChatContextNeeds) {
    this.needs = needs;
  }

  /** What was read and is still there. */
  get heldTokens(): readonly number[] {
    return this.held?.sequence.contextTokens ?? [];
  }

  /** Takes it into use, until `leave`. Throws `Failure('outOfMemory')`, and leaves nothing behind then. */
  async enter(): Promise<LlamaContextSequence> {
    this.held ??= await this.created();
    this.cancelCheck();
    this.isInUse = true;
    return this.held.sequence;
  }

  /** What was read stays. Calling it twice is safe. */
  leave(): void {
    this.isInUse = false;
    this.lastUseMs = this.needs.clock.monotonicMs();
    this.checkLater();
  }

  /** Gives the memory back, unless somebody came back meanwhile. */
  async close(): Promise<void> {
    const { held } = this;
    if (held === undefined || this.isInUse) return;
    if (!this.isIdle()) return this.checkLater();
    this.held = undefined;
    await held.context.dispose();
  }

  private checkLater(): void {
    const { clock, idleMs, whenIdle } = this.needs;
    this.cancelCheck();
    if (this.held === undefined) return;
    this.cancelCheck = clock.schedule(Math.min(idleMs, longestCheckMs), () => {
      if (this.isIdle()) whenIdle();
      else this.checkLater();
    });
  }

  private isIdle(): boolean {
    const { clock, idleMs, freeBytes } = this.needs;
    const isLong = clock.monotonicMs() - this.lastUseMs >= idleMs;
    return isLong || (freeBytes() ?? Infinity) < leastFreeBytes;
  }

  private async created(): Promise<{ context: LlamaContext; sequence: LlamaContextSequence }> {
    const { model, contextTokens, batchTokens, threads, freeBytes } = this.needs;
    const options = { contextSize: contextTokens, sequences: 1, batchSize: batchTokens, swaFullCache: true };
    // Asked before, since a system that promises more memory than it has ends the whole process later.
    const { cpuRam } = await model.fileInsights.estimateContextResourceRequirementsV2({
      ...options,
      modelGpuLayers: model.gpuLayers,
    });
    const availableBytes = freeBytes();
    if (availableBytes !== undefined && cpuRam > availableBytes) throw outOfMemory(cpuRam, availableBytes);
    try {
      const context = await model.createContext({ ...options, threads, failedCreationRemedy: false });
      return { context, sequence: context.getSequence() };
    } catch (error) {
      // The library tells little more than that there is none; with these options nothing but memory can be missing.
      throw outOfMemory(undefined, undefined, error);
    }
  }
}

function outOfMemory(neededBytes: number | undefined, availableBytes: number | undefined, cause?: unknown): Failure {
  const message = `The conversation needs ${memoryOf(neededBytes, availableBytes)}.`;
  return new Failure('outOfMemory', `${message} Close other programs or choose a smaller model.`, {
    action: 'chooseModel',
    cause,
  });
}

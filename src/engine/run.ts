/** One child from its start to its end passes through here: handshake, loading, heartbeat, and the work it is given. */
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { ChatRequest, Chunk, Counted, InfillRequest, OnProgress, ReadAheadRequest } from '../models/model.ts';
import type { ChildExit, EngineChild } from './child.ts';
import {
  protocolVersion,
  type EngineFacts,
  type FromEngine,
  type ThreadPlan,
  type ToEngine,
  type WorkReport,
} from './messages.ts';

/** Thread counts measured earlier, by a key that names the machine and the file. */
export interface ThreadMemory {
  get(key: string): ThreadPlan | undefined;
  set(key: string, plan: ThreadPlan): void;
}

/** Why a child came to its end without being asked to. */
export type RunEnd =
  /** The file or the machine will not do; trying again changes nothing. */
  | { readonly kind: 'unusable'; readonly failure: Failure }
  /** The GPU will not do; the CPU may. */
  | { readonly kind: 'gpuFailed'; readonly gpu: GpuFailure }
  | { readonly kind: 'crashed'; readonly failure: Failure; readonly wasOnGpu: boolean };

/** Why a GPU is not used. */
export interface GpuFailure {
  /** A sentence. */
  readonly reason: string;
  /** There is a GPU, and it did not work; false: there is none. */
  readonly wasFound: boolean;
}

/** What one run needs. Its callbacks come in the order of a life: progress, ready, facts, end. */
export interface RunNeeds {
  readonly child: EngineChild;
  readonly order: Extract<ToEngine, { type: 'load' }>;
  readonly gpuStartLimitMs: number;
  readonly threads: ThreadMemory;
  readonly clock: Clock;
  readonly log: Log;
  readonly onProgress: (progress: number) => void;
  /** Called once loaded, and again whenever the facts change. */
  readonly onFacts: (facts: EngineFacts) => void;
  /** Called once, unless the run is disposed first. */
  readonly onEnd: (end: RunEnd) => void;
}

/** How long a start may stand still, and how much longer for the size of the file. */
const standstillLimitMs = 30_000;
const bytesPerExtraSecond = 100_000_000;
const pingEveryMs = 2_000;
const mostMissedPings = 3;

/** Answers to one piece of work, until its last. */
type Answer =
  | Extract<FromEngine, { type: 'text' | 'reasoning' | 'reading' | 'end' }>
  | { readonly type: 'failed'; readonly failure: Failure };

/** A living child. Disposing it kills the child; work that is under way then ends as stopped. */
export class EngineRun implements Disposable {
  private readonly needs: RunNeeds;
  private readonly store = new Store();
  private readonly answers = new Map<number, (answer: Answer) => void>();
  private readonly counts = new Map<number, (counted: Counted | Failure) => void>();
  private facts: EngineFacts | undefined;
  private threadsKey = '';
  private isOnGpu = false;
  private hasEnded = false;
  private nextId = 1;
  private missedPings = 0;
  private progress = 0;
  private startLimitMs = standstillLimitMs;
  private cancelStartTimer: () => void = () => undefined;
  private cancelGpuTimer: () => void = () => undefined;
  private cancelPing: () => void = () => undefined;

  constructor(needs: RunNeeds) {
    this.needs = needs;
    const { child } = needs;
    this.store.add(child.onMessage((message) => this.hear(message)));
    this.store.add(child.onNonsense(() => this.end(unusable('The engine sent a message this version does not know.'))));
    this.store.add(child.onExit((exit) => this.didExit(exit)));
    this.limitStart();
    child.send({ type: 'hello', protocol: protocolVersion });
  }

  /** Streams the answer; see `Engine.infill`. */
  infill(request: InfillRequest, onProgress: OnProgress, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    return this.stream((id) => ({ type: 'infill', id, request }), onProgress, signal);
  }

  /** Streams the answer; see `Engine.chat`. */
  chat(request: ChatRequest, onProgress: OnProgress, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    const { kind: _kind, items: _items, ...order } = request;
    return this.stream((id) => ({ type: 'chat', id, request: order }), onProgress, signal);
  }

  /** Reads ahead instead of what was being read ahead before; see `Engine.readAhead`. */
  async readAhead({ window, line }: ReadAheadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.hasEnded) throw aborted();
    const id = this.nextId++;
    const cancel = (): void => this.needs.child.send({ type: 'cancel', id });
    const last = new Promise<Answer>((resolve) => this.answers.set(id, resolve));
    signal.addEventListener('abort', cancel, { once: true });
    this.needs.child.send({ type: 'readAhead', id, window, line });
    const answer = await last;
    signal.removeEventListener('abort', cancel);
    if (answer.type === 'failed') throw answer.failure;
    onProgress(answer.report.usage, answer.report.speed);
    if (answer.type === 'end' && answer.reason === 'cancelled') throw aborted();
  }

  /** Counts; see `Engine.count`. An abort ends the wait. */
  async count({ messages }: ChatRequest, signal: AbortSignal): Promise<Counted> {
    if (signal.aborted || this.hasEnded) throw aborted();
    const id = this.nextId++;
    const answer = new Promise<Counted | Failure>((resolve) => this.counts.set(id, resolve));
    const onAbort = (): void => this.counted(id, aborted());
    signal.addEventListener('abort', onAbort, { once: true });
    this.needs.child.send({ type: 'count', id, request: { messages } });
    const counted = await answer;
    signal.removeEventListener('abort', onAbort);
    if (counted instanceof Failure) throw counted;
    return counted;
  }

  dispose(): void {
    if (this.hasEnded) return;
    this.finish(aborted());
    this.needs.child.send({ type: 'bye' });
    this.needs.child.kill();
  }

  private async *stream(
    orderWith: (id: number) => ToEngine,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): AsyncGenerator<Chunk, void, void> {
    if (signal.aborted || this.hasEnded) throw aborted();
    const id = this.nextId++;
    const queue = new AnswerQueue();
    const cancel = (): void => this.needs.child.send({ type: 'cancel', id });
    this.answers.set(id, (answer) => {
      if (answer.type !== 'failed') onProgress(answer.report.usage, answer.report.speed, answer.report.sampling);
      queue.add(answer);
    });
    signal.addEventListener('abort', cancel, { once: true });
    this.needs.child.send(orderWith(id));
    let isOver = false;
    try {
      while (!isOver) {
        const answer = await queue.next();
        isOver = isLast(answer);
        const chunk = chunkOf(answer, signal);
        if (chunk !== undefined) yield chunk;
      }
    } finally {
      signal.removeEventListener('abort', cancel);
      if (!isOver) cancel(); // the reader left: its last counts are there already, and a correction follows
    }
  }

  private hear(message: FromEngine): void {
    this.missedPings = 0;
    const { child, order, threads } = this.needs;
    switch (message.type) {
      case 'hello':
        if (message.protocol !== protocolVersion) return this.end(unusable('The engine is of another version.'));
        return child.send(order);
      case 'opened':
        this.threadsKey = message.threadsKey;
        this.startLimitMs = standstillLimitMs + (message.fileBytes / bytesPerExtraSecond) * 1000;
        this.limitStart();
        return child.send({ type: 'threads', plan: threads.get(message.threadsKey) });
      case 'gpuStarting':
        return this.didStartGpu(message.api);
      case 'gpuFailed':
        return this.end({ kind: 'gpuFailed', gpu: { reason: message.reason, wasFound: message.wasFound } });
      case 'device':
        this.isOnGpu = message.isGpu;
        return this.cancelGpuTimer();
      case 'loading':
        return this.didProgress(message.progress);
      case 'loaded':
        return this.didLoad(message);
      case 'loadFailed':
        return this.end({ kind: 'unusable', failure: loadFailureOf(message) });
      case 'speed':
        return this.didMeasure(message);
      case 'text':
      case 'reasoning':
      case 'reading':
      case 'end':
        return this.answer(message.id, message);
      case 'counted':
        return this.counted(message.id, { tokens: message.tokens, heldTokens: message.heldTokens });
      case 'failed': {
        const { id, kind, action, facts = {} } = message;
        const failure = new Failure(kind, message.message, { action, facts });
        this.counted(id, failure);
        return this.answer(id, { type: 'failed', failure });
      }
      case 'pong':
        return;
    }
  }

  private answer(id: number, answer: Answer): void {
    this.answers.get(id)?.(answer);
    if (isLast(answer)) this.answers.delete(id);
  }

  private counted(id: number, counted: Counted | Failure): void {
    this.counts.get(id)?.(counted);
    this.counts.delete(id);
  }

  private didStartGpu(api: string): void {
    const { clock, gpuStartLimitMs } = this.needs;
    this.isOnGpu = true;
    const seconds = Math.round(gpuStartLimitMs / 1000);
    const reason = `The GPU did not start within ${seconds} s (${api}).`;
    this.cancelGpuTimer = clock.schedule(gpuStartLimitMs, () =>
      this.end({ kind: 'gpuFailed', gpu: { reason, wasFound: true } }),
    );
  }

  private didProgress(progress: number): void {
    if (progress > this.progress) this.limitStart(); // a slow disk is slow, not broken
    this.progress = Math.max(this.progress, progress);
    this.needs.onProgress(progress);
  }

  private didLoad({ facts, areThreadsTrusted }: Extract<FromEngine, { type: 'loaded' }>): void {
    this.cancelStartTimer();
    if (areThreadsTrusted) this.needs.threads.set(this.threadsKey, facts.threads);
    this.facts = facts;
    this.needs.onFacts(facts);
    this.ping();
  }

  private didMeasure({ prefillTokPerS, decodeTokPerS }: Extract<FromEngine, { type: 'speed' }>): void {
    if (this.facts === undefined) return;
    this.facts = { ...this.facts, prefillTokPerS, decodeTokPerS };
    this.needs.onFacts(this.facts);
  }

  private ping(): void {
    const { clock, child } = this.needs;
    this.cancelPing = clock.schedule(pingEveryMs, () => {
      if (this.missedPings >= mostMissedPings)
        return this.end(this.crash('engineTimeout', 'The engine stopped answering.'));
      this.missedPings += 1;
      child.send({ type: 'ping', id: this.nextId++ });
      this.ping();
    });
  }

  /** From now on, a start may stand still for so long. */
  private limitStart(): void {
    this.cancelStartTimer();
    const message = `The engine did not get on with loading for ${Math.round(this.startLimitMs / 1000)} s.`;
    this.cancelStartTimer = this.needs.clock.schedule(this.startLimitMs, () =>
      this.end(this.crash('engineTimeout', message)),
    );
  }

  private didExit(exit: ChildExit): void {
    if (exit.startError !== undefined) return this.end(unusable(`The engine could not be started: ${exit.startError}`));
    if (isIllegalInstruction(exit)) {
      const message = 'This processor lacks instructions that the engine needs.';
      return this.end({ kind: 'unusable', failure: new Failure('cpuUnsupported', message, { action: 'showLog' }) });
    }
    // `ERR_MODULE_NOT_FOUND` for what a file imports, `MODULE_NOT_FOUND` for the file itself.
    const isIncomplete = this.facts === undefined && exit.errorLines.some((line) => line.includes('MODULE_NOT_FOUND'));
    if (isIncomplete) return this.end(unusable('Files of the engine are missing. Install Paddock again.'));
    this.end(this.crash('engineCrashed', crashMessage(exit)));
  }

  private crash(kind: 'engineCrashed' | 'engineTimeout', message: string): RunEnd {
    const failure = new Failure(kind, message, { action: 'restartEngine' });
    return { kind: 'crashed', failure, wasOnGpu: this.isOnGpu };
  }

  /** The child is of no use any more. Does not wait for its exit: one that hangs in a driver may never come. */
  private end(end: RunEnd): void {
    if (this.hasEnded) return;
    const failure =
      end.kind === 'gpuFailed'
        ? new Failure('engineCrashed', end.gpu.reason, { action: 'restartEngine' })
        : end.failure;
    this.finish(failure);
    this.needs.child.kill();
    this.needs.onEnd(end);
  }

  private finish(failure: Failure): void {
    this.hasEnded = true;
    this.cancelStartTimer();
    this.cancelGpuTimer();
    this.cancelPing();
    this.store.dispose();
    const open = [...this.answers.values()];
    this.answers.clear();
    for (const take of open) take({ type: 'failed', failure });
    for (const id of [...this.counts.keys()]) this.counted(id, failure);
  }
}

/** Answers that wait to be read by one reader. */
class AnswerQueue {
  private readonly waiting: Answer[] = [];
  private wake: () => void = () => undefined;

  add(answer: Answer): void {
    this.waiting.push(answer);
    this.wake();
  }

  async next(): Promise<Answer> {
    for (;;) {
      const answer = this.waiting.shift();
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

function isLast({ type }: Answer): boolean {
  return type === 'end' || type === 'failed';
}

/** `undefined`: nothing for the reader. Throws what ends the stream early. */
function chunkOf(answer: Answer, signal: AbortSignal): Chunk | undefined {
  if (signal.aborted) {
    if (!isLast(answer)) return undefined;
    throw aborted();
  }
  switch (answer.type) {
    case 'text':
    case 'reasoning':
      return { kind: answer.type, text: answer.text };
    case 'reading':
      return { kind: 'reading', readTokens: answer.readTokens, totalTokens: answer.totalTokens };
    case 'end':
      if (answer.reason === 'cancelled' || answer.reason === 'read') throw aborted();
      return endChunk(answer.reason, answer.report);
    case 'failed':
      throw answer.failure;
  }
}

function endChunk(reason: 'endOfText' | 'maxTokens', { usage, speed }: WorkReport): Chunk {
  return { kind: 'end', reason, usage, speed };
}

function aborted(): Failure {
  return new Failure('aborted', 'Stopped.');
}

function unusable(message: string): RunEnd {
  return { kind: 'unusable', failure: new Failure('engineMissing', message, { action: 'showLog' }) };
}

function loadFailureOf({ kind, message }: Extract<FromEngine, { type: 'loadFailed' }>): Failure {
  const isFile = kind !== 'engineMissing' && kind !== 'cpuUnsupported';
  return new Failure(kind, message, { action: isFile ? 'chooseModel' : 'showLog' });
}

/** SIGILL, or Windows' STATUS_ILLEGAL_INSTRUCTION. */
function isIllegalInstruction({ code, signal }: ChildExit): boolean {
  return signal === 'SIGILL' || code === 0xc000001d;
}

function crashMessage({ code, signal, errorLines }: ChildExit): string {
  const how = signal ?? `code ${code}`;
  const last = errorLines.at(-1)?.trim();
  const reason = signal === 'SIGKILL' ? 'it was stopped from outside, or the memory ran out' : last;
  return reason === undefined ? `The engine crashed (${how}).` : `The engine crashed (${how}): ${reason}`;
}

/** What a server streams, whatever its protocol, becomes the chunks of an answer here: measured, sifted, marked if cut. */
import { Failure, midStream } from '../base/failure.ts';
import type { Chunk, OnProgress, Speed, StopReason, Usage } from '../models/model.ts';
import { failureOfThrown, failureWithin, type Asked } from './errors.ts';
import type { Filter, Sifted } from './filters.ts';
import { defined } from './json.ts';
import { ToolCalls, type CallPiece } from './toolCalls.ts';

/** One event of a stream; what it does not carry is absent. */
export interface Piece {
  readonly text?: string;
  readonly reasoning?: string;
  /** What comes next of calls of tools. */
  readonly calls?: readonly CallPiece[];
  /** The server says why it stops. */
  readonly stop?: Exclude<StopReason, 'cut'>;
  /** The server says that nothing more comes, without a reason. */
  readonly isDone?: true;
  readonly usage?: Usage;
  /** As the server measured it. */
  readonly prefillTokPerS?: number;
  readonly decodeTokPerS?: number;
  readonly servedModel?: string;
  /** How far the prompt has been read. */
  readonly reading?: { readonly readTokens: number; readonly totalTokens: number };
  /** The server says that it failed. */
  readonly failure?: Failure;
}

/** What it takes to read one answer. */
export interface Reading {
  readonly pieces: AsyncIterable<Piece>;
  readonly filter: Filter;
  readonly asked: Asked;
  /** For speeds; the request started when this reading did. */
  readonly monotonicMs: () => number;
  /** Whether tools were offered; calls that nobody asked for are no part of an answer. */
  readonly mayCall: boolean;
  /** For calls without an id. */
  readonly newId: () => string;
  readonly onProgress: OnProgress;
}

/**
 * Reads an answer. One that ends without the server saying so is `cut`, by a connection that broke as by one that was
 * closed in good order; nothing of what came is lost or comes twice, but for a call of a tool that is not whole, which
 * nobody could follow. Throws `Failure` when it ended before anything came.
 */
export async function* chunksOf(reading: Reading, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
  const { filter, asked, onProgress } = reading;
  const measure = new Measure(reading.monotonicMs);
  const calls = new ToolCalls(reading);
  let end: { stop?: StopReason; servedModel?: string } = {};
  try {
    for await (const piece of reading.pieces) {
      if (piece.failure !== undefined) throw piece.failure;
      const called = reading.mayCall ? (piece.calls ?? []) : [];
      calls.push(called);
      end = { ...end, ...endingOf(piece, end.stop) };
      const chunks = chunksIn(piece, filter);
      measure.note(piece, { chunks, isCall: called.length > 0 });
      if (piece.usage !== undefined) onProgress(piece.usage, measure.speed());
      yield* chunks;
    }
  } catch (error) {
    if (signal.aborted) throw new Failure('aborted', 'Stopped.', { cause: error });
    const hasBroken = measure.hasBegun && !isTold(error);
    if (end.stop === undefined && !hasBroken) {
      const failure = failureOfThrown(error, signal, asked);
      // The beginning of a call is part of an answer, though nobody has been given it.
      throw calls.hasBegun ? midStream(failure) : failure;
    }
  }
  // The client library ends an aborted stream as if it were whole.
  if (signal.aborted) throw new Failure('aborted', 'Stopped.');
  if (end.stop === undefined && !measure.hasBegun) throw failureOfThrown(undefined, signal, asked);
  if (end.stop !== undefined) yield* lastChunks(end.stop, filter, calls);
  const { stop: reason = 'cut', ...rest } = end;
  yield { kind: 'end', reason, usage: measure.usage, speed: measure.speed(), ...rest };
}

function endingOf(piece: Piece, before: StopReason | undefined): { stop?: StopReason; servedModel?: string } {
  const stop = piece.stop ?? before ?? (piece.isDone ? 'endOfText' : undefined);
  return defined({ stop, servedModel: piece.servedModel });
}

function chunksIn({ text = '', reasoning = '', reading }: Piece, filter: Filter): readonly Chunk[] {
  const sifted = filter.push(text);
  const chunks = chunksOfSifted({ text: sifted.text, reasoning: reasoning + sifted.reasoning });
  return reading === undefined ? chunks : [{ kind: 'reading', ...reading }, ...chunks];
}

function chunksOfSifted({ text, reasoning }: Sifted): readonly Chunk[] {
  const thought: readonly Chunk[] = reasoning === '' ? [] : [{ kind: 'reasoning', text: reasoning }];
  return text === '' ? thought : [...thought, { kind: 'text', text }];
}

/** What an answer ends with that is whole. */
function* lastChunks(stop: StopReason, filter: Filter, calls: ToolCalls): Generator<Chunk, void, void> {
  yield* chunksOfSifted(filter.end());
  for (const call of calls.end(stop === 'maxTokens')) yield { kind: 'toolCall', ...call };
}

/** Told by the server itself, which is more than a connection that broke. */
function isTold(error: unknown): boolean {
  const kind = failureWithin(error)?.kind;
  return kind !== undefined && kind !== 'unreachable';
}

/** Times one answer. Made for one request. */
class Measure {
  usage: Usage | undefined;
  private readonly monotonicMs: () => number;
  private readonly startMs: number;
  private firstMs: number | undefined;
  private firstTextMs: number | undefined;
  private lastMs = 0;
  private prefillTokPerS: number | undefined;
  private decodeTokPerS: number | undefined;

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
    this.startMs = monotonicMs();
  }

  get hasBegun(): boolean {
    return this.firstMs !== undefined;
  }

  note(piece: Piece, { chunks, isCall }: { readonly chunks: readonly Chunk[]; readonly isCall: boolean }): void {
    const nowMs = this.monotonicMs();
    const isOutput = Boolean(piece.text) || Boolean(piece.reasoning) || isCall;
    if (isOutput) this.lastMs = nowMs;
    if (isOutput) this.firstMs ??= nowMs;
    if (isCall || chunks.some(({ kind }) => kind === 'text')) this.firstTextMs ??= nowMs;
    this.usage = piece.usage ?? this.usage;
    this.prefillTokPerS = piece.prefillTokPerS ?? this.prefillTokPerS;
    this.decodeTokPerS = piece.decodeTokPerS ?? this.decodeTokPerS;
  }

  /** The server's own measure where it has one, else what arrived over the time it took to arrive. */
  speed(): Speed {
    const { startMs, firstMs, firstTextMs, lastMs, usage, prefillTokPerS } = this;
    const tokensAfterFirst = (usage?.completionTokens ?? 0) - 1;
    const tookMs = firstMs === undefined ? 0 : lastMs - firstMs;
    const arrived = tokensAfterFirst > 0 && tookMs > 0 ? (tokensAfterFirst * 1000) / tookMs : undefined;
    return {
      firstTokenMs: firstTextMs === undefined ? undefined : firstTextMs - startMs,
      prefillTokPerS,
      decodeTokPerS: this.decodeTokPerS ?? arrived,
    };
  }
}

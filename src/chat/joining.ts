/** What streams in passes through here once per frame: text that comes faster than it can be drawn is put together. */
import type { Clock } from '../base/clock.ts';
import type { Chunk } from '../models/model.ts';

/** A chunk, or what was said since the last one. */
export type Piece =
  | Exclude<Chunk, { kind: 'text' | 'reasoning' }>
  | { readonly kind: 'said'; readonly text: string; readonly reasoning: string };

/** A frame of 60 a second, ms. */
const frameMs = 16;

/**
 * The same in the same order, but with text at most once per frame. Leaving early ends the stream behind it as well;
 * `stop` is called before, when the stream has to be woken for that. What had come before it fails still comes.
 */
export async function* joined(
  chunks: AsyncIterable<Chunk>,
  clock: Clock,
  stop: () => void,
): AsyncGenerator<Piece, void, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const said = new Said(clock);
  let next: Promise<Came> | undefined;
  try {
    for (;;) {
      next ??= iterator.next().then(cameWith, (error: unknown) => ({ kind: 'failed', error }));
      const came = await Promise.race([next, ...(said.isEmpty ? [] : [said.due()])]);
      if (came.kind !== 'due') next = undefined;
      const isMore = came.kind === 'chunk' && said.took(came.chunk);
      if (!said.isEmpty && !(isMore && said.isEarly)) yield said.all();
      if (came.kind === 'failed') throw came.error;
      if (came.kind === 'over') return;
      if (came.kind === 'chunk' && came.chunk.kind !== 'text' && came.chunk.kind !== 'reasoning') yield came.chunk;
    }
  } finally {
    said.dispose();
    if (next !== undefined) stop();
    await next;
    await iterator.return?.();
  }
}

type Came =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'due' };

function cameWith({ done, value }: IteratorResult<Chunk, unknown>): Came {
  return done === true ? { kind: 'over' } : { kind: 'chunk', chunk: value };
}

/** Text that has not been passed on yet. */
class Said {
  private readonly clock: Clock;
  private text = '';
  private reasoning = '';
  private passedOnMs = -Infinity;
  private waiting: Promise<Came> | undefined;
  private cancel: () => void = () => undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get isEmpty(): boolean {
    return this.text === '' && this.reasoning === '';
  }

  /** It is too early for the next frame. */
  get isEarly(): boolean {
    return this.clock.monotonicMs() - this.passedOnMs < frameMs;
  }

  /** Whether the chunk was text. */
  took(chunk: Chunk): boolean {
    if (chunk.kind === 'text') this.text += chunk.text;
    else if (chunk.kind === 'reasoning') this.reasoning += chunk.text;
    else return false;
    return true;
  }

  /** Resolves with the next frame. */
  due(): Promise<Came> {
    this.waiting ??= new Promise((resolve) => {
      const delayMs = Math.max(0, this.passedOnMs + frameMs - this.clock.monotonicMs());
      this.cancel = this.clock.schedule(delayMs, () => resolve({ kind: 'due' }));
    });
    return this.waiting;
  }

  all(): Piece {
    const { text, reasoning } = this;
    this.dispose();
    [this.text, this.reasoning, this.passedOnMs] = ['', '', this.clock.monotonicMs()];
    return { kind: 'said', text, reasoning };
  }

  dispose(): void {
    this.cancel();
    this.waiting = undefined;
  }
}

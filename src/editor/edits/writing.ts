/** What a model answers streams into an open edit here. */
import { asFailure, Failure } from '../../base/failure.ts';
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/store.ts';
import { replacementIn, type LinesInPlace } from '../../chat/editAnswer.ts';
import { Runaway, type Kept } from '../../chat/runaway.ts';
import type { Ask, ChatRequest, Chunk } from '../../models/model.ts';
import type { EditSession } from './session.ts';

/** What is needed to write. */
export interface WritingNeeds {
  readonly ask: Ask;
  readonly clock: Clock;
}

/** What is to be written into. */
export interface Writing {
  readonly session: EditSession;
  /** What the request is about. */
  readonly place: LinesInPlace;
  readonly request: ChatRequest;
  /** Who was named when it was asked for. */
  readonly modelId: string;
  /** What is going on, for people; called as it changes. */
  readonly say: (words: string) => void;
}

/** How an answer ended that can be reviewed. */
export interface Written {
  /** In the ledger, one for each try, oldest first; none: nothing was asked. */
  readonly requestIds: readonly string[];
  /** The answer broke off: what it did not reach is kept as it was. */
  readonly isCut: boolean;
}

/** The eye follows no more than some frames a second, ms. */
const frameMs = 80;

/**
 * Asks, and proposes the lines of the answer as they come. Stops when the edit ends, and a model that walks in circles.
 * @throws Failure; `badResponse` where the answer holds nothing that could replace the lines, stands for lines that it
 *   left out, or broke off before it changed one.
 */
export async function write(
  { ask, clock }: WritingNeeds,
  { session, place, request, say, modelId }: Writing,
  signal: AbortSignal,
): Promise<Written> {
  const stop = new AbortController();
  void session.ended.then(() => stop.abort());
  const progress = new Progress({ session, place, say, clock });
  const requestIds: string[] = [];
  try {
    const purpose = { role: 'chat', initiator: 'user', modelId } as const;
    for await (const chunk of ask(purpose, request, AbortSignal.any([signal, stop.signal]))) {
      if (chunk.kind === 'opened') requestIds.push(chunk.requestId);
      progress.take(chunk);
      // What walks in circles is left; what has ended comes to its end by itself.
      if (progress.end !== undefined && chunk.kind !== 'end') break;
    }
  } finally {
    progress.dispose();
  }
  const found = replacementIn(progress.answer, place, progress.end === 'whole');
  if (found === undefined) throw bad('holds nothing that could stand in place of the lines');
  if (found.leavesOut) throw bad('has a comment in place of lines that it left out');
  session.propose(found.lines, found.isWhole);
  if (!found.isWhole && session.hunks.length === 0) throw bad('broke off before it changed anything');
  return { requestIds, isCut: !found.isWhole };
}

interface ProgressParts {
  readonly session: EditSession;
  readonly place: LinesInPlace;
  readonly say: (words: string) => void;
  readonly clock: Clock;
}

class Progress implements Disposable {
  answer = '';
  /** How it ended; `undefined`: it has not, or nobody said. */
  end: 'whole' | 'cut' | undefined;
  private readonly parts: ProgressParts;
  private readonly runaway = new Runaway();
  private cancelFrame: (() => void) | undefined;
  private said = '';

  constructor(parts: ProgressParts) {
    this.parts = parts;
  }

  take(chunk: Chunk): void {
    const { clock } = this.parts;
    switch (chunk.kind) {
      case 'reading':
        return this.say(
          `$(loading~spin) Reading ${Math.round((100 * chunk.readTokens) / Math.max(1, chunk.totalTokens))} %`,
        );
      case 'reasoning':
        return this.say('$(loading~spin) Thinking…');
      case 'text':
        if (this.answer === '') this.say('$(loading~spin) Writing…');
        this.add(this.runaway.push(chunk.text));
        this.cancelFrame ??= clock.schedule(frameMs, () => this.draw());
        return;
      case 'opened':
      case 'toolCall':
        return;
      case 'end':
        this.add({ text: this.runaway.rest() });
        this.end = chunk.reason === 'endOfText' ? 'whole' : 'cut';
    }
  }

  dispose(): void {
    this.cancelFrame?.();
    this.cancelFrame = undefined;
  }

  /** Many chunks say the same, and each time all that is shown would be drawn anew. */
  private say(words: string): void {
    if (words === this.said) return;
    this.said = words;
    this.parts.say(words);
  }

  private add({ text, end }: Kept): void {
    this.answer += text;
    if (end?.kind === 'looped') this.answer = this.answer.slice(0, end.keptChars);
    if (end !== undefined) this.end = end.kind === 'looped' ? 'cut' : 'whole';
  }

  private draw(): void {
    const { session, place } = this.parts;
    this.cancelFrame = undefined;
    const found = replacementIn(this.answer, place, false);
    if (found !== undefined) session.propose(found.lines, found.isWhole);
  }
}

/** @param what of the answer, in the middle of a sentence. */
function bad(what: string): Failure {
  const message = `The model’s answer ${what}. Nothing was changed. Say it in other words, or switch to another model.`;
  return new Failure('badResponse', message, { action: 'switchProvider' });
}

/** Whether it is worth telling: stopping is not, nor what came after the edit had ended. */
export function failureOf(error: unknown, session: EditSession): Failure | undefined {
  const failure = asFailure(error, 'unexpected', 'showLog');
  return failure.kind === 'aborted' || session.state === 'ended' ? undefined : failure;
}

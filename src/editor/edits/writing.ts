/** What a model answers streams into an open edit here. */
import { asFailure, Failure } from '../../base/failure.ts';
import type { Clock } from '../../base/clock.ts';
import { replacementIn } from '../../chat/edit.ts';
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
  readonly request: ChatRequest;
  /** Who was named when it was asked for. */
  readonly modelId: string;
  /** What is going on, for people; called as it changes. */
  readonly say: (words: string) => void;
}

/** How an answer ended that can be reviewed. */
export interface Written {
  /** In the ledger; `undefined`: nothing was asked. */
  readonly requestId: string | undefined;
  /** The answer broke off: what it did not reach is kept as it was. */
  readonly isCut: boolean;
}

/** The eye follows no more than some frames a second, and each is a whole document for VS Code, ms. */
const frameMs = 80;

/**
 * Asks, and proposes the lines of the answer as they come. Stops when the edit ends.
 * @throws Failure; `badResponse` where the answer holds nothing that could replace the lines, or broke off before it changed one.
 */
export async function write(
  { ask, clock }: WritingNeeds,
  { session, request, say, modelId }: Writing,
  signal: AbortSignal,
): Promise<Written> {
  const stop = new AbortController();
  void session.ended.then(() => stop.abort());
  const progress = new Progress({ session, say, clock });
  let requestId: string | undefined;
  let isCut = false;
  try {
    const purpose = { role: 'chat', initiator: 'user', modelId } as const;
    for await (const chunk of ask(purpose, request, AbortSignal.any([signal, stop.signal]))) {
      if (chunk.kind === 'opened') requestId = chunk.requestId;
      if (chunk.kind === 'end') isCut = chunk.reason !== 'endOfText';
      progress.take(chunk);
    }
  } finally {
    progress.end();
  }
  const lines = replacementIn(progress.answer, session.oldLines, !isCut);
  if (lines === undefined) throw noCode();
  session.propose(lines, !isCut);
  if (isCut && session.hunks.length === 0) throw brokenOff();
  return { requestId, isCut };
}

class Progress {
  answer = '';
  private readonly parts: {
    readonly session: EditSession;
    readonly say: (words: string) => void;
    readonly clock: Clock;
  };
  private cancelFrame: (() => void) | undefined;

  constructor(parts: Progress['parts']) {
    this.parts = parts;
  }

  take(chunk: Chunk): void {
    const { say, clock } = this.parts;
    switch (chunk.kind) {
      case 'reading':
        return say(
          `$(loading~spin) Reading ${Math.round((100 * chunk.readTokens) / Math.max(1, chunk.totalTokens))} %`,
        );
      case 'reasoning':
        return say('$(loading~spin) Thinking…');
      case 'text':
        if (this.answer === '') say('$(loading~spin) Writing…');
        this.answer += chunk.text;
        this.cancelFrame ??= clock.schedule(frameMs, () => this.draw());
        return;
      case 'opened':
      case 'end':
        return;
    }
  }

  end(): void {
    this.cancelFrame?.();
    this.cancelFrame = undefined;
  }

  private draw(): void {
    const { session } = this.parts;
    this.cancelFrame = undefined;
    const lines = replacementIn(this.answer, session.oldLines, false);
    if (lines !== undefined) session.propose(lines, false);
  }
}

function noCode(): Failure {
  const message = 'The model answered, but with nothing that could stand in place of the lines. Nothing was changed.';
  return new Failure('badResponse', message, { action: 'switchProvider' });
}

function brokenOff(): Failure {
  const message = 'The answer broke off before it changed anything. Select less, or switch to another model.';
  return new Failure('badResponse', message, { action: 'switchProvider' });
}

/** Whether it is worth telling: stopping is not, nor what came after the edit had ended. */
export function failureOf(error: unknown, session: EditSession): Failure | undefined {
  const failure = asFailure(error, 'unexpected', 'showLog');
  return failure.kind === 'aborted' || session.state === 'ended' ? undefined : failure;
}

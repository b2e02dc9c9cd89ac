/** "Try again?" is answered here: when the same request may be sent once more, and when typing should not ask at all. */
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { withJitter } from '../base/jitter.ts';

/** A request is sent so often at most, the first time included. */
const mostTries = 3;
const backoffMs = [500, 1_500];
/** A server that asks for more patience than this is not waited for: the user decides. */
const longestWaitMs = 20_000;

/** How long to wait before the same is sent again, ms; `undefined`: it is not. @param tries made so far. */
export function retryDelayMs(failure: Failure, tries: number, clock: Clock): number | undefined {
  if (!failure.isPassing || failure.phase === 'midStream' || tries >= mostTries) return undefined;
  const { retryAfterMs } = failure.facts;
  if (retryAfterMs !== undefined && retryAfterMs > longestWaitMs) return undefined;
  // Never earlier than asked for, and not at the moment at which everybody comes who was told the same.
  return withJitter(retryAfterMs ?? backoffMs[tries - 1] ?? 0, clock.newId());
}

/**
 * Remembers which models just failed, so that typing does not send the user's code again and again to a server that
 * refuses it. What the user asks for is always tried.
 */
export class Rests {
  private readonly clock: Clock;
  private readonly byModel = new Map<string, { readonly failure: Failure; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The failure a model rests after; `undefined`: it may be asked. */
  of(modelId: string): Failure | undefined {
    const rest = this.byModel.get(modelId);
    return rest !== undefined && this.clock.monotonicMs() < rest.untilMs ? rest.failure : undefined;
  }

  note(modelId: string, failure: Failure): void {
    const restMs = restMsAfter(failure);
    if (restMs > 0) this.byModel.set(modelId, { failure, untilMs: this.clock.monotonicMs() + restMs });
  }

  /** Forgets one model's failure, or all of them: something changed that may mend them. */
  end(modelId?: string): void {
    if (modelId === undefined) this.byModel.clear();
    else this.byModel.delete(modelId);
  }
}

function restMsAfter({ kind, facts }: Failure): number {
  switch (kind) {
    case 'auth':
    case 'quota':
    case 'tls':
    case 'modelMissing':
      return 60_000;
    case 'rateLimited':
      return facts.retryAfterMs ?? 10_000;
    case 'unreachable':
    case 'badResponse':
      return 5_000;
    default:
      return 0; // nothing was sent, or the next request is another one
  }
}

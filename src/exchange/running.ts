/** "What is being asked now, and for how long?" is answered here; the user can stop it. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import { onEnd, Store, type Disposable } from '../base/store.ts';
import { isAnswer, type Ask, type Purpose, type Role } from '../models/model.ts';

/** A request this long is worth a clock, ms. */
export const longMs = 3_000;
const tickMs = 1_000;

interface Request {
  readonly purpose: Purpose;
  readonly startedMs: number;
  readonly abort: AbortController;
}

/** The requests of one window, each from its first try to its last. */
export class Running implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly succeeded = this.store.add(new Emitter<{ readonly role: Role }>());
  private readonly clock: Clock;
  private readonly requests = new Set<Request>();
  private cancelTick: (() => void) | undefined;

  /** Fires while a request runs long, every second, and after the last of these ended. */
  readonly onDidChange = this.changed.event;
  /** Fires after a request was answered, to its end or as far as the reader wanted. */
  readonly onDidSucceed = this.succeeded.event;
  /** Asks, and keeps count. */
  readonly ask: Ask;

  constructor({ ask, clock }: { readonly ask: Ask; readonly clock: Clock }) {
    this.clock = clock;
    this.ask = this.counting(ask);
    this.store.add(onEnd(() => this.cancelTick?.()));
  }

  /** How long the oldest request has run, ms; `undefined`: none runs. */
  get elapsedMs(): number | undefined {
    const [oldest] = this.requests;
    return oldest && this.clock.monotonicMs() - oldest.startedMs;
  }

  /** Stops every request; their readers are told that they were stopped. */
  stop(): void {
    for (const { abort } of [...this.requests]) abort.abort();
  }

  dispose(): void {
    this.stop();
    this.store.dispose();
  }

  private counting(inner: Ask): Ask {
    const begin = this.begin.bind(this);
    const succeeded = this.succeeded;
    return async function* ask(purpose, request, signal) {
      const running = begin(purpose);
      let isAnswered = false;
      try {
        const signals = AbortSignal.any([signal, running.abort.signal]);
        for await (const chunk of inner(purpose, request, signals)) {
          isAnswered ||= isAnswer(chunk);
          yield chunk;
        }
        isAnswered = true;
      } catch (error) {
        isAnswered = false;
        throw error;
      } finally {
        running.dispose();
        if (isAnswered) succeeded.fire({ role: purpose.role });
      }
    };
  }

  private begin(purpose: Purpose): { readonly abort: AbortController } & Disposable {
    const request: Request = { purpose, startedMs: this.clock.monotonicMs(), abort: new AbortController() };
    this.requests.add(request);
    this.cancelTick ??= this.clock.schedule(longMs, () => this.tick());
    return { abort: request.abort, ...onEnd(() => this.end(request)) };
  }

  private end(request: Request): void {
    const wasLong = (this.elapsedMs ?? 0) >= longMs;
    this.requests.delete(request);
    if (this.requests.size > 0) return;
    this.cancelTick?.();
    this.cancelTick = undefined;
    if (wasLong) this.changed.fire();
  }

  /** The one timer there is, and only while something runs. */
  private tick(): void {
    const { elapsedMs } = this;
    if (elapsedMs === undefined) return;
    const isLong = elapsedMs >= longMs;
    this.cancelTick = this.clock.schedule(isLong ? tickMs : longMs - elapsedMs, () => this.tick());
    if (isLong) this.changed.fire();
  }
}

/** Time and chance pass through here, so that tests can hold them. */

/** The clock that rooms are given. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds from a fixed point, never going back; for durations. */
  monotonicMs(): number;
  /** Runs `run` once after `delayMs`; call what it gives back to cancel. */
  schedule(delayMs: number, run: () => void): () => void;
  /** A new random id: 32 lower-case hex digits. */
  newId(): string;
}

/** The machine's own clock. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref?.();
    return () => clearTimeout(timer);
  },
  newId: () => globalThis.crypto.randomUUID().replaceAll('-', ''),
};

/** Waiting passes through here. */
import type { Clock } from './clock.ts';
import { Failure } from './failure.ts';

/** Resolves after `delayMs`. Throws `Failure('aborted')` as soon as the signal aborts. */
export function pause(clock: Pick<Clock, 'schedule'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Failure('aborted', 'Stopped.'));
      return;
    }
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      cancel();
      reject(new Failure('aborted', 'Stopped.'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Long work passes through here in short stretches, so that whoever types meanwhile does not wait for it. */
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';

/** One stretch, ms: less than a frame. */
const stretchMs = 12;

/** Does the work step by step to its end, at once, and gives back what it comes to. */
export function atOnce<Value>(work: Generator<unknown, Value, void>): Value {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does the work in stretches between which everything else has its turn. Aborting ends it before the next stretch, and
 * what it has open is closed. Throws what the work throws, and `Failure('aborted')`.
 * @param onStretch called after each stretch with what the work's last step told.
 */
export async function inTurns<Step, Value>(
  work: Generator<Step, Value, void>,
  {
    clock,
    onStretch,
  }: { readonly clock: Pick<Clock, 'monotonicMs' | 'schedule'>; readonly onStretch?: (step: Step) => void },
  signal?: AbortSignal,
): Promise<Value> {
  let isDone = false;
  try {
    for (;;) {
      const untilMs = clock.monotonicMs() + stretchMs;
      let step = work.next();
      while (step.done !== true && clock.monotonicMs() < untilMs) step = work.next();
      isDone = step.done === true;
      if (step.done === true) return step.value;
      onStretch?.(step.value);
      await pause(clock, 0, signal);
    }
  } finally {
    if (!isDone) work.return(undefined as Value);
  }
}

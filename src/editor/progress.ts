/** What takes a while is shown here, with a way to stop it. */
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';

/** `vscode.ProgressLocation.Notification`, which is no value outside VS Code. */
export const inNotification = 15;

/** What is there sooner is not worth a message that comes and goes. */
const shownAfterMs = 400;

/** What it is shown with. */
export interface WatchNeeds {
  readonly window: Pick<typeof vscode.window, 'withProgress'>;
  readonly clock: Pick<Clock, 'schedule'>;
}

/**
 * Does some work and, where it is not done soon, says so until it is; stopping it there aborts its signal.
 * @param title as `Paddock: doing this…`.
 * @returns what the work gives back; throws what it throws.
 */
export async function watched<Value>(
  { window, clock }: WatchNeeds,
  title: string,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController();
  const working = work(stop.signal);
  const cancelShowing = clock.schedule(shownAfterMs, () => {
    void window.withProgress({ location: inNotification, title, cancellable: true }, async (_progress, cancelled) => {
      cancelled.onCancellationRequested(() => stop.abort());
      await working.catch(() => undefined); // whoever asked for the work is told
    });
  });
  try {
    return await working;
  } finally {
    cancelShowing();
  }
}

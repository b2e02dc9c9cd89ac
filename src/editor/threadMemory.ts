/** Thread counts that were measured pass through here, so that the next start need not measure again. */
import type * as vscode from 'vscode';
import type { ThreadPlan } from '../engine/messages.ts';

/** How many models' counts are kept. */
const keptPlans = 20;

/** Keeps them in the extension's own state on this machine. */
export function threadMemory(memento: vscode.Memento) {
  const key = 'engine.threads';
  const plans = (): Record<string, ThreadPlan> => memento.get(key, {});
  return {
    get: (model: string): ThreadPlan | undefined => plans()[model],
    set(model: string, plan: ThreadPlan): void {
      const kept = Object.entries(plans())
        .filter(([other]) => other !== model)
        .slice(-keptPlans + 1);
      void memento.update(key, Object.fromEntries([...kept, [model, plan]]));
    },
  };
}

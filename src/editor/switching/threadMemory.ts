/** Thread counts that were measured pass through here, so that the next start need not measure again. */
import type * as vscode from 'vscode';
import type { ThreadPlan } from '../../engine/messages.ts';
import type { ThreadMemory } from '../../engine/run.ts';

/** How many models' counts are kept. */
const keptPlans = 20;

/** Keeps them in the extension's own state on this machine. */
export function threadMemory(memento: vscode.Memento): ThreadMemory {
  const key = 'engine.threads';
  const plans = (): Record<string, ThreadPlan> => memento.get(key, {});
  return {
    get: (model) => plans()[model],
    set(model, plan) {
      const others = Object.entries(plans()).filter(([other]) => other !== model);
      void memento.update(key, Object.fromEntries([...others.slice(1 - keptPlans), [model, plan]]));
    },
  };
}

/** Who can call tools passes through here, so that VS Code is told also before anybody is asked. */
import type * as vscode from 'vscode';
import type { ToolMemory } from '../../providers/survey.ts';

/** How many models' and servers' words are kept. */
const keptWords = 50;

/** Keeps them in the extension's own state on this machine. */
export function toolMemory(memento: vscode.Memento): ToolMemory {
  const key = 'servers.canCallTools';
  const words = (): Record<string, boolean> => memento.get(key, {});
  return {
    get: (of) => words()[of],
    set(of, canCallTools) {
      const others = Object.entries(words()).filter(([other]) => other !== of);
      void memento.update(key, Object.fromEntries([...others.slice(1 - keptWords), [of, canCallTools]]));
    },
  };
}

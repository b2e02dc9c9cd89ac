/** Who can call tools passes through here, so that VS Code is told also before anybody is asked. */
import type * as vscode from 'vscode';
import type { ToolMemory } from '../../providers/survey.ts';

/** How many models' and servers' words are kept: OpenRouter's list alone has some hundreds. */
const keptWords = 1_000;

/** Keeps them in the extension's own state on this machine. */
export function toolMemory(memento: vscode.Memento): ToolMemory {
  const key = 'servers.canCallTools';
  const words = (): Record<string, boolean> => memento.get(key, {});
  return {
    get: (of) => words()[of],
    set(told) {
      const others = Object.entries(words()).filter(([other]) => !told.has(other));
      void memento.update(key, Object.fromEntries([...others, ...told].slice(-keptWords)));
    },
  };
}

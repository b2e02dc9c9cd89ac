/** Other extensions that also offer inline completions are known here, as data. */
import type * as vscode from 'vscode';
import type { Notices } from '../notices.ts';

/** One such extension. */
export interface Neighbour {
  /** Extension id as VS Code knows it, lower case. */
  readonly id: string;
  readonly name: string;
}

/** Those we know of. */
export const neighbours: readonly Neighbour[] = [
  { id: 'github.copilot', name: 'GitHub Copilot' },
  { id: 'github.copilot-chat', name: 'GitHub Copilot' },
  { id: 'continue.continue', name: 'Continue' },
  { id: 'ggml-org.llama-vscode', name: 'llama.vscode' },
  { id: 'rjmacarthy.twinny', name: 'twinny' },
  { id: 'tabbyml.vscode-tabby', name: 'Tabby' },
  { id: 'sourcegraph.cody-ai', name: 'Cody' },
  { id: 'codeium.codeium', name: 'Windsurf' },
  { id: 'supermaven.supermaven', name: 'Supermaven' },
  { id: 'tabnine.tabnine-vscode', name: 'Tabnine' },
  { id: 'amazonwebservices.amazon-q-vscode', name: 'Amazon Q' },
];

/** Those that are installed here, one per name. */
export function installedNeighbours(isInstalled: (id: string) => boolean): readonly Neighbour[] {
  const names = new Set<string>();
  return neighbours.filter(({ id, name }) => isInstalled(id) && names.size < names.add(name).size);
}

/**
 * Tells the user once, ever, that another extension offers inline completions too, with a button that opens its setting.
 * Nothing is changed for them.
 */
export function tellAboutNeighbours(needs: {
  readonly present: readonly Neighbour[];
  readonly memento: vscode.Memento;
  readonly notices: Notices;
}): void {
  const { present, memento, notices } = needs;
  const key = 'neighbours.told';
  const told = memento.get<readonly string[]>(key, []);
  const neighbour = present.find(({ id }) => !told.includes(id));
  if (neighbour === undefined) return;
  void memento.update(key, [...told, ...present.map(({ id }) => id)]);
  const names = present.map(({ name }) => name).join(', ');
  notices.tell(`${names} also offers inline completions here; VS Code shows one of them at a time.`, {
    label: `Open the settings of ${neighbour.name}`,
    command: 'workbench.action.openSettings',
    argument: `@ext:${neighbour.id}`,
  });
}

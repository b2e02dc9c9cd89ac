/** Other extensions that also offer inline completions are known here, as data. */
import type * as vscode from 'vscode';
import type { Notices } from './notices.ts';

/** One such extension and where its user switches its completions off. */
export interface Neighbour {
  /** Extension id as VS Code knows it, lower case. */
  readonly id: string;
  readonly name: string;
  /** The setting that switches its completions. */
  readonly setting: string;
}

/** The ones whose switch is known. Read from their manifests on 2026-11. */
export const neighbours: readonly Neighbour[] = [
  { id: 'github.copilot', name: 'GitHub Copilot', setting: 'github.copilot.enable' },
  { id: 'github.copilot-chat', name: 'GitHub Copilot', setting: 'github.copilot.enable' },
  { id: 'continue.continue', name: 'Continue', setting: 'continue.enableTabAutocomplete' },
  { id: 'ggml-org.llama-vscode', name: 'llama.vscode', setting: 'llama-vscode.enabled' },
  { id: 'rjmacarthy.twinny', name: 'twinny', setting: 'twinny.autoSuggestEnabled' },
  { id: 'tabbyml.vscode-tabby', name: 'Tabby', setting: 'tabby.inlineCompletion.triggerMode' },
  { id: 'sourcegraph.cody-ai', name: 'Cody', setting: 'cody.suggestions.mode' },
  { id: 'codeium.codeium', name: 'Windsurf', setting: 'codeium.enableConfig' },
  { id: 'supermaven.supermaven', name: 'Supermaven', setting: 'supermaven.enable' },
  { id: 'tabnine.tabnine-vscode', name: 'Tabnine', setting: 'tabnine.disableLineRegex' },
  { id: 'amazonwebservices.amazon-q-vscode', name: 'Amazon Q', setting: 'amazonQ.showCodeWithReferences' },
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
    label: `Open the setting of ${neighbour.name}`,
    command: 'workbench.action.openSettings',
    argument: neighbour.setting,
  });
}

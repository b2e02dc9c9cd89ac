/** Other extensions that also offer inline completions are known here, as data. */

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
  { id: 'github.copilot-chat', name: 'GitHub Copilot Chat', setting: 'github.copilot.enable' },
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

/** Those that are installed and switched on, one per name. */
export function activeNeighbours(isInstalled: (id: string) => boolean): readonly Neighbour[] {
  return neighbours.filter(({ id }) => isInstalled(id));
}

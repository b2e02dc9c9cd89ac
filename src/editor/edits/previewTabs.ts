/** The tabs in which edits are shown are found here. */
import * as vscode from 'vscode';

/** Of the copies' addresses; key bindings and menus ask for it. */
export const previewScheme = 'paddock-edit';

/** Every tab with a copy, also of an edit that an earlier window left behind. */
export function previewTabs(): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === previewScheme);
}

/** "Where does it say so?" is answered here: the policy file opens at the rule. */
import type * as vscode from 'vscode';

/** VS Code's own, which are no values outside it. */
export interface OpenNeeds {
  readonly workspace: Pick<typeof vscode.workspace, 'openTextDocument'>;
  readonly window: Pick<typeof vscode.window, 'showTextDocument'>;
  readonly Uri: Pick<typeof vscode.Uri, 'file' | 'parse'>;
}

/** Where a rule stands. */
export interface RulePlace {
  /** Absolute path, or a URI where the file is not on this machine. */
  readonly source: string;
  /** As a denial names it: `ceiling: loopback`, `line 3`. */
  readonly rule: string;
}

/** Opens the file that a rule stands in, at its line. */
export async function openPolicy({ workspace, window, Uri }: OpenNeeds, { source, rule }: RulePlace): Promise<void> {
  const uri = /^[a-z][\w+.-]+:\/\//i.test(source) ? Uri.parse(source, true) : Uri.file(source);
  const document = await workspace.openTextDocument(uri);
  const line = Math.min(lineOf(rule, document.getText()), document.lineCount - 1);
  await window.showTextDocument(document, { selection: document.lineAt(line).range });
}

/** The 0-based line a rule stands in: where its value is named after its key, else where its key is, else the first. */
export function lineOf(rule: string, text: string): number {
  const numbered = /^line (\d+)$/.exec(rule)?.[1];
  if (numbered !== undefined) return Math.max(0, Number(numbered) - 1);
  const [key = '', value = ''] = rule.split(/: (.*)/s, 2);
  const keyAt = text.indexOf(JSON.stringify(key));
  if (keyAt < 0) return 0;
  const valueAt = value === '' ? -1 : text.indexOf(JSON.stringify(value), keyAt);
  return text.slice(0, Math.max(keyAt, valueAt)).split('\n').length - 1;
}

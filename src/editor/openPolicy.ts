/** "Where does it say so?" is answered here: the policy file opens at the rule. */
import * as vscode from 'vscode';

/**
 * Opens the file that a rule stands in, at its line.
 * @param source absolute path, or a URI where it is not on this machine.
 * @param rule as a denial names it: `ceiling: loopback`, `line 3`.
 */
export async function openPolicy(source: string, rule: string): Promise<void> {
  const uri = /^[a-z][\w+.-]+:\/\//i.test(source) ? vscode.Uri.parse(source, true) : vscode.Uri.file(source);
  const document = await vscode.workspace.openTextDocument(uri);
  const line = Math.min(lineOf(rule, document.getText()), document.lineCount - 1);
  await vscode.window.showTextDocument(document, { selection: document.lineAt(line).range });
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

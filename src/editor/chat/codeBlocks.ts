/** Code of an answer goes into documents here, always because the user pressed something. */
import type * as vscode from 'vscode';
import type { CodeBlock } from '../../chat/protocol.ts';
import { inDocumentBreaks, isWritten } from '../completions/snapshotOf.ts';

/** What code is put into documents with. */
export interface CodeNeeds {
  readonly workspace: Pick<typeof vscode.workspace, 'openTextDocument'>;
  readonly window: Pick<typeof vscode.window, 'showTextDocument' | 'activeTextEditor' | 'visibleTextEditors'>;
  readonly languages: Pick<typeof vscode.languages, 'getLanguages'>;
}

/** What people write behind a fence, where VS Code calls the language something else. */
const languageIds: Readonly<Record<string, string>> = {
  ...{ ts: 'typescript', js: 'javascript', mjs: 'javascript', cjs: 'javascript', py: 'python', rb: 'ruby', rs: 'rust' },
  ...{ tsx: 'typescriptreact', jsx: 'javascriptreact', sh: 'shellscript', bash: 'shellscript', zsh: 'shellscript' },
  ...{ shell: 'shellscript', console: 'shellscript', 'c++': 'cpp', 'c#': 'csharp', cs: 'csharp', kt: 'kotlin' },
  ...{ golang: 'go', yml: 'yaml', md: 'markdown', docker: 'dockerfile', make: 'makefile', ps1: 'powershell' },
};

/**
 * Puts the code in the place of the selection in the editor the user was last in, as one step to be undone.
 * @returns why not, a sentence; `undefined`: it is there.
 */
export async function insertCode({ window }: CodeNeeds, { text }: CodeBlock): Promise<string | undefined> {
  const editor = lastEditor(window);
  if (editor === undefined) return 'No editor is open to insert this into.';
  const code = inDocumentBreaks(editor.document, text.replaceAll('\r\n', '\n'));
  const isDone = await editor.edit((edit) => edit.replace(editor.selection, code));
  if (!isDone) return 'The document could not be changed.';
  // The code is in; somebody who goes to another editor meanwhile does not want to be taken back.
  await window.showTextDocument(editor.document, editor.viewColumn).then(undefined, () => undefined);
  return undefined;
}

/** Opens a document with the code that is not saved anywhere yet. */
export async function newFile({ workspace, window, languages }: CodeNeeds, block: CodeBlock): Promise<void> {
  const language = await languageOf(languages, block.language);
  const about = language === undefined ? {} : { language };
  const document = await workspace.openTextDocument({ content: block.text, ...about });
  await window.showTextDocument(document, { preview: false });
}

/** VS Code's id of a language by what stands behind a fence; `undefined`: VS Code knows none. */
export async function languageOf(languages: CodeNeeds['languages'], written: string): Promise<string | undefined> {
  const word = written.trim().split(/\s/)[0]?.toLowerCase() ?? '';
  const known = await languages.getLanguages();
  return [languageIds[word], word].find((id) => id !== undefined && known.includes(id));
}

/** While the panel has the focus, no editor is active in some layouts; the one that can be seen is meant then. */
export function lastEditor(window: CodeNeeds['window']): vscode.TextEditor | undefined {
  const { activeTextEditor: active, visibleTextEditors: visible } = window;
  if (active !== undefined && isWritten(active.document)) return active;
  const written = visible.filter(({ document }) => isWritten(document));
  return written.length === 1 ? written[0] : undefined;
}

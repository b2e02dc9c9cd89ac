/** What the user has selected becomes a piece here. */
import type * as vscode from 'vscode';
import { isWritten } from '../../completions/snapshotOf.ts';
import { plainText, type Piece } from './piece.ts';

/** The editor's selection as it is now; `undefined`: nothing is selected, or in no document that people write in. */
export function selectionPiece(
  { asRelativePath }: Pick<typeof vscode.workspace, 'asRelativePath'>,
  editor: Pick<vscode.TextEditor, 'document' | 'selection'> | undefined,
): Piece | undefined {
  if (editor === undefined || editor.selection.isEmpty || !isWritten(editor.document)) return undefined;
  const { document, selection } = editor;
  const { start, end } = selection;
  // A selection of whole lines ends before the first character of the line after them.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return {
    uri: document.uri.toString(),
    label: asRelativePath(document.uri),
    lines: [start.line + 1, last],
    language: document.languageId,
    text: plainText(document.getText(selection)),
  };
}

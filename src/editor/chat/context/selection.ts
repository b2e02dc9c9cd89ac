/** What the user has selected becomes a piece here. */
import type * as vscode from 'vscode';
import { isWritten } from '../../completions/snapshotOf.ts';
import { plainText, sha256Of, type Missing, type Piece } from './piece.ts';
import { readDocument, type ReadingNeeds } from './reading.ts';

/** Where something was selected, and by what it is known again. */
export interface Selected {
  readonly uri: vscode.Uri;
  readonly piece: Omit<Piece, 'text'>;
  /** How long it was, in UTF-16 code units with `\n` for line breaks. */
  readonly chars: number;
  readonly sha256: string;
}

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
    ...(start.character === 0 ? {} : { column: start.character }),
    language: document.languageId,
    text: plainText(document.getText(selection)),
  };
}

/** What was selected, where it stands there still. */
export async function readSelected(
  needs: ReadingNeeds,
  { uri, piece, chars, sha256 }: Selected,
): Promise<Piece | Missing> {
  const read = await readDocument(needs, uri, piece.lines);
  if ('why' in read) return read;
  const { column = 0 } = piece;
  // Whole lines were selected with their end.
  const text = `${read.text}\n`.slice(column, column + chars);
  return sha256Of(text) === sha256
    ? { ...piece, text }
    : { label: read.label, why: 'has changed since it was selected' };
}

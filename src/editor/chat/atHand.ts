/** "What is the user looking at?" is answered here. */
import * as vscode from 'vscode';
import { lastEditor } from './codeBlocks.ts';
import type { Source } from './context/gather.ts';
import { isFolder } from './context/reading.ts';
import { selectionPiece } from './context/selection.ts';

/** What is selected; `undefined`: nothing. */
export function selectionNow(): Source | undefined {
  const piece = selectionPiece(vscode.workspace, lastEditor(vscode.window));
  return piece && { kind: 'selection', piece };
}

/** What is selected, else the whole document; `undefined`: none is open. */
export function codeAtHand(): Source | undefined {
  const uri = lastEditor(vscode.window)?.document.uri;
  return selectionNow() ?? (uri && { kind: 'file', uri });
}

/** What is wrong in that document; `undefined`: nothing. */
export function problemsAtHand(): Source | undefined {
  const uri = lastEditor(vscode.window)?.document.uri;
  if (uri === undefined || vscode.languages.getDiagnostics(uri).length === 0) return undefined;
  return { kind: 'problems', uri };
}

/**
 * What a menu's command is about: everything selected in the explorer; in an editor what is selected there, else its
 * document. Anybody may run a command with anything, so only URIs count.
 */
export async function namedByMenu(first: unknown, all: unknown): Promise<readonly Source[]> {
  const listed = (Array.isArray(all) ? all : []).filter((each) => each instanceof vscode.Uri);
  const uri = first instanceof vscode.Uri ? first : undefined;
  const isOfEditor = listed.length === 0 && (uri === undefined || isLastDocument(uri));
  const atHand = isOfEditor ? codeAtHand() : undefined;
  if (atHand !== undefined) return [atHand];
  const uris = listed.length > 0 ? listed : uri === undefined ? [] : [uri];
  return Promise.all(
    uris.map(async (each): Promise<Source> => {
      return { kind: (await isFolder(vscode, each)) ? 'folder' : 'file', uri: each };
    }),
  );
}

function isLastDocument(uri: vscode.Uri): boolean {
  return lastEditor(vscode.window)?.document.uri.toString() === uri.toString();
}

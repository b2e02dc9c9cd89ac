/** A live document becomes plain data here, and offsets in it become positions again. */
import type * as vscode from 'vscode';
import type { Snapshot } from '../../completion/snapshot.ts';

/** Kinds of documents that people write in. Output, diffs and other views are left alone. */
export const writtenSchemes: readonly string[] = [
  'file',
  'untitled',
  'vscode-notebook-cell',
  'vscode-remote',
  'vscode-vfs',
];

/** Documents longer than this (UTF-16 code units) get no completions: VS Code itself stops most features there. */
const longestDocument = 20 * 1024 * 1024;

/** Whether Paddock completes in this document at all. */
export function isWritten(document: vscode.TextDocument): boolean {
  return writtenSchemes.includes(document.uri.scheme);
}

/**
 * The document and the cursor as plain data; `undefined` for a document too long to work with.
 * Line breaks become `\n`, so the offset is in that text.
 */
export function snapshotOf(document: vscode.TextDocument, position: vscode.Position): Snapshot | undefined {
  const raw = document.getText();
  if (raw.length > longestDocument) return undefined;
  const hasTwoUnitBreaks = isCrlf(document);
  return {
    uri: document.uri.toString(),
    language: document.languageId,
    version: document.version,
    text: hasTwoUnitBreaks ? raw.replaceAll('\r\n', '\n') : raw,
    cursorOffset: offsetIn(document, position),
    cursorLine: position.line + 1,
  };
}

/** Where a position is in the snapshot's text. */
export function offsetIn(document: vscode.TextDocument, position: vscode.Position): number {
  return document.offsetAt(position) - (isCrlf(document) ? position.line : 0);
}

/** Text with `\n` in the document's own line breaks. */
export function inDocumentBreaks(document: vscode.TextDocument, text: string): string {
  return isCrlf(document) ? text.replaceAll('\n', '\r\n') : text;
}

function isCrlf(document: vscode.TextDocument): boolean {
  return document.eol === 2; // vscode.EndOfLine.CRLF; this file takes only types from vscode
}

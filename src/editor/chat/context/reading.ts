/** Documents and folders become pieces here: what is open as it is in the editor, what is not as it is on disk. */
import type * as vscode from 'vscode';
import { readSmallFile } from '../../smallFile.ts';
import { linesOf, plainText, together, type Gathered, type Missing, type Piece } from './piece.ts';

/** What documents are read with. */
export interface ReadingNeeds {
  readonly workspace: Pick<typeof vscode.workspace, 'fs' | 'textDocuments' | 'asRelativePath' | 'findFiles'>;
  /** VS Code's own, which is no value outside it. */
  readonly RelativePattern: typeof vscode.RelativePattern;
}

/** A document longer than this fits into no model's context, and reading it would hold up the editor. */
const mostBytes = 1024 * 1024;
/** Files of a folder beyond this are named, not read: nobody means thousands. */
const mostFiles = 200;
/** So many are found and put into order first, so that the same ones are read each time. */
const mostFound = 20_000;
/** `vscode.FileType.Directory`, which is no value outside VS Code; a link to a folder has it too. */
const folderBit = 2;
/** Folders in a folder that hold what tools made. VS Code's own `files.exclude` is held to as well. */
export const madeByTools = '**/{node_modules,.git,.hg,.svn,dist,out,build,target,.venv,__pycache__}/**';

/** A document, or lines of it. Called when the question is sent, so that it is the text as it is then. */
export async function readDocument(
  { workspace }: ReadingNeeds,
  uri: vscode.Uri,
  lines?: readonly [first: number, last: number],
): Promise<Piece | Missing> {
  const label = workspace.asRelativePath(uri);
  const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  const read = open === undefined ? await readFile(workspace, uri) : plainText(open.getText());
  if (typeof read !== 'string') return { label, why: read.why };
  const about = { uri: uri.toString(), label, ...(open === undefined ? {} : { language: open.languageId }) };
  return lines === undefined ? { ...about, text: read } : { ...about, lines, text: linesOf(read, lines) };
}

/** All text files below a folder, by their paths; those that are no text or too many are named. */
export async function readFolder(needs: ReadingNeeds, folder: vscode.Uri): Promise<Gathered> {
  const { workspace, RelativePattern } = needs;
  const pattern = new RelativePattern(folder, '**/*');
  const found = await workspace.findFiles(pattern, madeByTools, mostFound);
  const uris = found.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, mostFiles);
  const read = await Promise.all(uris.map((uri) => readDocument(needs, uri)));
  const label = workspace.asRelativePath(folder);
  const rest =
    found.length > mostFiles ? [{ label, why: `has more than ${mostFiles} files; the rest was left out` }] : [];
  return together([...read, ...rest]);
}

/** Whether it is a folder; what cannot be looked at is none. */
export async function isFolder({ workspace }: Pick<ReadingNeeds, 'workspace'>, uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & folderBit) !== 0;
  } catch {
    return false; // it is read next, and then the reason is told
  }
}

async function readFile(
  { fs }: ReadingNeeds['workspace'],
  uri: vscode.Uri,
): Promise<string | { readonly why: string }> {
  const file = await readSmallFile(fs, uri, mostBytes);
  switch (file.kind) {
    case 'read':
      return file.bytes.includes(0) ? { why: 'is no text' } : plainText(new TextDecoder().decode(file.bytes));
    case 'noFile':
      return { why: 'is no file' };
    case 'tooLong':
      return { why: 'is too long to be sent' };
    case 'failed':
      return { why: file.code === 'FileNotFound' ? 'is not there any more' : 'could not be read' };
  }
}

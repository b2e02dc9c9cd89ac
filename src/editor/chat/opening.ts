/** What an answer names is opened here: pages through VS Code's own question, files only inside the workspace. */
import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { pathWithin } from '../../egress/withheld.ts';

/** What things are opened with. */
export interface OpeningNeeds {
  readonly workspace: Pick<typeof vscode.workspace, 'fs' | 'workspaceFolders' | 'findFiles' | 'openTextDocument'>;
  readonly window: Pick<typeof vscode.window, 'showTextDocument'>;
  readonly env: Pick<typeof vscode.env, 'openExternal'>;
  /** VS Code's own, which are no values outside it. */
  readonly Uri: Pick<typeof vscode.Uri, 'parse' | 'joinPath' | 'file'>;
  readonly Range: typeof vscode.Range;
}

/** A place in a file; line and column from 1. */
export interface NamedPlace {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
}

const leftOut = '**/{node_modules,.git}/**';

/** VS Code asks the user before it opens a page that they did not trust yet. @param url `http` or `https`. */
export async function openLink({ env, Uri }: OpeningNeeds, url: string): Promise<void> {
  await env.openExternal(Uri.parse(url, true));
}

/**
 * Opens a file that an answer names, if it is in the workspace.
 * @returns why not, a sentence; `undefined`: it is open.
 */
export async function openNamed(needs: OpeningNeeds, place: NamedPlace): Promise<string | undefined> {
  const uri = await findNamed(needs, place.path);
  if (uri === undefined) return `There is no ${place.path} in this workspace.`;
  const { line, column = 1 } = place;
  await openAt(needs, uri, line === undefined ? undefined : [line, line], column);
  return undefined;
}

/** Shows lines of a document, from 1, both included; `undefined`: its beginning, or where the user was in it. */
export async function openAt(
  { workspace, window, Range }: OpeningNeeds,
  uri: vscode.Uri,
  lines: readonly [first: number, last: number] | undefined,
  column = 1,
): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  if (lines === undefined) return void (await window.showTextDocument(document));
  const [first, last] = lines.map((line) => Math.min(line, document.lineCount) - 1) as [number, number];
  const end = first === last && column > 1 ? column - 1 : document.lineAt(last).range.end.character;
  const selection = new Range(first, column - 1, last, end);
  await window.showTextDocument(document, { selection });
}

/**
 * Shows what goes or went with a question; a document that was named long ago may be gone.
 * @returns why not, a sentence; `undefined`: it is open.
 */
export async function openAttached(
  needs: OpeningNeeds,
  { name, uri, lines }: { readonly name: string; readonly uri: string; readonly lines?: readonly [number, number] },
): Promise<string | undefined> {
  try {
    await openAt(needs, needs.Uri.parse(uri, true), lines);
    return undefined;
  } catch {
    return `${name} cannot be opened. It may have been moved or deleted.`; // VS Code says no more of it than that
  }
}

/**
 * The file of that path in one of the opened folders, else the only file there whose path ends with it. A path that
 * leads out of them names nothing.
 */
export async function findNamed(
  { workspace, Uri }: Pick<OpeningNeeds, 'workspace' | 'Uri'>,
  path: string,
): Promise<vscode.Uri | undefined> {
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const plain = path.replaceAll('\\', '/');
  const isAbsolute = plain.startsWith('/') || /^[a-z]:\//i.test(plain);
  for (const folder of folders) {
    const uri = isAbsolute ? folder.with({ path: Uri.file(plain).path }) : Uri.joinPath(folder, plain);
    const isInside = pathWithin(folder.toString(), uri.toString()) !== undefined;
    if (isInside && (await isFile(workspace, uri))) return uri;
  }
  const below = posix.normalize(plain).replace(/^(\.\.?\/)*\/?/, '');
  if (isAbsolute || below === '' || /[[\]{}*?!]/.test(below)) return undefined;
  const found = await workspace.findFiles(`**/${below}`, leftOut, 2);
  return found.length === 1 ? found[0] : undefined;
}

async function isFile({ fs }: OpeningNeeds['workspace'], uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await fs.stat(uri)).type & 1) !== 0; // vscode.FileType.File, which is no value outside VS Code
  } catch {
    return false; // then it names nothing here
  }
}

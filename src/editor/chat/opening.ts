/** What an answer names is opened here: pages through VS Code's own question, files only inside the workspace. */
import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { pathWithin } from '../../egress/withheld.ts';
import { showList, type Line, type ListNeeds } from '../list.ts';

/** What files are found with by what an answer calls them. */
export interface NamingNeeds extends ListNeeds {
  readonly workspace: Pick<typeof vscode.workspace, 'fs' | 'workspaceFolders' | 'findFiles' | 'asRelativePath'>;
  /** VS Code's own, which is no value outside it. */
  readonly Uri: Pick<typeof vscode.Uri, 'parse' | 'joinPath' | 'file'>;
}

/** What things are opened with. */
export interface OpeningNeeds extends NamingNeeds {
  readonly workspace: NamingNeeds['workspace'] & Pick<typeof vscode.workspace, 'openTextDocument'>;
  readonly window: NamingNeeds['window'] & Pick<typeof vscode.window, 'showTextDocument'>;
  readonly env: Pick<typeof vscode.env, 'openExternal'>;
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
 * @returns why not, a sentence; `undefined`: it is open, or the user did not say which of several.
 */
export async function openNamed(needs: OpeningNeeds, place: NamedPlace): Promise<string | undefined> {
  const named = await pickNamed(needs, place.path);
  if (named.kind === 'none') return `There is no ${place.path} in this workspace.`;
  if (named.kind === 'left') return undefined;
  const { line, column = 1 } = place;
  await openAt(needs, named.uri, line === undefined ? undefined : [line, line], column);
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

/** Which file was meant. `left`: several fit, and the user picked none. */
export type Named =
  { readonly kind: 'file'; readonly uri: vscode.Uri } | { readonly kind: 'none' } | { readonly kind: 'left' };

/** The file that is meant by a path; where several fit, the user says. */
export async function pickNamed(needs: NamingNeeds, path: string): Promise<Named> {
  const found = await allNamed(needs, path);
  const [first] = found;
  if (first === undefined) return { kind: 'none' };
  if (found.length === 1) return { kind: 'file', uri: first };
  const answer = await showList(needs, {
    ...{ title: `Paddock: which ${path}?`, placeHolder: 'Several files fit', hasBack: false },
    shown: { rows: found.map((uri) => lineOf(needs, uri)), isBusy: false },
  });
  return answer.kind === 'picked' ? { kind: 'file', uri: answer.pick } : { kind: 'left' };
}

/** Where a file of that path would be, in the first of the opened folders; `undefined`: in none of them. */
export function placeFor(needs: FindingNeeds, path: string): vscode.Uri | undefined {
  return path.endsWith('/') ? undefined : placesOf(needs, path)[0];
}

/** So many are offered. */
const mostNamed = 20;

/**
 * The files of that path in the opened folders, else those there whose path ends with it. A path that leads out of them
 * names nothing.
 */
export async function allNamed(needs: FindingNeeds, path: string): Promise<readonly vscode.Uri[]> {
  const { workspace } = needs;
  const places = placesOf(needs, path);
  const areFiles = await Promise.all(places.map((uri) => isFile(workspace, uri)));
  const exact = places.filter((_, index) => areFiles[index]);
  const plain = withSlashes(path);
  const below = posix.normalize(plain).replace(/^(\.\.?\/)*\/?/, '');
  if (exact.length > 0 || isAbsolute(plain) || below === '' || /[[\]{}*?!]/.test(below)) return exact;
  return workspace.findFiles(`**/${below}`, leftOut, mostNamed);
}

type FindingNeeds = Pick<NamingNeeds, 'workspace' | 'Uri'>;

/** Where that path leads in each of the opened folders it stays in. */
function placesOf({ workspace, Uri }: FindingNeeds, path: string): readonly vscode.Uri[] {
  const plain = withSlashes(path);
  return (workspace.workspaceFolders ?? []).flatMap(({ uri: folder }) => {
    const uri = isAbsolute(plain) ? folder.with({ path: Uri.file(plain).path }) : Uri.joinPath(folder, plain);
    return pathWithin(folder.toString(), uri.toString()) === undefined ? [] : [uri];
  });
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function isAbsolute(plain: string): boolean {
  return plain.startsWith('/') || /^[a-z]:\//i.test(plain);
}

function lineOf({ workspace }: NamingNeeds, uri: vscode.Uri): Line<vscode.Uri> {
  return { kind: 'line', key: uri.toString(), label: workspace.asRelativePath(uri), icon: 'file', pick: uri };
}

async function isFile({ fs }: NamingNeeds['workspace'], uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await fs.stat(uri)).type & 1) !== 0; // vscode.FileType.File, which is no value outside VS Code
  } catch {
    return false; // then it names nothing here
  }
}

/** What was changed and not committed yet becomes pieces here, one for each file, as Git itself shows it. */
import type * as vscode from 'vscode';
import { plainText, type Piece } from './piece.ts';

/** As much of the API of VS Code's Git extension (version 1) as is used. */
export interface GitApi {
  readonly repositories: readonly Repository[];
}

export interface Repository {
  readonly rootUri: vscode.Uri;
  /** The commit message that is being written. */
  readonly inputBox: { value: string };
  /** As `git diff` prints it, or `git diff --cached`. */
  diff(cached?: boolean): Promise<string>;
}

/** The Git extension as far as it can be reached from here, or why it cannot: a sentence. */
export type Git = { readonly kind: 'api'; readonly api: GitApi } | { readonly kind: 'none'; readonly why: string };

/** What the extension is looked for with. */
export interface GitNeeds {
  readonly extensions: Pick<typeof vscode.extensions, 'getExtension'>;
  /** Whether Paddock runs here while the folder is on another machine. */
  readonly isApart: boolean;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** Extensions see only those of their own side: where the folder is remote, Git is there and we may be here. */
export async function gitOf({ extensions, isApart }: GitNeeds): Promise<Git> {
  const extension = extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) {
    const apart = 'Git runs on the other side of the remote connection, where Paddock in this window cannot reach it.';
    return { kind: 'none', why: isApart ? apart : "VS Code's Git extension is switched off." };
  }
  const git = await extension.activate();
  return git.enabled ? { kind: 'api', api: git.getAPI(1) } : { kind: 'none', why: 'The setting git.enabled is off.' };
}

/**
 * What is staged where anything is, else what is changed: what the next commit would be about. Called when the question
 * is sent. @returns nothing where nothing is changed.
 */
export async function diffPieces(
  repository: Repository,
  Uri: Pick<typeof vscode.Uri, 'joinPath'>,
): Promise<readonly Piece[]> {
  const staged = await repository.diff(true);
  const text = staged.trim() === '' ? await repository.diff(false) : staged;
  return piecesOf(plainText(text), (path) => Uri.joinPath(repository.rootUri, path).toString());
}

/** A diff of several files, file by file; each is of the file as it is now, or was where it is gone. */
export function piecesOf(diff: string, uriOf: (path: string) => string): readonly Piece[] {
  const parts = diff.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '));
  return parts.map((text) => {
    const path = pathIn(text);
    return { uri: uriOf(path), label: `changes in ${path}`, text };
  });
}

/** Git writes names with other than plain letters in quotes, with octal numbers for their bytes. */
function pathIn(part: string): string {
  const [, after] = /^\+\+\+ ("?b\/.*)$/m.exec(part) ?? [];
  const [, before] = /^--- ("?a\/.*)$/m.exec(part) ?? [];
  const [, renamed] = /^rename to (.*)$/m.exec(part) ?? [];
  const [, both] = /^diff --git (?:"?a\/.*?"?) ("?b\/.*)$/m.exec(part) ?? [];
  const written = after ?? (renamed === undefined ? (before ?? both ?? '') : undefined);
  return written === undefined ? unquoted(renamed ?? '') : unquoted(written).replace(/^[ab]\//, '');
}

function unquoted(name: string): string {
  const bare = name.replace(/\t$/, '');
  if (!bare.startsWith('"')) return bare;
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  const latin = bare
    .slice(1, -1)
    .replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
  return Buffer.from(latin, 'latin1').toString('utf8');
}

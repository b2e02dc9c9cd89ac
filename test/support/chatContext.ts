/** What the chat's context is read with, as a test plays it. */
import { matchesGlob } from 'node:path';
import type * as vscode from 'vscode';
import type { ReadingNeeds } from '../../src/editor/chat/context/reading.ts';
import { FakeUri, type FakeFiles } from './vscodeFiles.ts';

/** The folder that is open. */
export const repo = 'file:///home/u/repo';

export function uri(text: string): vscode.Uri {
  return FakeUri.parse(text) as unknown as vscode.Uri;
}

/** A workspace with these files, of which some may be open with another text. */
export function reader(
  files: FakeFiles,
  {
    open = {},
    onFind = () => undefined,
  }: {
    readonly open?: Readonly<Record<string, string>>;
    readonly onFind?: (include: unknown, exclude: vscode.GlobPattern | null | undefined) => void;
  } = {},
): ReadingNeeds {
  const { RelativePattern } = files.needs;
  const roots = files.workspaceFolders.map((folder) => folder.uri.toString());
  const relative = (each: vscode.Uri): string => {
    const root = roots.find((folder) => each.toString().startsWith(`${folder}/`));
    return root === undefined ? each.path : each.toString(true).slice(root.length + 1);
  };
  const findFiles = (
    include: { readonly base: FakeUri; readonly pattern: string } | string,
    exclude?: vscode.GlobPattern | null,
    most = Infinity,
  ) => {
    onFind(include, exclude);
    const { base, pattern } = typeof include === 'string' ? { base: roots[0] ?? '', pattern: include } : include;
    const root = base.toString();
    const below = [...files.entries.keys()].filter((key) => key.startsWith(`${root}/`));
    const found = below.filter((key) => matchesGlob(key.slice(root.length + 1), pattern));
    return Promise.resolve(found.slice(0, most).map((key) => uri(key)));
  };
  const textDocuments = Object.entries(open).map(([key, text]) => ({
    uri: uri(key),
    languageId: 'typescript',
    getText: () => text,
  }));
  return {
    workspace: { fs: files.fs, textDocuments, asRelativePath: relative, findFiles } as never,
    RelativePattern,
  };
}

/** VS Code's Git extension is reached here: what of it is used, and why it cannot be asked where it cannot. */
import type * as vscode from 'vscode';

/** As much of its API as is used; see its `git.d.ts`, version 1. */
export interface GitApi {
  readonly repositories: readonly Repository[];
  getRepository(uri: vscode.Uri): Repository | null;
}

export interface Repository {
  readonly rootUri: vscode.Uri;
  /** The commit message that is being written. */
  readonly inputBox: { value: string };
  /** As it was when VS Code last looked. */
  readonly state: RepositoryState;
  /** As `git diff` prints it, or `git diff --cached`. */
  diff(cached?: boolean): Promise<string>;
}

export interface RepositoryState {
  readonly indexChanges: readonly FileState[];
  /** With the files that Git does not know yet, unless a setting puts those elsewhere. */
  readonly workingTreeChanges: readonly FileState[];
  readonly mergeChanges: readonly FileState[];
  /** Those that Git does not know, where the user's setting keeps them apart. Absent: an older VS Code. */
  readonly untrackedChanges?: readonly FileState[];
}

export interface FileState {
  readonly uri: vscode.Uri;
  /** The extension's own enumeration. */
  readonly status: number;
}

/** The Git extension as far as it can be reached from here, or why it cannot: a sentence. */
export type Git = { readonly kind: 'api'; readonly api: GitApi } | { readonly kind: 'none'; readonly why: string };

/** What the extension is looked for with: of VS Code's own. */
export interface GitNeeds {
  readonly extensions: Pick<typeof vscode.extensions, 'getExtension'>;
  readonly env: Pick<typeof vscode.env, 'remoteName'>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** `vscode.ExtensionKind.UI`, which is no value outside VS Code. */
const besideTheUser = 1;

/** Why there is no Git extension to ask, a sentence; `undefined`: there is one. Starts nothing. */
export function gitProblem({ extensions, env }: GitNeeds): string | undefined {
  if (extensions.getExtension('vscode.git') !== undefined) return undefined;
  // Extensions see only those of their own side: where the folder is remote, Git is there and we may be here.
  const isApart =
    env.remoteName !== undefined && extensions.getExtension('paddock.paddock')?.extensionKind === besideTheUser;
  return isApart
    ? 'Git runs on the other side of the remote connection, where Paddock in this window cannot reach it.'
    : "VS Code's Git extension is switched off.";
}

/** Starts the extension if need be. */
export async function gitOf(needs: GitNeeds): Promise<Git> {
  const git = await needs.extensions.getExtension<GitExtension>('vscode.git')?.activate();
  if (git === undefined) return { kind: 'none', why: gitProblem(needs) ?? '' };
  // Asked for its API while it has no Git, it throws.
  return git.enabled
    ? { kind: 'api', api: git.getAPI(1) }
    : { kind: 'none', why: 'Git is not installed, or the setting git.enabled is off.' };
}

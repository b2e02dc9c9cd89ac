/** What was changed and not committed yet becomes pieces here, one for each file, as Git itself shows it. */
import type * as vscode from 'vscode';
import { filesInDiff, type FileDiff } from '../../../chat/commit.ts';
import type { FileState, Repository, RepositoryState } from '../../git.ts';
import { plainText, shortened, type Gathered, type Missing, type Piece } from './piece.ts';

/** What changed in one file. */
export interface FileChange extends FileDiff {
  /** Of the file as it is now, or was where it is gone; of the repository where nobody can tell whose change it is. */
  readonly uri: string;
  /** All files it may be of, where nobody can tell. */
  readonly mayBeOf?: readonly string[];
}

/**
 * What the next commit would be about: what is staged where anything is, else what is changed. Asks Git anew.
 * `files`: none where nothing is.
 */
export async function nextCommit(
  repository: Repository,
  Uri: Pick<typeof vscode.Uri, 'joinPath'>,
): Promise<{ readonly isStaged: boolean; readonly files: readonly FileChange[] }> {
  const { rootUri, state } = repository;
  const staged = filesInDiff(plainText(await repository.diff(true)));
  const isStaged = staged.length > 0;
  const found = isStaged ? staged : filesInDiff(plainText(await repository.diff(false)));
  // Whose change that is nobody can tell: the rules of every changed file hold for it.
  const mayBeOf = [...new Set(allOf(state).map(({ uri }) => uri.toString()))];
  const files = found.map(({ path, text }): FileChange => {
    if (path === undefined) return { uri: rootUri.toString(), path, text, mayBeOf };
    return { uri: Uri.joinPath(rootUri, path).toString(), path, text };
  });
  return { isStaged, files };
}

/** What a diff is made with. */
export interface DiffNeeds {
  readonly Uri: Pick<typeof vscode.Uri, 'joinPath'>;
  readonly asRelativePath: typeof vscode.workspace.asRelativePath;
}

/** What the next commits of all these would be about; changed files that would not be in them are named. */
export async function diffOf(repositories: readonly Repository[], needs: DiffNeeds): Promise<Gathered> {
  const commits = await Promise.all(
    repositories.map(async (repository) => ({ ...(await nextCommit(repository, needs.Uri)), state: repository.state })),
  );
  const pieces = commits.flatMap(({ files }) => files.map(pieceOf));
  const left = commits.flatMap((commit) => leftOut(commit, needs));
  const none: readonly Missing[] = pieces.length > 0 ? [] : [{ label: 'the diff', why: 'is empty' }];
  const about = commits.filter(({ files }) => files.length > 0);
  const isStaged = about.length > 0 && about.every((each) => each.isStaged);
  return {
    ...(isStaged ? { name: 'staged changes' } : {}),
    pieces,
    missing: [...none, ...shortened(left, 'changed files')],
  };
}

function pieceOf({ uri, path, text, mayBeOf }: FileChange): Piece {
  return { uri, label: `changes in ${path ?? 'a file'}`, text, ...(mayBeOf === undefined ? {} : { mayBeOf }) };
}

/** `Status.UNTRACKED` of the Git extension, which is no value outside it. */
const untracked = 7;

function leftOut(
  { isStaged, state }: { readonly isStaged: boolean; readonly state: RepositoryState },
  { asRelativePath }: DiffNeeds,
): readonly Missing[] {
  const { mergeChanges, workingTreeChanges, untrackedChanges = [] } = state;
  const named = (files: readonly FileState[], why: string): readonly Missing[] =>
    files.map(({ uri }) => ({ label: asRelativePath(uri), why }));
  const isKnown = ({ status }: FileState): boolean => status !== untracked;
  const unknown = [...workingTreeChanges.filter((each) => !isKnown(each)), ...untrackedChanges];
  const unstaged = workingTreeChanges.filter(isKnown);
  return [
    ...(isStaged ? named(mergeChanges, 'is in conflict and left out') : []),
    ...(isStaged ? named(unstaged, 'has changes that are not staged') : []),
    ...named(unknown, 'is new and not added to Git'),
  ];
}

function allOf(state: RepositoryState): readonly FileState[] {
  const { indexChanges, workingTreeChanges, mergeChanges, untrackedChanges = [] } = state;
  return [...indexChanges, ...workingTreeChanges, ...mergeChanges, ...untrackedChanges];
}

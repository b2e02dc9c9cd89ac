/** What a folder brings for the chat passes through here: rules for every question, and prompts by name. */
import type * as vscode from 'vscode';
import { sha256Of, type Piece } from './piece.ts';
import { readDocument, type ReadingNeeds } from './reading.ts';

/** What is looked up, and where it is remembered what the user said about it. */
export interface BringingNeeds extends ReadingNeeds {
  readonly workspace: ReadingNeeds['workspace'] & Pick<typeof vscode.workspace, 'workspaceFolders' | 'isTrusted'>;
  readonly Uri: Pick<typeof vscode.Uri, 'joinPath'>;
  /** The workspace's own. */
  readonly memento: vscode.Memento;
}

/** A file with rules that a project wants every question to come with. */
export interface ProjectRules extends Piece {
  readonly decision: Decision;
}

/** What the user said after it was shown to them in this workspace; `undefined`: what is in it now was not shown yet. */
export type Decision = 'used' | 'leftOut' | undefined;

/** A prompt by the name of its file: `.paddock/prompts/release.md` is `/release`. */
export interface UserPrompt extends Piece {
  readonly name: string;
  /** Its first line that says something. */
  readonly description: string;
  readonly decision: Decision;
}

const ruleFiles = [['AGENTS.md'], ['.github', 'copilot-instructions.md']] as const;
const promptFolder = ['.paddock', 'prompts'] as const;
const decisionsKey = 'chat.decidedFiles';

/** The rules of the opened folders, as they are now; none while a folder is not trusted. */
export async function projectRules(needs: BringingNeeds): Promise<readonly ProjectRules[]> {
  const read = await Promise.all(
    folders(needs).flatMap((folder) =>
      ruleFiles.map((path) => readDocument(needs, needs.Uri.joinPath(folder, ...path))),
    ),
  );
  return read.flatMap((each) => ('text' in each && each.text.trim() !== '' ? [decided(needs, each)] : []));
}

/** The prompts of the opened folders, as they are now, by name; of two with one name the first folder's. */
export async function userPrompts(needs: BringingNeeds): Promise<readonly UserPrompt[]> {
  const found = await Promise.all(folders(needs).map((folder) => promptsIn(needs, folder)));
  const byName = new Map(
    found
      .flat()
      .toReversed()
      .map((each) => [each.name, each]),
  );
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Remembers what the user said about a file: that it is used holds for the text they saw, that it is not for any. */
export async function decide(
  { memento }: Pick<BringingNeeds, 'memento'>,
  { uri, text }: Pick<Piece, 'uri' | 'text'>,
  isUsed: boolean,
): Promise<void> {
  const decisions = memento.get<Decisions>(decisionsKey, {});
  await memento.update(decisionsKey, { ...decisions, [uri]: isUsed ? sha256Of(text) : 'leftOut' });
}

/** By the file's URI; of what is used, the hash. */
type Decisions = Readonly<Record<string, string>>;

/** In Restricted Mode nothing of the folder speaks to the model in the user's name. */
function folders({ workspace }: BringingNeeds): readonly vscode.Uri[] {
  return workspace.isTrusted ? (workspace.workspaceFolders ?? []).map(({ uri }) => uri) : [];
}

async function promptsIn(needs: BringingNeeds, folder: vscode.Uri): Promise<readonly UserPrompt[]> {
  const { workspace, RelativePattern } = needs;
  const uris = await workspace.findFiles(new RelativePattern(folder, `${promptFolder.join('/')}/*.md`), null, 100);
  const read = await Promise.all(uris.map((uri) => readDocument(needs, uri)));
  return read.flatMap((each) => {
    const name = /(?:^|\/)([\w-]+)\.md$/.exec(each.label)?.[1]?.toLowerCase();
    if (!('text' in each) || name === undefined || each.text.trim() === '') return [];
    const description = /[^\s#].*/.exec(each.text)?.[0] ?? '';
    return [{ ...decided(needs, each), name, description }];
  });
}

function decided({ memento }: BringingNeeds, piece: Piece): ProjectRules {
  const said = memento.get<Decisions>(decisionsKey, {})[piece.uri];
  if (said === 'leftOut') return { ...piece, decision: said };
  return { ...piece, decision: said === sha256Of(piece.text) ? 'used' : undefined };
}

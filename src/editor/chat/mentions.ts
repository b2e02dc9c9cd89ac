/** What can be picked after an `@` is found here, by its kind or by its name. */
import type * as vscode from 'vscode';
import type { Suggestion } from '../../chat/protocol.ts';
import type { Git } from '../git.ts';
import type { Source } from './context/gather.ts';
import { findSymbols, type SymbolNeeds } from './context/symbols.ts';

/** What is looked at. */
export interface MentionNeeds extends SymbolNeeds {
  readonly git: () => Promise<Git>;
  readonly problemCount: () => number;
  /** Labels of the project's rules that the user said are not to be used, and might be now. */
  readonly leftOutRules: () => Promise<readonly string[]>;
  /** The selection as it would be attached; `undefined`: nothing is selected. */
  readonly selection: () => Source | undefined;
}

/** A suggestion, and what picking it does. */
export interface Mention extends Suggestion {
  /**
   * What it attaches; `search`: looks through the workspace; `rules`: puts those that were left out before the user again;
   * absent: it only fills in text.
   */
  readonly takes?: Source | 'search' | 'rules';
}

const most = 30;
const notLookedInto = '**/{node_modules,.git,.hg,.svn}/**';

/** The list for what stands behind the `@`: `fil`, `file:gate`, `symbol:`. */
export async function mentionsFor(needs: MentionNeeds, query: string): Promise<readonly Mention[]> {
  const [, kind = '', rest = ''] = /^(file|folder|symbol):(.*)$/s.exec(query) ?? [];
  if (kind === 'file') return files(needs, rest);
  if (kind === 'folder') return folders(needs, rest);
  if (kind === 'symbol') return symbols(needs, rest);
  const kinds = (await kindRows(needs)).filter(({ label }) => label.startsWith(query.toLowerCase()));
  return query === '' ? kinds : [...kinds, ...(await files(needs, query)).slice(0, 10)];
}

async function kindRows({ git, problemCount, selection, leftOutRules }: MentionNeeds): Promise<readonly Mention[]> {
  const [count, selected] = [problemCount(), selection()];
  const [found, leftOut] = await Promise.all([git(), leftOutRules()]);
  const unless = (isThere: boolean, why: string): { readonly disabledBecause?: string } =>
    isThere ? {} : { disabledBecause: why };
  return [
    { id: 'file', label: 'file', detail: 'A file', insertText: '@file:' },
    { id: 'folder', label: 'folder', detail: 'All text files of a folder', insertText: '@folder:' },
    { id: 'symbol', label: 'symbol', detail: 'A function, class or other name', insertText: '@symbol:' },
    {
      ...{ id: 'selection', label: 'selection', detail: 'What is selected in the editor' },
      ...(selected === undefined ? {} : { takes: selected }),
      ...unless(selected !== undefined, 'Nothing is selected.'),
    },
    {
      ...{ id: 'problems', label: 'problems', detail: 'Errors and warnings of all files' },
      ...{ takes: { kind: 'problems' } as const },
      ...unless(count > 0, 'There are none.'),
    },
    {
      ...{ id: 'diff', label: 'diff', detail: 'What is staged, else what is changed and not committed' },
      ...{ takes: { kind: 'diff' } as const },
      ...unless(found.kind === 'api', found.kind === 'none' ? found.why : ''),
    },
    { id: 'workspace', label: 'workspace', detail: 'Places that fit what you typed', takes: 'search' },
    ...(leftOut.length === 0 ? [] : [rulesRow(leftOut)]),
  ];
}

function rulesRow(labels: readonly string[]): Mention {
  return {
    id: 'rules',
    label: 'rules',
    detail: `Look again at ${labels.join(' and ')}, left out so far`,
    takes: 'rules',
  };
}

async function files({ workspace }: MentionNeeds, query: string): Promise<readonly Mention[]> {
  const uris = await workspace.findFiles(globFor(query), notLookedInto, most * 4);
  return byFit(workspace, uris, query).map((uri) => ({
    id: `file:${uri.toString()}`,
    ...namesOf(workspace.asRelativePath(uri)),
    takes: { kind: 'file', uri },
  }));
}

/** VS Code finds files only: the folders are those that have some. */
async function folders({ workspace }: MentionNeeds, query: string): Promise<readonly Mention[]> {
  const uris = await workspace.findFiles(query === '' ? '**/*' : `**/*${lenient(query)}*/**`, notLookedInto, 2_000);
  const found = new Map<string, vscode.Uri>();
  for (const uri of uris) {
    const parts = workspace.asRelativePath(uri).split('/').slice(0, -1);
    for (let depth = parts.length; depth > 0; depth -= 1) {
      const folder = uri.with({
        path: uri.path
          .split('/')
          .slice(0, depth - parts.length - 1)
          .join('/'),
      });
      if ((parts[depth - 1] ?? '').toLowerCase().includes(query.toLowerCase())) found.set(folder.toString(), folder);
    }
  }
  return byFit(workspace, [...found.values()], query).map((uri) => ({
    id: `folder:${uri.toString()}`,
    ...namesOf(workspace.asRelativePath(uri)),
    takes: { kind: 'folder', uri },
  }));
}

async function symbols(needs: MentionNeeds, query: string): Promise<readonly Mention[]> {
  const found = await findSymbols(needs, query, most);
  return found.map(({ name, containerName, uri, line }) => ({
    id: `symbol:${uri.toString()}#${line}`,
    label: name,
    detail: [containerName, `${needs.workspace.asRelativePath(uri)}:${line + 1}`].filter(Boolean).join(' · '),
    takes: { kind: 'symbol', uri, line, name },
  }));
}

/** Names that begin with what was typed before those that only have it; short paths before long ones. */
function byFit(
  workspace: Pick<typeof vscode.workspace, 'asRelativePath'>,
  uris: readonly vscode.Uri[],
  query: string,
): readonly vscode.Uri[] {
  const rank = (uri: vscode.Uri): number => {
    const path = workspace.asRelativePath(uri);
    const name = path.split('/').at(-1) ?? '';
    const begins = name.toLowerCase().startsWith(query.toLowerCase());
    return (begins ? 0 : 1_000) + path.split('/').length * 10 + path.length / 100;
  };
  return uris.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
}

function namesOf(path: string): { readonly label: string; readonly detail: string } {
  const parts = path.split('/');
  return { label: parts.at(-1) ?? path, detail: parts.slice(0, -1).join('/') };
}

function globFor(query: string): string {
  return query === '' ? '**/*' : `**/*${lenient(query)}*`;
}

/** Letters in either case; what has a meaning in a glob stands for any one character. */
function lenient(query: string): string {
  return [...query]
    .map((each) => {
      if (/[[\]{}*?!\\]/.test(each)) return '?';
      const [lower, upper] = [each.toLowerCase(), each.toUpperCase()];
      return lower === upper || lower.length > 1 || upper.length > 1 ? each : `[${lower}${upper}]`;
    })
    .join('');
}

/** Names in the workspace's code are found here, and the whole of what they name becomes a piece. */
import type * as vscode from 'vscode';
import type { Missing, Piece } from './piece.ts';
import { readDocument, type ReadingNeeds } from './reading.ts';

/** What names are looked up with. */
export interface SymbolNeeds extends ReadingNeeds {
  readonly run: typeof vscode.commands.executeCommand;
}

/** A name and where it is. */
export interface FoundSymbol {
  readonly name: string;
  readonly containerName: string;
  readonly uri: vscode.Uri;
  /** 0-based. */
  readonly line: number;
}

/** Languages without such a provider find nothing. @param query a part of the name. */
export async function findSymbols({ run }: SymbolNeeds, query: string, most: number): Promise<readonly FoundSymbol[]> {
  if (query === '') return [];
  const found = await run<vscode.SymbolInformation[] | undefined>('vscode.executeWorkspaceSymbolProvider', query);
  return (found ?? []).slice(0, most).map(({ name, containerName, location }) => ({
    name,
    containerName,
    uri: location.uri,
    line: location.range.start.line,
  }));
}

/**
 * The lines of the innermost thing that the name on a line stands for: a function with its body. Without a provider of
 * symbols, the line itself. Called when the question is sent.
 */
export async function readSymbol(
  needs: SymbolNeeds,
  { uri, line, name }: Pick<FoundSymbol, 'uri' | 'line' | 'name'>,
): Promise<Piece | Missing> {
  const tree = await needs.run<readonly Outlined[] | undefined>('vscode.executeDocumentSymbolProvider', uri);
  const range = rangeAt(tree ?? [], line, name);
  const lines = range === undefined ? ([line + 1, line + 1] as const) : linesOfRange(range);
  return readDocument(needs, uri, lines);
}

/** A provider gives one or the other. */
type Outlined = vscode.DocumentSymbol | vscode.SymbolInformation;

/** The smallest range with that name around the line, else the smallest around it. */
function rangeAt(tree: readonly Outlined[], line: number, name: string): vscode.Range | undefined {
  const around = flat(tree).filter(({ range }) => range.start.line <= line && line <= range.end.line);
  const named = around.filter((each) => each.name === name || name.startsWith(`${each.name}(`));
  const size = ({ range }: { readonly range: vscode.Range }): number => range.end.line - range.start.line;
  return (named.length > 0 ? named : around).toSorted((a, b) => size(a) - size(b))[0]?.range;
}

function flat(tree: readonly Outlined[]): readonly { readonly name: string; readonly range: vscode.Range }[] {
  return tree.flatMap((each) =>
    'location' in each ? [{ name: each.name, range: each.location.range }] : [each, ...flat(each.children)],
  );
}

function linesOfRange({ start, end }: vscode.Range): readonly [number, number] {
  return [start.line + 1, end.line + 1];
}

/** What a chip stands for becomes text here. */
import type * as vscode from 'vscode';
import type { Git } from '../../git.ts';
import { diffOf } from './gitDiff.ts';
import { sha256Of, together, type Gathered, type Piece } from './piece.ts';
import { problemsOf, type ProblemsNeeds } from './problems.ts';
import { readDocument, readFolder } from './reading.ts';
import { readSelected, type Selected } from './selection.ts';
import { readSymbol, type SymbolNeeds } from './symbols.ts';

/** What a chip stands for. Only a selection is kept as it was when it was added; all else is read when it is sent. */
export type Source =
  | { readonly kind: 'file' | 'rules'; readonly uri: vscode.Uri }
  | { readonly kind: 'folder'; readonly uri: vscode.Uri }
  | { readonly kind: 'selection'; readonly piece: Piece }
  /** One of before a reload, of which the text was not kept. */
  | ({ readonly kind: 'selection' } & Selected)
  /** Of one document, or of all. */
  | { readonly kind: 'problems'; readonly uri?: vscode.Uri }
  | { readonly kind: 'symbol'; readonly uri: vscode.Uri; readonly line: number; readonly name: string }
  | { readonly kind: 'diff' }
  /** Lines that a search found. */
  | { readonly kind: 'search'; readonly uri: vscode.Uri; readonly lines: readonly [first: number, last: number] };

/** What things are read with. */
export interface GatherNeeds extends ProblemsNeeds, SymbolNeeds {
  readonly workspace: SymbolNeeds['workspace'];
  readonly git: () => Promise<Git>;
  /** VS Code's own, which is no value outside it. */
  readonly Uri: Pick<typeof vscode.Uri, 'joinPath'>;
}

/** Reads it as it is now. Never rejects: what cannot be read is named. */
export async function gather(needs: GatherNeeds, source: Source): Promise<Gathered> {
  try {
    return await read(needs, source);
  } catch {
    return together([{ label: nameOf(source), why: 'could not be read' }]);
  }
}

async function read(needs: GatherNeeds, source: Source): Promise<Gathered> {
  switch (source.kind) {
    case 'file':
    case 'rules':
      return together([await readDocument(needs, source.uri)]);
    case 'folder':
      return readFolder(needs, source.uri);
    case 'selection':
      return together(['sha256' in source ? await readSelected(needs, source) : source.piece]);
    case 'problems':
      return problemsOf(needs, source.uri?.toString());
    case 'symbol':
      return together([await readSymbol(needs, source)]);
    case 'diff':
      return changes(needs);
    case 'search':
      return together([await readDocument(needs, source.uri, source.lines)]);
  }
}

/** Two sources that mean the same have the same key. */
export function keyOf(source: Source): string {
  switch (source.kind) {
    case 'selection': {
      const { uri, lines } = source.piece;
      return JSON.stringify([
        source.kind,
        uri,
        lines,
        'sha256' in source ? source.sha256 : sha256Of(source.piece.text),
      ]);
    }
    case 'symbol':
      return JSON.stringify([source.kind, source.uri.toString(), source.line]);
    case 'search':
      return JSON.stringify([source.kind, source.uri.toString(), source.lines]);
    case 'diff':
      return source.kind;
    default:
      return JSON.stringify([source.kind, source.uri?.toString()]);
  }
}

/** How a source is called where there is little room: `gate.ts:10-32`. */
export function nameOf(source: Source): string {
  switch (source.kind) {
    case 'file':
    case 'rules':
      return lastOf(source.uri.path);
    case 'folder':
      return `${lastOf(source.uri.path)}/`;
    case 'selection':
      return lastOf(source.piece.label) + linesWords(source.piece.lines);
    case 'problems':
      return source.uri === undefined ? 'problems' : `problems of ${lastOf(source.uri.path)}`;
    case 'symbol':
      return source.name;
    case 'diff':
      return 'uncommitted changes';
    case 'search':
      return lastOf(source.uri.path) + linesWords(source.lines);
  }
}

/** `src/egress/gate.ts:10-32`. */
export function pieceName({ label, lines }: Pick<Piece, 'label' | 'lines'>): string {
  return label + linesWords(lines);
}

/** Where it can be looked at; `undefined`: it is no place. */
export function placeOfSource(
  source: Source,
): { readonly uri: string; readonly lines?: readonly [number, number] } | undefined {
  switch (source.kind) {
    case 'selection': {
      const { uri, lines } = source.piece;
      return { uri, ...(lines === undefined ? {} : { lines }) };
    }
    case 'symbol':
      return { uri: source.uri.toString(), lines: [source.line + 1, source.line + 1] };
    case 'search':
      return { uri: source.uri.toString(), lines: source.lines };
    case 'file':
    case 'rules':
      return { uri: source.uri.toString() };
    default:
      return undefined;
  }
}

/** Of all repositories that are open. */
async function changes({ git, Uri, workspace }: GatherNeeds): Promise<Gathered> {
  const found = await git();
  if (found.kind === 'none') return together([{ label: 'the diff', why: `cannot be read: ${found.why}` }]);
  return diffOf(found.api.repositories, { Uri, asRelativePath: workspace.asRelativePath });
}

function lastOf(path: string): string {
  return path.replace(/\/$/, '').split('/').at(-1) ?? path;
}

function linesWords(lines: readonly [number, number] | undefined): string {
  if (lines === undefined) return '';
  return lines[0] === lines[1] ? `:${lines[0]}` : `:${lines[0]}-${lines[1]}`;
}

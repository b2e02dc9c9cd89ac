/** What VS Code says is wrong with documents becomes pieces here, one for each document. */
import type * as vscode from 'vscode';
import { shortened, together, type Gathered, type Missing, type Piece } from './piece.ts';

/** Where problems are taken from. */
export interface ProblemsNeeds {
  readonly languages: { readonly getDiagnostics: () => [vscode.Uri, readonly vscode.Diagnostic[]][] };
  readonly workspace: Pick<typeof vscode.workspace, 'asRelativePath'>;
}

/** By `vscode.DiagnosticSeverity`, which is no value outside VS Code. Hints are not shown as problems there either. */
const severities: readonly string[] = ['error', 'warning', 'information'];
/** A project that is broken in a thousand places is broken in one. */
const mostProblems = 100;

/**
 * Problems of one document or of all, the worst first; documents whose problems are too many are named. Called when the
 * question is sent.
 * @param only the document; absent: all.
 */
export function problemsOf({ languages, workspace }: ProblemsNeeds, only?: string): Gathered {
  const found = languages
    .getDiagnostics()
    .filter(([uri]) => only === undefined || uri.toString() === only)
    .flatMap(([uri, diagnostics]) =>
      diagnostics.map((diagnostic) => ({ uri: uri.toString(), label: workspace.asRelativePath(uri), diagnostic })),
    )
    .filter(({ diagnostic }) => severities[diagnostic.severity] !== undefined)
    .toSorted(({ diagnostic: a }, { diagnostic: b }) => a.severity - b.severity);
  if (found.length === 0) return together([{ label: 'the list of problems', why: 'is empty' }]);
  const pieces = byDocument(found.slice(0, mostProblems)).map(([{ uri, label }, problems]): Piece => {
    const ordered = problems.toSorted((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line);
    return { uri, label: `problems of ${label}`, text: ordered.map((each) => problemLine(label, each)).join('\n') };
  });
  const missing = byDocument(found.slice(mostProblems)).map(([{ label }, { length }]): Missing => {
    return { label, why: `has ${length} more ${length === 1 ? 'problem' : 'problems'}, left out` };
  });
  return { pieces, missing: shortened(missing, 'files with problems') };
}

interface Problem {
  readonly uri: string;
  readonly label: string;
  readonly diagnostic: vscode.Diagnostic;
}

/** In the order in which the documents first come up. */
function byDocument(problems: readonly Problem[]): readonly (readonly [Problem, readonly vscode.Diagnostic[]])[] {
  return [...Map.groupBy(problems, ({ uri }) => uri).values()].flatMap((all) => {
    const [first] = all;
    return first === undefined ? [] : [[first, all.map(({ diagnostic }) => diagnostic)] as const];
  });
}

/** `src/a.ts:12: error: Cannot find name 'x'. (ts 2304)` */
export function problemLine(label: string, { range, severity, message, source, code }: vscode.Diagnostic): string {
  const id = typeof code === 'object' ? code.value : code;
  const from = [source, id].filter((each) => each !== undefined && each !== '').join(' ');
  const plain = message.replaceAll(/\s*\n\s*/g, ' ');
  return `${label}:${range.start.line + 1}: ${severities[severity] ?? 'hint'}: ${plain}${from === '' ? '' : ` (${from})`}`;
}

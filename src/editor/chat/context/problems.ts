/** What VS Code says is wrong with documents becomes pieces here, one for each document. */
import type * as vscode from 'vscode';
import type { Piece } from './piece.ts';

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
 * Problems of one document or of all, the worst first. Called when the question is sent.
 * @param only the document; absent: all.
 */
export function problemPieces({ languages, workspace }: ProblemsNeeds, only?: string): readonly Piece[] {
  const all = languages.getDiagnostics().filter(([uri]) => only === undefined || uri.toString() === only);
  let left = mostProblems;
  return all.flatMap(([uri, diagnostics]) => {
    const shown = diagnostics
      .filter(({ severity }) => severities[severity] !== undefined)
      .toSorted((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line)
      .slice(0, left);
    left -= shown.length;
    const label = workspace.asRelativePath(uri);
    const text = shown.map((each) => problemLine(label, each)).join('\n');
    return shown.length === 0 ? [] : [{ uri: uri.toString(), label: `problems of ${label}`, text }];
  });
}

/** `src/a.ts:12: error: Cannot find name 'x'. (ts 2304)` */
export function problemLine(label: string, { range, severity, message, source, code }: vscode.Diagnostic): string {
  const id = typeof code === 'object' ? code.value : code;
  const from = [source, id].filter((each) => each !== undefined && each !== '').join(' ');
  const plain = message.replaceAll(/\s*\n\s*/g, ' ');
  return `${label}:${range.start.line + 1}: ${severities[severity] ?? 'hint'}: ${plain}${from === '' ? '' : ` (${from})`}`;
}

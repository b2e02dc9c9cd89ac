/** The lightbulb at a problem offers what Paddock can do about it; nothing is asked of a model before it is picked. */
import * as vscode from 'vscode';
import { writtenSchemes } from '../completions/snapshotOf.ts';
import type { EditAtProblem } from './editSelection.ts';

const kind = vscode.CodeActionKind.QuickFix;

/** Offers it wherever people write. */
export function registerQuickFixes(): vscode.Disposable {
  const selector = writtenSchemes.map((scheme) => ({ scheme }));
  const provideCodeActions = (document: vscode.TextDocument, _: vscode.Range, context: vscode.CodeActionContext) =>
    context.diagnostics
      .slice(0, 1)
      .flatMap((diagnostic) => [
        actionFor(document, diagnostic, { title: 'Fix with Paddock', isAsked: false }),
        actionFor(document, diagnostic, { title: 'Edit with Paddock…', isAsked: true }),
      ]);
  const metadata = { providedCodeActionKinds: [kind] };
  return vscode.languages.registerCodeActionsProvider(selector, { provideCodeActions }, metadata);
}

function actionFor(
  { uri }: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
  { title, isAsked }: { readonly title: string; readonly isAsked: boolean },
): vscode.CodeAction {
  const { range, message } = diagnostic;
  const problem: EditAtProblem = {
    ...{ uri: String(uri), message, isAsked },
    startLine: range.start.line,
    endLine: range.end.line,
  };
  const action = new vscode.CodeAction(title, kind);
  action.diagnostics = [diagnostic];
  action.command = { command: 'paddock.editSelection', title, arguments: [problem] };
  return action;
}

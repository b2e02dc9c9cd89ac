/** What the host tests start from: the environment, documents, typing, the ledger. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { readRequests } from '../support/ledgerFiles.mjs';
import { until } from './runner.ts';

/** Something `run.mjs` has to have set. */
export function environment(name: 'PADDOCK_HOST_REPORT' | 'PADDOCK_HOST_STORAGE' | 'PADDOCK_HOST_MODEL'): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** Paddock as VS Code knows it. */
export function paddock(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('paddock.paddock');
  assert.ok(found, 'Paddock is not installed');
  return found;
}

/** Ends on an empty line, after a pattern that even the smallest model continues. */
export const temperatures = `def celsius_to_fahrenheit(celsius: float) -> float:
    """Convert degrees Celsius to degrees Fahrenheit."""
    return celsius * 9 / 5 + 32


def fahrenheit_to_celsius(fahrenheit: float) -> float:
    """Convert degrees Fahrenheit to degrees Celsius."""
    return (fahrenheit - 32) * 5 / 9


`;

/** Typed at the end of `temperatures`; the model goes on with the rest of the line. */
export const beginning = 'def celsius_to_kelvin(celsius: float) -> float:\n    """Convert degrees';

/** Shows a document with the cursor at its end. */
export async function show(document: vscode.TextDocument): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(document);
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

/** A new document that was never saved, shown. */
export async function showUntitled(content = temperatures, language = 'python'): Promise<vscode.TextEditor> {
  return show(await vscode.workspace.openTextDocument({ content, language }));
}

/** Types as the keyboard does, key by key. */
export async function type(text: string): Promise<void> {
  for (const character of text) await vscode.commands.executeCommand('type', { text: character });
}

/** Takes the suggestion once one is shown; gives back what it put into the document. */
export async function take(editor: vscode.TextEditor): Promise<string> {
  const before = editor.document.getText();
  await until('a suggestion', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return editor.document.getText() !== before;
  });
  const after = editor.document.getText();
  assert.ok(after.startsWith(before), 'the suggestion goes to the end of what was typed');
  return after.slice(before.length);
}

/** Requests about one document so far that somebody waited for, from the ledger's files. */
export function intentsAbout(uri: vscode.Uri): readonly { readonly id: string; readonly atMs: number }[] {
  const isAbout = (item: { readonly uri: string }): boolean => item.uri === uri.toString();
  return readRequests(environment('PADDOCK_HOST_STORAGE')).filter(({ items }) => items.some(isAbout)) as never;
}

/** Runs something and fails if the model was asked about the document meanwhile or shortly after. */
export async function asksNobody(uri: vscode.Uri, action: () => Promise<unknown>, waitMs = 1_500): Promise<void> {
  const fromMs = Date.now();
  await action();
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  assert.deepEqual(
    intentsAbout(uri).filter(({ atMs }) => atMs >= fromMs),
    [],
  );
}

/** Sets something of the user's for the time of `action`. */
export async function withSetting(key: string, value: unknown, action: () => Promise<void>): Promise<void> {
  const configuration = () => vscode.workspace.getConfiguration('paddock');
  await configuration().update(key, value, true);
  try {
    await action();
  } finally {
    await configuration().update(key, undefined, true);
  }
}

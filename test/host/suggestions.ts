/** Suggestions from a real model as VS Code's API shows them, in every kind of document. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { descendantsOf } from '../../scripts/lib/processes.mjs';
import { readLedger, settlementOf } from '../support/ledgerFiles.mjs';
import { notesAboutPaddock } from './extension.ts';
import {
  asksNobody,
  beginning,
  environment,
  intentsAbout,
  show,
  showUntitled,
  take,
  temperatures,
  type,
  withSetting,
} from './given.ts';
import { until, type HostTest } from './runner.ts';

const { executeCommand } = vscode.commands;

export const suggestionTests: readonly HostTest[] = [
  { name: 'a model that is chosen while a document is open suggests in it', run: chooseModel },
  { name: 'a request leaves an intent and its settlement in the ledger', run: writesLedger },
  { name: 'a document with CRLF gets suggestions with CRLF, where the cursor is', run: crlf },
  { name: 'several cursors get none', run: severalCursors },
  { name: 'a document nobody writes in is never asked about', run: foreignScheme },
  { name: 'a language that is switched off gets none, switched on again it does', run: languageSwitch },
  { name: 'a pause ends with resume', run: pauseAndResume },
  { name: 'with the manual trigger they come when asked for', run: manualTrigger },
  { name: 'a setting of the wrong kind counts as its default', run: badSettings },
  { name: 'the engine starts afresh on request', run: restartEngine },
];

async function chooseModel(): Promise<void> {
  const editor = await showUntitled();
  const model = environment('PADDOCK_HOST_MODEL');
  await vscode.workspace.getConfiguration('paddock').update('local.modelPath', model, true);
  await until('the engine', () => engines().length === 1);
  assert.deepEqual(
    notesAboutPaddock().map(({ what }) => what),
    ['spawn'],
    'the one process is noted, and no connection',
  );
  await type(beginning);
  assert.match(await take(editor), /\S/);
}

async function writesLedger(): Promise<void> {
  const editor = await showUntitled();
  await type(beginning);
  await take(editor);
  const intent = await until('the intent', () => intentsAbout(editor.document.uri)[0]);
  await until('its settlement', () => settlementOf(readLedger(environment('PADDOCK_HOST_STORAGE')), intent.id));
}

async function crlf(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  const file = path.join(folder.uri.fsPath, 'crlf.py');
  writeFileSync(file, temperatures.replaceAll('\n', '\r\n'));
  const editor = await show(await vscode.workspace.openTextDocument(file));
  assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
  await type(beginning);
  await take(editor);
  const text = editor.document.getText();
  assert.ok(text.startsWith((temperatures + beginning).replaceAll('\n', '\r\n')));
  assert.equal(text.replaceAll('\r\n', '').includes('\n'), false, 'no line break of another kind');
}

async function severalCursors(): Promise<void> {
  const editor = await showUntitled(`${temperatures}\n`);
  const last = editor.document.lineCount - 1;
  editor.selections = [last - 1, last].map((line) => new vscode.Selection(line, 0, line, 0));
  await asksNobody(editor.document.uri, () => type('def celsius_to_kelvin('));
}

async function foreignScheme(): Promise<void> {
  const provider = { provideTextDocumentContent: () => temperatures };
  const registration = vscode.workspace.registerTextDocumentContentProvider('paddock-test', provider);
  try {
    const uri = vscode.Uri.parse('paddock-test:/shown.py');
    await show(await vscode.workspace.openTextDocument(uri));
    await asksNobody(uri, () => Promise.resolve(executeCommand('editor.action.inlineSuggest.trigger')));
    await executeCommand('paddock.showLog');
    const log = await until('the log', () => vscode.window.visibleTextEditors.find(isOutput)?.document.uri);
    await asksNobody(log, () => Promise.resolve(executeCommand('editor.action.inlineSuggest.trigger')));
    await executeCommand('workbench.action.closePanel');
  } finally {
    registration.dispose();
  }
}

async function languageSwitch(): Promise<void> {
  const editor = await showUntitled();
  await executeCommand('paddock.disableLanguage');
  assert.deepEqual(vscode.workspace.getConfiguration('paddock').get('completion.disabledLanguages'), ['python']);
  await asksNobody(editor.document.uri, () => type(beginning));
  await executeCommand('paddock.enableLanguage');
  await type(' ');
  await take(editor);
}

async function pauseAndResume(): Promise<void> {
  const editor = await showUntitled();
  await executeCommand('paddock.pauseUntilRestart');
  await asksNobody(editor.document.uri, () => type(beginning));
  await executeCommand('paddock.resume');
  await type(' ');
  await take(editor);
}

async function manualTrigger(): Promise<void> {
  await withSetting('completion.trigger', 'manual', async () => {
    const editor = await showUntitled();
    await asksNobody(editor.document.uri, () => type(beginning));
    await executeCommand('paddock.triggerSuggestion');
    await take(editor);
  });
}

async function badSettings(): Promise<void> {
  await withSetting('completion.trigger', 'sometimes', async () => {
    await withSetting('local.contextTokens', 'many', async () => {
      const editor = await showUntitled();
      await type(beginning);
      await take(editor);
    });
  });
}

async function restartEngine(): Promise<void> {
  const [before] = engines();
  assert.ok(before);
  await executeCommand('paddock.restartEngine');
  await until('another engine', () => engines().length === 1 && engines()[0]?.pid !== before.pid);
  const editor = await showUntitled();
  await type(beginning);
  await take(editor);
}

function isOutput({ document }: vscode.TextEditor): boolean {
  return document.uri.scheme === 'output';
}

function engines() {
  return descendantsOf(process.pid).filter(({ commandLine }) => commandLine.includes('worker.mjs'));
}

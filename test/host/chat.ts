/** What goes with a question to the chat, read through VS Code's own files, problems and names. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import * as vscode from 'vscode';
import { gitOf } from '../../src/editor/git.ts';
import { problemsOf } from '../../src/editor/chat/context/problems.ts';
import { readDocument, readFolder } from '../../src/editor/chat/context/reading.ts';
import { searchWorkspace } from '../../src/editor/chat/context/searching.ts';
import { selectionPiece } from '../../src/editor/chat/context/selection.ts';
import { findSymbols, readSymbol } from '../../src/editor/chat/context/symbols.ts';
import { environment, paddock } from './given.ts';
import { until, type HostTest } from './runner.ts';

const { workspace, languages, commands } = vscode;
const needs = { workspace, RelativePattern: vscode.RelativePattern, run: commands.executeCommand };
const text = 'one\ntwo quincunx\nthree\n';

export const chatTests: readonly HostTest[] = [
  { name: 'files and folders go with a chat question as VS Code sees them', run: readsFiles },
  { name: 'a selection, problems and names go with a chat question', run: readsParts },
  { name: 'the keys that open the chat and edit a selection are keys that VS Code uses for nothing', run: hasFreeKeys },
  { name: 'the chat opens without writing anything, and finds the Git extension', run: opens },
];

/** Runs something in a folder of the workspace that has these files. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  action: (folder: vscode.Uri) => Promise<void>,
): Promise<void> {
  const [opened] = workspace.workspaceFolders ?? [];
  assert.ok(opened, 'a folder is open');
  const folder = vscode.Uri.joinPath(opened.uri, 'chat-context');
  try {
    for (const [name, content] of Object.entries(files)) {
      await workspace.fs.writeFile(vscode.Uri.joinPath(folder, name), new TextEncoder().encode(content));
    }
    await action(folder);
  } finally {
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await workspace.fs.delete(folder, { recursive: true });
  }
}

async function readsFiles(): Promise<void> {
  const files = { 'b.txt': text, 'a/a.txt': 'a', 'node_modules/x.txt': 'x', 'logo.bin': 'a\0b' };
  await withFiles(files, async (folder) => {
    const { pieces, missing } = await readFolder(needs, folder);
    assert.deepEqual(
      pieces.map(({ label }) => label),
      ['chat-context/a/a.txt', 'chat-context/b.txt'],
    );
    assert.deepEqual(missing, [{ label: 'chat-context/logo.bin', why: 'is no text' }]);
    const uri = vscode.Uri.joinPath(folder, 'b.txt');
    const editor = await vscode.window.showTextDocument(uri);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'typed '));
    const read = await readDocument(needs, uri, [1, 2]);
    assert.equal('text' in read && read.text, 'typed one\ntwo quincunx');
    const found = await searchWorkspace(needs, 'where is quincunx', new AbortController().signal);
    assert.deepEqual(
      found.map(({ label }) => label),
      ['chat-context/b.txt'],
    );
  });
}

async function readsParts(): Promise<void> {
  await withFiles({ 'b.txt': text }, async (folder) => {
    const uri = vscode.Uri.joinPath(folder, 'b.txt');
    const editor = await vscode.window.showTextDocument(uri);
    editor.selection = new vscode.Selection(1, 0, 2, 0);
    const piece = selectionPiece(workspace, editor);
    assert.deepEqual([piece?.text, piece?.lines], ['two quincunx\n', [2, 2]]);

    const range = new vscode.Range(1, 4, 1, 12);
    const problems = languages.createDiagnosticCollection('test');
    const outline = languages.registerDocumentSymbolProvider(
      { pattern: '**/b.txt' },
      {
        provideDocumentSymbols: () => [
          new vscode.DocumentSymbol('quincunx', '', vscode.SymbolKind.Function, new vscode.Range(1, 0, 2, 5), range),
        ],
      },
    );
    const names = languages.registerWorkspaceSymbolProvider({
      provideWorkspaceSymbols: () => [
        new vscode.SymbolInformation('quincunx', vscode.SymbolKind.Function, '', new vscode.Location(uri, range)),
      ],
    });
    try {
      problems.set(uri, [new vscode.Diagnostic(range, 'No such tree.', vscode.DiagnosticSeverity.Warning)]);
      const [told] = await until('the problem', () => {
        const { pieces } = problemsOf({ languages, workspace }, uri.toString());
        return pieces.length > 0 && pieces;
      });
      assert.equal(told?.text, 'chat-context/b.txt:2: warning: No such tree.');
      const [symbol] = await findSymbols(needs, 'quin', 5);
      assert.ok(symbol);
      const whole = await readSymbol(needs, symbol);
      assert.deepEqual('text' in whole && [whole.text, whole.lines], ['two quincunx\nthree', [2, 3]]);
    } finally {
      for (const each of [problems, outline, names]) each.dispose();
    }
  });
}

/** VS Code writes the keys of its own and of every extension into one document. */
async function hasFreeKeys(): Promise<void> {
  const document = await workspace.openTextDocument(vscode.Uri.parse('vscode://defaultsettings/keybindings.json'));
  const bindings = parse(document.getText()) as readonly { readonly key: string; readonly command: string }[];
  assert.ok(bindings.length > 500, `${bindings.length} keys`);
  for (const [key, command] of [
    ['ctrl+alt+p', 'paddock.openChat'] as const,
    ['ctrl+k a', 'paddock.editSelection'] as const,
  ]) {
    const found = bindings.filter((binding) => binding.key === key);
    assert.deepEqual([...new Set(found.map((binding) => binding.command))], [command]);
  }
}

async function opens(): Promise<void> {
  await paddock().activate();
  const chats = path.join(environment('PADDOCK_HOST_STORAGE'), 'paddock.paddock', 'chats');
  assert.equal(existsSync(chats), false, 'nothing was asked, and there is a folder of conversations');
  await commands.executeCommand('paddock.openChat');
  await commands.executeCommand('paddock.newChat');
  assert.equal(existsSync(chats), false, 'nothing was asked, and there is a folder of conversations');
  const git = await gitOf(vscode);
  assert.equal(git.kind, 'api');
  await commands.executeCommand('workbench.view.explorer');
}

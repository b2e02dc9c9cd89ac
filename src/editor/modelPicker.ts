/** "Which model file?" passes through here: files found on this computer, or one the user browses to. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Failure } from '../base/failure.ts';
import { parseRef } from '../models/choose.ts';
import { roles, type Choice } from './choice.ts';
import { focusEditor } from './menu.ts';
import { sizeWords } from './modelWords.ts';
import type { LiveSettings } from './settings.ts';
import { checkModelFile, findModelFiles, nameOfFile, type ModelFile } from '../weights/gguf.ts';

interface Pick extends vscode.QuickPickItem {
  /** `undefined`: browse. */
  readonly file: ModelFile | undefined;
}

/**
 * Lets the user choose a GGUF file for the roles that our own engine answers, and remembers it; where servers answer both
 * the user is asked which of them it shall take over. Cancelling changes nothing. Throws `Failure` for a file that is no model.
 */
export async function chooseModel(needs: {
  window: typeof vscode.window;
  run: typeof vscode.commands.executeCommand;
  settings: LiveSettings;
  choice: Choice;
}): Promise<void> {
  const { window, run, settings, choice } = needs;
  await focusEditor(run);
  const current = settings.now['local.modelPath'];
  const picked = await window.showQuickPick(picks(current), {
    title: 'Paddock: Choose Model File',
    placeHolder: 'A GGUF file on this computer',
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  const path = picked.file?.path ?? (await browseForModel(window));
  if (path === undefined) return;
  const file = await checkModelFile(path);
  await settings.write('local.modelPath', () => file.path);
  const refs = roles.map((role) => ({ role, kind: parseRef(choice.refFor(role)).kind }));
  await choice.set(
    refs.flatMap(({ role, kind }) => (kind === 'embedded' ? [role] : [])),
    '',
  );
  if (refs.every(({ kind }) => kind === 'served')) await run('paddock.switchProvider');
}

async function picks(current: string): Promise<Pick[]> {
  const found = await findModelFiles(homedir());
  const files = found.map((file) => ({
    label: nameOfFile(file.path),
    description: `${sizeWords(file.bytes)}${file.path === current ? ' · in use' : ''}`,
    detail: file.path,
    file,
  }));
  return [...files, { label: '$(folder-opened) Browse…', alwaysShow: true, file: undefined }];
}

/** Lets the user look for a GGUF file on this machine; `undefined`: they left. Throws `Failure` for one elsewhere. */
export async function browseForModel(window: typeof vscode.window): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    title: 'Choose a GGUF model file',
    openLabel: 'Use this model',
    canSelectMany: false,
    defaultUri: vscode.Uri.file(homedir()), // in a remote window too, the model is on the machine this runs on
    filters: { 'GGUF models': ['gguf'], 'All files': ['*'] },
  });
  const uri = chosen?.[0];
  if (uri !== undefined && uri.scheme !== 'file' && !isOnThisMachine(uri)) {
    throw new Failure(
      'modelMissing',
      'That file is on another machine. The model has to be on the one Paddock runs on.',
      {
        action: 'openSettings',
      },
    );
  }
  return uri?.fsPath;
}

/** Where this extension runs on the remote side itself, the remote side's files are its own. */
function isOnThisMachine({ scheme }: vscode.Uri): boolean {
  const isRemoteSide =
    vscode.extensions.getExtension('paddock.paddock')?.extensionKind === vscode.ExtensionKind.Workspace;
  return scheme === 'vscode-remote' && isRemoteSide;
}

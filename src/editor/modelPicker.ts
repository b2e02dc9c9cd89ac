/** "Which model file?" passes through here: files found on this computer, or one the user browses to. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Failure } from '../base/failure.ts';
import { focusEditor } from './menu.ts';
import type { LiveSettings } from './settings.ts';
import { checkModelFile, findModelFiles, nameOfFile, type ModelFile } from '../weights/gguf.ts';

interface Pick extends vscode.QuickPickItem {
  /** `undefined`: browse. */
  readonly file: ModelFile | undefined;
}

/** Lets the user choose a GGUF file and remembers it. Cancelling changes nothing. Throws `Failure` for a file that is no model. */
export async function chooseModel(needs: {
  window: typeof vscode.window;
  run: typeof vscode.commands.executeCommand;
  settings: LiveSettings;
}): Promise<void> {
  const { window, run, settings } = needs;
  await focusEditor(run);
  const current = settings.now['local.modelPath'];
  const picked = await window.showQuickPick(picks(current), {
    title: 'Paddock: Choose Model File',
    placeHolder: 'A GGUF file on this computer',
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  const path = picked.file?.path ?? (await browse(window));
  if (path === undefined) return;
  const file = await checkModelFile(path);
  await settings.write('local.modelPath', () => file.path);
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

async function browse(window: typeof vscode.window): Promise<string | undefined> {
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

/** `1117320768` -> `1.1 GB`. */
export function sizeWords(bytes: number): string {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

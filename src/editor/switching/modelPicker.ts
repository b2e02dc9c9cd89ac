/** "Where is the model file?" passes through here: the user browses to it. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Failure } from '../../base/failure.ts';

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

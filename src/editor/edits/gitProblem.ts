/** Whether VS Code's Git can be asked is found out here. */
import * as vscode from 'vscode';

/** Why there is no Git extension to ask; `undefined`: there is one. */
export function gitProblem(): string | undefined {
  if (vscode.extensions.getExtension('vscode.git') !== undefined) return undefined;
  return vscode.env.remoteName === undefined
    ? 'VS Code’s Git extension is switched off.'
    : 'The Git extension runs on the other side of the remote connection, Paddock on this one.';
}

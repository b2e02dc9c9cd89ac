/** What is written down beside every request: the folder that is worked in, what it is booked under, which weights. */
import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Notes, Order } from '../../egress/gate.ts';
import type { Workspace } from '../../ledger/entry.ts';
import type { Checksums } from '../../weights/checksums.ts';
import type { LiveSettings } from '../settings.ts';

/** What the notes are taken from. */
export interface NotesNeeds {
  readonly settings: Pick<LiveSettings, 'now'>;
  readonly workspace: Pick<typeof vscode.workspace, 'getWorkspaceFolder' | 'workspaceFolders'>;
  readonly Uri: typeof vscode.Uri;
  /** Stays the same on this machine, and nobody else has it. */
  readonly machineId: string;
  readonly checksums: Pick<Checksums, 'of'>;
}

/** Gives what takes the notes; asked for with every request, so nothing is looked up that is not at hand. */
export function noting(needs: NotesNeeds): (asked: Pick<Order, 'model' | 'items'>) => Notes {
  const known = new Map<string, Workspace>();
  const knownOf = (folder: vscode.WorkspaceFolder): Workspace => {
    const uri = folder.uri.toString();
    const workspace = known.get(uri) ?? workspaceOf(needs.machineId, folder);
    known.set(uri, workspace);
    return workspace;
  };
  return ({ model, items: [first] }) => {
    const { settings, workspace, Uri, checksums } = needs;
    const own = first && workspace.getWorkspaceFolder(Uri.parse(first.uri));
    const folder = own ?? workspace.workspaceFolders?.[0];
    const label = settings.now['cost.label'];
    const weightsSha256 = model?.provider === 'embedded' ? checksums.of(model.file) : undefined;
    return {
      ...(folder && { workspace: knownOf(folder) }),
      ...(label === '' ? {} : { label }),
      ...(weightsSha256 === undefined ? {} : { weightsSha256 }),
    };
  };
}

/** How a folder is written down. Of its address alone, everybody could try names until one fits. */
export function workspaceOf(machineId: string, { uri, name }: vscode.WorkspaceFolder): Workspace {
  const id = createHash('sha256').update(`${machineId}\n${uri.toString()}`).digest('hex').slice(0, 32);
  return { id, name };
}

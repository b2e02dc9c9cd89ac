/** What VS Code asks for by itself is registered here from the start; what answers it is loaded only then. */
import * as vscode from 'vscode';
import { asFailure } from '../base/failure.ts';
import type { Store } from '../base/store.ts';
import { chatViewId } from './chat/chatCommands.ts';
import { previewTabs } from './edits/previewTabs.ts';
import { registerQuickFixes } from './edits/quickFixes.ts';
import { gitProblem } from './git.ts';
import { ledgerPanelId } from './ledger/ledgerCommands.ts';
import type { Notices } from './notices.ts';
import type { Rooms } from './rooms.ts';

/** What they need. */
export interface EntranceNeeds {
  readonly store: Store;
  readonly rooms: () => Promise<Rooms>;
  readonly notices: Pick<Notices, 'answer'>;
  readonly run: typeof vscode.commands.executeCommand;
}

/** Registers all of them. */
export function registerEntrances(needs: EntranceNeeds): void {
  const { store, run } = needs;
  const { window, extensions } = vscode;
  store.add(
    window.registerWebviewViewProvider(chatViewId, {
      resolveWebviewView: (view, context, token) =>
        fill(needs, view, ({ chatView }) => chatView.resolveWebviewView(view, context, token)),
    }),
  );
  store.add(
    window.registerWebviewPanelSerializer(ledgerPanelId, {
      deserializeWebviewPanel: (panel) => fill(needs, panel, ({ restoreLedger }) => restoreLedger(panel)),
    }),
  );
  store.add(registerQuickFixes());
  const tellGit = () => void run('setContext', 'paddock.hasNoGit', gitProblem(vscode) !== undefined);
  store.add(extensions.onDidChange(tellGit));
  tellGit();
  // VS Code opens the tabs of the last window again, and nobody has their text.
  void window.tabGroups.close(previewTabs());
}

/** Fills a view or a tab, unless it was closed before that could be done. A failure is shown. */
async function fill(
  { rooms, notices }: EntranceNeeds,
  page: Pick<vscode.WebviewView, 'onDidDispose'>,
  fillWith: (rooms: Rooms) => unknown,
): Promise<void> {
  let isClosed = false;
  const listener = page.onDidDispose(() => (isClosed = true));
  try {
    const loaded = await rooms();
    if (!isClosed) await fillWith(loaded);
  } catch (error) {
    notices.answer(asFailure(error, 'unexpected', 'showLog'));
  } finally {
    listener.dispose();
  }
}

/**
 * What is not needed before the user opens it is put together here: the chat, edits, the ledger's page, lists. It is
 * bundled apart from what is read at activation; `extension.ts` imports it when the first of it is wanted.
 */
import type * as vscode from 'vscode';
import { buildChat, type ChatParts } from './chat/build.ts';
import { askableChatModel } from './chat/chatModel.ts';
import type { RoomCommands } from './commands.ts';
import { buildDialogs, type DialogParts } from './dialogs.ts';
import { buildEdits, type EditParts } from './edits/build.ts';
import { buildLedger, type LedgerParts } from './ledger/buildLedger.ts';

/** What they are built from. */
export type RoomParts = Omit<ChatParts, 'applyText'> &
  Omit<EditParts, 'memento' | 'chatModel'> &
  Omit<LedgerParts, 'drawn'> &
  DialogParts;

/** What the wiring reaches of them. */
export interface Rooms extends RoomCommands {
  readonly chatView: vscode.WebviewViewProvider;
  /** Fills the ledger's page of the last window, which VS Code brought back. */
  readonly restoreLedger: (panel: vscode.WebviewPanel) => void;
}

/** Builds all of it; to be called once. */
export function buildRooms(parts: RoomParts): Rooms {
  const { context, chatModel, window, backButton, icon } = parts;
  const edits = buildEdits({ ...parts, memento: context.workspaceState, chatModel: () => askableChatModel(chatModel) });
  // Code of the chat becomes an edit, and both ask the chat's model.
  const chat = buildChat({ ...parts, applyText: edits.applyText });
  const ledger = buildLedger({ ...parts, drawn: { window, backButton, icon } });
  return {
    ...{ chat: chat.commands, edits: edits.commands, ledger: ledger.commands, dialogs: buildDialogs(parts) },
    ...{ chatView: chat.view, restoreLedger: ledger.restore },
  };
}

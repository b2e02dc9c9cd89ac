/** Edits are put together here: what the wiring hands over becomes commands and the way code is applied. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { asFailure, Failure } from '../../base/failure.ts';
import type { Store } from '../../base/store.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Ask } from '../../models/model.ts';
import type { ChatModel } from '../chat/chatModel.ts';
import { contextTokensOf } from '../chat/contextTokens.ts';
import { receiptOf } from '../chat/receipt.ts';
import type { Status } from '../indicator/status.ts';
import type { ListNeeds } from '../list.ts';
import type { Notices } from '../notices.ts';
import { applyText, type TextToApply } from './applyText.ts';
import { CommitMessages } from './commitMessage.ts';
import type { EditCommands } from './editCommands.ts';
import { Edits } from './edits.ts';
import { editSelection, type AskedModel } from './editSelection.ts';
import { Instructions } from './instruction.ts';
import { ReceiptHovers } from './receiptHovers.ts';
import { receiptWords } from './receiptWords.ts';

/** What edits are made of. */
export interface EditParts extends ListNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly ask: Ask;
  readonly run: typeof vscode.commands.executeCommand;
  /** For this workspace. */
  readonly memento: vscode.Memento;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly notices: Pick<Notices, 'answer' | 'say' | 'showRequestFailure'>;
  readonly status: Pick<Status, 'noteFailure'>;
  /** The model picked for chat; `undefined`: none is. */
  readonly chatModel: () => ChatModel | undefined;
  /** How long the context of our own engine will be, as long as it does not run. */
  readonly localContextTokens: () => number;
}

/** Builds and registers all of it. */
export function buildEdits(parts: EditParts): {
  readonly commands: EditCommands;
  /** Puts a code block of the chat into a file. Shows its own failures. */
  readonly applyText: (text: TextToApply) => Promise<void>;
} {
  const { store, clock, ask, run, memento, ledger, notices } = parts;
  const receipts = store.add(new ReceiptHovers(vscode));
  const edits = store.add(new Edits({ notices, receipts, clock }));
  const instructions = new Instructions({ window: vscode.window, run, memento });
  const asked = () => askedModel(parts.chatModel(), parts.localContextTokens());
  const commitMessages = new CommitMessages({ ask, clock, asked, notices });
  const nameOf = (uri: string) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  const receiptFor = (requestIds: readonly string[]): string | undefined => {
    const requests = requestIds.map((id) => ledger.find(id));
    const receipt = receiptOf(requests, nameOf);
    return receipt && receiptWords(receipt);
  };
  const selecting = { edits, instructions, ask, clock, asked, receiptOf: receiptFor };
  const shown = showing(parts);
  const { window, workspace, languages } = vscode;
  const { registerCommand } = vscode.commands;
  store.add(registerCommand('paddock.internal.earlierInstruction', () => instructions.recall('earlier')));
  store.add(registerCommand('paddock.internal.laterInstruction', () => instructions.recall('later')));
  return {
    commands: {
      editSelection: (argument) => shown(() => editSelection(selecting, argument)),
      decideChange: (hunk, decision) => edits.decide(hunk, decision),
      decideAllChanges: (decision) => edits.decideAll(decision),
      discardEdit: () => edits.discard(),
      goToChange: (direction) => edits.goToHunk(direction),
      writeCommitMessage: oneAtATime((argument) => shown(() => commitMessages.write(argument))),
    },
    applyText: oneAtATime((text) =>
      shown(() => applyText({ ...parts, window, workspace, languages, edits, createFile }, text)),
    ),
  };
}

function createFile(uri: vscode.Uri, text: string): Thenable<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  return vscode.workspace.applyEdit(edit);
}

/** A second call does nothing while the first has not settled. */
function oneAtATime<Value>(action: (value: Value) => Promise<void>): (value: Value) => Promise<void> {
  let isRunning = false;
  return async (value) => {
    if (isRunning) return;
    isRunning = true;
    try {
      await action(value);
    } finally {
      isRunning = false;
    }
  };
}

/** Shows a failure of something the user asked for. Without a model, they are offered one. */
function showing({ run, notices, status }: EditParts) {
  return async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      const failure = asFailure(error, 'unexpected', 'showLog');
      if (failure.kind === 'noModel' && failure.action !== undefined) return void (await run('paddock.chooseModel'));
      if (failure.kind === 'noModel') return notices.say(failure.message);
      status.noteFailure(failure);
      notices.showRequestFailure('chat', failure, true);
    }
  };
}

function askedModel(chosen: ChatModel | undefined, localContextTokens: number): AskedModel {
  if (chosen === undefined) throw new Failure('noModel', 'No model is chosen yet.', { action: 'chooseModel' });
  const { model, pill } = chosen;
  const contextTokens = contextTokensOf(chosen, localContextTokens);
  const isEmbedded = model.provider === 'embedded';
  return { id: model.id, name: pill.name, placeWords: pill.routeWords, contextTokens, isEmbedded };
}

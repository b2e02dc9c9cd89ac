/** Every command of Paddock: its id, and a handler of a few lines. */
import type * as vscode from 'vscode';
import { asFailure, type Failure } from '../base/failure.ts';
import { Store, type Disposable } from '../base/store.ts';
import { shortPauseMs, type Pausing } from './completions/pausing.ts';
import type { ChatCommands } from './chat/chatCommands.ts';
import type { EditCommands } from './edits/editCommands.ts';
import type { LedgerCommands } from './ledger/ledgerCommands.ts';
import type { Role } from '../models/model.ts';
import type { LiveSettings } from './settings.ts';

/** What the handlers reach. Each is the smallest thing that does the job, so that the table reads as prose. */
export interface CommandNeeds {
  readonly settings: LiveSettings;
  readonly pausing: Pausing;
  /** Language id of the active editor; `undefined`: none is open. */
  readonly language: () => string | undefined;
  readonly run: typeof vscode.commands.executeCommand;
  readonly restartEngine: () => void;
  readonly showLog: () => void;
  readonly showMenu: () => Promise<void>;
  /** @param card whose terms, by its card's id; `undefined`: of the one in use, or the user says. */
  readonly showTerms: (card: unknown) => Promise<void>;
  /** Stops every request that runs in this window. */
  readonly stopRequests: () => void;
  /** Loads, the first time, what is not needed before the user opens it. Throws `Failure`. */
  readonly rooms: () => Promise<RoomCommands>;
}

/** What the user does where they open something. */
export interface RoomCommands {
  readonly chat: ChatCommands;
  readonly edits: EditCommands;
  readonly ledger: LedgerCommands;
  readonly dialogs: DialogCommands;
}

/** What the user is asked, and asks for. */
export interface DialogCommands {
  readonly chooseModel: () => Promise<void>;
  /** @param role for which a model is to be picked; `undefined`: the user says. */
  readonly switchProvider: (role: Role | undefined) => Promise<void>;
  readonly addServer: () => Promise<void>;
  /** @param origin whose key; `undefined`: the user says. */
  readonly setApiKey: (origin: string | undefined) => Promise<unknown>;
  readonly removeApiKey: () => Promise<void>;
  readonly toggleThisComputerOnly: () => Promise<void>;
  readonly manageConsents: () => Promise<void>;
  readonly getStarterModel: () => Promise<void>;
}

/** Commands the user sees in the palette, the menu or the hover. */
export type CommandId =
  | 'paddock.triggerSuggestion'
  | 'paddock.enableCompletions'
  | 'paddock.disableCompletions'
  | 'paddock.enableLanguage'
  | 'paddock.disableLanguage'
  | 'paddock.pauseForAWhile'
  | 'paddock.pauseUntilRestart'
  | 'paddock.resume'
  | 'paddock.chooseModel'
  | 'paddock.restartEngine'
  | 'paddock.showLog'
  | 'paddock.openSettings'
  | 'paddock.showMenu'
  | 'paddock.switchProvider'
  | 'paddock.addServer'
  | 'paddock.setApiKey'
  | 'paddock.removeApiKey'
  | 'paddock.thisComputerOnly'
  | 'paddock.manageConsents'
  | 'paddock.getStarterModel'
  | 'paddock.openChat'
  | 'paddock.newChat'
  | 'paddock.addToChat'
  | 'paddock.editSelection'
  | 'paddock.acceptChange'
  | 'paddock.rejectChange'
  | 'paddock.acceptAllChanges'
  | 'paddock.rejectAllChanges'
  | 'paddock.discardEdit'
  | 'paddock.nextChange'
  | 'paddock.previousChange'
  | 'paddock.writeCommitMessage'
  | 'paddock.commitMessageUnavailable'
  | 'paddock.openLedger'
  | 'paddock.verifyLedger'
  | 'paddock.exportLedger'
  | 'paddock.mergeLedgers'
  | 'paddock.deleteLedger'
  | 'paddock.stopRequests'
  | 'paddock.openBudgets'
  | 'paddock.showTerms';

/**
 * The table. Handlers throw `Failure`; whoever registers them shows it. Anybody may run a command with any argument, so
 * only one of the expected type counts.
 */
export function commandTable(needs: CommandNeeds): Record<CommandId, (argument?: unknown, other?: unknown) => unknown> {
  const { settings, pausing, run } = needs;
  const chat = async () => (await needs.rooms()).chat;
  const edits = async () => (await needs.rooms()).edits;
  const ledger = async () => (await needs.rooms()).ledger;
  const dialogs = async () => (await needs.rooms()).dialogs;
  return {
    'paddock.triggerSuggestion': () => run('editor.action.inlineSuggest.trigger'),
    'paddock.enableCompletions': () => settings.write('completion.enabled', () => true),
    'paddock.disableCompletions': () => settings.write('completion.enabled', () => false),
    'paddock.enableLanguage': () => switchLanguage(needs, true),
    'paddock.disableLanguage': () => switchLanguage(needs, false),
    'paddock.pauseForAWhile': () => pausing.pauseFor(shortPauseMs),
    'paddock.pauseUntilRestart': () => pausing.pauseFor(Infinity),
    'paddock.resume': () => pausing.resume(),
    'paddock.chooseModel': async () => (await dialogs()).chooseModel(),
    'paddock.restartEngine': () => needs.restartEngine(),
    'paddock.showLog': () => needs.showLog(),
    'paddock.openSettings': () => run('workbench.action.openSettings', '@ext:paddock.paddock'),
    'paddock.showMenu': () => needs.showMenu(),
    'paddock.switchProvider': async (role) => (await dialogs()).switchProvider(role === 'chat' ? role : undefined),
    'paddock.addServer': async () => (await dialogs()).addServer(),
    'paddock.setApiKey': async (origin) => (await dialogs()).setApiKey(typeof origin === 'string' ? origin : undefined),
    'paddock.removeApiKey': async () => (await dialogs()).removeApiKey(),
    'paddock.thisComputerOnly': async () => (await dialogs()).toggleThisComputerOnly(),
    'paddock.manageConsents': async () => (await dialogs()).manageConsents(),
    'paddock.getStarterModel': async () => (await dialogs()).getStarterModel(),
    'paddock.openChat': async () => (await chat()).openChat(),
    'paddock.newChat': async () => (await chat()).newChat(),
    'paddock.addToChat': async (uri, all) => (await chat()).addToChat(uri, all),
    'paddock.editSelection': async (argument) => (await edits()).editSelection(argument),
    'paddock.acceptChange': async (hunk) => (await edits()).decideChange(hunk, 'accepted'),
    'paddock.rejectChange': async (hunk) => (await edits()).decideChange(hunk, 'rejected'),
    'paddock.acceptAllChanges': async () => (await edits()).decideAllChanges('accepted'),
    'paddock.rejectAllChanges': async () => (await edits()).decideAllChanges('rejected'),
    'paddock.discardEdit': async () => (await edits()).discardEdit(),
    'paddock.nextChange': async () => (await edits()).goToChange('next'),
    'paddock.previousChange': async () => (await edits()).goToChange('previous'),
    'paddock.writeCommitMessage': async (sourceControl) => (await edits()).writeCommitMessage(sourceControl),
    'paddock.commitMessageUnavailable': async (sourceControl) => (await edits()).writeCommitMessage(sourceControl),
    'paddock.openLedger': async (request) => (await ledger()).open(typeof request === 'string' ? request : undefined),
    'paddock.verifyLedger': async () => (await ledger()).verify(),
    'paddock.exportLedger': async () => (await ledger()).exportAll(),
    'paddock.mergeLedgers': async () => (await ledger()).merge(),
    'paddock.deleteLedger': async () => (await ledger()).deleteAll(),
    'paddock.stopRequests': () => needs.stopRequests(),
    'paddock.openBudgets': () => run('workbench.action.openSettings', 'paddock.cost.budgets'),
    'paddock.showTerms': (card) => needs.showTerms(card),
  };
}

/** Registers the table. A handler that fails tells `onFailure`, and the command ends quietly. */
export function registerCommands(needs: {
  readonly table: ReturnType<typeof commandTable>;
  readonly register: typeof vscode.commands.registerCommand;
  readonly onFailure: (failure: Failure) => void;
}): Disposable {
  const { table, register, onFailure } = needs;
  const store = new Store();
  for (const [id, handle] of Object.entries(table)) {
    const guarded = async (argument?: unknown, other?: unknown): Promise<void> => {
      try {
        await handle(argument, other);
      } catch (error) {
        onFailure(asFailure(error, 'unexpected', 'showLog'));
      }
    };
    store.add(register(id, guarded));
  }
  return store;
}

function switchLanguage({ settings, language }: CommandNeeds, isOn: boolean): Promise<void> | undefined {
  const id = language();
  if (id === undefined) return undefined;
  return settings.write('completion.disabledLanguages', (before) => {
    const others = before.filter((other) => other !== id);
    return isOn ? others : [...others, id];
  });
}

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
  readonly chooseModel: () => Promise<void>;
  readonly restartEngine: () => void;
  readonly showLog: () => void;
  readonly showMenu: () => Promise<void>;
  /** @param role for which a model is to be picked; `undefined`: the user says. */
  readonly switchProvider: (role: Role | undefined) => Promise<void>;
  readonly addServer: () => Promise<void>;
  /** @param origin whose key; `undefined`: the user says. */
  readonly setApiKey: (origin: string | undefined) => Promise<unknown>;
  readonly removeApiKey: () => Promise<void>;
  readonly toggleThisComputerOnly: () => Promise<void>;
  readonly manageConsents: () => Promise<void>;
  readonly getStarterModel: () => Promise<void>;
  /** @param card whose terms, by its card's id; `undefined`: of the one in use, or the user says. */
  readonly showTerms: (card: unknown) => Promise<void>;
  readonly chat: ChatCommands;
  readonly edits: EditCommands;
  readonly ledger: LedgerCommands;
  /** Stops every request that runs in this window. */
  readonly stopRequests: () => void;
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
  return {
    'paddock.triggerSuggestion': () => run('editor.action.inlineSuggest.trigger'),
    'paddock.enableCompletions': () => settings.write('completion.enabled', () => true),
    'paddock.disableCompletions': () => settings.write('completion.enabled', () => false),
    'paddock.enableLanguage': () => switchLanguage(needs, true),
    'paddock.disableLanguage': () => switchLanguage(needs, false),
    'paddock.pauseForAWhile': () => pausing.pauseFor(shortPauseMs),
    'paddock.pauseUntilRestart': () => pausing.pauseFor(Infinity),
    'paddock.resume': () => pausing.resume(),
    'paddock.chooseModel': () => needs.chooseModel(),
    'paddock.restartEngine': () => needs.restartEngine(),
    'paddock.showLog': () => needs.showLog(),
    'paddock.openSettings': () => run('workbench.action.openSettings', '@ext:paddock.paddock'),
    'paddock.showMenu': () => needs.showMenu(),
    'paddock.switchProvider': (role) => needs.switchProvider(role === 'chat' ? role : undefined),
    'paddock.addServer': () => needs.addServer(),
    'paddock.setApiKey': (origin) => needs.setApiKey(typeof origin === 'string' ? origin : undefined),
    'paddock.removeApiKey': () => needs.removeApiKey(),
    'paddock.thisComputerOnly': () => needs.toggleThisComputerOnly(),
    'paddock.manageConsents': () => needs.manageConsents(),
    'paddock.getStarterModel': () => needs.getStarterModel(),
    'paddock.openChat': () => needs.chat.openChat(),
    'paddock.newChat': () => needs.chat.newChat(),
    'paddock.addToChat': (uri, all) => needs.chat.addToChat(uri, all),
    'paddock.editSelection': (argument) => needs.edits.editSelection(argument),
    'paddock.acceptChange': (hunk) => needs.edits.decideChange(hunk, 'accepted'),
    'paddock.rejectChange': (hunk) => needs.edits.decideChange(hunk, 'rejected'),
    'paddock.acceptAllChanges': () => needs.edits.decideAllChanges('accepted'),
    'paddock.rejectAllChanges': () => needs.edits.decideAllChanges('rejected'),
    'paddock.discardEdit': () => needs.edits.discardEdit(),
    'paddock.nextChange': () => needs.edits.goToChange('next'),
    'paddock.previousChange': () => needs.edits.goToChange('previous'),
    'paddock.writeCommitMessage': (sourceControl) => needs.edits.writeCommitMessage(sourceControl),
    'paddock.commitMessageUnavailable': (sourceControl) => needs.edits.writeCommitMessage(sourceControl),
    'paddock.openLedger': () => needs.ledger.open(),
    'paddock.verifyLedger': () => needs.ledger.verify(),
    'paddock.exportLedger': () => needs.ledger.exportAll(),
    'paddock.mergeLedgers': () => needs.ledger.merge(),
    'paddock.deleteLedger': () => needs.ledger.deleteAll(),
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

/** Every command of Paddock: its id, and a handler of a few lines. */
import type * as vscode from 'vscode';
import { shortPauseMs, type Pausing } from './pausing.ts';
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
  /** A suggestion was accepted; VS Code calls this through the suggestion's command. */
  readonly noteAccepted: () => void;
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
  | 'paddock.showMenu';

/** Commands only Paddock itself runs; not in the manifest. */
export type InternalCommandId = 'paddock.internal.noteAccepted';

/** The table. Handlers throw `Failure`; whoever registers them shows it. */
export function commandTable(needs: CommandNeeds): Record<CommandId | InternalCommandId, () => unknown> {
  const { settings, pausing, run } = needs;
  return {
    'paddock.triggerSuggestion': () => run('editor.action.inlineSuggest.trigger'),
    'paddock.enableCompletions': () => settings.write('completion.enabled', true),
    'paddock.disableCompletions': () => settings.write('completion.enabled', false),
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
    'paddock.internal.noteAccepted': () => needs.noteAccepted(),
  };
}

function switchLanguage({ settings, language }: CommandNeeds, isOn: boolean): Promise<void> | undefined {
  const id = language();
  if (id === undefined) return undefined;
  const others = settings.now['completion.disabledLanguages'].filter((other) => other !== id);
  return settings.write('completion.disabledLanguages', isOn ? others : [...others, id]);
}

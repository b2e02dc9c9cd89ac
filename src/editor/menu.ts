/** The menu behind the status bar item. */
import type * as vscode from 'vscode';
import type { CommandId } from './commands.ts';
import type { IndicatorState } from './indicatorState.ts';
import { isThisComputerOnly } from './indicatorView.ts';

interface MenuItem extends vscode.QuickPickItem {
  readonly command: CommandId;
}

/** Shows what can be done now and runs what is picked. */
export async function showMenu(needs: {
  window: typeof vscode.window;
  run: typeof vscode.commands.executeCommand;
  state: IndicatorState;
  language: string | undefined;
}): Promise<void> {
  const { window, run, state, language } = needs;
  await focusEditor(run);
  const picked = await window.showQuickPick(menuItems(state, language), { title: 'Paddock' });
  if (picked !== undefined) await run(picked.command);
}

/**
 * A click on the status bar leaves the focus there, and a list gives it back to where it was: typing on would then press
 * the item instead of writing. Called before a list opens that a click on the item may have asked for.
 */
export async function focusEditor(run: typeof vscode.commands.executeCommand): Promise<void> {
  await run('workbench.action.focusActiveEditorGroup');
}

/** The menu's entries for a state; those that would change nothing are left out. */
export function menuItems(state: IndicatorState, language: string | undefined): MenuItem[] {
  const { completion, chat, resting, running, ceiling } = state;
  const items: MenuItem[] = [];
  const add = (label: string, command: CommandId, description = ''): void =>
    void items.push({ label, command, description });
  const isRunning = running.sending !== undefined || running.elapsedS !== undefined;
  if (isRunning) add('$(debug-stop) Stop running requests', 'paddock.stopRequests', running.sending?.host);
  if (resting?.kind === 'paused') add('$(debug-start) Resume completions', 'paddock.resume', resting.words);
  else if (resting?.kind === 'disabled') add('$(check) Switch completions on', 'paddock.enableCompletions');
  else {
    add('$(debug-pause) Pause for 15 minutes', 'paddock.pauseForAWhile');
    add('$(debug-pause) Pause until restart', 'paddock.pauseUntilRestart');
    add('$(circle-slash) Switch completions off', 'paddock.disableCompletions');
  }
  if (language !== undefined && resting?.kind === 'languageOff') {
    add(`$(check) Switch on for ${language}`, 'paddock.enableLanguage');
  } else if (language !== undefined && resting === undefined) {
    add(`$(circle-slash) Switch off for ${language}`, 'paddock.disableLanguage');
  }
  const embedded = [completion, chat].find((view) => view?.engine !== undefined);
  add('$(arrow-swap) Switch provider…', 'paddock.switchProvider');
  if (isThisComputerOnly(ceiling.ceiling)) add('$(unlock) Allow other computers again', 'paddock.thisComputerOnly');
  else add('$(shield) This computer only', 'paddock.thisComputerOnly');
  add('$(folder-opened) Choose model file…', 'paddock.chooseModel', embedded?.name);
  if (embedded !== undefined) add('$(refresh) Restart engine', 'paddock.restartEngine');
  add('$(output) Show log', 'paddock.showLog');
  add('$(gear) Open settings', 'paddock.openSettings');
  return items;
}

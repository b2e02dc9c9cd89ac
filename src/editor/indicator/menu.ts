/** The menu behind the status bar item. */
import type * as vscode from 'vscode';
import type { CommandId } from '../commands.ts';
import type { IndicatorState } from './indicatorState.ts';
import { showList, type Line, type ListNeeds } from '../list.ts';

/** What the menu needs. */
export interface MenuNeeds extends ListNeeds {
  readonly run: typeof vscode.commands.executeCommand;
  readonly state: IndicatorState;
  /** Language id of the active editor; `undefined`: none is open. */
  readonly language: string | undefined;
}

/** Shows what can be done now and runs what is picked. */
export async function showMenu(needs: MenuNeeds): Promise<void> {
  const { run, state, language } = needs;
  await focusEditor(run);
  const shown = { rows: menuRows(state, language), isBusy: false };
  const answer = await showList(needs, { title: 'Paddock', placeHolder: '', hasBack: false, shown });
  if (answer.kind === 'picked') await run(answer.pick);
}

/**
 * A click on the status bar leaves the focus there, and a list gives it back to where it was: typing on would then press
 * the item instead of writing. Called before a list opens that a click on the item may have asked for.
 */
export async function focusEditor(run: typeof vscode.commands.executeCommand): Promise<void> {
  await run('workbench.action.focusActiveEditorGroup');
}

/** The menu's entries for a state; those that would change nothing are left out. */
export function menuRows(state: IndicatorState, language: string | undefined): Line<CommandId>[] {
  const { completion, chat } = state;
  const embedded = [completion, chat].find((view) => view?.engine !== undefined);
  return [
    ...runningRows(state),
    ...restRows(state, language),
    row('arrow-swap', 'Switch provider…', 'paddock.switchProvider'),
    ...ceilingRows(state),
    row('folder-opened', 'Choose model file…', 'paddock.chooseModel', embedded?.name),
    ...(embedded === undefined ? [] : [row('refresh', 'Restart engine', 'paddock.restartEngine')]),
    row('book', 'Open ledger', 'paddock.openLedger'),
    row('output', 'Show log', 'paddock.showLog'),
    row('gear', 'Open settings', 'paddock.openSettings'),
  ];
}

function runningRows({ running: { sending, elapsedS, isStoppable } }: IndicatorState): Line<CommandId>[] {
  const isShown = sending !== undefined || elapsedS !== undefined;
  if (!isShown || !isStoppable) return [];
  return [row('debug-stop', 'Stop running requests', 'paddock.stopRequests', sending?.host)];
}

function restRows({ resting }: IndicatorState, language: string | undefined): Line<CommandId>[] {
  const rows: Line<CommandId>[] = [];
  if (resting?.kind === 'paused') rows.push(row('debug-start', 'Resume completions', 'paddock.resume', resting.words));
  else if (resting?.kind === 'disabled') rows.push(row('check', 'Switch completions on', 'paddock.enableCompletions'));
  else {
    // A pause is kept in one window's memory: others go on sending.
    rows.push(row('debug-pause', 'Pause for 15 minutes', 'paddock.pauseForAWhile', 'in this window'));
    rows.push(row('debug-pause', 'Pause until restart', 'paddock.pauseUntilRestart', 'in this window'));
    rows.push(row('circle-slash', 'Switch completions off', 'paddock.disableCompletions'));
  }
  if (language !== undefined && resting?.kind === 'languageOff') {
    rows.push(row('check', `Switch on for ${language}`, 'paddock.enableLanguage'));
  } else if (language !== undefined && resting === undefined) {
    rows.push(row('circle-slash', `Switch off for ${language}`, 'paddock.disableLanguage'));
  }
  return rows;
}

/** The command changes the user's own ceiling, and leaves alone one that is stricter than it makes it. */
function ceilingRows({ ownCeiling }: IndicatorState): Line<CommandId>[] {
  if (ownCeiling === 'device') return [];
  return ownCeiling === 'loopback'
    ? [row('unlock', 'Allow other computers again', 'paddock.thisComputerOnly')]
    : [row('shield', 'This computer only', 'paddock.thisComputerOnly')];
}

function row(icon: string, label: string, command: CommandId, description?: string): Line<CommandId> {
  const words = description === undefined ? {} : { description };
  return { kind: 'line', key: command, label, icon, ...words, pick: command };
}

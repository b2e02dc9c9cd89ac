/** The ledger is deleted, once the user has read what goes and what stays. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { Notices } from '../notices.ts';
import { watched } from '../progress.ts';

/** What it needs. */
export interface DeleteNeeds {
  readonly window: typeof vscode.window;
  readonly clock: Clock;
  readonly notices: Pick<Notices, 'say'>;
  readonly deleteAll: () => Promise<void>;
  readonly exportAll: () => Promise<void>;
}

const [deleteIt, exportFirst] = ['Delete', 'Export First…'] as const;

const detail = [
  'Every request in it, the sums of old days and the figures about completions, in all windows. Nobody can bring them back.',
  'What stays: one line that says when it was deleted, with the hash of the last line before, so that the rest can still be verified; your settings, API keys, consents and chats.',
  'Budgets count today and this month from nothing again. Servers that were asked keep their own records.',
].join('\n\n');

/** Asks and deletes. */
export async function deleteLedger({ window, clock, notices, ...needs }: DeleteNeeds): Promise<void> {
  const answer = await window.showWarningMessage(
    'Delete the whole ledger?',
    { modal: true, detail },
    deleteIt,
    exportFirst,
  );
  if (answer === exportFirst) return needs.exportAll();
  if (answer !== deleteIt) return;
  await watched({ window, clock }, 'Paddock: deleting the ledger…', () => needs.deleteAll());
  notices.say('The ledger was deleted.');
}

/** The ledger goes into a file: as what, with which names and figures, the user says. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { inTurns } from '../../base/turns.ts';
import { writingCsv } from '../../ledger/csv.ts';
import { exportOf, writingJson } from '../../ledger/export.ts';
import type { Holdings } from '../../ledger/holdings.ts';
import { contentOf } from '../../ledger/report.ts';
import type { StatisticsContent } from '../../ledger/statisticsLog.ts';
import { numberOf } from '../../ledger/words.ts';
import { showList, type Line, type ListNeeds } from '../list.ts';
import type { Notices } from '../notices.ts';
import { watched } from '../progress.ts';

/** What it needs. */
export interface ExportNeeds extends ListNeeds {
  readonly window: typeof vscode.window;
  readonly clock: Clock;
  readonly memento: vscode.Memento;
  readonly notices: Pick<Notices, 'say'>;
  readonly read: (signal: AbortSignal) => Promise<Holdings>;
  readonly statistics: () => StatisticsContent;
  /** Hash of the chain's last line; `undefined`: there is no chain. */
  readonly head: () => string | undefined;
  /** Saves a text where the user says; `undefined`: they said nowhere. */
  readonly save: (name: string, text: string) => Promise<string | undefined>;
}

/** What of the ledger leaves. */
interface Wish {
  readonly format: 'csv' | 'json';
  readonly hasNames: boolean;
  readonly hasUses: boolean;
  readonly person: string;
}

/** Asks and exports. Closing a question exports nothing. */
export async function exportLedger(needs: ExportNeeds): Promise<void> {
  const statistics = needs.statistics();
  const wish = await ask(needs, statistics);
  if (wish === undefined) return;
  const atMs = needs.clock.now();
  const [count, text] = await watched(needs, 'Paddock: exporting the ledger…', async (signal) => {
    const content = contentOf(await needs.read(signal));
    const { person, hasNames, hasUses, format } = wish;
    const uses = hasUses ? statistics.uses : undefined;
    const exported = exportOf(content, { person, hasNames, atMs, head: needs.head(), uses });
    const writing = format === 'csv' ? writingCsv(exported) : writingJson(exported);
    return [content.requests.length, await inTurns(writing, needs, signal)] as const;
  });
  const saved = await needs.save(`paddock-ledger-${new Date(atMs).toISOString().slice(0, 10)}.${wish.format}`, text);
  if (saved !== undefined) needs.notices.say(`${numberOf(count, 'request')} exported to ${saved}.`);
}

const nameKey = 'ledger.person';

async function ask(needs: ExportNeeds, { uses }: StatisticsContent): Promise<Wish | undefined> {
  const format = await pick<Wish['format']>(needs, 'Export the ledger as', [
    line('json', 'JSON', 'everything, and what "Paddock: Merge Ledgers" puts together'),
    line('csv', 'CSV', 'one row per request, for a spreadsheet'),
  ]);
  if (format === undefined) return undefined;
  const hasNames = await pick<boolean>(needs, 'Names of files and folders', [
    line(false, 'Leave them out', 'and hashes, from which names of known contents follow'),
    line(true, 'Export them', 'paths of documents and the names of workspaces'),
  ]);
  if (hasNames === undefined) return undefined;
  // A table of requests has no room for them.
  const isAsked = format === 'json' && uses.length > 0;
  const hasUses = !isAsked
    ? false
    : await pick<boolean>(needs, 'Your own figures about completions', [
        line(false, 'Leave them out', 'they say how you work, not what it cost'),
        line(true, 'Export them', 'offered, accepted, kept lines, per day and model'),
      ]);
  if (hasUses === undefined) return undefined;
  const person = format === 'csv' ? '' : await askPerson(needs);
  return person === undefined ? undefined : { format, hasNames, hasUses, person };
}

async function askPerson({ window, memento }: ExportNeeds): Promise<string | undefined> {
  const person = await window.showInputBox({
    title: 'Export the ledger',
    prompt: 'Whose ledger is it? Exports with the same name are put together as one person’s.',
    value: memento.get<string>(nameKey, ''),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A name, or anything else that tells people apart.' : undefined),
  });
  const name = person?.trim();
  if (name !== undefined) await memento.update(nameKey, name);
  return name;
}

function line<Value>(pick: Value, label: string, detail: string): Line<Value> {
  return { kind: 'line', key: label, label, icon: 'export', detail, pick };
}

async function pick<Value>(
  needs: ExportNeeds,
  title: string,
  rows: readonly Line<Value>[],
): Promise<Value | undefined> {
  const answer = await showList(needs, { title, placeHolder: '', hasBack: false, shown: { rows, isBusy: false } });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

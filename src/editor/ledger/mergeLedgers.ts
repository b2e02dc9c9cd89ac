/** Exports of several people become one: on the page, or as a file. */
import type * as vscode from 'vscode';
import { Failure } from '../../base/failure.ts';
import type { Clock } from '../../base/clock.ts';
import { csvOf } from '../../ledger/csv.ts';
import { parseExport, type LedgerExport } from '../../ledger/export.ts';
import { merged, type Merged } from '../../ledger/merge.ts';
import { numberOf } from '../../ledger/words.ts';
import { showList, type Line, type ListNeeds } from '../list.ts';
import type { Notices } from '../notices.ts';
import { watched } from '../progress.ts';

/** What it needs. */
export interface MergeNeeds extends ListNeeds {
  readonly window: typeof vscode.window;
  readonly fs: Pick<typeof vscode.workspace.fs, 'readFile'>;
  readonly clock: Clock;
  readonly notices: Pick<Notices, 'say'>;
  /** Opens the page with them. */
  readonly show: (merged: Merged) => void;
  /** Saves a text where the user says; `undefined`: they said nowhere. */
  readonly save: (name: string, text: string) => Promise<string | undefined>;
}

type Way = 'page' | 'csv' | 'json';

/** Asks which, and what to do with them. Closing a question does nothing. @throws Failure when one is no export. */
export async function mergeLedgers(needs: MergeNeeds): Promise<void> {
  const files = await needs.window.showOpenDialog({
    title: 'Exports to put together',
    openLabel: 'Merge',
    canSelectMany: true,
    filters: { 'Exported ledgers': ['json'] },
  });
  if (files === undefined || files.length === 0) return;
  const exports = await watched(needs, 'Paddock: reading the exports…', (signal) => readAll(needs, files, signal));
  const hasUses = await askUses(needs, exports);
  if (hasUses === undefined) return;
  const together = merged(exports, { hasUses });
  const way = await pick<Way>(needs, `Ledgers of ${together.people.join(', ')}`, [
    line('page', 'graph', ['Show them', 'on the ledger page, until you show your own again']),
    line('csv', 'table', ['Save as CSV', 'sums per day, model, host, label']),
    line('json', 'json', ['Save as JSON', 'the same, and the sums per label']),
  ]);
  if (way === 'page') return needs.show(together);
  if (way !== undefined) await saveAs(needs, way, together);
}

async function readAll(
  { fs }: MergeNeeds,
  files: readonly vscode.Uri[],
  signal: AbortSignal,
): Promise<readonly LedgerExport[]> {
  const exports: LedgerExport[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    exports.push(exportIn(file, new TextDecoder().decode(await fs.readFile(file))));
  }
  return exports;
}

function exportIn(file: vscode.Uri, text: string): LedgerExport {
  try {
    return parseExport(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const name = file.path.split('/').at(-1);
    throw new Failure('requestInvalid', `${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Personal figures, where somebody put theirs into an export, are left out unless they are asked for. */
async function askUses(needs: MergeNeeds, exports: readonly LedgerExport[]): Promise<boolean | undefined> {
  const people = new Set(exports.filter(({ uses }) => (uses ?? []).length > 0).map(({ person }) => person));
  if (people.size === 0) return false;
  return pick<boolean>(needs, `Figures about completions of ${[...people].join(', ')}`, [
    line(false, 'circle-slash', ['Leave them out', 'they say how people work, not what it cost']),
    line(true, 'person', ['Take them in', 'put together per model, not per person']),
  ]);
}

async function saveAs({ save, clock, notices }: MergeNeeds, way: 'csv' | 'json', together: Merged): Promise<void> {
  const { people, rows, byLabel, uses } = together;
  const atMs = clock.now();
  const about = { format: 'paddock-ledger', version: 1, person: people.join(', '), exportedAtMs: atMs } as const;
  const text =
    way === 'csv'
      ? csvOf({ ...about, hasNames: true, requests: [], oldRows: rows })
      : `${JSON.stringify({ format: 'paddock-merged-ledgers', version: 1, people, mergedAtMs: atMs, byLabel, rows, uses }, null, 2)}\n`;
  const saved = await save(`paddock-ledgers-${new Date(atMs).toISOString().slice(0, 10)}.${way}`, text);
  if (saved !== undefined) notices.say(`Ledgers of ${numberOf(people.length, 'person', 'people')} saved to ${saved}.`);
}

function line<Value>(pick: Value, icon: string, [label, detail]: readonly [string, string]): Line<Value> {
  return { kind: 'line', key: label, label, icon, detail, pick };
}

async function pick<Value>(needs: MergeNeeds, title: string, rows: readonly Line<Value>[]): Promise<Value | undefined> {
  const answer = await showList(needs, { title, placeHolder: '', hasBack: false, shown: { rows, isBusy: false } });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

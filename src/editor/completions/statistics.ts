/** What the editor tells of documents, and of suggestions that were taken, becomes the statistics here. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { JournalFolder } from '../../base/journal.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../base/store.ts';
import { Afterwards, type Offer } from '../../completion/afterwards.ts';
import type { Span } from '../../completion/kept.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { StatisticsLog } from '../../ledger/statisticsLog.ts';
import { isWritten } from './snapshotOf.ts';

/** What is needed to tell. */
export interface StatisticsParts {
  readonly store: Store;
  readonly ledger: Ledger;
  /** The ledger's own. */
  readonly files: JournalFolder;
  readonly clock: Clock;
  readonly log: Log;
}

/** The statistics of this window. */
export interface Statistics {
  readonly log: StatisticsLog;
  /** Call it when the editor is given a suggestion; gives what VS Code runs when the user takes all of it. */
  readonly offered: (offer: Offer) => vscode.Command | undefined;
}

const takenCommand = 'paddock.internal.noteTaken';

/** Follows suggestions from now on. */
export function buildStatistics({ store, ledger, files, clock, log }: StatisticsParts): Statistics {
  const statistics = store.add(new StatisticsLog({ files, clock, log }));
  const afterwards = store.add(new Afterwards({ clock, textIn, report: statistics.add }));
  const { workspace, commands } = vscode;
  store.add(commands.registerCommand(takenCommand, (id: unknown) => typeof id === 'string' && afterwards.accept(id)));
  store.add(workspace.onDidChangeTextDocument((event) => noteEdit(afterwards, event)));
  store.add(workspace.onDidSaveTextDocument(({ uri }) => afterwards.noteSaved(uri.toString())));
  store.add(
    workspace.onDidCloseTextDocument((document) =>
      afterwards.close(document.uri.toString(), (span) => pieceOf(document, span)),
    ),
  );
  store.add(ledger.onDidDelete(statistics.forget));
  store.add(ledger.onDidDelete(() => afterwards.forget()));
  const offered = (offer: Offer): vscode.Command | undefined => {
    const id = afterwards.offer(offer);
    return id === undefined ? undefined : { command: takenCommand, title: 'Count it as taken', arguments: [id] };
  };
  return { log: statistics, offered };
}

/** On every key: it may cost nothing that somebody who types would notice. */
function noteEdit(afterwards: Afterwards, event: vscode.TextDocumentChangeEvent): void {
  const { document, contentChanges, reason } = event;
  if (!isWritten(document) || contentChanges.length === 0) return;
  const edits = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
    offset: rangeOffset,
    length: rangeLength,
    text,
  }));
  afterwards.edit(document.uri.toString(), edits, reason !== undefined);
}

function textIn(uri: string, span: Span): string | undefined {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
  return document && pieceOf(document, span);
}

function pieceOf(document: vscode.TextDocument, { start, end }: Span): string {
  return document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
}

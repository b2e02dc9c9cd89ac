/** The ledger's page and commands are put together here. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { inTurns } from '../../base/turns.ts';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../base/store.ts';
import type { Comparable } from '../../ledger/comparing.ts';
import type { Holdings } from '../../ledger/holdings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PriceTable } from '../../ledger/price.ts';
import type { PageAction } from '../../ledger/protocol.ts';
import { readingHoldings } from '../../ledger/report.ts';
import type { StatisticsContent } from '../../ledger/statisticsLog.ts';
import { headHash, verifying } from '../../ledger/verify.ts';
import type { ServedModel } from '../../models/model.ts';
import type { CommandId } from '../commands.ts';
import type { ListNeeds } from '../list.ts';
import type { Notices } from '../notices.ts';
import { deleteLedger } from './deleteLedger.ts';
import { exportLedger } from './exportLedger.ts';
import type { LedgerCommands } from './ledgerCommands.ts';
import { LedgerPanel } from './ledgerPanel.ts';
import { mergeLedgers } from './mergeLedgers.ts';
import { PageHost } from './pageHost.ts';
import { verifyLedger } from './verifyLedger.ts';

/** What they are built from. */
export interface LedgerParts {
  readonly context: vscode.ExtensionContext;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly statistics: { readonly log: { read(): StatisticsContent } };
  readonly prices: () => Promise<PriceTable>;
  readonly choice: { servedModels(): readonly ServedModel[] };
  readonly notices: Notices;
  readonly drawn: ListNeeds;
  readonly clock: Clock;
  readonly log: Log;
}

export function buildLedger(parts: LedgerParts): {
  readonly commands: LedgerCommands;
  /** Fills the page of the last window, which VS Code brought back. */
  readonly restore: (panel: vscode.WebviewPanel) => void;
} {
  const { context, store, ledger, notices, clock, drawn } = parts;
  const { window, workspace, env } = vscode;
  const folder = join(context.globalStorageUri.fsPath, 'ledger');
  const statistics = () => parts.statistics.log.read();
  const read = async (onLines: (lines: number) => void, signal: AbortSignal): Promise<Holdings> => {
    ledger.refresh();
    await ledger.written();
    return inTurns(readingHoldings(folder), { clock, onStretch: onLines }, signal);
  };
  const readQuietly = (signal: AbortSignal) => read(() => undefined, signal);
  const copy = (text: string) => env.clipboard.writeText(text);
  const panel = store.add(
    new LedgerPanel({
      vscode,
      extensionUri: context.extensionUri,
      hostOf: (post) => new PageHost({ ...pageNeeds(parts), read, statistics, copy }, post),
      clock,
    }),
  );
  store.add(ledger.onDidDelete(() => panel.host?.again()));
  const asking = { ...drawn, window, clock, notices };
  const exportAll = () =>
    exportLedger({
      ...{ ...asking, statistics, read: readQuietly, save },
      memento: context.globalState,
      head: () => headHash(folder)?.head,
    });
  const verify = async (keptHead: string | undefined, signal: AbortSignal) => {
    await ledger.written();
    return inTurns(verifying(folder, keptHead), { clock }, signal);
  };
  const open = (requestId: string | undefined): void => {
    const host = panel.open();
    if (requestId !== undefined) host.find(requestId);
  };
  const commands = {
    open,
    verify: () => verifyLedger({ ...asking, verify, copy, save }),
    exportAll,
    merge: () => mergeLedgers({ ...asking, fs: workspace.fs, save, show: (merged) => panel.open().showMerged(merged) }),
    deleteAll: () => deleteLedger({ ...asking, exportAll, deleteAll: () => ledger.deleteAll() }),
  };
  return { commands, restore: (brought) => void panel.adopt(brought) };
}

const commandOf: Readonly<Record<Exclude<PageAction, 'own' | 'again'>, CommandId>> = {
  export: 'paddock.exportLedger',
  verify: 'paddock.verifyLedger',
  merge: 'paddock.mergeLedgers',
  delete: 'paddock.deleteLedger',
};

function pageNeeds({ ledger, prices, choice, clock, log }: LedgerParts) {
  const ownModels = (): readonly Comparable[] =>
    choice.servedModels().map(({ endpoint, model, name }) => ({ card: endpoint.card, model, name }));
  const act = (action: keyof typeof commandOf) => void vscode.commands.executeCommand(commandOf[action]);
  return { onDidAppend: ledger.onDidAppend, prices, ownModels, act, clock, log };
}

/** Saves where the user says; gives the file's path. @throws Failure `diskFailed` */
async function save(name: string, text: string): Promise<string | undefined> {
  const { window, workspace, Uri } = vscode;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const type = name.split('.').at(-1) ?? '';
  const target = await window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, name) }),
    filters: { [type.toUpperCase()]: [type] },
  });
  if (target === undefined) return undefined;
  const shown = target.scheme === 'file' ? target.fsPath : target.path;
  try {
    await workspace.fs.writeFile(target, new TextEncoder().encode(text));
  } catch (error) {
    throw new Failure('diskFailed', `${shown} could not be written.`, { cause: error });
  }
  return shown;
}

/** The wiring: builds every part in flow order, hands each its needs, registers it. No logic. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { systemClock as clock } from './base/clock.ts';
import { journalFolder, type JournalFolder } from './base/journal.ts';
import { Store } from './base/store.ts';
import { Suggester } from './completion/suggest.ts';
import { commandTable, registerCommands } from './editor/commands.ts';
import { GhostText } from './editor/ghostText.ts';
import { Indicator } from './editor/indicator.ts';
import { LocalModel } from './editor/localModel.ts';
import { logTo } from './editor/logChannel.ts';
import { showMenu } from './editor/menu.ts';
import { chooseModel } from './editor/modelPicker.ts';
import { installedNeighbours, tellAboutNeighbours } from './editor/neighbours.ts';
import { Notices } from './editor/notices.ts';
import { Pausing } from './editor/pausing.ts';
import { completionSettings, LiveSettings } from './editor/settings.ts';
import { sideOf } from './editor/side.ts';
import { Status } from './editor/status.ts';
import { threadMemory } from './editor/threadMemory.ts';
import { Gate } from './egress/gate.ts';
import { routeTo } from './egress/route.ts';
import { forkEngine } from './engine/child.ts';
import { createAsk } from './exchange.ts';
import { Ledger } from './ledger/ledger.ts';
import { embeddedProvider } from './providers/embedded.ts';

/** Called by VS Code once per window. Opens no connection; the engine starts with the first document. */
export function activate(context: vscode.ExtensionContext): void {
  const { commands, window, workspace } = vscode;
  const run = commands.executeCommand;
  const store = new Store();
  context.subscriptions.push(store);

  const channel = store.add(window.createOutputChannel('Paddock', { log: true }));
  const log = logTo(channel);
  const settings = store.add(new LiveSettings(workspace));
  const pausing = store.add(new Pausing(clock));
  const notices = new Notices({ window, run });
  const language = () => window.activeTextEditor?.document.languageId;

  const ledger = store.add(new Ledger({ files: ledgerFiles(context), clock, log }));
  const side = sideOf(vscode.env.remoteName, context.extension.extensionKind);
  const gate = new Gate({ ledger, clock, side });

  const worker = join(context.extensionPath, 'dist', 'engine', 'worker.mjs');
  const threads = threadMemory(context.globalState);
  const local = store.add(new LocalModel({ settings, spawn: () => forkEngine(worker, log), clock, log, threads }));
  const ask = createAsk({
    choose: () => local.model,
    gate,
    providerOf: (model) => embeddedProvider(local.engineOf(model)),
  });

  const suggester = store.add(
    new Suggester({
      ask,
      settings: () => completionSettings(settings.now, pausing.pausedUntilMs),
      model: () => local.completionModel,
      readAhead: (document, view, line) => local.readAhead(document, view, line),
      clock,
      log,
    }),
  );
  const isResting = () => !settings.now['completion.enabled'] || pausing.pausedUntilMs !== undefined;
  const ghostText = store.add(new GhostText({ suggester, clock, wake: () => void (isResting() || local.wake()) }));

  const neighbours = installedNeighbours((id) => vscode.extensions.getExtension(id) !== undefined);
  const status = new Status({
    settings,
    pausing,
    ledger,
    model: () => local.model,
    engine: () => local.state,
    route: (model) => routeTo(model, side),
    language,
    neighbours: () => neighbours.map(({ name }) => name),
  });
  const indicator = store.add(new Indicator({ state: status.state, clock }));
  const table = commandTable({
    settings,
    pausing,
    language,
    run,
    chooseModel: () => chooseModel({ window, run, settings }),
    restartEngine: () => restart(local, notices),
    showLog: () => channel.show(),
    showMenu: () => showMenu({ window, run, state: status.state(), language: language() }),
  });
  store.add(registerCommands({ table, register: commands.registerCommand, onFailure: notices.showFailure }));
  connect({ store, settings, pausing, ledger, local, ghostText, status, indicator, notices });
  tellAboutNeighbours({ present: neighbours, memento: context.globalState, notices });
}

/** One file a day and window; the window's name for it is new every time. */
function ledgerFiles({ globalStorageUri }: vscode.ExtensionContext): JournalFolder {
  return journalFolder(join(globalStorageUri.fsPath, 'ledger'), clock.newId().slice(0, 12));
}

/** What happened in one part is told to the parts that show it. */
function connect(parts: {
  readonly store: Store;
  readonly settings: LiveSettings;
  readonly pausing: Pausing;
  readonly ledger: Ledger;
  readonly local: LocalModel;
  readonly ghostText: GhostText;
  readonly status: Status;
  readonly indicator: Indicator;
  readonly notices: Notices;
}): void {
  const { store, settings, pausing, ledger, local, ghostText, status, indicator, notices } = parts;
  for (const { onDidChange } of [settings, pausing, local]) store.add(onDidChange(indicator.changed));
  store.add(ledger.onDidAppend(indicator.changed));
  store.add(vscode.window.onDidChangeActiveTextEditor(indicator.changed));
  store.add(local.onDidFail(notices.showFailure));
  store.add(local.onDidBecomeReady(({ gpuFailed }) => notices.tellGpuFailed(gpuFailed)));
  store.add(local.onDidBecomeReady(() => ghostText.modelIsReady()));
  store.add(ghostText.onDidFail(notices.showFailure));
  store.add(
    ghostText.onDidAsk((reason) => {
      status.noteReason(reason);
      indicator.changed();
    }),
  );
}

/** Asked for by the user: what was wrong before may be said again. */
function restart(local: LocalModel, notices: Notices): void {
  notices.forget();
  local.restart();
}

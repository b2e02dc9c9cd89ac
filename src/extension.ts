/** The wiring: builds every part in flow order, hands each its needs, registers it. No logic. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { systemClock as clock } from './base/clock.ts';
import { journalFolder } from './base/journal.ts';
import { Failure } from './base/failure.ts';
import type { Log } from './base/log.ts';
import { Store } from './base/store.ts';
import { Suggester } from './completion/suggest.ts';
import type { CompletionSettings } from './completion/trigger.ts';
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
import { mayOffer } from './editor/rest.ts';
import { completionSettings, LiveSettings } from './editor/settings.ts';
import { servedFrom, sideOf } from './editor/side.ts';
import { Status } from './editor/status.ts';
import { threadMemory } from './editor/threadMemory.ts';
import { Gate } from './egress/gate.ts';
import { routeTo } from './egress/route.ts';
import { forkEngine } from './engine/child.ts';
import { createExchange } from './exchange.ts';
import { Ledger } from './ledger/ledger.ts';
import type { Model } from './models/model.ts';
import { embeddedProvider } from './providers/embedded.ts';

/** Called by VS Code once per window. Opens no connection; the engine starts with the first document. */
export function activate(context: vscode.ExtensionContext): void {
  const store = new Store();
  context.subscriptions.push(store);
  const channel = store.add(vscode.window.createOutputChannel('Paddock', { log: true }));
  const log = logTo(channel);
  const settings = store.add(new LiveSettings(vscode.workspace));
  const pausing = store.add(new Pausing(clock));

  const road = buildRoad({ context, store, settings, log });
  const wishes = () => completionSettings(settings.now, pausing.pausedUntilMs);
  const ghostText = buildGhostText({ ...road, store, wishes, log });
  const status = buildStatus({ ...road, wishes });
  const indicator = store.add(new Indicator({ state: status.state, clock }));
  const notices = new Notices({ window: vscode.window, run, memento: context.globalState });

  const { local, ledger } = road;
  const table = commandTable({
    settings,
    pausing,
    language: activeLanguage,
    run,
    chooseModel: () => chooseModel({ window: vscode.window, run, settings }),
    restartEngine: () => local.restart(),
    showLog: () => channel.show(),
    showMenu: () => showMenu({ window: vscode.window, run, state: status.state(), language: activeLanguage() }),
    ...notYet,
  });
  store.add(registerCommands({ table, register: vscode.commands.registerCommand, onFailure: notices.answer }));
  connect({ store, settings, pausing, ledger, local, ghostText, status, indicator, notices });
  tellAboutNeighbours({ present: presentNeighbours(), memento: context.globalState, notices });
}

const notYet = {
  switchProvider: () => Promise.resolve(),
  addServer: () => Promise.resolve(),
  setApiKey: () => Promise.resolve(),
  removeApiKey: () => Promise.resolve(),
  toggleThisComputerOnly: () => Promise.resolve(),
  manageConsents: () => Promise.resolve(),
  getStarterModel: () => Promise.resolve(),
  stopRequests: () => undefined,
};
const run = vscode.commands.executeCommand;
const activeLanguage = () => vscode.window.activeTextEditor?.document.languageId;
const presentNeighbours = () => installedNeighbours((id) => vscode.extensions.getExtension(id) !== undefined);

interface Core {
  readonly store: Store;
  readonly settings: LiveSettings;
  readonly log: Log;
}

/** The road to a model, from the disk up: ledger, gate, engine, exchange. */
function buildRoad({ context, store, settings, log }: Core & { readonly context: vscode.ExtensionContext }) {
  const files = journalFolder(join(context.globalStorageUri.fsPath, 'ledger'), clock.newId().slice(0, 12));
  const ledger = store.add(new Ledger({ files, clock, log }));
  const side = sideOf(vscode.env.remoteName, context.extension.extensionKind);
  const gate = store.add(
    new Gate({
      ...{ ledger, clock, log, side },
      policy: () => Promise.resolve({ rules: [], broken: [], consents: [] }),
      keys: { keyFor: () => Promise.resolve(undefined), mayUsePlainly: () => false },
      proxy: () => ({ url: undefined, noProxy: [] }),
      limits: () => ({ silenceMs: undefined }),
    }),
  );
  const worker = join(context.extensionPath, 'dist', 'engine', 'worker.mjs');
  const threads = threadMemory(context.globalState);
  const local = store.add(new LocalModel({ settings, spawn: () => forkEngine(worker, log), clock, log, threads }));
  const choose = () => local.model;
  const providerOf = (model: Model) => {
    if (model.provider === 'embedded') return embeddedProvider(local.engineOf(model));
    throw new Failure('unreachable', 'Servers cannot be reached yet.');
  };
  return {
    ledger,
    side,
    local,
    exchange: createExchange({
      choose,
      gate,
      providerOf,
      clock,
      destinationOf: () => Promise.reject(new Failure('unreachable', 'Servers cannot be reached yet.')),
    }),
  };
}

type Road = ReturnType<typeof buildRoad>;

interface Wished {
  /** What the user wants of completions now. */
  readonly wishes: () => CompletionSettings;
}

/** Keystrokes to ghost text. */
function buildGhostText({ store, exchange, local, wishes, log }: Omit<Core, 'settings'> & Road & Wished): GhostText {
  const model = () => local.completionModel;
  const suggester = store.add(new Suggester({ ...exchange, settings: wishes, model, clock, log }));
  const isWanted = (language: string) => mayOffer({ settings: wishes(), language, nowMs: clock.now() });
  return store.add(new GhostText({ suggester, clock, isWanted, wake: () => local.wake() }));
}

/** What is shown, from what is known. */
function buildStatus({ local, ledger, side, wishes }: Road & Wished): Status {
  const { remoteName, uiKind } = vscode.env;
  return new Status({
    settings: wishes,
    clock,
    ledger,
    model: () => local.model,
    engine: () => local.state,
    route: (model) => routeTo(model, side),
    language: activeLanguage,
    servedFrom: servedFrom(remoteName, uiKind === vscode.UIKind.Web),
    neighbours: () => presentNeighbours().map(({ name }) => name),
  });
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
  for (const { onDidChange } of [settings, pausing]) store.add(onDidChange(ghostText.lookAroundSoon));
  store.add(pausing.onDidChange(() => void run('setContext', 'paddock.isPaused', pausing.pausedUntilMs !== undefined)));
  store.add(ledger.onDidAppend(indicator.changed));
  store.add(vscode.window.onDidChangeWindowState(ghostText.lookAroundSoon));
  store.add(vscode.window.onDidChangeActiveTextEditor(() => status.noteReason(undefined)));
  store.add(vscode.window.onDidChangeActiveTextEditor(indicator.changed));
  store.add(local.onDidFail(notices.showFailure));
  store.add(local.onDidBecomeReady(({ gpuFailed }) => notices.tellGpuFailed(gpuFailed)));
  store.add(local.onDidBecomeReady(ghostText.modelIsReady));
  store.add(ghostText.onDidFail(notices.showRequestFailure));
  store.add(ghostText.onDidAsk(status.noteReason));
  store.add(ghostText.onDidAsk(indicator.changed));
}

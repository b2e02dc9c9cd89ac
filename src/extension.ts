/** The wiring: builds every part in flow order, hands each its needs, registers it. No logic. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { systemClock as clock } from './base/clock.ts';
import { journalFolder } from './base/journal.ts';
import { Emitter } from './base/emitter.ts';
import { Failure } from './base/failure.ts';
import type { Log } from './base/log.ts';
import { once } from './base/once.ts';
import { Store } from './base/store.ts';
import { Suggester } from './completion/suggest.ts';
import type { CompletionSettings } from './completion/trigger.ts';
import { cannotChat, chatModelOf, type ChatModelNeeds } from './editor/chat/chatModel.ts';
import { NativeChat } from './editor/chat/nativeChat.ts';
import { Choice, tellProblems } from './editor/switching/choice.ts';
import { commandTable, registerCommands } from './editor/commands.ts';
import { buildStatistics } from './editor/completions/statistics.ts';
import { confirmUnpriced, tellLimit } from './editor/cost/budgetNotices.ts';
import { buildMoney, checksumMemory } from './editor/cost/money.ts';
import { noting } from './editor/cost/notes.ts';
import { completionModel } from './editor/completions/completionModel.ts';
import { Consents } from './editor/privacy/consents.ts';
import { GhostText } from './editor/completions/ghostText.ts';
import { registerEntrances } from './editor/entrances.ts';
import { IgnoreFiles } from './editor/privacy/ignoreFiles.ts';
import { Indicator } from './editor/indicator/indicator.ts';
import { LocalModel } from './editor/switching/localModel.ts';
import { logTo } from './editor/logChannel.ts';
import { showMenu } from './editor/indicator/menu.ts';
import { installedNeighbours, tellAboutNeighbours } from './editor/completions/neighbours.ts';
import { Notices } from './editor/notices.ts';
import { openPolicy, type RulePlace } from './editor/privacy/openPolicy.ts';
import { Pausing } from './editor/completions/pausing.ts';
import { placeOfModel } from './editor/switching/places.ts';
import { Policies } from './editor/privacy/policies.ts';
import { PolicyFiles } from './editor/privacy/policyFiles.ts';
import type { RoomParts, Rooms } from './editor/rooms.ts';
import { Sharing } from './editor/privacy/sharing.ts';
import { proxySettings } from './editor/privacy/proxySettings.ts';
import { mayOffer } from './editor/completions/rest.ts';
import { originAt, Secrets, tellLostKeys } from './editor/privacy/secrets.ts';
import { completionSettings, keeping, LiveSettings, silenceMs } from './editor/settings.ts';
import { servedFrom, sideOf } from './editor/side.ts';
import { showTerms } from './editor/indicator/showTerms.ts';
import { Status } from './editor/indicator/status.ts';
import { threadMemory } from './editor/switching/threadMemory.ts';
import { toolMemory } from './editor/switching/toolMemory.ts';
import { Gate } from './egress/gate.ts';
import type { UnpricedQuestion } from './egress/purse.ts';
import { forkEngine } from './engine/child.ts';
import { createExchange } from './exchange.ts';
import { Running } from './exchange/running.ts';
import { Ledger } from './ledger/ledger.ts';
import { loadPriceTable } from './ledger/price.ts';
import { keepTidy } from './ledger/tidying.ts';
import type { Model, ServedModel } from './models/model.ts';
import { guessCard } from './providers/cards.ts';
import { canCallTools, serverProvider } from './providers/server.ts';
import { Survey } from './providers/survey.ts';
import { ChatTemplates } from './weights/chatTemplates.ts';
import { Checksums } from './weights/checksums.ts';

/** Called by VS Code once per window. Opens no connection; the engine starts with the first document. */
export function activate(context: vscode.ExtensionContext): void {
  const store = new Store();
  context.subscriptions.push(store);
  const channel = store.add(vscode.window.createOutputChannel('Paddock', { log: true }));
  const log = logTo(channel);
  const settings = store.add(new LiveSettings(vscode.workspace));
  const pausing = store.add(new Pausing(clock));
  const wishes = () => completionSettings(settings.now, pausing.pausedUntilMs);

  const core = { context, store, settings, log };
  const rules = buildRules(core);
  const road = buildRoad({ ...core, ...rules });
  const ghostText = buildGhostText({ ...core, ...road, wishes });
  const status = buildStatus({ ...core, ...rules, ...road, wishes });
  const indicator = store.add(new Indicator({ vscode, state: status.state, clock, log }));
  const notices = buildNotices({ ...core, ...road });

  const controls = buildControls({ ...core, ...road, channel, pausing, status });
  const parts = { ...core, ...rules, ...road, ...drawn, notices, status, run, clock };
  const { ask } = road.running;
  const localContextTokens = () => settings.now['local.contextTokens'];
  const rooms = once(() => loadRooms({ ...parts, ask, localContextTokens, chatModel: chatFacts(parts) }));
  registerEntrances({ store, rooms, notices, run });
  store.add(buildNativeChat({ ...core, ...rules, ...road }));
  const table = commandTable({ ...controls, rooms });
  store.add(registerCommands({ table, register: vscode.commands.registerCommand, onFailure: notices.answer }));
  const shown = { ...core, ...rules, ...road, pausing, ghostText, status, indicator, notices };
  follow(shown);
  redraw(shown);
  tellAboutNeighbours({ present: presentNeighbours(), memento: context.globalState, notices });
  tellProblems(road.choice, notices);
  tellLostKeys(rules.secrets, notices);
}

const run = vscode.commands.executeCommand;
/** What lists are drawn with. */
const drawn = {
  window: vscode.window,
  backButton: vscode.QuickInputButtons.Back,
  icon: (id: string) => new vscode.ThemeIcon(id),
};
const openInBrowser = (url: string) => vscode.env.openExternal(vscode.Uri.parse(url));
const activeLanguage = () => vscode.window.activeTextEditor?.document.languageId;
const presentNeighbours = () => installedNeighbours((id) => vscode.extensions.getExtension(id) !== undefined);

interface Core {
  readonly context: vscode.ExtensionContext;
  readonly store: Store;
  readonly settings: LiveSettings;
  readonly log: Log;
}

/** What may go where, and with which key. */
function buildRules({ context, store, settings, log }: Core) {
  const memento = context.globalState;
  const secrets = store.add(new Secrets({ secrets: context.secrets, memento }));
  const consents = store.add(new Consents(memento));
  const sharing = new Sharing({ window: vscode.window, memento });
  const { workspace, window, Uri, RelativePattern } = vscode;
  const reading = { workspace, window, Uri, RelativePattern, log };
  const files = store.add(new PolicyFiles(reading));
  const policies = store.add(new Policies({ settings, files, consents }));
  const ignoreFiles = store.add(new IgnoreFiles(reading));
  return { secrets, consents, sharing, policies, ignoreFiles };
}

type Rules = ReturnType<typeof buildRules>;

/** The road to a model, from the disk up: ledger, gate, engine, servers, exchange. */
function buildRoad({ context, store, settings, log, secrets, policies, ignoreFiles }: Core & Rules) {
  const files = journalFolder(join(context.globalStorageUri.fsPath, 'ledger'), clock.newId().slice(0, 12));
  const ledger = store.add(new Ledger({ files, clock, log }));
  const statistics = buildStatistics({ store, ledger, files, clock, log });
  store.add(keepTidy({ ledger, keeping: () => keeping(settings.now), clock, log }));
  const side = sideOf(vscode.env.remoteName, context.extension.extensionKind);
  const known = (model: ServedModel) => survey.known(model);
  const memento = context.globalState;
  const money = buildMoney({ settings, memento, loadTable: loadPriceTable, known, log });
  const templates = store.add(new ChatTemplates());
  const checksums = store.add(new Checksums({ store: checksumMemory(memento), clock, log }));
  const gate = store.add(
    new Gate({ ...money, ledger, clock, log, side, ...gateway({ settings, policies, secrets, checksums }) }),
  );
  const worker = join(context.extensionPath, 'dist', 'engine', 'worker.mjs');
  const threads = threadMemory(memento);
  const spawn = () => forkEngine(worker, log);
  const inUse = (): readonly string[] => choice.embeddedFiles();
  const local = store.add(new LocalModel({ settings, files: inUse, spawn, clock, log, threads }));
  const choice: Choice = store.add(new Choice({ settings, embedded: local.modelOf, guessCard }));
  const survey: Survey = store.add(
    new Survey({
      openErrand: (destination, purpose, signal) =>
        gate.open({ purpose, destination, model: undefined, items: [], signal }),
      configured: () => settings.now.servers.map(({ url, kind }) => ({ baseUrl: url, card: kind })),
      clock,
      log,
      tools: toolMemory(memento),
    }),
  );
  store.add(local.onDidBecomeReady(() => checksums.learn(choice.embeddedFiles())));
  const providerOf = (model: Model) =>
    model.provider === 'embedded' ? local.providerOf(model) : serverProvider(model, { survey, clock });
  const exchange = createExchange({
    choose: (role) => choice.modelFor(role),
    destinationOf: (model, signal) => survey.destinationOf(model, signal),
    gate,
    providerOf,
    clock,
    ...money,
    routeOf: (model) => placeOf(model).route,
    readTokPerS: (model) => local.readTokPerS(model),
    ignoreFiles: (uri) => ignoreFiles.above(uri),
  });
  const running = store.add(new Running({ ask: exchange.ask, clock }));
  const places = { side, known, likelyRoute: gate.likelyRoute.bind(gate) };
  const placeOf = (model: Model) => placeOfModel(model, places);
  const lastOf = (modelId: string) => ledger.today.lastOf.get(modelId);
  return {
    ...{ ...places, ledger, statistics, gate, local, choice, survey, exchange, providerOf, running, placeOf, lastOf },
    ...{ templates, estimator: money.estimator, pricing: money.pricing, prices: loadPriceTable },
  };
}

type Road = ReturnType<typeof buildRoad>;

/** What the gate asks the editor. */
function gateway(parts: Pick<Core & Rules, 'settings' | 'policies' | 'secrets'> & { readonly checksums: Checksums }) {
  const { settings, policies, secrets: keys, checksums } = parts;
  const { workspace, window, Uri, env } = vscode;
  return {
    policy: policies.now,
    keys,
    proxy: () => proxySettings(workspace),
    limits: () => ({ silenceMs: silenceMs(settings.now) }),
    notesOn: noting({ workspace, Uri, settings, machineId: env.machineId, checksums }),
    confirmUnpriced: (question: UnpricedQuestion) => confirmUnpriced(window, question),
  };
}

interface Wished {
  /** What the user wants of completions now. */
  readonly wishes: () => CompletionSettings;
}

/** Keystrokes to ghost text. */
function buildGhostText({ store, exchange, running, wishes, log, ...road }: Core & Road & Wished): GhostText {
  const { statistics, local, choice, known, lastOf, placeOf } = road;
  const model = () =>
    completionModel({
      model: choice.modelFor('completion'),
      engineOf: (file) => local.stateOf(file),
      lastOf,
      known,
      route: (served) => placeOf(served).route,
    });
  const { ask } = running;
  const { readAhead } = exchange;
  const suggester = store.add(new Suggester({ ask, readAhead, settings: wishes, model, clock, log }));
  const isWanted = (language: string) => mayOffer({ settings: wishes(), language, nowMs: clock.now() });
  const wake = () => {
    const chosen = choice.modelFor('completion');
    if (chosen?.provider === 'embedded') local.wake(chosen.file);
  };
  const { offered } = statistics;
  return store.add(new GhostText({ suggester, clock, isWanted, wake, offered }));
}

/** What is shown, from what is known. */
function buildStatus({ settings, policies, local, choice, wishes, ...road }: Core & Rules & Road & Wished): Status {
  const { remoteName, uiKind } = vscode.env;
  const { ledger, running, placeOf, pricing } = road;
  return new Status({
    settings: wishes,
    limits: () => settings.now['cost.budgets'],
    clock,
    ledger,
    pricing,
    running,
    modelFor: (role) => choice.modelFor(role),
    problemOf: (role) => choice.problemOf(role),
    engineOf: (file) => local.stateOf(file),
    placeOf,
    policy: () => policies.shown,
    language: activeLanguage,
    servedFrom: servedFrom(remoteName, uiKind === vscode.UIKind.Web),
    neighbours: () => presentNeighbours().map(({ name }) => name),
  });
}

function buildNotices({ context, log, choice }: Core & Road): Notices {
  const { window } = vscode;
  const originOf = (host: string) => originAt(host, choice.servedModels());
  const open = (place: RulePlace) => openPolicy({ workspace: vscode.workspace, window, Uri: vscode.Uri }, place);
  return new Notices({ window, run, memento: context.globalState, log, originOf, openPolicy: open });
}

/** What a command does without asking anything. */
function buildControls({ settings, local, running, ...parts }: Core & Road & Controls) {
  const { channel, pausing, status } = parts;
  return {
    settings,
    pausing,
    language: activeLanguage,
    run,
    restartEngine: () => local.restart(),
    stopRequests: () => running.stop(),
    showTerms: (card: unknown) => showTerms({ ...drawn, state: status.state, open: openInBrowser }, card),
    showLog: () => channel.show(),
    showMenu: () => showMenu({ ...drawn, run, state: status.state(), language: activeLanguage() }),
  };
}

interface Controls {
  readonly channel: vscode.LogOutputChannel;
  readonly pausing: Pausing;
  readonly status: Status;
}

/** What is known of the model picked for chat. */
function chatFacts(parts: Rules & Road): ChatModelNeeds {
  const { choice, local, policies, known, placeOf, templates } = parts;
  return {
    ...{ known, placeOf },
    model: () => choice.modelFor('chat'),
    problem: () => choice.problemOf('chat'),
    engineOf: (file) => local.stateOf(file),
    hasChatTemplate: (file) => templates.has(file),
    policy: () => policies.shown,
  };
}

/** What the user opens: the chat, edits, the ledger's page, lists. It is a file of its own, read when it is needed. */
async function loadRooms(parts: RoomParts): Promise<Rooms> {
  const loading = import('./editor/rooms.ts').catch((cause: unknown) => {
    const message =
      'A part of Paddock could not be loaded. Reload the window; if that does not help, install it again.';
    throw new Failure('diskFailed', message, { action: 'showLog', cause });
  });
  return (await loading).buildRooms(parts);
}

/** The model picked for chat, in VS Code's own chat and for other extensions. */
function buildNativeChat(parts: Core & Rules & Road): NativeChat {
  const { store, settings, choice, local, survey, exchange, running, sharing, templates } = parts;
  const facts = chatFacts(parts);
  const onDidChange = store.add(new Emitter<void>());
  store.add(choice.onDidChange(() => onDidChange.fire()));
  store.add(local.onDidBecomeReady(() => onDidChange.fire()));
  store.add(survey.onDidLearnTools(() => onDidChange.fire()));
  store.add(templates.onDidLearn(() => onDidChange.fire()));
  return new NativeChat({
    ...{ ask: running.ask, preview: exchange.preview, sharing, onDidChange: onDidChange.event },
    chatModel: () => chatModelOf(facts),
    cannotChat: () => cannotChat(facts),
    canCallTools: (model) => model.provider === 'server' && canCallTools(model, survey.known(model)),
    localContextTokens: () => settings.now['local.contextTokens'],
  });
}

interface Shown {
  readonly pausing: Pausing;
  readonly ghostText: GhostText;
  readonly status: Status;
  readonly indicator: Indicator;
  readonly notices: Notices;
}

/** What happened in one part is told to the parts that act on it. */
function follow(parts: Core & Rules & Road & Shown): void {
  const { store, settings, pausing, local, choice, exchange, running, ghostText, status, notices } = parts;
  const { onDidChangeActiveTextEditor, onDidChangeWindowState } = vscode.window;
  const { secrets, policies, ignoreFiles, gate } = parts;
  store.add(choice.onDidChange(local.follow));
  store.add(settings.onDidChange(() => tellProblems(choice, notices)));
  for (const { onDidChange } of [settings, secrets, policies, ignoreFiles]) {
    store.add(onDidChange(exchange.endRests));
    store.add(onDidChange(status.forgetDenial));
  }
  for (const { onDidChange } of [settings, pausing]) store.add(onDidChange(ghostText.lookAroundSoon));
  store.add(pausing.onDidChange(() => void run('setContext', 'paddock.isPaused', pausing.pausedUntilMs !== undefined)));
  store.add(onDidChangeWindowState(ghostText.lookAroundSoon));
  store.add(onDidChangeActiveTextEditor(() => status.noteReason(undefined)));
  store.add(onDidChangeActiveTextEditor(status.forgetDenial));
  store.add(local.onDidFail(notices.showFailure));
  store.add(gate.onDidWarn((use) => tellLimit(use, notices, clock)));
  store.add(local.onDidBecomeReady(({ gpuFailed }) => notices.tellGpuFailed(gpuFailed)));
  store.add(local.onDidBecomeReady(ghostText.modelIsReady));
  store.add(
    ghostText.onDidFail(({ failure, wasAsked }) => notices.showRequestFailure('completion', failure, wasAsked)),
  );
  store.add(ghostText.onDidFail(({ failure }) => status.noteFailure(failure)));
  store.add(ghostText.onDidAsk(status.noteReason));
  store.add(running.onDidSucceed(status.forgetDenial));
  store.add(running.onDidSucceed(({ role }) => notices.worked(role)));
}

/** After any of these the item may show something else. */
function redraw({
  store,
  settings,
  pausing,
  local,
  choice,
  running,
  ledger,
  policies,
  ...parts
}: Core & Rules & Road & Shown): void {
  const { ghostText, indicator } = parts;
  for (const { onDidChange } of [settings, pausing, local, choice, running, policies]) {
    store.add(onDidChange(indicator.changed));
  }
  store.add(ledger.onDidAppend(indicator.changed));
  // What other windows spent meanwhile.
  store.add(vscode.window.onDidChangeWindowState(({ focused }) => void (focused && ledger.refresh())));
  store.add(ghostText.onDidAsk(indicator.changed));
  store.add(ghostText.onDidFail(indicator.changed));
  store.add(vscode.window.onDidChangeActiveTextEditor(indicator.changed));
}

/** The chat is put together here: what the wiring hands over becomes a view and its commands. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { Event } from '../../base/emitter.ts';
import type { Failure } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import { onEnd, type Store } from '../../base/store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import { Conversations } from '../../chat/conversations.ts';
import { rulesIn } from '../../chat/prompt.ts';
import type { FromWebview } from '../../chat/protocol.ts';
import type { Exchange } from '../../exchange.ts';
import type { TokenEstimator } from '../../ledger/estimate.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Ask, Model, Provider } from '../../models/model.ts';
import type { ChatTemplates } from '../../weights/chatTemplates.ts';
import { workspaceOf } from '../cost/notes.ts';
import type { TextToApply } from '../edits/applyText.ts';
import { gitOf } from '../git.ts';
import type { Status } from '../indicator/status.ts';
import type { ListNeeds } from '../list.ts';
import type { Notices } from '../notices.ts';
import type { IgnoreFiles } from '../privacy/ignoreFiles.ts';
import type { Policies } from '../privacy/policies.ts';
import type { LocalModel } from '../switching/localModel.ts';
import { actionHandlers } from './actionHandlers.ts';
import { Answering, noting } from './answering.ts';
import { codeAtHand, namedByMenu, problemsAtHand, selectionNow } from './atHand.ts';
import type { ChatCommands } from './chatCommands.ts';
import { blockedBy, chatModelOf, type ChatModel, type ChatModelNeeds } from './chatModel.ts';
import { ChatView } from './chatView.ts';
import { Chips } from './chips.ts';
import { Composer } from './composer.ts';
import { gather } from './context/gather.ts';
import { keptBack } from './context/keeping.ts';
import { contextHandlers } from './contextHandlers.ts';
import { Counting } from './counting.ts';
import { Desk } from './desk.ts';
import { Drafts } from './drafts.ts';
import { estimating } from './estimating.ts';
import { Failures } from './failures.ts';
import type { Handlers } from './handlers.ts';
import { KeptChips, lostWords } from './keptChips.ts';
import { Outbox } from './outbox.ts';
import { receiving } from './panel.ts';
import { ProjectFiles } from './projectFiles.ts';
import { receiptOf } from './receipt.ts';
import { threadHandlers } from './threadHandlers.ts';
import { sourcesFor, turnHandlers } from './turnHandlers.ts';
import { unawaited } from './unawaited.ts';

/** What the chat is made of. */
export interface ChatParts extends ListNeeds {
  readonly store: Store;
  readonly context: vscode.ExtensionContext;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: typeof vscode.commands.executeCommand;
  readonly ask: Ask;
  readonly exchange: Pick<Exchange, 'preview'>;
  readonly estimator: TokenEstimator;
  readonly providerOf: (model: Model) => Provider;
  readonly local: Pick<LocalModel, 'wake' | 'stateOf' | 'onDidChange' | 'readTokPerS'>;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly notices: Pick<Notices, 'answer' | 'act' | 'showFailure' | 'showRequestFailure'>;
  readonly status: Pick<Status, 'noteFailure'>;
  readonly policies: Pick<Policies, 'now' | 'onDidChange'>;
  readonly ignoreFiles: Pick<IgnoreFiles, 'above' | 'onDidChange'>;
  readonly choice: { readonly onDidChange: Event<void> };
  /** What is known of the model picked for the chat. */
  readonly chatModel: ChatModelNeeds;
  readonly templates: Pick<ChatTemplates, 'onDidLearn'>;
  readonly applyText: (text: TextToApply) => Promise<void>;
}

/** The editor is left alone for so long before the selection is offered, ms. */
const restMs = 200;

/** Builds all of it. Nothing is read from disk before the view or one of the commands is used. */
export function buildChat(parts: ChatParts): {
  readonly commands: ChatCommands;
  readonly view: vscode.WebviewViewProvider;
} {
  const { store, clock, log, notices } = parts;
  const outbox = store.add(new Outbox(clock));
  const isShown = (): boolean => view.isVisible;
  const room = buildRoom({ ...parts, tell: outbox.tell, isShown });
  const answering = store.add(buildAnswering(room));
  const handlers = buildHandlers({ ...room, answering });
  const receive = receiving({ handlers, onFailure: notices.answer, log });
  const { extensionUri } = parts.context;
  const view: ChatView = store.add(new ChatView({ ...parts, extensionUri, outbox, receive }));
  follow(room, view);
  const commands = commandsOf(room, view, () => handlers.newThread({ type: 'newThread' }));
  return { commands, view };
}

type Told = ChatParts & { readonly tell: Outbox['tell']; readonly isShown: () => boolean };

/** What goes with a question, and the conversation it is asked in. */
function buildRoom(parts: Told) {
  const failures = new Failures();
  const known = {
    ...{ ...parts, failures, counting: new Counting(parts) },
    model: () => chatModelOf(parts.chatModel),
    blocked: () => failures.remember(blockedBy(parts.chatModel)),
    unawaited: unawaited(parts.notices.showFailure),
  };
  const atHand = buildAtHand(known);
  const desk = buildDesk(parts);
  return { ...known, ...atHand, desk, ...buildComposer({ ...known, ...atHand, desk }) };
}

type Known = Told & {
  readonly model: () => ChatModel | undefined;
  readonly blocked: () => Failure | undefined;
  readonly counting: Counting;
};

/** What can go with a question: what is open in the editor, and what the user adds. */
function buildAtHand({ store, context, clock, model, counting, ...parts }: Known) {
  const { workspace, languages, Uri, RelativePattern } = vscode;
  const git = () => gitOf(vscode);
  const reading = { workspace, RelativePattern, languages, Uri, git, run: parts.run };
  const keeping = { policy: parts.policies.now, ignoreFiles: parts.ignoreFiles.above };
  const chips = store.add(
    new Chips({
      gather: (source) => gather(reading, source),
      count: (texts) => counting.of(model(), texts),
      keptBack: (uri) => keptBack(keeping, uri, model()?.route),
      newId: () => clock.newId(),
    }),
  );
  return { reading, chips, keptChips: store.add(keptChipsOf(context, chips)), codeAtHand, problemsAtHand };
}

type AtHand = ReturnType<typeof buildAtHand>;

/** The conversations; their folder is read when the panel is first used. */
function buildDesk({ store, context, clock, log, tell, isShown }: Told): Desk {
  const folder = join(context.globalStorageUri.fsPath, 'chats');
  const here = () => {
    const [opened] = vscode.workspace.workspaceFolders ?? [];
    return opened && workspaceOf(vscode.env.machineId, opened);
  };
  const openConversations = (): Conversations => new Conversations({ folder, workspace: here, clock, log });
  return store.add(new Desk({ openConversations, memory: memoryOf(context, 'chat.threadId'), tell, isShown, clock }));
}

/** What is written and would be sent, with the rules and prompts that the opened folders bring. */
function buildComposer(parts: Known & AtHand & { readonly desk: Desk }) {
  const { store, context, clock, tell, model, blocked, counting, reading, chips, desk } = parts;
  const { workspace, Uri } = vscode;
  const estimate = estimating({
    ...{ conversation: () => desk.current, model, ...counting, ...parts.exchange },
    prompts: () => projectFiles.prompts(),
    async wouldAttach(command) {
      const found = await Promise.all(sourcesFor(parts, command).map((source) => chips.look(source)));
      return found.filter((each) => each !== undefined);
    },
  });
  const rulesInThread = () => rulesIn(desk.current.branch);
  const otherWorkspace = () => desk.otherWorkspace;
  const isHere = (uri: string) => workspace.getWorkspaceFolder(Uri.parse(uri)) !== undefined;
  const composer = store.add(
    new Composer({
      ...{ chips, pill: () => model()?.pill, blocked, estimate, rulesInThread, isHere, otherWorkspace },
      ...{ tell, memory: memoryOf(context, 'chat.draft'), clock },
    }),
  );
  const projectFiles: ProjectFiles = new ProjectFiles({
    ...{ ...reading, memento: context.workspaceState, chips, composer },
    tokensOf: (text) => counting.about(model()?.model, text),
    hasRules: () => rulesInThread() !== undefined,
    isOfOther: () => otherWorkspace() !== undefined,
    uriOf: (uri) => Uri.parse(uri, true),
    newId: () => clock.newId(),
  });
  return { composer, projectFiles };
}

type Room = ReturnType<typeof buildRoom>;

function buildAnswering(room: Room): Answering {
  const { counting, model, ledger, local, failures, status, notices } = room;
  const nameOf = (uri: string): string => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  const note = (failure: Failure): void => {
    failures.remember(failure);
    status.noteFailure(failure);
    // Else it stands in the turn that nobody sees.
    if (!room.isShown()) notices.showRequestFailure('chat', failure, true);
  };
  return new Answering({
    ...room,
    ask: noting(room.ask, note),
    receiptOf: (requestIds) =>
      receiptOf(
        requestIds.map((id) => ledger.find(id)),
        nameOf,
      ),
    budgetOf: counting.budgetOf,
    whenReady: (signal) => whenReady(room, signal),
    prefillTokPerS() {
      const asked = model()?.model;
      return asked && local.readTokPerS(asked);
    },
    onFailure: notices.answer,
  });
}

type Answered = Room & { readonly answering: Answering };

/** How a conversation comes onto the page. */
function showing({ desk, chips, keptChips, composer, projectFiles, tell, context }: Room) {
  const drafts = draftsOf(context);
  return {
    drafts,
    async draw(showTurnId?: string): Promise<void> {
      const picture = await desk.picture(showTurnId);
      tell({ type: 'state', state: { ...picture, composer: composer.view, ...composer.texts } });
    },
    async lookAround(): Promise<void> {
      const lost = await keptChips.restore();
      if (lost.length > 0) desk.note(lostWords(lost));
      await chips.offer(selectionNow());
      await projectFiles.lookForRules();
    },
    changed(left: Conversation): void {
      drafts.leave(left, composer.draft);
      composer.move(drafts.take(desk.current));
      keptChips.forget();
      chips.clear();
    },
  };
}

/** One handler for everything the webview says. */
function buildHandlers(room: Answered): Handlers<FromWebview['type']> {
  const { desk, projectFiles, tell, run, notices, failures, reading } = room;
  const { workspace, window, languages, env, Uri, Range } = vscode;
  const { lookAround, ...shown } = showing(room);
  room.store.add(desk.onDidHearOfOthers(() => room.unawaited(shown.draw())));
  const { backButton, icon } = room;
  const opening = { workspace, window, env, Uri, Range, backButton, icon };
  const common = { ...room, ...shown, ...opening, opening, code: { workspace, window, languages } };
  const switchModel = async (): Promise<void> => {
    await run('paddock.switchProvider', 'chat');
    tell({ type: 'focus' });
  };
  const problemCount = () => languages.getDiagnostics().reduce((sum, [, each]) => sum + each.length, 0);
  const leftOutRules = async () => (await projectFiles.leftOut()).map(({ label }) => label);
  const turns = turnHandlers(common);
  return {
    ...turns,
    ...threadHandlers({ ...common, lookAround: () => room.unawaited(lookAround()) }),
    ...contextHandlers({
      ...common,
      mentions: { ...reading, problemCount, selection: selectionNow, leftOutRules },
      wake: () => wake(room),
    }),
    ...actionHandlers({
      ...common,
      switchModel,
      act: (action, message) =>
        action === 'switchProvider' ? switchModel() : notices.act(failures.find(action, message)),
      regenerate: (place) => turns.regenerate({ type: 'regenerate', ...place }),
    }),
    async ready() {
      await shown.draw();
      // Nobody waits for the rest before they type.
      room.unawaited(lookAround().then(() => desk.conversations.sweep(desk.current.id)));
    },
  };
}

/** What happens elsewhere and changes what is shown. */
function follow(room: Room, view: ChatView): void {
  const { store, desk, chips, composer, choice, local, policies, ignoreFiles, templates, clock, model } = room;
  const { window } = vscode;
  // A view that is shown again is told everything anew; until it is first shown, no conversation is read.
  const changed = (): void => (view.isVisible ? composer.changed() : undefined);
  for (const { onDidChange } of [choice, policies, ignoreFiles]) {
    store.add(onDidChange(() => room.unawaited(chips.refresh().then(changed))));
  }
  store.add(local.onDidChange(changed));
  store.add(templates.onDidLearn(changed));
  // Once the model runs, its own tokenizer counts.
  let holds = model()?.contextTokens;
  const countAnew = (): void => {
    const before = holds;
    holds = model()?.contextTokens;
    if (holds !== before) room.unawaited(chips.refresh());
  };
  store.add(local.onDidChange(countAnew));
  store.add(
    window.onDidChangeWindowState(({ focused }) =>
      focused && view.isVisible ? room.unawaited(desk.drawThreads()) : undefined,
    ),
  );
  let cancel = (): void => undefined;
  const offerSoon = (): void => {
    cancel();
    if (view.isVisible) cancel = clock.schedule(restMs, () => room.unawaited(chips.offer(selectionNow())));
  };
  store.add(onEnd(() => cancel()));
  store.add(window.onDidChangeTextEditorSelection(offerSoon));
  store.add(window.onDidChangeActiveTextEditor(offerSoon));
}

function commandsOf({ chips }: Room, view: ChatView, newThread: () => unknown): ChatCommands {
  return {
    openChat: () => view.focus(),
    async newChat() {
      await newThread();
      await view.focus();
    },
    async addToChat(first, all) {
      for (const source of await namedByMenu(first, all)) await chips.add(source);
      await view.focus();
    },
  };
}

/** Something is being written: our own engine loads meanwhile. */
function wake({ model, local, blocked }: Room): void {
  const asked = blocked() === undefined ? model()?.model : undefined;
  if (asked?.provider === 'embedded') local.wake(asked.file);
}

/**
 * Resolves when the engine of the chat's model runs, or another model was chosen; at once where a server is asked.
 * Throws `Failure`.
 */
function whenReady(room: Room, signal: AbortSignal): Promise<void> {
  const { local, choice } = room;
  const asked = room.model()?.model;
  if (asked?.provider !== 'embedded') return Promise.resolve();
  wake(room);
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const state = local.stateOf(asked.file);
      const isOver = state.kind === 'failed' && state.retryInMs === undefined;
      // Nobody loads the file of a model that is not chosen any more.
      const isLeft = room.model()?.model.id !== asked.id;
      if (state.kind !== 'ready' && !isOver && !isLeft && !signal.aborted) return;
      for (const each of listening) each.dispose();
      signal.removeEventListener('abort', look);
      if (isOver) reject(state.failure);
      // An abort, and that another model was chosen, is told by who is asked next.
      else resolve();
    };
    const listening = [local.onDidChange(look), choice.onDidChange(look)];
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}

function draftsOf({ workspaceState }: vscode.ExtensionContext): Drafts {
  const key = 'chat.drafts';
  return new Drafts({
    get: () => workspaceState.get(key),
    set: (drafts) => void workspaceState.update(key, drafts.length === 0 ? undefined : drafts),
  });
}

function keptChipsOf({ workspaceState }: vscode.ExtensionContext, chips: Chips): KeptChips {
  const key = 'chat.chips';
  return new KeptChips({
    chips,
    memory: {
      get: () => workspaceState.get(key),
      set: (kept) => void workspaceState.update(key, kept.length === 0 ? undefined : kept),
    },
    uriOf: (text) => vscode.Uri.parse(text, true),
  });
}

/** A text that is kept for this workspace. */
function memoryOf({ workspaceState }: vscode.ExtensionContext, key: string) {
  return {
    get: (): string => workspaceState.get<string>(key, ''),
    set: (text: string): void => void workspaceState.update(key, text === '' ? undefined : text),
  };
}

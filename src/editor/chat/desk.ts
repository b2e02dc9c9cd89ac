/** The conversation on the desk, and all the others in reach; whatever changes here is told to the webview. */
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Conversations } from '../../chat/conversations.ts';
import type { NoticeButton, ReadingView, ThreadHead, ToWebview } from '../../chat/protocol.ts';
import { headView, threadView, turnView } from './views.ts';

/** What the desk needs. */
export interface DeskNeeds {
  /** Opens the folder of conversations; called when the panel is first used. */
  readonly openConversations: () => Conversations;
  /** Where the open conversation's id is kept over reloads. */
  readonly memory: { get(): string; set(id: string): void };
  readonly tell: (message: ToWebview) => void;
  /** Somebody can see the webview: others' answers are followed. */
  readonly isShown: () => boolean;
  readonly clock: Clock;
}

/** As often as another window writes what streams there, ms. */
const lookMs = 500;

/** Up brings back the questions of so many conversations, and so many of them. */
const historyThreads = 5;
const mostHistory = 50;

/** What the webview is told about conversations. */
export class Desk implements Disposable {
  private readonly store = new Store();
  private readonly needs: DeskNeeds;
  private readonly othersWrote = this.store.add(new Emitter<void>());
  private readonly readings = new Map<string, ReadingView>();
  private opened: Conversations | undefined;
  private shown: Conversation | undefined;
  private known: readonly ThreadHead[] = [];
  /** In which conversations an answer is coming, in this window. */
  private readonly answering = new Set<string>();
  /** The turns that are told of one by one, as they are asked and answered in this window. */
  private readonly own = new Set<string>();
  /** What was drawn last of all the others: how far each was. */
  private drawnOfOthers: ReadonlyMap<string, string> = new Map();
  private following: Disposable | undefined;
  private cancelLook: (() => void) | undefined;

  /** Fires when another window has made another branch of the one that is shown: it wants to be drawn anew. */
  readonly onDidHearOfOthers = this.othersWrote.event;

  constructor(needs: DeskNeeds) {
    this.needs = needs;
    this.store.add(onEnd(() => this.opened?.dispose()));
    this.store.add(onEnd(() => this.rest()));
  }

  get conversations(): Conversations {
    return (this.opened ??= this.needs.openConversations());
  }

  /** The conversation that is shown: that of before the reload, else a new one. */
  get current(): Conversation {
    if (this.shown === undefined) {
      const before = this.needs.memory.get();
      const found = before === '' ? undefined : this.conversations.find(before);
      const isThere = found !== undefined && found.head.deletedMs === undefined;
      this.shown = isThere ? found : this.conversations.begin();
      if (!isThere) this.needs.memory.set(this.shown.id);
    }
    return this.shown;
  }

  /** What the workspace is called in which the conversation that is shown began; `undefined`: it is this window's. */
  get otherWorkspace(): string | undefined {
    return this.conversations.nameOfOther(this.current.head.workspace);
  }

  /** The conversation with this id, if it is there. */
  find(threadId: string): Conversation | undefined {
    return this.shown?.id === threadId ? this.shown : this.conversations.find(threadId);
  }

  /** Puts a conversation on the desk. The caller draws it. */
  show(conversation: Conversation): void {
    this.shown = conversation;
    this.needs.memory.set(conversation.id);
  }

  /** What is drawn of conversations. @param showTurnId the turn to scroll to. */
  async picture(showTurnId?: string) {
    this.current.refresh();
    await this.readThreads();
    const thread = threadView(this.current, this.readings, showTurnId);
    this.drawnOfOthers = this.ofOthers;
    this.follow();
    return { thread, threads: this.known, history: this.history() };
  }

  /** A turn changed. One that was deleted meanwhile, or that stands beside the branch that is shown, is not drawn. */
  drawTurn({ id: threadId }: Conversation, turnId: string): void {
    this.own.add(turnId);
    if (this.shown?.id !== threadId) return;
    const turn = this.shown.branch.find(({ id }) => id === turnId);
    const { tell } = this.needs;
    if (turn !== undefined) tell({ type: 'turn', threadId, turn: turnView(this.shown, turn, this.readings) });
  }

  /** More of an answer came. */
  drawDelta({ id: threadId }: Conversation, turnId: string, said: { text: string; reasoning: string }): void {
    if (this.shown?.id === threadId) this.needs.tell({ type: 'delta', threadId, turnId, ...said });
  }

  /** More of a prompt was read; `undefined`: reading is over. */
  drawReading({ id: threadId }: Conversation, turnId: string, reading: ReadingView | undefined): void {
    if (reading === undefined) return void this.readings.delete(turnId);
    this.readings.set(turnId, reading);
    if (this.shown?.id === threadId) this.needs.tell({ type: 'reading', threadId, turnId, reading });
  }

  /** An answer begins or ends in a conversation. */
  setAnswering(threadId: string, isAnswering: boolean): void {
    if (isAnswering) this.answering.add(threadId);
    else this.answering.delete(threadId);
  }

  /** The list changed. */
  async drawThreads(): Promise<void> {
    await this.readThreads();
    this.needs.tell({ type: 'threads', threads: this.known });
    this.drawOthers();
  }

  /** Says something in one line. */
  note(text: string, button?: NoticeButton): void {
    this.needs.tell({ type: 'notice', text, ...(button === undefined ? {} : { button }) });
  }

  dispose(): void {
    this.store.dispose();
  }

  /** How far the turns of the branch are that this window is not told of one by one; whether somebody still writes them. */
  private get ofOthers(): ReadonlyMap<string, string> {
    const { current } = this;
    const others = current.branch.filter(({ id }) => !this.own.has(id));
    return new Map(
      others.map((turn) => [turn.id, [current.stateOf(turn), turn.text.length, turn.reasoning.length].join(' ')]),
    );
  }

  /** What others wrote since it was drawn last: turn by turn, or all of it where they are other turns. */
  private drawOthers(): void {
    const [before, now] = [this.drawnOfOthers, this.ofOthers];
    const isSameBranch = [...now.keys()].join() === [...before.keys()].join();
    if (!isSameBranch) return this.othersWrote.fire();
    this.drawnOfOthers = now;
    const { current, readings } = this;
    for (const turn of current.branch.filter(({ id }) => now.get(id) !== before.get(id))) {
      this.needs.tell({ type: 'turn', threadId: current.id, turn: turnView(current, turn, readings) });
    }
  }

  /**
   * While somebody can see it: looks again when another window has written to the conversation, and from time to time
   * while an answer comes there, since a window that dies writes nothing.
   */
  private follow(): void {
    if (!this.needs.isShown()) return;
    this.following ??= this.conversations.watch((id) => (id === this.current.id ? this.lookSoon() : undefined));
    if (this.current.branch.some((turn) => this.current.stateOf(turn) === 'elsewhere')) this.lookSoon();
  }

  private lookSoon(): void {
    this.cancelLook ??= this.needs.clock.schedule(lookMs, () => {
      this.cancelLook = undefined;
      this.look();
    });
  }

  private look(): void {
    if (!this.needs.isShown()) return this.rest();
    try {
      this.current.refresh();
    } catch {
      return; // the folder cannot be read now: whoever draws next says so
    }
    this.drawOthers();
    this.follow();
  }

  private rest(): void {
    this.following?.dispose();
    this.cancelLook?.();
    [this.following, this.cancelLook] = [undefined, undefined];
  }

  private async readThreads(): Promise<void> {
    const heads = await this.conversations.list();
    const { conversations, answering } = this;
    this.known = heads.map((head) => headView(head, answering.has(head.id), conversations.nameOfOther(head.workspace)));
  }

  private history(): readonly string[] {
    const newest = this.known.slice(0, historyThreads).flatMap(({ id }) => this.conversations.questionsIn(id));
    const here = this.current.turns.map(({ question: { text }, atMs }) => ({ text, atMs }));
    const questions = [...here, ...newest].sort((a, b) => b.atMs - a.atMs);
    return [...new Set(questions.map(({ text }) => text))].slice(0, mostHistory);
  }
}

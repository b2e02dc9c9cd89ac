/**
 * All conversations of the user pass through here: the list, what is open, search, and what is removed for good.
 *
 * The journals are the truth. The list is kept beside them in a file that may be lost at any time: it says of each
 * conversation how long its journals were when it was made, and one whose journals have another length is read again.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { factsOf, removeFile, replaceFile, textOf, watchFolder } from '../base/files.ts';
import { stateOf, thisHolder } from '../base/holder.ts';
import type { Log } from '../base/log.ts';
import { pause } from '../base/pause.ts';
import type { Disposable } from '../base/store.ts';
import {
  Conversation,
  headOf,
  journalNamed,
  journalsIn,
  readInto,
  unread,
  type ConversationHead,
  type JournalName,
  type Reading,
  type Unreadable,
} from './conversation.ts';
import { isId, isWorkspace, type Workspace } from './event.ts';
import { isObject, list, oneOf, optional, shaped, text, truth, whole } from './guards.ts';
import type { SearchHit } from './protocol.ts';
import { hitsIn } from './search.ts';
import { wordsOf } from './text.ts';
import { untitled } from './title.ts';
import { emptyTree, liveTurns, type Tree, type Turn } from './tree.ts';

/** What the conversations need. */
export interface ConversationsNeeds {
  /** Absolute path; made at the first question, or when it is watched. */
  readonly folder: string;
  /** What is open in this window: conversations are marked with where they began. Absent: it is not told. */
  readonly workspace?: () => Workspace | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The length of each of a conversation's journals when its head was made. */
type Sizes = Readonly<Record<string, number>>;

interface Entry {
  readonly sizes: Sizes;
  readonly head: ConversationHead;
}

/** A question as it was typed, and when. */
export interface Asked {
  readonly text: string;
  readonly atMs: number;
}

const indexName = 'index.json';
/** A deleted conversation can be restored for so long at least, ms. */
const undoMs = 10 * 60_000;
/** Nobody leaves a window open for so long without asking anything in a conversation that is deleted, ms. */
const unsureMs = 86_400_000;
/** The editor is let in after so much work at once, ms. */
const workMs = 15;
/** The list is written at most so often while it changes, ms. */
const writeEveryMs = 30_000;

/** The conversations in one folder, as one window sees them. */
export class Conversations implements Disposable {
  private readonly needs: ConversationsNeeds;
  private readonly writer: string;
  private readonly open = new Map<string, Conversation>();
  private entries: ReadonlyMap<string, Entry> | undefined;
  /** Of entries that somebody wanted them of; another entry takes the place of one whose conversation changed. */
  private readonly questions = new WeakMap<Entry, readonly Asked[]>();
  private isIndexStale = false;
  private indexWrittenMs = -Infinity;

  constructor(needs: ConversationsNeeds) {
    this.needs = needs;
    this.writer = needs.clock.newId();
  }

  /** A new one; nothing of it is on disk before the first question. */
  begin(): Conversation {
    return this.opened(this.needs.clock.newId());
  }

  /**
   * The one with this id, the same object each time; `undefined`: there is none that can be read. One that cannot be read
   * is never written to. Throws what the file system throws of their folder.
   */
  find(id: string): Conversation | undefined {
    const known = this.open.get(id);
    if (known !== undefined) return known;
    if (!this.journals().has(id)) return undefined;
    try {
      const conversation = this.opened(id);
      if (conversation.head.unreadable === undefined) return conversation;
      this.open.delete(id);
    } catch (error) {
      this.needs.log.warn(`chat: a conversation could not be read: ${String(error)}`);
    }
    return undefined;
  }

  /**
   * What was asked in a conversation, oldest first, as of the last time the list was read; it is not kept open for that.
   * None where it cannot be read.
   */
  questionsIn(id: string): readonly Asked[] {
    const entry = this.entries?.get(id);
    if (entry === undefined || entry.head.unreadable !== undefined) return [];
    const questions = this.questions.get(entry) ?? this.readQuestions(id);
    this.questions.set(entry, questions);
    return questions;
  }

  /** What a workspace is called that is not the one of this window; `undefined`: it is, or nobody knows it. */
  nameOfOther(workspace: Workspace | undefined): string | undefined {
    return workspace === undefined || workspace.id === this.needs.workspace?.()?.id ? undefined : workspace.name;
  }

  /**
   * Those that are not deleted and in which something was asked, pinned ones first, then the one that was asked in last;
   * and those that cannot be read. Reads what changed since the last time, here and in other windows. Throws what the
   * file system throws of their folder.
   */
  async list(): Promise<readonly ConversationHead[]> {
    const heads = (await this.heads()).filter(
      ({ deletedMs, turnCount, unreadable }) => deletedMs === undefined && (turnCount > 0 || unreadable !== undefined),
    );
    return heads.sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.changedMs - a.changedMs);
  }

  /**
   * The turns in which all words of the query are, in the conversations that are not deleted, the newest conversation
   * first; one of another workspace is found by its name too. Ends early when the signal aborts.
   */
  async *search(query: string, signal: AbortSignal): AsyncGenerator<SearchHit, void, void> {
    const words = wordsOf(query);
    if (words.length === 0) return;
    const breathe = this.breathing();
    const heads = await this.list();
    const journals = this.journals();
    for (const { id, title, workspace, unreadable } of heads) {
      await breathe();
      if (signal.aborted) return;
      if (unreadable !== undefined) continue;
      const turns = this.turnsOf(id, journals);
      yield* hitsIn({ threadId: id, title, workspaceName: this.nameOfOther(workspace), turns }, words);
    }
  }

  /**
   * Removes the files of conversations that were deleted some time ago. One that another window has written to stays
   * until that window is gone, and one that is shown or answered here as long as it is: they might be written to again.
   * @param shownId the one that the user looks at.
   */
  async sweep(shownId?: string): Promise<void> {
    const deletedBefore = this.needs.clock.now() - undoMs;
    const journals = this.journals();
    for (const { id, deletedMs, unreadable } of await this.heads()) {
      // Who wrote more than can be read here may have taken it back.
      if (deletedMs === undefined || deletedMs > deletedBefore || unreadable !== undefined) continue;
      const files = (journals.get(id) ?? []).map((each) => ({ ...each, file: join(this.needs.folder, each.name) }));
      const here = this.open.get(id);
      const isInUse = files.some(({ file, writer }) => writer !== this.writer && this.isWrittenTo(file, writer));
      if (isInUse || id === shownId || here?.isAnswering === true) continue;
      here?.dispose();
      this.open.delete(id);
      for (const { file } of files) removeFile(file);
      this.isIndexStale = true;
    }
  }

  /** Calls back, as far as the system tells, when another window has written to a conversation, often more than once. */
  watch(onDidWrite: (id: string) => void): Disposable {
    return watchFolder(this.needs.folder, (name) => {
      const journal = journalNamed(name);
      if (journal !== undefined && journal.writer !== this.writer) onDidWrite(journal.id);
    });
  }

  dispose(): void {
    for (const conversation of this.open.values()) conversation.dispose();
    this.open.clear();
    this.writeIndex();
  }

  private opened(id: string): Conversation {
    const conversation = new Conversation({ ...this.needs, id, writer: this.writer });
    this.open.set(id, conversation);
    return conversation;
  }

  private async heads(): Promise<ConversationHead[]> {
    const known = (this.entries ??= this.readIndex());
    const breathe = this.breathing();
    const entries = new Map<string, Entry>();
    for (const [id, journals] of this.journals()) {
      await breathe();
      const entry = this.entryOf(id, journals, known.get(id));
      if (entry !== undefined) entries.set(id, entry);
    }
    this.isIndexStale ||= entries.size !== known.size;
    this.entries = entries;
    if (this.needs.clock.monotonicMs() - this.indexWrittenMs > writeEveryMs) this.writeIndex();
    return [...entries.values()].map(({ head }) => head);
  }

  /** `undefined`: its journals are gone by now. */
  private entryOf(id: string, journals: readonly JournalName[], known: Entry | undefined): Entry | undefined {
    try {
      const sizes = this.sizesOf(journals);
      if (Object.keys(sizes).length === 0) return undefined;
      if (known !== undefined && isSame(known.sizes, sizes)) return known;
      this.isIndexStale = true;
      const here = this.open.get(id);
      here?.refresh(journals);
      return { sizes, head: here?.head ?? this.headIn(id, journals) };
    } catch (error) {
      const isNews = known?.head.unreadable !== 'refused';
      if (isNews) this.needs.log.warn(`chat: a conversation could not be read: ${String(error)}`);
      return { sizes: {}, head: refusedHead(id) }; // without sizes it is tried again each time
    }
  }

  private headIn(id: string, journals: readonly JournalName[]): ConversationHead {
    const tree = emptyTree();
    return headOf(id, tree, this.readAll(tree, journals));
  }

  private sizesOf(journals: readonly JournalName[]): Sizes {
    const sizes: Record<string, number> = {};
    for (const { name, writer } of journals) {
      const facts = factsOf(join(this.needs.folder, name));
      if (facts !== undefined) sizes[writer] = facts.bytes;
    }
    return sizes;
  }

  private turnsOf(id: string, journals = this.journals()): readonly Turn[] {
    const here = this.open.get(id);
    if (here !== undefined) return here.turns;
    const tree = emptyTree();
    this.readAll(tree, journals.get(id) ?? []);
    return liveTurns(tree);
  }

  private readQuestions(id: string): readonly Asked[] {
    try {
      return this.turnsOf(id).map(({ question: { text }, atMs }) => ({ text, atMs }));
    } catch (error) {
      this.needs.log.warn(`chat: a conversation could not be read: ${String(error)}`);
      return [];
    }
  }

  private readAll(tree: Tree, journals: readonly JournalName[]): readonly Reading[] {
    const { folder } = this.needs;
    return journals.map(({ name, writer }) => readInto(tree, { file: join(folder, name), writer, before: unread }));
  }

  private journals(): ReadonlyMap<string, readonly JournalName[]> {
    return Map.groupBy(journalsIn(this.needs.folder), ({ id }) => id);
  }

  /** Whether another window is there that might write to it; where nobody can tell, whether one has lately. */
  private isWrittenTo(file: string, writer: string): boolean {
    const { holder } = readInto(emptyTree(), { file, writer, before: unread });
    const state = holder === undefined ? 'unsure' : stateOf(holder);
    const changedMs = factsOf(file)?.changedMs ?? 0;
    return state === 'unsure'
      ? changedMs > this.needs.clock.now() - unsureMs
      : state === 'running' && holder !== thisHolder;
  }

  private readIndex(): ReadonlyMap<string, Entry> {
    try {
      const index: unknown = JSON.parse(textOf(join(this.needs.folder, indexName)));
      if (isIndex(index)) return new Map(index.entries.map((entry) => [entry.head.id, entry]));
    } catch {
      // It is not there, or damaged: the journals are read.
    }
    return new Map();
  }

  private writeIndex(): void {
    if (!this.isIndexStale || this.entries === undefined) return;
    this.indexWrittenMs = this.needs.clock.monotonicMs();
    this.isIndexStale = false;
    const index: Index = { version: 3, entries: [...this.entries.values()] };
    try {
      replaceFile(join(this.needs.folder, indexName), JSON.stringify(index), this.writer);
    } catch {
      this.needs.log.warn('chat: the list of conversations could not be written; it is made again next time');
    }
  }

  /** Lets the editor work from time to time. */
  private breathing(): () => Promise<void> {
    const { clock } = this.needs;
    let sinceMs = clock.monotonicMs();
    return async () => {
      if (clock.monotonicMs() - sinceMs < workMs) return;
      await pause(clock, 0);
      sinceMs = clock.monotonicMs();
    };
  }
}

interface Index {
  readonly version: 3;
  readonly entries: readonly Entry[];
}

function refusedHead(id: string): ConversationHead {
  const nothing = { isPinned: false, deletedMs: undefined, changedMs: 0, turnCount: 0 };
  return { id, title: untitled, ...nothing, unreadable: 'refused' };
}

const count = whole(0, Number.MAX_SAFE_INTEGER);
const isSizes = (value: unknown): value is Sizes =>
  isObject(value) && Object.values(value).every((each) => count(each));
const isHead = shaped<ConversationHead>({
  id: isId,
  title: text({ most: 1_000 }),
  isPinned: truth,
  deletedMs: optional(count),
  changedMs: count,
  turnCount: count,
  workspace: optional(isWorkspace),
  unreadable: optional(oneOf<Unreadable>('later', 'damaged', 'refused')),
});
const isEntry = shaped<Entry>({ sizes: isSizes, head: isHead });
const isIndex = shaped<Index>({
  version: (value): value is 3 => value === 3,
  entries: list(isEntry, 1_000_000),
});

function isSame(a: Sizes, b: Sizes): boolean {
  const writers = Object.keys(a);
  return writers.length === Object.keys(b).length && writers.every((writer) => a[writer] === b[writer]);
}

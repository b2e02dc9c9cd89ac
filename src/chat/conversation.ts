/**
 * One conversation passes through here to the disk and back: an append-only journal, folded into a tree of turns.
 *
 * Two windows may have the same conversation open. Every window writes to a file of its own and reads those of the
 * others, and a conversation is what all its files say together: questions have ids that are used once and name what
 * they follow, an answer is written by one window only, and of what can be set again the latest stamp holds. So nothing
 * has to be locked, and nobody's death leaves anything locked.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { factsOf, linesOf, namesIn } from '../base/files.ts';
import { stateOf, thisHolder, type Holder } from '../base/holder.ts';
import { Journal } from '../base/journal.ts';
import type { Log } from '../base/log.ts';
import type { Disposable } from '../base/store.ts';
import {
  isOfLaterVersion,
  parseEvent,
  type AskedModel,
  type ChatEvent,
  type Ended,
  type Question,
  type Sent,
  type Workspace,
} from './event.ts';
import type { AnswerState } from './protocol.ts';
import { cleanTitle, titleOf, untitled } from './title.ts';
import {
  branchTo,
  deletedMsOf,
  emptyTree,
  foldEvent,
  liveTurns,
  parentOf,
  shownBranch,
  versionsOf,
  type Tree,
  type Turn,
} from './tree.ts';

/** What a conversation needs. */
export interface ConversationNeeds {
  /** Absolute path of the folder of all conversations. */
  readonly folder: string;
  /** 32 hex digits. */
  readonly id: string;
  /** A name that no other window has ever had; letters and digits. */
  readonly writer: string;
  /** What is open in this window. Absent: it is not told. */
  readonly workspace?: (() => Workspace | undefined) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Why a conversation is not read: a later version of Paddock wrote to it, no line of it makes sense, or the file system
 * does not give it. Nothing of it is changed then.
 */
export type Unreadable = 'later' | 'damaged' | 'refused';

/** What the list says of a conversation. */
export interface ConversationHead {
  readonly id: string;
  readonly title: string;
  readonly isPinned: boolean;
  /** `undefined`: it is not. */
  readonly deletedMs: number | undefined;
  /** When something was last asked; 0: never. */
  readonly changedMs: number;
  readonly turnCount: number;
  /** Where it began. Absent: nobody knows. */
  readonly workspace?: Workspace | undefined;
  /** Absent: it can be read. */
  readonly unreadable?: Unreadable | undefined;
}

/** A journal of one conversation and one window. */
export interface JournalName {
  readonly name: string;
  readonly id: string;
  readonly writer: string;
}

/** Text of an answer is on disk after so long at the latest, ms; half of what may be lost, for timers that are late. */
const flushMs = 500;
const journalName = /^([0-9a-f]{32})-([0-9a-z]+)\.jsonl$/;

/** A conversation that is open in this window. Whatever it is told is on disk when a call returns, but for an answer's text. */
export class Conversation implements Disposable {
  readonly id: string;
  private readonly needs: ConversationNeeds;
  private readonly tree = emptyTree();
  private readonly journal: Journal;
  private readonly ownFile: string;
  private readonly readings = new Map<string, Reading>();
  /** Turns that are being answered here. */
  private readonly answering = new Set<string>();
  /** What has been folded and is not on disk yet. */
  private unwritten: readonly ChatEvent[] = [];
  private cancelFlush: (() => void) | undefined;

  /** Reads what is there. Throws what the file system throws. */
  constructor(needs: ConversationNeeds) {
    this.needs = needs;
    this.id = needs.id;
    this.ownFile = join(needs.folder, `${needs.id}-${needs.writer}.jsonl`);
    this.journal = new Journal(this.ownFile);
    this.read(journalsIn(needs.folder), true);
  }

  get head(): ConversationHead {
    return headOf(this.id, this.tree, this.readings.values());
  }

  /** The branch the user is in, oldest first. */
  get branch(): readonly Turn[] {
    return shownBranch(this.tree);
  }

  /** Every turn that is not deleted, of all branches, oldest first. */
  get turns(): readonly Turn[] {
    return liveTurns(this.tree);
  }

  /** An answer is coming here. */
  get isAnswering(): boolean {
    return this.answering.size > 0;
  }

  /** Deleted ones too; `undefined`: there is none with this id. */
  turn(turnId: string): Turn | undefined {
    return this.tree.turns.get(turnId);
  }

  /** The turns from the first to this one; none when it is deleted or not there. */
  branchTo(turnId: string): readonly Turn[] {
    return branchTo(this.tree, turnId);
  }

  /** What a turn follows, of the turns that are not deleted. */
  parentOf(turnId: string): string | undefined {
    return parentOf(this.tree, turnId);
  }

  /** What stands at a turn's place, oldest first, itself among it. */
  versionsOf(turnId: string): readonly string[] {
    return versionsOf(this.tree, turnId);
  }

  /** How far a turn's answer is. Asks the system about a window that is not this one. */
  stateOf({ id, ended, writer, text, reasoning }: Turn): AnswerState {
    if (ended !== undefined) return ended.ending;
    if (this.answering.has(id)) return text === '' && reasoning === '' ? 'waiting' : 'streaming';
    const holder = this.readings.get(writer)?.holder;
    const isElsewhere = writer !== this.needs.writer && holder !== undefined && stateOf(holder) === 'running';
    return isElsewhere ? 'elsewhere' : 'interrupted';
  }

  /**
   * Reads what other windows have written since; says whether there was anything.
   * @param journals what is in the folder, from one who has just looked.
   */
  refresh(journals = journalsIn(this.needs.folder)): boolean {
    return this.read(journals, false);
  }

  /**
   * Writes a question down, and goes to its branch. When it returns, the question survives the death of this process.
   * @throws Failure `diskFailed`: then nothing was asked.
   */
  ask(question: Question, model: AskedModel, parentId: string | undefined): Turn {
    const turnId = this.needs.clock.newId();
    const after = parentId === undefined ? {} : { parentId };
    this.write({ kind: 'asked', atMs: this.stamp(), turnId, ...after, question, model });
    this.answering.add(turnId);
    const turn = this.tree.turns.get(turnId);
    if (turn === undefined) throw new Error('what was asked is not there');
    return turn;
  }

  /**
   * What of the branch goes to the model with a question. This and what follows does nothing to a turn that is not, or no
   * longer, being answered here: when the window closes, its end is on disk before who answers it hears of that.
   * @throws Failure `diskFailed`.
   */
  didSend(turnId: string, sent: Sent): void {
    if (!this.answering.has(turnId)) return;
    this.write({ kind: 'sent', atMs: this.stamp(), turnId, sent });
  }

  /** The ledger knows the request. @throws Failure `diskFailed`. */
  didOpen(turnId: string, requestId: string): void {
    if (!this.answering.has(turnId)) return;
    this.write({ kind: 'opened', atMs: this.stamp(), turnId, requestId });
  }

  /** Adds to an answer. It is there at once, and on disk within a second; a disk that fails is tried again. */
  say(turnId: string, text: string, reasoning: string): void {
    if (!this.answering.has(turnId)) return;
    const event: ChatEvent = { kind: 'said', atMs: this.tree.stampMs, turnId, text, reasoning };
    foldEvent(this.tree, event, this.needs.writer);
    const last = this.unwritten.at(-1);
    const isMore = last?.kind === 'said' && last.turnId === turnId;
    const joined = isMore ? { ...last, text: last.text + text, reasoning: last.reasoning + reasoning } : event;
    this.unwritten = [...(isMore ? this.unwritten.slice(0, -1) : this.unwritten), joined];
    this.flushSoon();
  }

  /** Ends an answer. @throws Failure `diskFailed`: it is ended here all the same, and that is written when it can be. */
  end(turnId: string, ended: Ended): void {
    if (!this.answering.delete(turnId)) return;
    const event: ChatEvent = { kind: 'ended', atMs: this.stamp(), turnId, ended };
    foldEvent(this.tree, event, this.needs.writer);
    this.unwritten = [...this.unwritten, event];
    this.flushSoon();
    this.flush();
  }

  /** Goes to a turn's branch. @throws Failure `diskFailed`. */
  show(turnId: string): void {
    this.write({ kind: 'shown', atMs: this.stamp(), turnId });
  }

  /** Takes a turn out, or back in; what follows it stays. @throws Failure `diskFailed`. */
  deleteTurn(turnId: string, isDeleted = true): void {
    if (!this.tree.turns.has(turnId)) return;
    this.write({ kind: 'turnDeleted', atMs: this.stamp(), turnId, isDeleted });
  }

  /** Gives it a title; an empty one leaves it as it is. @throws Failure `diskFailed`. */
  rename(title: string): void {
    const clean = cleanTitle(title);
    if (clean !== '') this.write({ kind: 'titled', atMs: this.stamp(), title: clean });
  }

  /** @throws Failure `diskFailed`. */
  pin(isPinned: boolean): void {
    this.write({ kind: 'pinned', atMs: this.stamp(), isPinned });
  }

  /** Takes it out of the list, or back in; its files go later. @throws Failure `diskFailed`. */
  delete(isDeleted = true): void {
    this.write({ kind: 'deleted', atMs: this.stamp(), isDeleted });
  }

  /** Ends what is being answered as interrupted, and closes the file. */
  dispose(): void {
    try {
      for (const turnId of [...this.answering]) this.end(turnId, { ending: 'interrupted' });
      this.flush();
    } catch {
      // The disk has failed before and the log says so; what is there is read as interrupted.
    }
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    this.journal.dispose();
  }

  /** Later than everything in the conversation, so that a clock that is set back turns nothing round. */
  private stamp(): number {
    return Math.max(this.needs.clock.now(), this.tree.stampMs + 1);
  }

  /** On disk first, then here. */
  private write(event: ChatEvent): void {
    this.flush();
    this.append([event]);
    foldEvent(this.tree, event, this.needs.writer);
  }

  private append(events: readonly ChatEvent[]): void {
    const isNew = (factsOf(this.ownFile)?.bytes ?? 0) === 0;
    if (!isNew) return this.journal.append(events);
    const begun = this.begun(events[0]);
    this.journal.append([begun, ...events]);
    foldEvent(this.tree, begun, this.needs.writer);
  }

  /** The first line of the journal, as old as the second. */
  private begun({ atMs }: { readonly atMs: number } = { atMs: this.stamp() }): ChatEvent {
    const workspace = this.needs.workspace?.();
    return { kind: 'begun', atMs, version: 1, holder: thisHolder, ...(workspace && { workspace }) };
  }

  private flushSoon(): void {
    this.cancelFlush ??= this.needs.clock.schedule(flushMs, () => {
      this.cancelFlush = undefined;
      try {
        this.flush();
      } catch {
        this.needs.log.warn('chat: a part of an answer could not be written; it is tried again');
        this.flushSoon();
      }
    });
  }

  private flush(): void {
    if (this.unwritten.length > 0) this.append(this.unwritten);
    this.unwritten = [];
    this.cancelFlush?.();
    this.cancelFlush = undefined;
  }

  /** @param isFirst its own file is read too: this window may have written to it before. */
  private read(journals: readonly JournalName[], isFirst: boolean): boolean {
    const { folder, id, writer: own, log } = this.needs;
    let hasNews = false;
    for (const { name, writer } of journals.filter((each) => each.id === id)) {
      if (writer === own && !isFirst) continue;
      const before = this.readings.get(writer) ?? unread;
      const now = readInto(this.tree, { file: join(folder, name), writer, before });
      this.readings.set(writer, now);
      hasNews ||= now.endByte > before.endByte;
      if (now.damagedLines > before.damagedLines) log.warn(`chat: ${now.damagedLines} damaged lines in ${name}`);
    }
    return hasNews;
  }
}

/** How far a journal was read. */
export interface Reading {
  readonly endByte: number;
  readonly damagedLines: number;
  /** It ends in the middle of a line: somebody is writing, or was cut off. */
  readonly isTorn: boolean;
  /** A later version of Paddock writes it. */
  readonly isLater: boolean;
  /** `undefined`: it does not say who writes it. */
  readonly holder: Holder | undefined;
}

export const unread: Reading = { endByte: 0, damagedLines: 0, isTorn: false, isLater: false, holder: undefined };

/** Where to read on. */
interface Place {
  readonly file: string;
  readonly writer: string;
  readonly before: Reading;
}

/** Folds the whole lines behind what was read before; what is no event is skipped. Throws what the file system throws. */
export function readInto(tree: Tree, { file, writer, before }: Place): Reading {
  let { endByte, damagedLines, isLater, holder } = before;
  let isTorn = false;
  for (const line of linesOf(file, endByte)) {
    isTorn = !line.isWhole;
    if (isTorn) break;
    endByte = line.endByte;
    if (line.bytes.length === 0) continue;
    const record = recordIn(line.bytes);
    const event = parseEvent(record);
    isLater ||= isOfLaterVersion(record);
    if (event === undefined) damagedLines += 1;
    else foldEvent(tree, event, writer);
    if (event?.kind === 'begun') holder = event.holder;
  }
  return { endByte, damagedLines, isTorn, isLater, holder };
}

/** The journals of a folder, of all conversations and windows. */
export function journalsIn(folder: string): readonly JournalName[] {
  return namesIn(folder).flatMap((name) => journalNamed(name) ?? []);
}

/** `undefined`: no journal is called so. */
export function journalNamed(name: string): JournalName | undefined {
  const [, id, writer] = journalName.exec(name) ?? [];
  return id === undefined || writer === undefined ? undefined : { name, id, writer };
}

/** @param readings of all its journals. */
export function headOf(id: string, tree: Tree, readings: Iterable<Reading>): ConversationHead {
  const [first] = liveTurns(tree);
  const { title = first === undefined ? untitled : titleOf(first.question), isPinned, askedMs } = tree;
  const deletedMs = deletedMsOf(tree);
  const workspace = tree.begun?.workspace;
  const unreadable = whyUnreadable(tree, [...readings]);
  return {
    ...{ id, title, isPinned, deletedMs, changedMs: askedMs, turnCount: liveTurns(tree).length },
    ...(workspace && { workspace }),
    ...(unreadable && { unreadable }),
  };
}

function whyUnreadable({ turns, deletedMs }: Tree, readings: readonly Reading[]): Unreadable | undefined {
  if (readings.some(({ isLater }) => isLater)) return 'later';
  const isDamaged = readings.some(({ damagedLines, isTorn }) => damagedLines > 0 || isTorn);
  return isDamaged && turns.size === 0 && deletedMs === undefined ? 'damaged' : undefined;
}

function recordIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined; // no JSON: counted as damaged by who asks
  }
}

/**
 * The events of a conversation become a tree of turns here. A turn is a question with its answer and follows another
 * turn; where several follow the same one, they are versions, and a branch is a way from the first turn to a last one.
 */
import type { AskedModel, ChatEvent, Ended, Question, Sent, Workspace } from './event.ts';

/** A question and its answer. */
export interface Turn {
  readonly id: string;
  /** Who wrote it: a name of the journal's file. */
  readonly writer: string;
  readonly atMs: number;
  /** The turn it was asked after; `undefined`: none. */
  readonly askedAfter: string | undefined;
  readonly question: Question;
  readonly model: AskedModel;
  /** `undefined`: nothing was sent of it. */
  readonly sent: Sent | undefined;
  /** What the ledger knows it under, a request for each try, oldest first; none: it knows nothing of it. */
  readonly requestIds: readonly string[];
  readonly text: string;
  readonly reasoning: string;
  /** `undefined`: it is coming, or its writer ended before. */
  readonly ended: Ended | undefined;
  readonly isDeleted: boolean;
}

/** What a conversation's events come to. Folding changes it; its turns never change, they are replaced. */
export interface Tree {
  readonly turns: Map<string, Turn>;
  /** The oldest beginning of a journal; `undefined`: there is none. */
  begun: Begun | undefined;
  /** The newest stamp. */
  stampMs: number;
  /** When something was last asked. 0: never. */
  askedMs: number;
  /** `undefined`: the user gave none. */
  title: string | undefined;
  isPinned: boolean;
  /** When it was last deleted, if nothing took that back; see `deletedMsOf`. */
  deletedMs: number | undefined;
  /** The turn the user went to or asked last. */
  shownId: string | undefined;
  /** Of the events that set something, when it was set. */
  readonly setMs: Map<string, number>;
  /** The form of the tree; `undefined`: to be found out anew. */
  form: Form | undefined;
}

/**
 * Who follows whom, of the turns that are not deleted. Every turn follows an older one, whatever damage says; one that
 * names a turn which is lost follows the one that was asked last before it.
 */
interface Form {
  /** By id; `undefined` for those that follow nothing. */
  readonly parents: ReadonlyMap<string, string | undefined>;
  /** What follows a turn, oldest first; of `undefined`, the first turns. */
  readonly children: ReadonlyMap<string | undefined, readonly string[]>;
}

/** When and where a window first wrote. */
interface Begun {
  readonly atMs: number;
  readonly writer: string;
  readonly workspace: Workspace | undefined;
}

/** Stands where a question's line was damaged and its answer was not. */
const lostQuestion: Question = { text: '(This question could not be read.)', attachments: [] };

export function emptyTree(): Tree {
  const unset = {
    begun: undefined,
    title: undefined,
    isPinned: false,
    deletedMs: undefined,
    shownId: undefined,
    form: undefined,
  };
  return { turns: new Map(), stampMs: 0, askedMs: 0, setMs: new Map(), ...unset };
}

/**
 * Takes in one event. Events of one writer have to come in their order, those of several in any; what names a turn whose
 * question was lost makes it a turn all the same.
 * @param writer whose journal it stands in.
 */
export function foldEvent(tree: Tree, event: ChatEvent, writer: string): void {
  tree.stampMs = Math.max(tree.stampMs, event.atMs);
  switch (event.kind) {
    case 'begun':
      return foldBegun(tree, event, writer);
    case 'asked':
      return foldAsked(tree, event, writer);
    case 'sent':
      return change(tree, event, writer, () => ({ sent: event.sent }));
    case 'opened':
      return change(tree, event, writer, ({ requestIds }) => ({ requestIds: [...requestIds, event.requestId] }));
    case 'said':
      return change(tree, event, writer, (turn) => ({
        text: turn.text + event.text,
        reasoning: turn.reasoning + event.reasoning,
      }));
    case 'ended':
      return change(tree, event, writer, ({ text, reasoning }) => ({
        text: text.slice(0, event.ended.keptChars),
        reasoning: reasoning.slice(0, event.ended.keptReasoningChars),
        ended: event.ended,
      }));
    case 'turnDeleted':
      if (!isNewest(tree, `turnDeleted ${event.turnId}`, event.atMs)) return;
      tree.form = undefined;
      return change(tree, event, writer, () => ({ isDeleted: event.isDeleted }));
    case 'shown':
      if (isNewest(tree, 'shown', event.atMs)) tree.shownId = event.turnId;
      return;
    case 'titled':
      if (isNewest(tree, 'titled', event.atMs)) tree.title = event.title;
      return;
    case 'pinned':
      if (isNewest(tree, 'pinned', event.atMs)) tree.isPinned = event.isPinned;
      return;
    case 'deleted':
      if (isNewest(tree, 'deleted', event.atMs)) tree.deletedMs = event.isDeleted ? event.atMs : undefined;
      return;
  }
}

/**
 * When it was deleted; `undefined`: it is not. Who asks in it later, in a window that had it open, wants it kept with all
 * that was there.
 */
export function deletedMsOf({ deletedMs, askedMs }: Tree): number | undefined {
  return deletedMs === undefined || askedMs >= deletedMs ? undefined : deletedMs;
}

/** The turns from the first to this one. A turn that is deleted or not there: none. */
export function branchTo(tree: Tree, turnId: string | undefined): readonly Turn[] {
  const { parents } = formOf(tree);
  const branch: Turn[] = [];
  for (let id = turnId; id !== undefined && parents.has(id); id = parents.get(id)) {
    const turn = tree.turns.get(id);
    if (turn !== undefined) branch.push(turn);
  }
  return branch.reverse();
}

/** The branch the user is in: with what followed the turn that was shown last, the newest of it each time. */
export function shownBranch(tree: Tree): readonly Turn[] {
  const { parents, children } = formOf(tree);
  let id = tree.shownId;
  // Of a deleted turn, what stands before it.
  for (const seen = new Set<string>(); id !== undefined && !parents.has(id) && !seen.has(id);) {
    seen.add(id);
    const turn = tree.turns.get(id);
    id = turn?.askedAfter;
  }
  for (let next = children.get(id)?.at(-1); next !== undefined; next = children.get(id)?.at(-1)) id = next;
  return branchTo(tree, id);
}

/** What stands at a turn's place, oldest first, itself among it. */
export function versionsOf(tree: Tree, turnId: string): readonly string[] {
  const { parents, children } = formOf(tree);
  return parents.has(turnId) ? (children.get(parents.get(turnId)) ?? []) : [];
}

/** What a turn follows now, of the turns that are not deleted. */
export function parentOf(tree: Tree, turnId: string): string | undefined {
  return formOf(tree).parents.get(turnId);
}

/** The turns that are not deleted, oldest first. */
export function liveTurns(tree: Tree): readonly Turn[] {
  return [...tree.turns.values()].filter(({ isDeleted }) => !isDeleted).sort(byAge);
}

/** Of two that wrote first at the same time, the one by whom both windows would decide. */
function foldBegun(tree: Tree, { atMs, workspace }: Extract<ChatEvent, { kind: 'begun' }>, writer: string): void {
  const { begun } = tree;
  const isFirst = begun === undefined || atMs < begun.atMs || (atMs === begun.atMs && writer < begun.writer);
  if (isFirst) tree.begun = { atMs, writer, workspace };
}

function foldAsked(tree: Tree, event: Extract<ChatEvent, { kind: 'asked' }>, writer: string): void {
  const { turnId: id, atMs, parentId, question, model } = event;
  const known = tree.turns.get(id);
  if (known !== undefined && known.question !== lostQuestion) return; // ids are used once
  const fresh = known ?? newTurn(id, writer, atMs);
  tree.turns.set(id, { ...fresh, atMs, askedAfter: parentId, question, model });
  tree.form = undefined;
  tree.askedMs = Math.max(tree.askedMs, atMs);
  if (isNewest(tree, 'shown', atMs)) tree.shownId = id;
}

function change(
  tree: Tree,
  { turnId, atMs }: { readonly turnId: string; readonly atMs: number },
  writer: string,
  changed: (turn: Turn) => Partial<Turn>,
): void {
  const known = tree.turns.get(turnId);
  if (known === undefined) tree.form = undefined;
  const turn = known ?? newTurn(turnId, writer, atMs);
  tree.turns.set(turnId, { ...turn, ...changed(turn) });
}

function newTurn(id: string, writer: string, atMs: number): Turn {
  return {
    ...{ id, writer, atMs, askedAfter: undefined, question: lostQuestion },
    ...{ model: { id: '', name: '' }, sent: undefined, requestIds: [], text: '', reasoning: '' },
    ...{ ended: undefined, isDeleted: false },
  };
}

/** Whether an event with this stamp sets what none after it has set. */
function isNewest(tree: Tree, what: string, atMs: number): boolean {
  if (atMs < (tree.setMs.get(what) ?? -Infinity)) return false;
  tree.setMs.set(what, atMs);
  return true;
}

function formOf(tree: Tree): Form {
  return (tree.form ??= findForm(tree));
}

function findForm(tree: Tree): Form {
  const parents = new Map<string, string | undefined>();
  const children = new Map<string | undefined, string[]>();
  // Of every turn so far: itself, or where it is deleted the nearest one before it that is not.
  const standing = new Map<string, string | undefined>();
  let last: string | undefined;
  for (const { id, askedAfter, question, isDeleted } of [...tree.turns.values()].sort(byAge)) {
    const isLost = question === lostQuestion || (askedAfter !== undefined && !standing.has(askedAfter));
    const before = isLost ? last : askedAfter;
    const parent = before === undefined ? undefined : standing.get(before);
    standing.set(id, isDeleted ? parent : id);
    last = id;
    if (isDeleted) continue;
    parents.set(id, parent);
    const others = children.get(parent);
    if (others === undefined) children.set(parent, [id]);
    else others.push(id);
  }
  return { parents, children };
}

/** Stamps of one conversation differ but where two windows asked at the same time: then by their ids, the same in both. */
function byAge(a: Turn, b: Turn): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}

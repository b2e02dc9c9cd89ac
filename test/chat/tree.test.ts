import { describe, expect, it } from 'vitest';
import { parseEvent, type ChatEvent } from '../../src/chat/event.ts';
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
} from '../../src/chat/tree.ts';
import { Chance } from '../support/chance.ts';
import { llama, question } from '../support/chats.ts';

type Written = readonly [writer: string, event: ChatEvent];

function asked(turnId: string, parentId: string | undefined, atMs: number): ChatEvent {
  const after = parentId === undefined ? {} : { parentId };
  return { kind: 'asked', atMs, turnId, ...after, question: question(`${turnId}?`), model: llama };
}

function said(turnId: string, text: string, atMs: number): ChatEvent {
  return { kind: 'said', atMs, turnId, text, reasoning: '' };
}

function treeOf(written: readonly (ChatEvent | Written)[]): Tree {
  const tree = emptyTree();
  for (const each of written) {
    if ('kind' in each) foldEvent(tree, each, 'me');
    else foldEvent(tree, each[1], each[0]);
  }
  return tree;
}

const idsOf = (turns: readonly { readonly id: string }[]): string => turns.map(({ id }) => id).join(' ');

/** A conversation of two writers, as it came about: every question follows one that is there. */
function randomStory(chance: Chance, length: number): readonly Written[] {
  const story: Written[] = [];
  const turns: string[] = [];
  for (let step = 1; step <= length; step += 1) {
    const writer = chance.pick(['one', 'other']);
    const turnId = turns[chance.below(Math.max(1, turns.length))];
    const kind = turnId === undefined ? 0 : chance.below(8);
    if (kind < 4) {
      const id = `t${step}`;
      story.push([writer, asked(id, chance.below(6) === 0 ? undefined : turnId, step)]);
      turns.push(id);
    } else if (turnId === undefined) continue;
    else if (kind < 6) story.push([writer, said(turnId, `${step},`, step)]);
    else if (kind === 6)
      story.push([writer, { kind: 'turnDeleted', atMs: step, turnId, isDeleted: chance.below(3) > 0 }]);
    else story.push([writer, { kind: 'shown', atMs: step, turnId }]);
  }
  return story;
}

/** The writers' files one after the other, as they are read; each keeps its own order. */
function asRead(story: readonly Written[], writers: readonly string[]): readonly Written[] {
  return writers.flatMap((writer) => story.filter(([by]) => by === writer));
}

/** All that can be seen of a tree. */
function seen(tree: Tree) {
  const turns = liveTurns(tree);
  return {
    shown: idsOf(shownBranch(tree)),
    turns: turns.map(({ id }) => [id, parentOf(tree, id), versionsOf(tree, id)]),
  };
}

describe('a conversation', () => {
  it('is a tree: a question that is asked otherwise stands beside the first, with all that followed it', () => {
    const tree = treeOf([asked('a', undefined, 1), asked('b', 'a', 2), asked('c', 'b', 3), asked('b2', 'a', 4)]);
    expect(idsOf(shownBranch(tree))).toBe('a b2');
    expect(versionsOf(tree, 'b')).toEqual(['b', 'b2']);
    foldEvent(tree, { kind: 'shown', atMs: 5, turnId: 'b' }, 'me');
    expect(idsOf(shownBranch(tree))).toBe('a b c');
  });

  it('goes on without a turn that is deleted, and with it again when it is restored', () => {
    const tree = treeOf([asked('a', undefined, 1), asked('b', 'a', 2), asked('c', 'b', 3)]);
    foldEvent(tree, { kind: 'turnDeleted', atMs: 4, turnId: 'b', isDeleted: true }, 'me');
    expect(idsOf(shownBranch(tree))).toBe('a c');
    foldEvent(tree, { kind: 'turnDeleted', atMs: 5, turnId: 'a', isDeleted: true }, 'me');
    expect(idsOf(shownBranch(tree))).toBe('c');
    foldEvent(tree, { kind: 'turnDeleted', atMs: 6, turnId: 'b', isDeleted: false }, 'me');
    expect(idsOf(shownBranch(tree))).toBe('b c');
  });

  it('shows what stands before a deleted turn that nothing followed', () => {
    const tree = treeOf([asked('a', undefined, 1), asked('b', 'a', 2)]);
    foldEvent(tree, { kind: 'turnDeleted', atMs: 3, turnId: 'b', isDeleted: true }, 'me');
    expect(idsOf(shownBranch(tree))).toBe('a');
    foldEvent(tree, { kind: 'turnDeleted', atMs: 4, turnId: 'a', isDeleted: true }, 'me');
    expect(shownBranch(tree)).toEqual([]);
  });

  it('holds the last word on what can be set again, whoever said it and in whatever order it is read', () => {
    const titled = (title: string, atMs: number): ChatEvent => ({ kind: 'titled', atMs, title });
    expect(treeOf([titled('old', 1), titled('new', 2)]).title).toBe('new');
    expect(treeOf([titled('new', 2), titled('old', 1)]).title).toBe('new');
  });

  it('is not deleted any more once something was asked in it later, in whatever order it is read', () => {
    const deleted = (atMs: number): ChatEvent => ({ kind: 'deleted', atMs, isDeleted: true });
    for (const [question, deletion, found] of [
      [asked('a', undefined, 1), deleted(2), 2],
      [asked('a', undefined, 2), deleted(2), undefined],
      [asked('a', undefined, 3), deleted(2), undefined],
    ] as const) {
      expect(deletedMsOf(treeOf([question, deletion]))).toBe(found);
      expect(deletedMsOf(treeOf([deletion, question]))).toBe(found);
    }
  });

  it('takes off what is not worth keeping at the end of an answer', () => {
    const tree = treeOf([
      asked('a', undefined, 1),
      said('a', 'round and round and round', 2),
      { kind: 'ended', atMs: 3, turnId: 'a', ended: { ending: 'looped', keptChars: 5 } },
    ]);
    expect(tree.turns.get('a')?.text).toBe('round');
    const ended = { ending: 'looped', keptReasoningChars: 2 } as const;
    const thought: ChatEvent = { kind: 'said', atMs: 2, turnId: 'a', text: 'so', reasoning: 'hmhmhm' };
    const other = treeOf([asked('a', undefined, 1), thought, { kind: 'ended', atMs: 3, turnId: 'a', ended }]);
    expect(other.turns.get('a')).toMatchObject({ text: 'so', reasoning: 'hm' });
  });

  it('is the same tree whichever file is read first, and every turn can be gone to, in 300 random stories', () => {
    const chance = new Chance(7);
    for (let round = 0; round < 300; round += 1) {
      const story = randomStory(chance, 5 + chance.below(40));
      const tree = treeOf(asRead(story, ['one', 'other']));
      expect(seen(treeOf(asRead(story, ['other', 'one'])))).toEqual(seen(tree));
      expect(seen(treeOf(story))).toEqual(seen(tree));
      const live = liveTurns(tree);
      for (const { id } of live) {
        const branch = branchTo(tree, id);
        expect(branch.at(-1)?.id).toBe(id);
        expect(parentOf(tree, branch[0]?.id ?? '')).toBeUndefined();
        expect(versionsOf(tree, id)).toContain(id);
      }
      const last = shownBranch(tree).at(-1);
      expect(last === undefined).toBe(live.length === 0);
      expect(live.some(({ id }) => parentOf(tree, id) === last?.id && last !== undefined)).toBe(false);
    }
  });
});

describe('a damaged journal', () => {
  const story = [
    asked('a', undefined, 1),
    said('a', 'A', 2),
    asked('b', 'a', 3),
    said('b', 'B', 4),
    asked('c', 'b', 5),
    said('c', 'C', 6),
  ];

  it.each([
    [0, '(This question could not be read.): A; b?: B; c?: C'],
    [1, 'a?: ; b?: B; c?: C'],
    [2, 'a?: A; (This question could not be read.): B; c?: C'],
    [3, 'a?: A; b?: ; c?: C'],
    [4, 'a?: A; b?: B; (This question could not be read.): C'],
    [5, 'a?: A; b?: B; c?: '],
  ])('without line %i costs that line and nothing else', (lost, shown) => {
    const tree = treeOf(story.filter((_, index) => index !== lost));
    expect(
      liveTurns(tree)
        .map(({ question: { text }, text: answer }) => `${text}: ${answer}`)
        .join('; '),
    ).toBe(shown);
    expect(idsOf(branchTo(tree, 'c'))).toBe('a b c');
  });

  it('without all of a turn goes on from the one before', () => {
    const tree = treeOf(story.filter((event) => !('turnId' in event) || event.turnId !== 'b'));
    expect(idsOf(shownBranch(tree))).toBe('a c');
  });

  it('that makes a circle or says one thing twice still comes to an end', () => {
    const tree = treeOf([asked('a', 'c', 1), asked('b', 'a', 2), asked('c', 'b', 3), asked('b', 'c', 4)]);
    expect(idsOf(shownBranch(tree))).toBe('a b c');
  });

  it.each([
    null,
    [],
    'asked',
    {},
    { kind: 'asked' },
    { kind: 'asked', atMs: 'now', turnId: 'a' },
    { ...story[0], question: { text: 1, attachments: [] } },
    { ...story[0], question: { text: 'a', attachments: [{ id: 'x' }] } },
    { ...story[0], turnId: '__proto__/..' },
    { kind: 'said', atMs: 1, turnId: 'a', text: 'a' },
    { kind: 'ended', atMs: 1, turnId: 'a', ended: { ending: 'well' } },
    { kind: 'ended', atMs: 1, turnId: 'a', ended: { ending: 'finished', receipt: {} } },
    { kind: 'begun', atMs: 1, version: 2, holder: '' },
    { kind: '__proto__', atMs: 1 },
  ])('has no event in %j', (record) => {
    expect(parseEvent(record)).toBeUndefined();
  });
});

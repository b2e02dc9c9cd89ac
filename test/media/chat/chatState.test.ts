import { expect, test } from 'vitest';
import { folded, isAnswering } from '../../../media/chat/chatState.ts';
import type { ChatState, ToWebview, TurnView } from '../../../src/chat/protocol.ts';
import { fullComposer, state, threadId, turn } from './chatStates.ts';

const first = turn('a');
const second = turn('b', { parentId: 'a' });
const third = turn('c', { parentId: 'b' });
const shown = state([first, second, third]);

function ids({ thread }: ChatState): readonly string[] {
  return thread.turns.map(({ id }) => id);
}

function told(turnId: TurnView): ToWebview {
  return { type: 'turn', threadId, turn: turnId };
}

test('a turn that is told again takes its own place, and the others stay the same objects', () => {
  const after = folded(shown, told({ ...second, versions: ['b', 'x'] }));
  expect(ids(after)).toEqual(['a', 'b', 'c']);
  expect(after.thread.turns[1]?.versions).toEqual(['b', 'x']);
  expect(after.thread.turns[0]).toBe(first);
  expect(after.thread.turns[2]).toBe(third);
});

test('a new turn follows its parent, and what had followed the parent leaves the view', () => {
  expect(ids(folded(shown, told(turn('d', { parentId: 'c' }))))).toEqual(['a', 'b', 'c', 'd']);
  expect(ids(folded(shown, told(turn('d', { parentId: 'a' }))))).toEqual(['a', 'd']);
  expect(ids(folded(shown, told(turn('d'))))).toEqual(['d']);
});

test('the question of a new turn is the first that Up brings back, once, and at most 50 are', () => {
  const asked = (id: string, text: string) => told(turn(id, { question: { text, atMs: 0, attachments: [] } }));
  const once = folded(shown, asked('d', 'New'));
  expect(once.history).toEqual(['New', ...shown.history]);
  expect(folded(once, asked('d', 'New')).history).toBe(once.history);
  expect(folded(once, asked('e', 'An older question')).history).toEqual([
    'An older question',
    'New',
    'The newest question',
  ]);
  expect(folded(once, { ...asked('f', 'Elsewhere'), threadId: 'other' } as ToWebview).history).toBe(once.history);
  const many = Array.from({ length: 50 }, (_, at) => `Question ${at}`);
  expect(folded({ ...shown, history: many }, asked('g', 'New')).history).toEqual(['New', ...many.slice(0, 49)]);
});

test('what is added to an answer is added, and makes it one that streams', () => {
  const waiting = turn('d', { answer: { state: 'waiting', text: '', reading: { readTokens: 1, totalTokens: 2 } } });
  const delta = { type: 'delta', threadId, turnId: 'd', text: 'It', reasoning: 'Hm' } as const;
  const once = folded(state([first, waiting]), delta);
  expect(once.thread.turns[0]).toBe(first);
  expect(once.thread.turns[1]?.answer).toEqual({
    ...turn('d').answer,
    state: 'streaming',
    text: 'It',
    reasoning: 'Hm',
  });
  const twice = folded(once, { ...delta, text: ' is', reasoning: '' });
  expect(twice.thread.turns[1]?.answer.text).toBe('It is');
  expect(isAnswering(twice)).toBe(true);
});

test('an answer that comes beside the branch that is shown is coming all the same', () => {
  const here = { id: threadId, title: '', isPinned: false, changedMs: 0, turnCount: 1, isAnswering: true };
  expect(isAnswering({ ...shown, threads: [] })).toBe(false);
  expect(
    isAnswering({
      ...shown,
      threads: [
        { ...here, isAnswering: false },
        { ...here, id: 'other' },
      ],
    }),
  ).toBe(false);
  expect(isAnswering({ ...shown, threads: [here] })).toBe(true);
});

test('what is told of another conversation, or of a turn that is not shown, changes nothing', () => {
  expect(folded(shown, { ...told(first), threadId: 'other' } as ToWebview)).toBe(shown);
  expect(folded(shown, { type: 'delta', threadId, turnId: 'gone', text: 'x', reasoning: '' })).toBe(shown);
  expect(folded(shown, { type: 'delta', threadId: 'other', turnId: 'a', text: 'x', reasoning: '' })).toBe(shown);
});

test('a whole state keeps the objects of turns that say the same as before', () => {
  const copy = structuredClone({ ...shown, composer: fullComposer });
  const changed = { ...copy, thread: { ...copy.thread, turns: [...copy.thread.turns.slice(0, 2), turn('x')] } };
  const after = folded(shown, { type: 'state', state: changed });
  expect(ids(after)).toEqual(['a', 'b', 'x']);
  expect(after.thread.turns[0]).toBe(first);
  expect(after.composer).toEqual(fullComposer);
});

test('a title in the list becomes the title of the conversation that is shown', () => {
  const [head, ...rest] = shown.threads;
  const renamed = { ...head, title: 'Another title' } as (typeof shown.threads)[number];
  const after = folded(shown, { type: 'threads', threads: [renamed, ...rest] });
  expect(after.thread.title).toBe('Another title');
  expect(folded(after, { type: 'threads', threads: rest }).thread.title).toBe('Another title');
});

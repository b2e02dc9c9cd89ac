import { expect, it, onTestFinished } from 'vitest';
import type { Conversation } from '../../../src/chat/conversation.ts';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { threadHandlers, type ThreadNeeds } from '../../../src/editor/chat/threadHandlers.ts';
import { exchange, openChats } from '../../support/chats.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** The handlers, and what they did to the page, in order. */
function handling() {
  const { chats, clock } = openChats(temporaryFolder());
  const memory = { get: () => '', set: () => undefined };
  const desk = new Desk({ openConversations: () => chats, memory, tell: () => undefined, isShown: () => false, clock });
  onTestFinished(() => desk.dispose());
  const done: string[] = [];
  const needs = {
    desk,
    answering: { stop: () => undefined },
    tell: () => undefined,
    draw: () => Promise.resolve(void done.push(`draws ${desk.current.head.title}`)),
    changed: (left: Conversation) => void done.push(`leaves ${left.head.title}`),
    lookAround: () => void done.push('looks around'),
  };
  return { desk, done, handlers: threadHandlers(needs as unknown as ThreadNeeds) };
}

it('draws another conversation before it looks for what could go with a question there', async () => {
  const { desk, done, handlers } = handling();
  exchange(desk.current, 'Why?', 'Because.');
  const { id } = desk.current;
  await handlers.newThread({ type: 'newThread' });
  await handlers.openThread({ type: 'openThread', threadId: id });
  expect(done).toEqual([
    ...['leaves Why?', 'draws New chat', 'looks around'],
    ...['leaves New chat', 'draws Why?', 'looks around'],
  ]);
});

it('looks for nothing where the same conversation stays', async () => {
  const { desk, done, handlers } = handling();
  exchange(desk.current, 'Why?', 'Because.');
  await handlers.openThread({ type: 'openThread', threadId: desk.current.id });
  expect(done).toEqual(['draws Why?']);
});

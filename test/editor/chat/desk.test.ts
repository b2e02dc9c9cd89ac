import { expect, it, onTestFinished } from 'vitest';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { clockOf, exchange, llama, openChats, question } from '../../support/chats.ts';
import { temporaryFolder } from '../../support/folder.ts';

it('tells when another window has written to the conversation that is shown, once', async () => {
  const folder = temporaryFolder();
  const { chats } = openChats(folder);
  const memory = { get: () => '', set: () => undefined };
  const desk = new Desk({ openConversations: () => chats, memory, tell: () => undefined });
  onTestFinished(() => desk.dispose());
  let heard = 0;
  desk.onDidHearOfOthers(() => (heard += 1));
  exchange(desk.current, 'Why?', 'Because.');
  await desk.picture();
  const { chats: elsewhere } = openChats(folder, clockOf('b'));
  onTestFinished(() => elsewhere.dispose());
  const there = elsewhere.find(desk.current.id);
  await desk.drawThreads();
  expect(heard).toBe(0);
  const turn = there?.ask(question('And there?'), llama, there.branch.at(-1)?.id);
  await desk.drawThreads();
  expect(heard).toBe(1);
  await desk.picture();
  await desk.drawThreads();
  expect(heard).toBe(1);
  there?.end(turn?.id ?? '', { ending: 'finished' });
  await desk.drawThreads();
  expect(heard).toBe(2);
});

it('takes what is asked in this window for no news', async () => {
  const { chats } = openChats(temporaryFolder());
  const memory = { get: () => '', set: () => undefined };
  const desk = new Desk({ openConversations: () => chats, memory, tell: () => undefined });
  onTestFinished(() => desk.dispose());
  let heard = 0;
  desk.onDidHearOfOthers(() => (heard += 1));
  await desk.picture();
  const turn = desk.current.ask(question('Why?'), llama, undefined);
  desk.drawTurn(desk.current, turn.id);
  await desk.drawThreads();
  desk.current.say(turn.id, 'Because.', '');
  await desk.drawThreads();
  expect(heard).toBe(0);
});

it('shows the conversation again after a reload that was begun by asking', () => {
  const folder = temporaryFolder();
  const kept = { id: '' };
  const memory = { get: () => kept.id, set: (id: string) => void (kept.id = id) };
  const opened = (window: string): Desk => {
    const { chats } = openChats(folder, clockOf(window));
    return new Desk({ openConversations: () => chats, memory, tell: () => undefined });
  };
  const before = opened('a');
  const { id } = before.current;
  exchange(before.current, 'Why?', 'Because.');
  before.dispose();
  const after = opened('b');
  onTestFinished(() => after.dispose());
  expect(after.current.id).toBe(id);
});

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

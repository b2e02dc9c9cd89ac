import { expect, it, onTestFinished } from 'vitest';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import type { Conversations } from '../../../src/chat/conversations.ts';
import type { AnswerView, ToWebview } from '../../../src/chat/protocol.ts';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { clockOf, exchange, llama, openChats, question } from '../../support/chats.ts';
import { FakeClock } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { source, startNode } from '../../support/nodeChild.ts';

/** A desk with these conversations, and what is told of it. */
function deskOf(
  chats: Conversations,
  { clock = new FakeClock(), isShown = false }: { clock?: Clock; isShown?: boolean } = {},
) {
  const told: ToWebview[] = [];
  const memory = { get: () => '', set: () => undefined };
  const tell = (message: ToWebview): void => void told.push(message);
  const desk = new Desk({ openConversations: () => chats, memory, tell, isShown: () => isShown, clock });
  onTestFinished(() => desk.dispose());
  const heard = { count: 0 };
  desk.onDidHearOfOthers(() => (heard.count += 1));
  const answers = () => told.flatMap((message) => (message.type === 'turn' ? [message.turn.answer] : []));
  return { desk, heard, answers };
}

it('tells when another window has written to the conversation that is shown, once', async () => {
  const folder = temporaryFolder();
  const { chats } = openChats(folder);
  const { desk, heard, answers } = deskOf(chats);
  exchange(desk.current, 'Why?', 'Because.');
  await desk.picture();
  const { chats: elsewhere } = openChats(folder, clockOf('b'));
  onTestFinished(() => elsewhere.dispose());
  const there = elsewhere.find(desk.current.id);
  await desk.drawThreads();
  expect(heard.count).toBe(0);
  const turn = there?.ask(question('And there?'), llama, there.branch.at(-1)?.id);
  await desk.drawThreads();
  expect(heard.count).toBe(1);
  await desk.picture();
  await desk.drawThreads();
  expect([heard.count, answers()]).toEqual([1, []]);
  there?.end(turn?.id ?? '', { ending: 'finished' });
  await desk.drawThreads();
  await desk.drawThreads();
  // No other turn: only that one is drawn.
  expect([heard.count, answers().map(({ state }) => state)]).toEqual([1, ['finished']]);
});

it('takes what is asked in this window for no news', async () => {
  const { chats } = openChats(temporaryFolder());
  const { desk, heard } = deskOf(chats);
  await desk.picture();
  const turn = desk.current.ask(question('Why?'), llama, undefined);
  desk.drawTurn(desk.current, turn.id);
  await desk.drawThreads();
  desk.current.say(turn.id, 'Because.', '');
  await desk.drawThreads();
  expect(heard.count).toBe(0);
});

/** Another window, a process of its own, that is answered piece by piece, as it is told. */
const otherWindow = (folder: string, id: string) =>
  startNode(`
    import { Conversations } from ${source('chat/conversations.ts')};
    import { systemClock } from ${source('base/clock.ts')};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const clock = { ...systemClock, schedule: (ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); } };
    const chats = new Conversations({ folder: ${JSON.stringify(folder)}, clock, log });
    const chat = chats.find(${JSON.stringify(id)});
    const ask = (text) => chat.ask({ text, attachments: [] }, { id: 'm', name: 'M' }, chat.branch.at(-1)?.id);
    let turn = ask('And there?');
    chat.say(turn.id, 'One. ', '');
    process.stdin.on('data', (told) => {
      if (String(told) === 'more') return chat.say(turn.id, 'Two. ', '');
      chat.end(turn.id, { ending: 'finished' });
      turn = ask('And then?');
    });`);

it('follows what another window is answered while it is shown, to its end or the death of that window', async () => {
  const folder = temporaryFolder();
  const { chats } = openChats(folder, systemClock);
  const { desk, answers } = deskOf(chats, { clock: systemClock, isShown: true });
  exchange(desk.current, 'Why?', 'Because.');
  await desk.picture();
  const pictures: AnswerView[] = [];
  desk.onDidHearOfOthers(
    () => void desk.picture().then(({ thread }) => pictures.push(...thread.turns.map(({ answer }) => answer))),
  );
  const seen = () => [...pictures, ...answers()].map(({ state, text }) => `${state}: ${text}`);
  const until = (answer: string) => expect.poll(seen, { timeout: 8_000 }).toContain(answer);
  const other = otherWindow(folder, desk.current.id);
  await until('elsewhere: One. ');
  other.stdin?.write('more');
  await until('elsewhere: One. Two. ');
  other.stdin?.write('end');
  await until('finished: One. Two. ');
  await until('elsewhere: ');
  other.kill('SIGKILL');
  await until('interrupted: ');
});

it('looks for nothing while nobody sees it', async () => {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const { chats } = openChats(folder, clock);
  const { desk, answers } = deskOf(chats, { clock });
  exchange(desk.current, 'Why?', 'Because.');
  await desk.picture();
  const { chats: elsewhere } = openChats(folder, clockOf('b'));
  onTestFinished(() => elsewhere.dispose());
  const there = elsewhere.find(desk.current.id);
  there?.ask(question('And there?'), llama, there.branch.at(-1)?.id);
  await desk.picture();
  await clock.advance(60_000);
  expect([clock.waiting, answers()]).toEqual([0, []]);
});

it('shows the conversation again after a reload that was begun by asking', () => {
  const folder = temporaryFolder();
  const kept = { id: '' };
  const memory = { get: () => kept.id, set: (id: string) => void (kept.id = id) };
  const opened = (window: string): Desk => {
    const { chats, clock } = openChats(folder, clockOf(window));
    return new Desk({ openConversations: () => chats, memory, tell: () => undefined, isShown: () => false, clock });
  };
  const before = opened('a');
  const { id } = before.current;
  exchange(before.current, 'Why?', 'Because.');
  before.dispose();
  const after = opened('b');
  onTestFinished(() => after.dispose());
  expect(after.current.id).toBe(id);
});

it('brings back the questions of the newest conversations and holds none of these open', async () => {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const { chats: before } = openChats(folder, clock);
  const names = ['one', 'two', 'three', 'four', 'five', 'six'];
  for (const name of names) {
    exchange(before.begin(), name, 'yes');
    await clock.advance(5);
  }
  before.dispose();
  const { chats } = openChats(folder, clockOf('b'));
  const { desk } = deskOf(chats);
  expect((await desk.picture()).history).toEqual(['six', 'five', 'four', 'three', 'two']);
  const [newest] = await chats.list();
  const there = openChats(folder, clockOf('c')).chats.find(newest?.id ?? '');
  there?.ask(question('seven'), llama, undefined);
  // Of one that is held open, this would be what was read before.
  expect(chats.find(newest?.id ?? '')?.turns).toHaveLength(2);
  exchange(desk.current, 'here', 'yes');
  expect((await desk.picture()).history).toEqual(['seven', 'six', 'five', 'four', 'three', 'two', 'here']);
});

/** The chat's built page in a real browser: where the keyboard is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltWebview } from '../support/webviewPage.ts';
import {
  composer,
  fullComposer,
  longConversation,
  receipt,
  richAnswer,
  state,
  threadId,
  turn,
} from './chat/chatStates.ts';
import { focused, hasKeyboard, unreachable } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const rich = turn('rich', { answer: { text: richAnswer, receipt } });

test('everything that can be pressed is reached with Tab, from top to bottom, and shows that it has the focus', async () => {
  const chat = await ShownChat.open(built, state([rich], { composer: fullComposer }));
  expect(await chat.page.evaluate(unreachable)).toEqual([]);
  const first = chat.page.locator('.title-button');
  await first.focus();
  const parts: (string | undefined)[] = [];
  do {
    await chat.page.keyboard.press('Tab');
    const now = await chat.page.evaluate(focused);
    if (now === undefined) continue;
    expect(now.isSeen, now.html).toBe(true);
    if (parts.at(-1) !== now.part) parts.push(now.part);
  } while (!(await first.evaluate((element) => element.matches(':focus'))));
  expect(parts).toEqual(['chat-head', 'transcript', 'composer', 'chat-head']);
  await chat.end();
});

describe('the keyboard, when its control goes away,', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id, at, all) => turn(id, { parentId: all[at - 1], versions: [id] }));
  const three = [a, b, c].filter((each) => each !== undefined);
  const trash = 'Delete question and answer';
  const at = (chat: ShownChat): Promise<string> => chat.page.evaluate(hasKeyboard);

  test('goes on to the next turn, or the one before, when a turn is deleted', async () => {
    const chat = await ShownChat.open(built, state(three));
    await chat.page.getByLabel(trash).nth(1).press('Enter');
    await chat.tell({ type: 'state', state: state(three.filter(({ id }) => id !== 'b')) });
    await expect.poll(() => at(chat)).toBe(`c: ${trash}`);
    await chat.page.keyboard.press('Enter');
    expect((await chat.until('deleteTurn', 2)).turnId).toBe('c');
    await chat.tell({ type: 'state', state: state(three.slice(0, 1)) });
    await expect.poll(() => at(chat)).toBe(`a: ${trash}`);
    await chat.page.keyboard.press('Enter');
    await chat.tell({ type: 'state', state: state([]) });
    await expect.poll(() => at(chat)).toBe('Question');
    await chat.end();
  });

  test('stays among the versions of a question, also of one that is drawn a moment later', async () => {
    const versions = ['a1', 'a2', 'a3'];
    const branch = (id: string) => [
      turn(id, { versions }),
      ...longConversation(4).map((each) => ({ ...each, id: `${id}-${each.id}` })),
    ];
    const chat = await ShownChat.open(built, state(branch('a2')));
    await chat.page.getByLabel('Later version').press('Enter');
    await chat.tell({ type: 'state', state: state(branch('a3')) });
    await expect.poll(() => at(chat)).toBe('a3: Earlier version');
    await chat.page.keyboard.press('Enter');
    await chat.tell({ type: 'state', state: state(branch('a2')) });
    await expect.poll(() => at(chat)).toBe('a2: Earlier version');
    await chat.end();
  });

  test('comes to the question when an answer is asked for again or stopped', async () => {
    const chat = await ShownChat.open(built, state(three));
    await chat.page.getByLabel('Ask again', { exact: true }).last().press('Enter');
    const coming = turn('d', { parentId: 'b', answer: { state: 'waiting', text: '' } });
    await chat.tell({ type: 'turn', threadId, turn: coming });
    await expect.poll(() => at(chat)).toBe('Question');
    await chat.page.getByLabel('Stop the answer').press('Enter');
    await chat.tell({ type: 'turn', threadId, turn: { ...coming, answer: { ...coming.answer, state: 'stopped' } } });
    await expect.poll(() => at(chat)).toBe('Question');
    await chat.end();
  });

  test('goes from chip to chip and comes to the question after the last, or after a review or a notice', async () => {
    const { chips, reviews } = fullComposer;
    const shown = (count: number) => ({ ...composer, chips: chips.slice(0, count), reviews });
    const chat = await ShownChat.open(built, state([a ?? rich], { composer: shown(2) }));
    await chat.page.getByLabel('Remove policy.ts').press('Enter');
    await chat.tell({ type: 'composer', composer: shown(1) });
    await expect.poll(() => at(chat)).toMatch(/gate\.ts/);
    await chat.tell({ type: 'composer', composer: shown(0) });
    await expect.poll(() => at(chat)).toBe('Question');
    await chat.page.getByRole('button', { name: 'Use it', exact: true }).press('Enter');
    await chat.tell({ type: 'composer', composer });
    await expect.poll(() => at(chat)).toBe('Question');
    await chat.tell({ type: 'notice', text: 'So it is.' });
    await chat.page.getByLabel('Close the notice').press('Enter');
    expect(await at(chat)).toBe('Question');
    await chat.end();
  });

  test('stays in the list of conversations, and on nothing where somebody pressed on nothing', async () => {
    const chat = await ShownChat.open(built, state(three));
    await chat.page.locator('.title-button').press('Enter');
    await chat.tell({ type: 'notice', text: 'So it is.' });
    await chat.page.getByLabel('Close the notice').press('Enter');
    expect(await at(chat)).toBe('Search all chats');
    await chat.page.keyboard.press('Escape');
    await chat.page.getByLabel(trash).last().focus();
    await chat.page.locator('.chat-head').click({ position: { x: 300, y: 5 } });
    await chat.tell({ type: 'state', state: state(three.slice(0, 2)) });
    expect(await at(chat)).toBe('nothing');
    await chat.end();
  });
});

test('the keyboard is on the turn that a search led to', async () => {
  const chat = await ShownChat.open(built, state(longConversation(3)));
  const turns = longConversation(5);
  const thread = { id: 'thread-2', title: 'x', turns, showTurnId: 'turn-1' };
  await chat.tell({ type: 'state', state: state([], { thread }) });
  expect(await chat.page.evaluate(hasKeyboard)).toMatch(/^turn-1: /);
  await chat.tell({ type: 'state', state: state([], { thread: { ...thread, showTurnId: 'turn-3' } }) });
  expect(await chat.page.evaluate(hasKeyboard)).toMatch(/^turn-3: /);
  await chat.end();
});

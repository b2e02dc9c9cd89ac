/** The chat's built page in a real browser: where the keyboard is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltWebview } from '../support/webviewPage.ts';
import { fullComposer, receipt, richAnswer, state, turn } from './chat/chatStates.ts';
import { focused, unreachable } from './chat/inChat.mjs';
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

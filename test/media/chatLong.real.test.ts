/** The chat's built page in a real browser: a long conversation: drawn, searched, gone through. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TurnView } from '../../src/chat/protocol.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import { delta, longConversation, state, threadId, turn } from './chat/chatStates.ts';
import { belowView, countSearches, filledTurns, highlights, marked, scrollTop, searches } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

describe('a conversation of 500 turns', () => {
  test('shows its end at once, the rest when it is scrolled to, and all of it in a while', async () => {
    const chat = await ShownChat.open(built, state(longConversation(500)));
    expect(await chat.page.locator('.turn').last().locator('.answer').isVisible()).toBe(true);
    await expect.poll(() => chat.page.locator('.turn').count()).toBe(500);
    await chat.page.evaluate(scrollTop, 0);
    await expect.poll(() => chat.page.locator('.turn').first().locator('.answer').count()).toBe(1);
    await expect.poll(() => chat.page.evaluate(filledTurns), { timeout: 20_000 }).toBe(500);
    await chat.end();
  });

  test('is searched with Ctrl+F, across the nodes of the text', async () => {
    const chat = await ShownChat.open(
      built,
      state([...longConversation(40), turn('end', { answer: { text: 'a **need**le' } })]),
    );
    await chat.page.keyboard.press('Control+f');
    await chat.page.keyboard.type('NEEDLE');
    await expect.poll(() => chat.page.locator('.find-count').innerText()).toBe('1 of 1');
    expect(await chat.page.evaluate(highlights)).toEqual([
      ['paddock-find', 1],
      ['paddock-find-current', 1],
    ]);
    await chat.page.keyboard.press('Control+a');
    await chat.page.keyboard.type('Plain answer 1.');
    await expect.poll(() => chat.page.locator('.find-count').innerText()).toBe('1 of 20');
    await chat.page.keyboard.press('Shift+Enter');
    expect(await chat.page.locator('.find-count').innerText()).toBe('20 of 20');
    await chat.page.keyboard.press('Escape');
    expect(await chat.page.evaluate(highlights)).toEqual([
      ['paddock-find', 0],
      ['paddock-find-current', 0],
    ]);
    await chat.end();
  });

  test('still marks what is searched for when code that came meanwhile was coloured', async () => {
    const chat = await ShownChat.open(built, state([turn('a', { answer: { text: 'a needle' } })]));
    await chat.page.keyboard.press('Control+f');
    await chat.page.keyboard.type('needle');
    await expect.poll(() => chat.page.evaluate(marked)).toEqual(['needle']);
    const answer = { text: 'a needle\n\n```ts\nconst needle = 1;\n```' };
    await chat.tell({ type: 'turn', threadId, turn: turn('a', { answer }) });
    await expect.poll(() => chat.page.locator('.hljs-keyword').count()).toBe(1);
    await expect.poll(() => chat.page.evaluate(marked)).toEqual(['needle', 'needle']);
    await chat.end();
  });

  test('is searched again at most five times a second while an answer comes', async () => {
    const turns = [...longConversation(20), turn('end', { answer: { state: 'streaming', text: 'a needle' } })];
    const chat = await ShownChat.open(built, state(turns));
    await chat.page.keyboard.press('Control+f');
    await chat.page.keyboard.type('needle');
    await expect.poll(() => chat.page.evaluate(marked)).toEqual(['needle']);
    await chat.page.evaluate(countSearches);
    await chat.tellAtOnce(Array.from({ length: 50 }, () => delta('end', ' needle')));
    expect(await chat.page.evaluate(searches)).toBeLessThan(10); // of 50: this computer may be busy
    await expect.poll(async () => (await chat.page.evaluate(marked)).length).toBe(51);
    await chat.end();
  });

  test('shows what was thought where words are found in it, and folds it again with one press', async () => {
    const answer = { text: 'Plain.', reasoning: 'A **need**le, a needle and a **needle**' };
    const chat = await ShownChat.open(built, state([turn('a', { answer })]));
    await chat.page.keyboard.press('Control+f');
    await chat.page.keyboard.type('needle');
    await expect.poll(() => chat.page.locator('.reasoning .markdown').isVisible()).toBe(true);
    expect(await chat.page.evaluate(marked)).toEqual(['needle', 'needle', 'needle']);
    await chat.page.locator('.reasoning summary').click();
    await expect.poll(() => chat.page.locator('.reasoning .markdown').isVisible()).toBe(false);
    await chat.end();
  });

  test('stays where it is when another version is shown or a turn comes back', async () => {
    const turns = longConversation(20);
    const early = (id: string, rest: readonly TurnView[]) => state([turn(id, { versions: ['v', 'w'] }), ...rest]);
    const chat = await ShownChat.open(built, early('v', turns.slice(0, 15)));
    await expect.poll(() => chat.page.evaluate(filledTurns)).toBe(16);
    await chat.page.evaluate(scrollTop, 0);
    await expect.poll(() => chat.page.evaluate(belowView)).toBeGreaterThan(2_000);
    const others = turns.map((each) => ({ ...each, id: `w-${each.id}` }));
    await chat.tell({ type: 'state', state: early('w', others) });
    expect(await chat.page.evaluate(scrollTop)).toBeLessThan(50);
    await chat.tell({ type: 'state', state: early('w', others.slice(1)) });
    await chat.tell({ type: 'state', state: early('w', others) });
    expect(await chat.page.evaluate(scrollTop)).toBeLessThan(50);
    // What is asked is gone to.
    await chat.tell({ type: 'turn', threadId, turn: turn('new', { parentId: others.at(-1)?.id }) });
    await expect.poll(() => chat.page.evaluate(belowView)).toBeLessThanOrEqual(1);
    await chat.end();
  });

  test('goes to the turn a search led to', async () => {
    const turns = longConversation(60);
    const chat = await ShownChat.open(
      built,
      state(turns, { thread: { id: threadId, title: 'x', turns, showTurnId: 'turn-10' } }),
    );
    const place = (): Promise<number> =>
      chat.page.locator('[data-turn="turn-10"]').evaluate((element) => element.getBoundingClientRect().top);
    await expect.poll(place, { timeout: 10_000 }).toBeLessThan(120);
    expect(await place()).toBeGreaterThan(-20);
    await chat.end();
  });
});

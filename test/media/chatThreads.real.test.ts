/** The chat's built page in a real browser: the list of conversations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltWebview } from '../support/webviewPage.ts';
import { receipt, richAnswer, state, threads, turn } from './chat/chatStates.ts';
import { hasKeyboard, overlaps } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const rich = turn('rich', { answer: { text: richAnswer, receipt } });
const field = '.composer-field';

describe('the list of conversations', () => {
  test('opens, renames, pins, exports and deletes with the keyboard alone', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    const title = chat.page.locator('.title-button');
    expect(await title.getAttribute('aria-haspopup')).toBe('dialog');
    await title.press('Enter');
    expect(await chat.page.getByRole('dialog', { name: 'All chats' }).isVisible()).toBe(true);
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('F2');
    await chat.page.keyboard.type('New name');
    await chat.page.keyboard.press('Enter');
    expect(await chat.until('renameThread')).toEqual({ type: 'renameThread', threadId: 'thread-2', title: 'New name' });
    const row = chat.page.locator('.thread').nth(1);
    await row.getByLabel('Pin').press('Enter');
    await row.getByLabel('Export as Markdown').press('Enter');
    await row.getByLabel('Export as JSON').press('Enter');
    expect((await chat.until('pinThread')).isPinned).toBe(true);
    expect((await chat.until('exportThread', 2)).format).toBe('json');
    await row.locator('.thread-open').focus();
    await chat.page.keyboard.press('Delete');
    expect((await chat.until('deleteThread')).threadId).toBe('thread-2');
    await chat.page.keyboard.press('Enter');
    expect((await chat.until('openThread')).threadId).toBe('thread-3');
    await chat.end();
  });

  test('leaves the keyboard where somebody pressed to leave the name that was being changed', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator('.title-button').press('Enter');
    await chat.page.locator('.thread').nth(1).getByLabel('Rename').press('Enter');
    await chat.page.keyboard.type('New name');
    await chat.page.locator('.search-field').click();
    expect((await chat.until('renameThread')).title).toBe('New name');
    expect(await chat.page.evaluate(hasKeyboard)).toBe('Search all chats');
    await chat.page.locator('.thread').nth(1).getByLabel('Rename').press('Enter');
    await chat.page.keyboard.press('Escape');
    expect(
      await chat.page
        .locator('.thread-open')
        .nth(1)
        .evaluate((row) => row.matches(':focus')),
    ).toBe(true);
    await chat.end();
  });

  test('leaves the keyboard on its conversation, wherever that goes in the list', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator('.title-button').press('Enter');
    const row = chat.page.locator('[data-thread="thread-3"]');
    await row.getByLabel('Pin').press('Enter');
    const [first, second, third, ...rest] = threads;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few');
    await chat.tell({ type: 'threads', threads: [{ ...third, isPinned: true }, first, second, ...rest] });
    expect(await row.getByLabel('Unpin').evaluate((button) => button.matches(':focus'))).toBe(true);
    await chat.page.keyboard.press('Delete');
    expect((await chat.until('deleteThread')).threadId).toBe('thread-3');
    await chat.tell({ type: 'threads', threads: [first, second, ...rest] });
    const next = chat.page.locator(`[data-thread="${first.id}"] .thread-open`);
    expect(await next.evaluate((button) => button.matches(':focus'))).toBe(true);
    await chat.end();
  });

  test('names the workspace of another one, says why one cannot be read, and does nothing with that', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator('.title-button').press('Enter');
    const details = await chat.page.locator('.thread-details').allInnerTexts();
    expect(details.map((each) => each.split(' · in ')[1])).toContain('another-project-with-a-long-name');
    const row = chat.page.locator('.thread', { hasText: 'The files of this chat are damaged.' });
    await row.locator('.thread-open').focus();
    for (const key of ['Enter', 'F2', 'Delete']) await chat.page.keyboard.press(key);
    expect([await row.getByRole('button').count(), await chat.page.locator('.rename-field').count()]).toEqual([1, 0]);
    expect([...chat.said('openThread'), ...chat.said('deleteThread')]).toEqual([]);
    await chat.end();
  });

  test('says that a conversation was deleted, with a button that brings it back', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    const button = { label: 'Undo', message: { type: 'restoreThread', threadId: 'thread-2' } } as const;
    await chat.page.locator('.title-button').click();
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('Delete');
    await chat.until('deleteThread');
    await chat.tell({ type: 'notice', text: 'Deleted.', button });
    expect(await chat.page.evaluate(overlaps, ['.notice', '.threads'])).toBe(false);
    expect(await chat.page.getByRole('status').filter({ hasText: 'Deleted.' }).count()).toBe(1);
    await chat.page.getByRole('button', { name: 'Undo' }).click();
    expect((await chat.until('restoreThread')).threadId).toBe('thread-2');
    expect(await chat.page.locator('.notice').count()).toBe(0);
    await chat.end();
  });

  test('finds words in all of them, and goes to the turn', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator('.title-button').press('Enter');
    await chat.page.keyboard.insertText('gate'); // in one go: pauses between keys would be searches of their own
    const { request, query } = await chat.until('searchThreads');
    expect(query).toBe('gate');
    const hit = {
      threadId: 'thread-2',
      turnId: 't',
      title: 'Doors',
      atMs: 0,
      snippet: 'the gate opens',
      marks: [[4, 8]],
    } as const;
    await chat.tell({ type: 'searchResults', request, hits: [hit], isDone: true });
    expect(await chat.page.locator('mark').innerText()).toBe('gate');
    await chat.page.locator('.thread-open').click();
    expect(await chat.until('openThread')).toEqual({ type: 'openThread', threadId: 'thread-2', turnId: 't' });
    await chat.end();
  });

  test('keeps the draft of each conversation apart', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator(field).fill('Half a question');
    await chat.page.getByLabel('New chat').click();
    await chat.until('newThread');
    expect(chat.said('draft').at(-1)?.text).toBe('Half a question');
    const other = { id: 'thread-9', title: 'New chat', turns: [] };
    await chat.tell({ type: 'state', state: state([], { thread: other, draft: 'Another draft' }) });
    expect(await chat.page.locator(field).inputValue()).toBe('Another draft');
    // The host may show another one by itself, in the middle of a word.
    await chat.page.locator(field).fill('Another draft of');
    const told = chat.said('draft').length;
    await chat.tell({ type: 'state', state: state([rich], { draft: 'Half a question' }) });
    expect(await chat.until('draft', told + 1)).toMatchObject({ threadId: 'thread-9', text: 'Another draft of' });
    expect(await chat.page.locator(field).inputValue()).toBe('Half a question');
    await chat.end();
  });
});

/** The chat's built page in a real browser: what is typed, attached and sent below the conversation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Suggestion } from '../../src/chat/protocol.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import { composer, fullComposer, longConversation, state, threadId } from './chat/chatStates.ts';
import { belowView, drop, frames, pressComposingEnter, scrollTop } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const field = '.composer-field';

describe('the composer', () => {
  test('sends with Enter, breaks the line with Shift+Enter, and is empty afterwards', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).pressSequentially('one');
    await chat.page.keyboard.press('Shift+Enter');
    await chat.page.keyboard.type('two');
    await chat.page.keyboard.press('Enter');
    expect(await chat.until('send')).toEqual({ type: 'send', threadId, text: 'one\ntwo' });
    expect(await chat.page.locator(field).inputValue()).toBe('');
    await chat.page.keyboard.press('Enter');
    await chat.page.evaluate(frames);
    expect(chat.said('send')).toHaveLength(1);
    await chat.end();
  });

  test('never sends while an input method is composing', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).fill('にほん');
    for (const how of ['isComposing', '229']) await chat.page.evaluate(pressComposingEnter, how);
    expect(chat.said('send')).toEqual([]);
    await chat.page.evaluate(pressComposingEnter, 'neither');
    expect((await chat.until('send')).text).toBe('にほん');
    await chat.end();
  });

  test('grows with its text and keeps it, with the place in the conversation, over a reload', async () => {
    const turns = longConversation(30);
    const chat = await ShownChat.open(built, state(turns));
    const { height } = (await chat.page.locator(field).boundingBox()) ?? { height: 0 };
    await chat.page.locator(field).fill('a\nb\nc\nd');
    expect((await chat.page.locator(field).boundingBox())?.height).toBeGreaterThan(height + 30);
    expect(await chat.until('draft')).toEqual({ type: 'draft', threadId, text: 'a\nb\nc\nd' });
    await chat.page.evaluate(scrollTop, 700);
    await expect.poll(async () => JSON.stringify(await chat.shown.state())).toContain('scroll');
    const kept = await chat.shown.state();
    await chat.end();

    const again = await ShownChat.open(built, state(turns, { draft: 'a' }), { state: kept });
    expect(await again.page.locator(field).inputValue()).toBe('a\nb\nc\nd');
    await expect.poll(() => again.page.evaluate(belowView)).toBeGreaterThan(500);
    await again.end();
  });

  test('has a question that was sent and never drawn again after a reload, and no other', async () => {
    const turns = longConversation(3);
    const chat = await ShownChat.open(built, state(turns.slice(0, 2)));
    await chat.page.locator(field).fill('On its way');
    await chat.page.keyboard.press('Enter');
    await chat.until('send');
    const kept = await chat.shown.state();
    await chat.end();

    for (const [drawn, text] of [
      [state(turns.slice(0, 2)), 'On its way'],
      [state(turns.slice(0, 2), { sending: 'On its way' }), ''],
      [state(turns), ''],
    ] as const) {
      const again = await ShownChat.open(built, drawn, { state: kept });
      expect(await again.page.locator(field).inputValue()).toBe(text);
      await again.end();
    }
  });

  test('has a question that came back while the page was hidden, behind what was typed since, once', async () => {
    const turns = longConversation(2);
    const chat = await ShownChat.open(built, state(turns));
    await chat.page.locator(field).fill('On its way');
    await chat.page.keyboard.press('Enter');
    await chat.page.locator(field).fill('And next');
    await chat.until('draft');
    const hidden = await chat.shown.state();
    await chat.end();

    const back = state(turns, { draft: 'And next On its way', givenBack: 'On its way' });
    const again = await ShownChat.open(built, back, { state: hidden });
    expect((await again.until('draft')).text).toBe('And next On its way');
    // The host has it now. What is made of it is the user's.
    await again.page.locator(field).fill('And next On my way');
    await again.until('draft', 2);
    const kept = await again.shown.state();
    await again.end();
    const later = await ShownChat.open(built, state(turns, { draft: 'And next On my way' }), { state: kept });
    expect(await later.page.locator(field).inputValue()).toBe('And next On my way');
    await later.end();
  });

  test('tells the host at once that a question came back', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).fill('On its way');
    await chat.page.keyboard.press('Enter');
    await chat.tell({ type: 'fill', text: 'On its way' });
    expect((await chat.until('draft')).text).toBe('On its way');
    await chat.page.locator(field).fill('');
    await chat.until('draft', 2);
    const kept = await chat.shown.state();
    await chat.end();
    const again = await ShownChat.open(built, state([]), { state: kept });
    expect(await again.page.locator(field).inputValue()).toBe('');
    await again.end();
  });

  test('brings earlier questions back with Up, and what was typed with Down', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).press('ArrowUp');
    expect(await chat.page.locator(field).inputValue()).toBe('The newest question');
    await chat.page.keyboard.press('ArrowUp');
    expect(await chat.page.locator(field).inputValue()).toBe('An older question');
    await chat.page.keyboard.press('End');
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('ArrowDown');
    expect(await chat.page.locator(field).inputValue()).toBe('');
    await chat.end();
  });

  test('offers what fits behind @ and /, picked with the keyboard', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).pressSequentially('see @f');
    const asked = await chat.until('suggest', 2);
    expect(asked).toEqual({ type: 'suggest', request: asked.request, trigger: '@', query: 'f' });
    const suggestions: readonly Suggestion[] = [
      { id: 'file', label: '@file', detail: 'A file', insertText: '@file:' },
      { id: 'gate.ts', label: 'gate.ts', detail: 'src' },
      { id: 'diff', label: '@diff', detail: '', disabledBecause: 'Git runs on the other side.' },
    ];
    await chat.tell({ type: 'suggestions', request: asked.request - 1, suggestions });
    expect(await chat.page.locator('.suggestion').count()).toBe(0);
    await chat.tell({ type: 'suggestions', request: asked.request, suggestions });
    expect(await chat.page.locator(field).getAttribute('aria-activedescendant')).toBe('suggestion-0');
    await chat.page.keyboard.press('Enter');
    expect(await chat.page.locator(field).inputValue()).toBe('see @file:');
    const further = await chat.until('suggest', 3);
    expect(further.query).toBe('file:');
    await chat.tell({ type: 'suggestions', request: further.request, suggestions });
    await chat.page.keyboard.press('ArrowDown');
    await chat.page.keyboard.press('Tab');
    expect((await chat.until('takeSuggestion')).suggestionId).toBe('gate.ts');
    expect(await chat.page.locator(field).inputValue()).toBe('see ');
    expect(chat.said('send')).toEqual([]);
    await chat.end();
  });

  test('takes what is typed out in full, and sends a whole command with one Enter', async () => {
    const chat = await ShownChat.open(built, state([]));
    const diff = { id: 'diff', label: 'diff', detail: '' };
    const problems = { id: 'problems', label: 'problems', detail: '', disabledBecause: 'There are none.' };
    await chat.page.locator(field).pressSequentially('see @diff');
    const { request } = await chat.until('suggest', 5);
    await chat.tell({ type: 'suggestions', request, suggestions: [problems, diff] });
    await chat.page.keyboard.type(' now');
    expect((await chat.until('takeSuggestion')).suggestionId).toBe('diff');
    expect(await chat.page.locator(field).inputValue()).toBe('see now');
    await chat.page.keyboard.type(' @problems');
    const { request: later } = await chat.until('suggest', 14);
    await chat.tell({ type: 'suggestions', request: later, suggestions: [problems] });
    await chat.page.keyboard.type(' ');
    expect(await chat.page.locator(field).inputValue()).toBe('see now @problems ');
    expect(chat.said('takeSuggestion')).toHaveLength(1);
    const notice = chat.page.locator('.notice-text');
    expect(await notice.innerText()).toBe('Nothing was added for @problems: There are none.');

    await chat.page.locator(field).fill('/explain');
    const { request: last } = await chat.until('suggest', 15);
    const explain = { id: 'command:explain', label: '/explain', detail: '', insertText: '/explain ' };
    await chat.tell({ type: 'suggestions', request: last, suggestions: [explain] });
    expect(await chat.page.locator('.suggestion').count()).toBe(1);
    await chat.page.keyboard.press('Enter');
    expect((await chat.until('send')).text).toBe('/explain');

    // Typed faster than the host answers: what was offered before is not what is meant.
    await chat.page.locator(field).fill('/');
    const { request: first } = await chat.until('suggest', 16);
    const fix = { id: 'command:fix', label: '/fix', detail: '', insertText: '/fix ' };
    await chat.tell({ type: 'suggestions', request: first, suggestions: [explain, fix] });
    await chat.page.keyboard.type('fi');
    expect(await chat.page.locator('.suggestion-label').allInnerTexts()).toEqual(['/fix']);
    await chat.page.keyboard.type('x');
    await chat.page.keyboard.press('Enter');
    expect((await chat.until('send', 2)).text).toBe('/fix');
    await chat.end();
  });

  test('says why something cannot be picked, and lets Escape close the list', async () => {
    const chat = await ShownChat.open(built, state([]));
    await chat.page.locator(field).pressSequentially('/');
    const { request } = await chat.until('suggest');
    const disabled = { id: 'commit', label: '/commit', detail: '', disabledBecause: 'There is no repository.' };
    await chat.tell({ type: 'suggestions', request, suggestions: [disabled] });
    expect(await chat.page.locator('.suggestion').innerText()).toContain('There is no repository.');
    await chat.page.keyboard.press('Enter');
    expect(await chat.page.locator(field).inputValue()).toBe('/');
    await chat.page.keyboard.press('Escape');
    expect(await chat.page.locator('.suggestion').count()).toBe(0);
    await chat.end();
  });

  test('shows what goes with the question, its size, and what stays here and why', async () => {
    const chat = await ShownChat.open(built, state([], { composer: fullComposer }));
    const chips = chat.page.locator('.composer .chip');
    expect(await chips.count()).toBe(5);
    expect(await chips.nth(1).innerText()).toContain('2.3k');
    await chips.nth(1).getByRole('button', { name: 'policy.ts' }).first().click();
    expect((await chat.until('openChip')).chipId).toBe('chip-2');
    // A folder is no one place that could be opened.
    expect(await chips.nth(4).getByRole('button').count()).toBe(1);
    expect(await chat.page.locator('.chip-why').innerText()).toContain('.env, not sent: a rule of this workspace');
    await chips.nth(0).getByRole('button', { name: 'Add' }).click();
    await chips.nth(1).getByLabel('Remove policy.ts').click();
    expect([(await chat.until('takeChip')).chipId, (await chat.until('removeChip')).chipId]).toEqual([
      'chip-1',
      'chip-2',
    ]);
    expect(
      await chips
        .nth(2)
        .getByLabel(/Remove/)
        .count(),
    ).toBe(0);
    expect(await chat.page.locator('.composer-foot').innerText()).toContain('≈2.3k tokens → api.example.com ≈ $0.006');
    expect(await chat.page.locator('.left-out').innerText()).toContain('policy.ts: only its first 900 of 2,310 tokens');
    await chat.end();
  });

  test("lets a chip's text be changed before it is sent", async () => {
    const chat = await ShownChat.open(built, state([], { composer: fullComposer }));
    await chat.page.getByLabel('Change what is sent of policy.ts').click();
    expect((await chat.until('readChip')).chipId).toBe('chip-2');
    await chat.tell({ type: 'chipText', chipId: 'chip-2', text: 'secret\nrest' });
    await chat.page.locator('#chip-text').fill('rest');
    await chat.page.getByText('Use this text').click();
    expect(await chat.until('editChip')).toEqual({ type: 'editChip', chipId: 'chip-2', text: 'rest' });
    // Also before it is taken.
    await chat.page.getByLabel('Change what is sent of gate.ts:10-32').click();
    expect((await chat.until('readChip', 2)).chipId).toBe('chip-1');
    await chat.end();
  });

  test("keeps a chip's text that is being changed over a reload, until its chip is there again", async () => {
    const chat = await ShownChat.open(built, state([], { composer: fullComposer }));
    await chat.page.getByLabel('Change what is sent of policy.ts').click();
    await chat.tell({ type: 'chipText', chipId: 'chip-2', text: 'secret\nrest' });
    await chat.page.locator('#chip-text').fill('rest');
    const kept = await chat.shown.state();
    await chat.end();
    const again = await ShownChat.open(built, state([]), { state: kept });
    expect(await again.page.locator('#chip-text').count()).toBe(0);
    // The window was reloaded: its chips have other ids.
    const chips = fullComposer.chips.map((chip) => ({ ...chip, id: `new-${chip.id}` }));
    await again.tell({ type: 'composer', composer: { ...fullComposer, chips } });
    expect(await again.page.locator('#chip-text').inputValue()).toBe('rest');
    await again.page.getByText('Use this text').click();
    expect(await again.until('editChip')).toEqual({ type: 'editChip', chipId: 'new-chip-2', text: 'rest' });
    expect(JSON.stringify(await again.shown.state())).not.toContain('rest');
    await again.end();
  });

  test("asks before a workspace's rules are used", async () => {
    const chat = await ShownChat.open(built, state([], { composer: fullComposer }));
    await chat.page.getByText('What it says').click();
    expect(await chat.page.locator('.review-text').innerText()).toBe('# Rules\nBe brief.');
    await chat.page.getByText('Use it', { exact: true }).click();
    expect(await chat.until('answerReview')).toEqual({ type: 'answerReview', reviewId: 'review-1', isUsed: true });
    await chat.end();
  });

  test('does not send what cannot be sent, and says why', async () => {
    const blocked = { message: 'No model is chosen.', action: 'chooseModel' } as const;
    const chat = await ShownChat.open(built, state([], { composer: { ...composer, model: undefined, blocked } }));
    await chat.page.locator(field).fill('Hello');
    await chat.page.keyboard.press('Enter');
    await chat.page.locator('.failure button').click();
    expect((await chat.until('runAction')).action).toBe('chooseModel');
    expect(chat.said('send')).toEqual([]);
    expect(await chat.page.locator(field).inputValue()).toBe('Hello');
    await chat.page.locator('.pill').click();
    await chat.until('switchModel');
    await chat.end();
  });

  test('takes files that are dropped, says so before, and leaves text that is dragged to the field', async () => {
    const chat = await ShownChat.open(built, state([]));
    const files = { 'text/uri-list': 'file:///work/a.ts\r\nfile:///work/b.ts', 'text/plain': '/work/a.ts' };
    expect(await chat.page.evaluate(drop, files)).toEqual({ before: true, after: false, isTaken: true });
    expect((await chat.until('dropUris')).uris).toEqual(['file:///work/a.ts', 'file:///work/b.ts']);
    const list = { resourceurls: JSON.stringify(['file:///work/c.ts']) };
    await chat.page.evaluate(drop, list);
    expect((await chat.until('dropUris', 2)).uris).toEqual(['file:///work/c.ts']);
    const text = { 'text/plain': 'words', 'text/html': '<b>words</b>' };
    expect(await chat.page.evaluate(drop, text)).toEqual({ before: false, after: false, isTaken: false });
    expect(await chat.page.locator('.notice').count()).toBe(0);
    await chat.end();
  });
});

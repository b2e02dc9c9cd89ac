/** The chat's built page in a real browser: what people do with it, by pointer and by keyboard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Suggestion, ToWebview } from '../../src/chat/protocol.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import {
  composer,
  fullComposer,
  localReceipt,
  longConversation,
  receipt,
  richAnswer,
  state,
  threadId,
  turn,
} from './chat/chatStates.ts';
import {
  belowView,
  changes,
  drop,
  filledTurns,
  focused,
  frames,
  highlights,
  marked,
  pressComposingEnter,
  scrollTop,
  unreachable,
  watchTurns,
} from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const rich = turn('rich', { answer: { text: richAnswer, receipt } });
const field = '.composer-field';

function delta(turnId: string, text: string, reasoning = ''): ToWebview {
  return { type: 'delta', threadId, turnId, text, reasoning };
}

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
    await chat.tell({ type: 'fill', text: 'On its way', how: 'append' });
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
    expect(await chat.page.locator('.chip-why').innerText()).toContain('.env, not sent: a rule of this workspace');
    await chips.nth(0).locator('button').click();
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
    await chat.end();
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

describe('a turn', () => {
  test('is edited and asked again in its place, without the attachments that were taken off', async () => {
    const attachments = ['x', 'y'].map((id) => ({ id, kind: 'file', name: `${id}.ts`, tokens: 10 }) as const);
    const question = { text: 'Old words', atMs: 0, attachments };
    const chat = await ShownChat.open(built, state([turn('a', { question }), rich]));
    const first = chat.page.locator('.turn').first();
    await first.locator('.edit-question').press('Enter');
    await first.getByLabel('Remove x.ts').click();
    await first.locator('.edit-field').fill('New words');
    await first.locator('.edit-field').press('Enter');
    expect(await chat.until('resend')).toEqual({
      type: 'resend',
      ...{ threadId, turnId: 'a', text: 'New words', attachmentIds: ['y'] },
    });
    await first.locator('.edit-question').press('Enter');
    await first.locator('.edit-field').press('Escape');
    expect(await first.locator('.edit-field').count()).toBe(0);
    expect(await first.locator('.edit-question').evaluate((element) => element.matches(':focus'))).toBe(true);
    await chat.end();
  });

  test('shows its versions, and goes from one to the other', async () => {
    const chat = await ShownChat.open(built, state([turn('b', { versions: ['a', 'b', 'c'] })]));
    expect(await chat.page.locator('.versions').innerText()).toContain('2/3');
    await chat.page.getByLabel('Later version').click();
    await chat.page.getByLabel('Earlier version').click();
    expect(chat.said('showVersion').map(({ turnId }) => turnId)).toEqual(['c', 'a']);
    await chat.end();
  });

  test('is copied, asked again and deleted with buttons', async () => {
    const chat = await ShownChat.open(built, state([turn('a')]));
    await chat.page.getByLabel('Copy question').press('Enter');
    await chat.page.getByLabel('Copy answer').press('Enter');
    await chat.page.getByLabel('Ask again', { exact: true }).press('Enter');
    await chat.page.getByLabel('Delete question and answer').press('Enter');
    await chat.until('deleteTurn');
    expect(chat.said('copyTurn').map(({ part }) => part)).toEqual(['question', 'answer']);
    expect(chat.said('regenerate')).toHaveLength(1);
    await chat.end();
  });

  test('is stopped with the button and with the keyboard; until then nothing else is asked', async () => {
    const coming = turn('b', { parentId: 'a', answer: { state: 'streaming', text: 'It' } });
    const chat = await ShownChat.open(built, state([turn('a'), coming]));
    await chat.page.locator(field).fill('Next');
    const notice = chat.page.locator('.notice', { hasText: 'An answer is still coming' });
    for (const element of [field, '.turn [aria-label="Ask again"]']) {
      await chat.page.locator(element).first().press('Enter');
      await notice.waitFor();
      await notice.getByLabel('Close the notice').click();
    }
    await chat.page.getByLabel('Stop the answer').click();
    await chat.page.locator(field).press('Control+Escape');
    expect(chat.said('stop')).toEqual([0, 1].map(() => ({ type: 'stop', threadId })));
    expect([...chat.said('send'), ...chat.said('regenerate')]).toEqual([]);
    await chat.tell({
      type: 'turn',
      threadId,
      turn: turn('b', { parentId: 'a', answer: { state: 'stopped', text: 'It' } }),
    });
    expect(await chat.page.locator('.ending').innerText()).toContain('Stopped.');
    expect(await chat.page.getByLabel('Send').count()).toBe(1);
    await chat.end();
  });

  test('says how far the prompt was read while nothing has come', async () => {
    const waiting = turn('a', { answer: { state: 'waiting', text: '' } });
    const chat = await ShownChat.open(built, state([waiting]));
    expect(await chat.page.locator('.waiting').innerText()).toBe('Working');
    const reading = { readTokens: 1_200, totalTokens: 2_310, secondsLeft: 4 };
    await chat.tell({ type: 'reading', threadId, turnId: 'a', reading });
    expect(await chat.page.locator('.waiting').innerText()).toBe('Reading 1,200 of 2,310 tokens, about 4 s left');
    await chat.end();
  });

  test('shows a failure with the one thing that can be done', async () => {
    const failure = { message: 'The server refuses the key.', action: 'setApiKey' } as const;
    const chat = await ShownChat.open(built, state([turn('a', { answer: { state: 'failed', text: '', failure } })]));
    await chat.page.getByRole('button', { name: 'Set API key' }).click();
    expect(await chat.until('runAction')).toEqual({ type: 'runAction', action: 'setApiKey', threadId, turnId: 'a' });
    await chat.end();
  });

  test('folds what was thought once the answer comes', async () => {
    const chat = await ShownChat.open(built, state([turn('a', { answer: { state: 'waiting', text: '' } })]));
    await chat.tell(delta('a', '', 'Hm, **let** me see.'));
    expect(await chat.page.locator('.reasoning').innerText()).toContain('Hm, let me see.');
    await chat.tell(delta('a', 'It is so.'));
    expect(await chat.page.locator('.reasoning').getAttribute('open')).toBeNull();
    await chat.page.locator('.reasoning summary').press('Enter');
    expect(await chat.page.locator('.reasoning .markdown').isVisible()).toBe(true);
    await chat.end();
  });

  test('shows in its receipt what was sent, what was left out and what was masked', async () => {
    const local = turn('b', { parentId: 'rich', answer: { receipt: localReceipt } });
    const chat = await ShownChat.open(built, state([rich, local]));
    await chat.page.locator('.receipt-line').first().press('Enter');
    const details = await chat.page.locator('.receipt').first().innerText();
    for (const words of [
      'src/egress/gate.ts:10-32',
      '2.3 KB',
      '2 earlier turns left out',
      '1 secret masked',
      '1,900 reused',
    ]) {
      expect(details).toContain(words);
    }
    await chat.page.locator('.receipt-line').last().press('Enter');
    const own = await chat.page.locator('.receipt').last().innerText();
    expect(own).toContain(localReceipt.weightsSha256);
    expect(own).toContain('temperature 0.7');
    expect(own).not.toContain('$');
    await chat.page.getByText('Show in the ledger').first().click();
    expect((await chat.until('showReceipt')).turnId).toBe('rich');
    await chat.end();
  });

  test('opens links and files through the host alone', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.getByRole('link', { name: 'the site' }).click();
    expect((await chat.until('openLink')).url).toBe('https://example.com/gate');
    await chat.page.getByRole('button', { name: 'src/egress/wire.ts:7' }).press('Enter');
    await chat.page.getByRole('button', { name: 'the policy' }).click();
    await chat.until('openFile', 2);
    expect(chat.said('openFile')).toEqual([
      { type: 'openFile', path: 'src/egress/wire.ts', line: 7 },
      { type: 'openFile', path: 'src/egress/policy.ts', line: 12 },
    ]);
    await chat.page.getByRole('link', { name: 'Image: a diagram' }).click();
    expect((await chat.until('openLink', 2)).url).toBe('https://example.com/diagram.png');
    await chat.end();
  });

  test('does with code blocks what their buttons say', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    const block = chat.page.locator('.code-block');
    expect(await block.locator('.code-head').innerText()).toContain('ts');
    for (const name of ['Apply to file', 'Insert at cursor', 'Open in a new file', 'Copy']) {
      await block.getByLabel(name).press('Enter');
    }
    const { text } = await chat.until('copy');
    expect(text).toMatch(/^\/\/ Opens a passage[\s\S]*}$/);
    const code = { text, language: 'ts', path: 'src/egress/gate.ts' };
    expect([...chat.said('applyCode'), ...chat.said('insertCode'), ...chat.said('newFile')]).toEqual([
      { type: 'applyCode', ...code },
      { type: 'insertCode', ...code },
      { type: 'newFile', ...code },
    ]);
    await expect.poll(() => block.locator('.hljs-keyword').count()).toBeGreaterThan(3);
    await chat.end();
  });
});

describe('while an answer comes', () => {
  test('only its turn is drawn again, and of it only the last block', async () => {
    const coming = turn('c', { parentId: 'b', answer: { state: 'streaming', text: 'First block.\n\nSecond' } });
    const chat = await ShownChat.open(built, state([rich, turn('b', { parentId: 'rich' }), coming]));
    await expect.poll(() => chat.page.evaluate(filledTurns)).toBe(3);
    await expect.poll(() => chat.page.locator('.hljs-keyword').count()).toBeGreaterThan(0);
    await chat.page.evaluate(watchTurns);
    for (const word of [' block', ' grows', '.']) await chat.tell(delta('c', word));
    expect(await chat.page.evaluate(changes)).toEqual({ turns: ['c'], blocks: [2] });
    await chat.end();
  });

  test('code that grows keeps the coloured words that are there', async () => {
    const chat = await ShownChat.open(built, state([turn('c', { answer: { state: 'streaming', text: '' } })]));
    const keywords = chat.page.locator('.hljs-keyword');
    await chat.tell(delta('c', '```ts\nconst a = 1;\n'));
    await expect.poll(() => keywords.count(), { timeout: 10_000 }).toBe(1);
    const first = await keywords.elementHandle();
    await chat.tell(delta('c', 'const b = 2;\n'));
    await expect.poll(() => keywords.count(), { timeout: 10_000 }).toBe(2);
    expect(await first?.evaluate((element) => element.isConnected)).toBe(true);
    await chat.end();
  });

  test('its end stays in view until somebody scrolls away from it', async () => {
    const turns = longConversation(12);
    const last = turn('last', { parentId: 'turn-11', answer: { state: 'streaming', text: '' } });
    const chat = await ShownChat.open(built, state([...turns, last]));
    for (let line = 0; line < 30; line += 1) await chat.tell(delta('last', `Line ${line}\n\n`));
    expect(await chat.page.evaluate(belowView)).toBeLessThanOrEqual(1);
    await chat.page.mouse.move(200, 300);
    await chat.page.mouse.wheel(0, -150);
    await expect.poll(() => chat.page.evaluate(belowView)).toBeGreaterThan(50);
    const before = await chat.page.evaluate(belowView);
    for (let line = 0; line < 5; line += 1) await chat.tell(delta('last', `More ${line}\n\n`));
    expect(await chat.page.evaluate(belowView)).toBeGreaterThan(before);
    await chat.page.getByLabel('To the end of the conversation').click();
    await expect.poll(() => chat.page.evaluate(belowView)).toBeLessThanOrEqual(1);
    await chat.end();
  });

  test('it is read aloud sentence by sentence, and how it ended', async () => {
    const chat = await ShownChat.open(built, state([turn('a', { answer: { state: 'waiting', text: '' } })]));
    await chat.tell(delta('a', 'It is **one**. It'), delta('a', ' is two'));
    const live = chat.page.locator('[aria-live="polite"]');
    await expect.poll(() => live.innerText()).toBe('It is one .');
    const answer = { text: 'It is **one**. It is two.' };
    await chat.tell({ type: 'turn', threadId, turn: turn('a', { answer }) });
    await expect.poll(() => live.innerText()).toMatch(/It is two\. Answer finished\.$/);
    await chat.end();
  });
});

describe('the list of conversations', () => {
  test('opens, renames, pins, exports and deletes with the keyboard alone', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.page.locator('.title-button').press('Enter');
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

  test('names the workspace of another one, says why one cannot be read, and does nothing with that', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.tell({ type: 'focus', target: 'threads' });
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
    await chat.tell({ type: 'notice', text: 'Deleted.', button });
    await chat.page.getByRole('button', { name: 'Undo' }).click();
    expect((await chat.until('restoreThread')).threadId).toBe('thread-2');
    expect(await chat.page.locator('.notice').count()).toBe(0);
    await chat.end();
  });

  test('finds words in all of them, and goes to the turn', async () => {
    const chat = await ShownChat.open(built, state([rich]));
    await chat.tell({ type: 'focus', target: 'threads' });
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

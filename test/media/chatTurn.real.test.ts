/** The chat's built page in a real browser: a question and its answer, as it comes and afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltWebview } from '../support/webviewPage.ts';
import {
  delta,
  localReceipt,
  longConversation,
  receipt,
  richAnswer,
  state,
  threadId,
  turn,
} from './chat/chatStates.ts';
import { belowView, changes, filledTurns, watchTurns } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const rich = turn('rich', { answer: { text: richAnswer, receipt } });
const field = '.composer-field';

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

  test('that is being edited is so again after a reload, without the attachments that were taken off', async () => {
    const attachments = ['x', 'y'].map((id) => ({ id, kind: 'file', name: `${id}.ts`, tokens: 10 }) as const);
    const turns = [turn('a', { question: { text: 'Old words', atMs: 0, attachments } }), rich];
    const chat = await ShownChat.open(built, state(turns));
    await chat.page.locator('.edit-question').first().press('Enter');
    await chat.page.locator('.edit-field').fill('New words');
    await chat.page.getByLabel('Remove x.ts').click();
    const kept = await chat.shown.state();
    await chat.end();
    const again = await ShownChat.open(built, state(turns), { state: kept });
    expect(await again.page.locator('.edit-field').inputValue()).toBe('New words');
    await again.page.locator('.edit-field').press('Enter');
    const { text, attachmentIds } = await again.until('resend');
    expect([text, attachmentIds]).toEqual(['New words', ['y']]);
    const later = await again.shown.state();
    await again.end();
    const last = await ShownChat.open(built, state(turns), { state: later });
    expect(await last.page.locator('.edit-field').count()).toBe(0);
    await last.end();
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
    for (const name of ['Copy question', 'Copy answer']) {
      await chat.page.getByLabel(name).press('Enter');
      expect(await chat.page.getByLabel(name).locator('.icon-check').count()).toBe(1);
    }
    await expect.poll(() => chat.page.locator('[aria-live="polite"]').innerText()).toMatch(/Copied\.\s+Copied\./);
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
    await expect.poll(() => chat.page.locator('[aria-live="polite"]').innerText()).toContain('Copied.');
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

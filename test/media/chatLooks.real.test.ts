/** How the chat's page looks to eyes, screen readers and axe, in every theme and width; pictures go to out/screenshots. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatState } from '../../src/chat/protocol.ts';
import { BuiltWebview, themes, type Theme } from '../support/webviewPage.ts';
import {
  composer,
  fullComposer,
  localReceipt,
  retriedReceipt,
  richAnswer,
  state,
  threadId,
  turn,
} from './chat/chatStates.ts';
import { tooWide } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

const pictures = path.resolve(import.meta.dirname, '../../out/screenshots');
let built: BuiltWebview;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const question = {
  text: '/explain Where do the bytes of a request go?\nAnd who says so?',
  atMs: 1_790_000_000_000,
  attachments: [{ id: 'gate', kind: 'file', name: 'gate.ts', tokens: 2_310 }],
} as const;
const reasoning = 'The user asks about the **gate**.';
const finished = turn('a', {
  question,
  versions: ['z', 'a', 'y'],
  answer: { text: richAnswer, receipt: retriedReceipt, reasoning },
});
const streaming = turn('b', { question, answer: { state: 'streaming', text: richAnswer.slice(0, 1_000), reasoning } });
const waiting = turn('c', {
  parentId: 'a',
  answer: { state: 'waiting', text: '', reading: { readTokens: 1_200, totalTokens: 2_310, secondsLeft: 4 } },
});
const failure = { message: 'api.example.com refuses the key. Set another one.', action: 'setApiKey' } as const;
const failed = turn('d', { answer: { state: 'failed', text: '', failure } });
const stopped = turn('e', { parentId: 'd', answer: { state: 'stopped', text: 'It opens', receipt: localReceipt } });

interface Look {
  readonly name: string;
  readonly state: ChatState;
  /** What is done before it is looked at. */
  readonly act?: (chat: ShownChat) => Promise<void>;
}

const looks: readonly Look[] = [
  { name: 'empty', state: state([]) },
  {
    name: 'no-model',
    state: state([], {
      composer: { ...composer, model: undefined, blocked: { message: 'No model.', action: 'chooseModel' } },
    }),
  },
  { name: 'streaming', state: state([streaming]) },
  { name: 'reading', state: state([finished, waiting]) },
  { name: 'finished', state: state([finished]), act: openFolds },
  { name: 'composer', state: state([stopped], { composer: fullComposer }) },
  { name: 'editing', state: state([finished]), act: (chat) => chat.page.locator('.edit-question').press('Enter') },
  { name: 'suggestions', state: state([finished]), act: suggest },
  { name: 'threads', state: state([finished]), act: (chat) => chat.page.locator('.title-button').press('Enter') },
  { name: 'find', state: state([finished]), act: find },
  { name: 'failed', state: state([failed, stopped]), act: tellNotice },
];

async function openFolds({ page }: ShownChat): Promise<void> {
  await page.locator('.reasoning summary').press('Enter');
  await page.locator('.receipt-line').press('Enter');
}

async function tellNotice(chat: ShownChat): Promise<void> {
  const button = { label: 'Undo', message: { type: 'restoreThread', threadId } } as const;
  await chat.tell({ type: 'notice', text: 'The chat was deleted.', button });
}

async function suggest(chat: ShownChat): Promise<void> {
  await chat.page.locator('.composer-field').pressSequentially('@');
  const { request } = await chat.until('suggest', chat.said('suggest').length);
  const suggestions = [
    { id: '1', label: '@file', detail: 'A file of the workspace', insertText: '@file:' },
    { id: '2', label: 'gate.ts', detail: 'src/egress' },
    { id: '3', label: '@diff', detail: '', disabledBecause: 'Git runs on the other side of the connection' },
  ];
  await chat.tell({ type: 'suggestions', request, suggestions });
}

async function find({ page }: ShownChat): Promise<void> {
  await page.keyboard.press('Control+f');
  await page.keyboard.type('gate');
}

async function coloured({ page }: ShownChat): Promise<void> {
  if ((await page.locator('.code-block').count()) > 0) await page.locator('.hljs-keyword').first().waitFor();
}

/** Shows one look after the other on one page. */
async function eachLook(chat: ShownChat, see: (name: string) => Promise<void>): Promise<void> {
  for (const { name, state: shown, act } of looks) {
    await chat.tell({ type: 'state', state: { ...shown, thread: { ...shown.thread, id: `thread-${name}` } } });
    await act?.(chat);
    await coloured(chat);
    await see(name);
    await chat.page.keyboard.press('Escape');
    await chat.tell({ type: 'focus' });
  }
}

test.each(themes)('axe finds nothing wrong in any state of the page (%s)', async (theme) => {
  const wrong: unknown[] = [];
  const chat = await ShownChat.open(built, state([]), { theme, height: 1_100 });
  await eachLook(chat, async (name) => {
    for (const { rule, where } of await chat.shown.faults()) wrong.push({ name, rule, where: where.slice(0, 3) });
    await chat.shown.picture(path.join(pictures, `chat-${name}-${theme}.png`), false);
  });
  expect(wrong).toEqual([]);
  await chat.end();
});

const widths: readonly (readonly [width: number, theme: Theme])[] = [
  [300, 'dark'],
  [1_400, 'light'],
];

test.each(widths)('nothing is cut off or stands out at %i px', async (width, theme) => {
  const chat = await ShownChat.open(built, state([]), { theme, width });
  await eachLook(chat, async (name) => {
    expect(await chat.page.evaluate(tooWide), name).toEqual([]);
    await chat.shown.picture(path.join(pictures, `chat-${name}-${width}.png`), false);
  });
  await chat.end();
});

test('it stays whole on a small page that is twice as large, and where the system forces its colours', async () => {
  // 600 pixels by 900, each of them taking the room of four.
  const size = { width: 300, height: 450 };
  const chat = await ShownChat.open(built, state([finished], { composer: fullComposer }), size);
  await chat.page.emulateMedia({ forcedColors: 'active' });
  expect(await chat.page.evaluate(tooWide)).toEqual([]);
  await chat.shown.picture(path.join(pictures, 'chat-forced-colours.png'));
  const send = chat.page.locator('.send-button');
  await send.scrollIntoViewIfNeeded();
  const box = await send.boundingBox();
  expect((box?.y ?? NaN) + (box?.height ?? NaN)).toBeLessThanOrEqual(size.height);
  await chat.shown.picture(path.join(pictures, 'chat-zoomed.png'), false);
  await chat.end();
});

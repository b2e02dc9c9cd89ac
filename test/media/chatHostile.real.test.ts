/** What a model writes can run nothing, load nothing and open nothing: shown in a real browser, in random pieces. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ToWebview } from '../../src/chat/protocol.ts';
import { Chance } from '../support/chance.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import { state, threadId, turn } from './chat/chatStates.ts';
import { payloads } from './chat/hostile.ts';
import { dangers, frames, pressAll, shownText } from './chat/inChat.mjs';
import { ShownChat } from './chat/shownChat.ts';

let built: BuiltWebview;

beforeAll(async () => {
  built = await BuiltWebview.build('chat');
});
afterAll(() => built.dispose());

const seed = Number(process.env['PADDOCK_SEED'] ?? Date.now() % 1_000_000) + 1;
/** So many answers are on the page at a time. */
const together = 20;

/** The answer in pieces, as a server would send it. */
function pieces(text: string, chance: Chance): readonly string[] {
  const most = Math.max(3, Math.ceil(text.length / 6));
  const cut: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = at + 1 + chance.below(most);
    cut.push(text.slice(at, end));
    at = end;
  }
  return cut;
}

function groups(): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(payloads.length / together) }, (_, index) =>
    payloads.slice(index * together, (index + 1) * together),
  );
}

function delta(turnId: string, text: string, chance: Chance): ToWebview {
  return { type: 'delta', threadId, turnId, text, reasoning: chance.pick(['', text]) };
}

/** Opens whatever can be opened, and holds it to what may be. */
async function pressEverything(chat: ShownChat): Promise<void> {
  await chat.page.evaluate(pressAll);
  await chat.page.evaluate(frames);
  for (const { url } of chat.said('openLink')) {
    expect(url).toMatch(/^https?:\/\/[^@]+$/);
    expect(new URL(url).username).toBe('');
  }
  for (const { path } of chat.said('openFile')) expect(path).not.toMatch(/^[\w.+-]{2,}:|^[\\/]{2}/);
}

test('there are enough of them', () => {
  expect(payloads.length).toBeGreaterThanOrEqual(150);
  expect(new Set(payloads).size).toBe(payloads.length);
});

test.each(groups().map((group, index) => [index, group] as const))(
  `nothing runs, loads or opens while it streams or after (group %i, seed ${seed})`,
  async (index, group) => {
    const chance = new Chance(seed + index);
    const turns = group.map((_, at) => turn(`turn-${at}`, { answer: { state: 'waiting', text: '' } }));
    const chat = await ShownChat.open(built, state(turns));
    const streams = group.map((text, at) => pieces(text, chance).map((piece) => delta(`turn-${at}`, piece, chance)));
    // All of them grow together, one piece each a frame.
    for (let step = 0; streams.some((stream) => step < stream.length); step += 1) {
      await chat.tellAtOnce(streams.flatMap((stream) => stream[step] ?? []));
      expect(await chat.page.evaluate(dangers)).toEqual({ found: [], hasRun: false });
    }
    const ends = group.map((text, at) => turn(`turn-${at}`, { answer: { text } }));
    await chat.tellAtOnce(ends.map((end) => ({ type: 'turn', threadId, turn: end })));
    expect(await chat.page.evaluate(dangers)).toEqual({ found: [], hasRun: false });
    await pressEverything(chat);
    expect(await chat.page.evaluate(dangers)).toEqual({ found: [], hasRun: false });
    await chat.end();
  },
);

test('markup, questions, titles, chips and everything else from outside is shown as it was written', async () => {
  const evil = '<img src=x onerror=window.hacked=1>';
  const hostile = turn('a', {
    question: { text: evil, atMs: 0, attachments: [{ id: 'a', kind: 'file', name: evil, tokens: 1 }] },
    answer: { state: 'failed', text: evil, modelName: evil, failure: { message: evil } },
  });
  const review = { id: 'r', kind: 'rules', name: evil, text: evil, isCut: false, tokens: 1 } as const;
  const shown = state([hostile], { thread: { id: threadId, title: evil, turns: [hostile] } });
  const chat = await ShownChat.open(built, {
    ...shown,
    composer: { ...shown.composer, footer: evil, reviews: [review] },
  });
  await chat.tell({ type: 'notice', text: evil });
  expect(await chat.page.evaluate(shownText)).toContain(evil);
  expect(await chat.page.locator('.title-text').innerText()).toBe(evil);
  expect(await chat.page.locator('img').count()).toBe(0);
  expect(await chat.page.evaluate(dangers)).toEqual({ found: [], hasRun: false });
  await chat.end();
});

/**
 * Windows, each a process of its own, chat in the same conversations and are killed at random points. Whatever happens,
 * no question that was drawn is lost, at most a second of what had streamed, and every conversation opens. 30 kills in
 * every run, 100 with PADDOCK_SOAK=1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Conversations } from '../../src/chat/conversations.ts';
import { Chance } from '../support/chance.ts';
import type { ChatDeed, ChatWindowOrder } from '../support/chatWindow.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LogLines } from '../support/log.ts';

const script = fileURLToPath(new URL('../support/chatWindow.ts', import.meta.url));
const kills = process.env['PADDOCK_SOAK'] === '1' ? 100 : 30;
/** So many windows live at the same time. */
const atOnce = 5;
/** After its first word a window lives so long at most, ms. */
const mostLifeMs = 2_500;
/** The most of an answer that may be lost, ms. */
const mostLostMs = 1_000;

/** Lets a window chat until it is killed; gives what a person saw, and when it was killed. */
async function killedWindow(order: ChatWindowOrder, lifeMs: number) {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, lifeMs));
  const killedMs = Date.now();
  child.kill('SIGKILL');
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  const lines = printed.split('\n').slice(0, -1);
  return { killedMs, deeds: lines.map((line) => JSON.parse(line) as ChatDeed) };
}

/** The text that a model says which is asked in `chatWindow`, so far as it got. */
const isCounting = (text: string): boolean =>
  text.split(' ').every((word, index, words) => word === String(index) || (index === words.length - 1 && word === ''));

test(
  'whatever was drawn is there after a kill',
  async () => {
    const folder = temporaryFolder();
    const chance = new Chance(20261122);
    const cut = new Set<string>();
    let questions = 0;
    for (let done = 0; done < kills; done += atOnce) {
      const windows = Array.from({ length: atOnce }, (_, window) =>
        killedWindow({ folder, seed: done + window + 1 }, chance.below(mostLifeMs)),
      );
      const lives = await Promise.all(windows);
      const chats = new Conversations({ folder, clock: systemClock, log: new LogLines() });
      for (const { killedMs, deeds } of lives) {
        for (const [what, conversationId, turnId, question, chars, atMs] of deeds) {
          const conversation = chats.find(conversationId);
          const turn = conversation?.turn(turnId);
          if (conversation === undefined || turn === undefined) throw new Error(`lost: ${question}`);
          expect(turn.question.text).toBe(question);
          expect(conversation.branchTo(turnId).at(-1)).toBe(turn);
          if (atMs < killedMs - mostLostMs) expect(turn.text.length, question).toBeGreaterThanOrEqual(chars);
          if (what === 'ended') expect(turn.ended?.ending).toMatch(/^(finished|failed)$/);
          questions += Number(what === 'asked');
        }
      }
      for (const { id } of await chats.list()) {
        const conversation = chats.find(id);
        for (const turn of conversation?.turns ?? []) {
          expect(isCounting(turn.text), turn.text).toBe(true);
          expect(conversation?.stateOf(turn)).toMatch(/^(finished|failed|interrupted)$/);
          if (turn.ended === undefined && turn.text !== '') cut.add(turn.id);
        }
      }
      chats.dispose();
    }
    const journals = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    const lines = journals.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    console.log(`figure: kill -9 of ${kills} chat windows: ${questions} questions, ${cut.size} answers cut, none lost`);
    expect(questions).toBeGreaterThan(kills);
    expect(cut.size).toBeGreaterThan(kills / 4);
  },
  kills * 6_000,
);

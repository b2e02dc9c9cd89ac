/** The chat's page in a real browser: how soon a long conversation is there, and what holds the page up. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { idle, paint, prepare, stream } from '../media/chat/inChat.mjs';
import { longConversation, richAnswer, state, threadId, turn } from '../media/chat/chatStates.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import { MainThread, type LongTasks } from './mainThread.ts';
import { median, rounded } from './statistics.ts';

/** What is measured of the page; the aims are those of two shared cores. */
export interface PageFigures {
  /** From the message with 500 turns to the frame that shows its end. */
  readonly firstPaint500TurnsMs: number | null;
  /** In all rounds together, by the clock on the wall; where others use the machine, it is they who make most. */
  readonly longTasksOver50Ms: number | null;
  /** The same, part by part: until the first paint, until 500 turns are drawn, while some 10,000 tokens come. */
  readonly longTasksByPart: Readonly<Record<Part, LongTasks>> | null;
  /** The script, as it is packaged. */
  readonly webviewGzipBytes: number | null;
}

const parts = ['firstPaint', 'filling', 'streaming'] as const;
type Part = (typeof parts)[number];

/** Each piece is about four tokens: some 240 tokens per second. */
const pieceLength = 16;
const answerTokens = { quick: 1_000, full: 10_000 };
const charactersPerToken = 4;

export async function measurePage(isQuick: boolean): Promise<PageFigures> {
  const built = await BuiltWebview.build('chat');
  try {
    const rounds: Round[] = [];
    for (let round = 0; round < (isQuick ? 2 : 5); round += 1) {
      rounds.push(await measureOnce(built, answerTokens[round === 0 && !isQuick ? 'full' : 'quick']));
    }
    const paintMs = median(rounds.map((round) => round.paintMs));
    const longTasks = Object.fromEntries(parts.map((part) => [part, inAll(rounds, part)])) as Round['longTasks'];
    return {
      firstPaint500TurnsMs: paintMs === undefined ? null : rounded(paintMs),
      longTasksOver50Ms: parts.reduce((sum, part) => sum + longTasks[part].wall, 0),
      longTasksByPart: longTasks,
      webviewGzipBytes: gzipSync(readFileSync(path.join(built.folder, 'main.js'))).length,
    };
  } finally {
    await built.dispose();
  }
}

interface Round {
  readonly paintMs: number;
  readonly longTasks: Readonly<Record<Part, LongTasks>>;
}

function inAll(rounds: readonly Round[], part: Part): LongTasks {
  const sumOf = (kind: keyof LongTasks): number => rounds.reduce((sum, round) => sum + round.longTasks[part][kind], 0);
  return { wall: sumOf('wall'), processor: sumOf('processor') };
}

async function measureOnce(built: BuiltWebview, tokens: number): Promise<Round> {
  const shown = await built.open({ width: 420 });
  const { page } = shown;
  await page.locator('.composer').waitFor({ state: 'attached' });
  const streaming = turn('streaming', { parentId: 'turn-498', answer: { state: 'streaming', text: '' } });
  await page.evaluate(prepare, state([...longConversation(499), streaming]));
  const thread = await MainThread.watch(page);
  await thread.begin('firstPaint');
  const paintMs = await page.evaluate(paint);
  await thread.begin('filling');
  await page.evaluate(idle);
  await thread.begin('streaming');
  const length = tokens * charactersPerToken;
  const text = richAnswer.repeat(Math.ceil(length / richAnswer.length)).slice(0, length);
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${pieceLength}}`, 'g')) ?? [];
  await page.evaluate(stream, { threadId, turnId: 'streaming', pieces });
  const longTasks = await thread.stop(parts);
  if (shown.errors.length > 0) throw new Error(shown.errors.join('\n'));
  await shown.close();
  return { paintMs, longTasks };
}

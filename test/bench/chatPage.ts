/** The chat's page in a real browser: how soon a long conversation is there, and what holds the page up. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { longTasksWhileStreaming, paint } from '../media/chat/inChat.mjs';
import { longConversation, richAnswer, state, threadId, turn } from '../media/chat/chatStates.ts';
import { BuiltWebview } from '../support/webviewPage.ts';
import { median, rounded } from './statistics.ts';

/** What is measured of the page; the aims are those of two shared cores. */
export interface PageFigures {
  /** From the message with 500 turns to the frame that shows its end. */
  readonly firstPaint500TurnsMs: number | null;
  /** In all rounds together: while 500 turns are drawn, and while an answer of some 10,000 tokens comes. */
  readonly longTasksOver50Ms: number | null;
  /** The script, as it is packaged. */
  readonly webviewGzipBytes: number | null;
}

/** Each piece is about four tokens: some 240 tokens per second. */
const pieceLength = 16;
const answerTokens = { quick: 1_000, full: 10_000 };
const charactersPerToken = 4;

export async function measurePage(isQuick: boolean): Promise<PageFigures> {
  const built = await BuiltWebview.build('chat');
  try {
    const paints: number[] = [];
    let longTasks = 0;
    for (let round = 0; round < (isQuick ? 2 : 5); round += 1) {
      const tokens = round === 0 ? answerTokens[isQuick ? 'quick' : 'full'] : answerTokens.quick;
      const { paintMs, longTaskCount } = await measureOnce(built, tokens);
      paints.push(paintMs);
      longTasks += longTaskCount;
    }
    const paintMs = median(paints);
    return {
      firstPaint500TurnsMs: paintMs === undefined ? null : rounded(paintMs),
      longTasksOver50Ms: longTasks,
      webviewGzipBytes: gzipSync(readFileSync(path.join(built.folder, 'main.js'))).length,
    };
  } finally {
    await built.dispose();
  }
}

async function measureOnce(
  built: BuiltWebview,
  tokens: number,
): Promise<{ readonly paintMs: number; readonly longTaskCount: number }> {
  const shown = await built.open({ width: 420 });
  await shown.page.locator('.composer').waitFor({ state: 'attached' });
  const streaming = turn('streaming', { parentId: 'turn-498', answer: { state: 'streaming', text: '' } });
  const paintMs = await shown.page.evaluate(paint, state([...longConversation(499), streaming]));
  const length = tokens * charactersPerToken;
  const text = richAnswer.repeat(Math.ceil(length / richAnswer.length)).slice(0, length);
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${pieceLength}}`, 'g')) ?? [];
  const answer = { threadId, turnId: 'streaming', pieces };
  const longTaskCount = await shown.page.evaluate(longTasksWhileStreaming, answer);
  if (shown.errors.length > 0) throw new Error(shown.errors.join('\n'));
  await shown.close();
  return { paintMs, longTaskCount };
}

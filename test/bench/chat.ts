/** `npm run bench -- chat`: how soon the chat is there, and what it costs to keep it there. */
import { measurePage } from './chatPage.ts';
import type { BenchOptions, BenchOutcome } from './outcome.ts';

/** The aims, on two shared cores. */
const aims = { firstPaint500TurnsMs: 500, longTasksOver50Ms: 0, webviewGzipBytes: 150_000 };

export async function chat({ isQuick }: BenchOptions): Promise<BenchOutcome> {
  const page = await measurePage(isQuick);
  const figures = {
    ...page,
    stopLocalMs: null,
    stopRemoteMs: null,
    secondTurnPromptTokensEvaluated: null,
    secondTurnPromptTokens: null,
    completionDuringChatMs: null,
    completionIdleMs: null,
  };
  console.log(`aims: ${JSON.stringify(aims)}`);
  return { figures, hasFailed: false };
}

/** `npm run bench -- chat`: how soon the chat is there, and what it costs to keep it there. */
import { measureEngine, type EngineFigures } from './chatEngine.ts';
import { measurePage, type PageFigures } from './chatPage.ts';
import type { BenchOptions, BenchOutcome } from './outcome.ts';

/** The aims, on two shared cores. */
const aims = {
  ...{ firstPaint500TurnsMs: 500, longTasksOver50Ms: 0, webviewGzipBytes: 150_000 },
  ...{ stopLocalMs: '100 and one chunk', stopRemoteMs: 100, secondTurnPromptTokensEvaluated: 'what is new' },
  completionDuringChatMs: '1.5 times idle and one chunk',
};

const noPage: PageFigures = {
  ...{ firstPaint500TurnsMs: null, longTasksOver50Ms: null, longTasksByPart: null, webviewGzipBytes: null },
};
const noEngine: EngineFigures = {
  ...{ stopLocalMs: null, stopRemoteMs: null, secondTurnPromptTokensEvaluated: null, secondTurnPromptTokens: null },
  ...{ completionDuringChatMs: null, completionIdleMs: null },
};

export async function chat({ isQuick, only }: BenchOptions): Promise<BenchOutcome> {
  const page = only === 'engine' ? noPage : await measurePage(isQuick);
  const engine = only === 'editor' ? noEngine : await measureEngine(isQuick);
  const figures = { ...page, ...engine };
  console.log(`aims: ${JSON.stringify(aims)}`);
  return { figures, hasFailed: false };
}

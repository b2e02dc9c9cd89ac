/** How much a request to a server asks and its answer says is measured here, for the time until somebody counts it. Pure. */
import type { Failure } from '../base/failure.ts';
import type { RequestSize } from '../egress/purse.ts';
import type { TextSize, TokenEstimator } from '../ledger/estimate.ts';
import { isAnswer, textsOf, type Chunk, type ModelRequest, type ServedModel, type Usage } from '../models/model.ts';

/** An answer that may be as long as the model likes counts as so long; with a hard limit of the user's it is asked for. */
export const longestAnswerTokens = 16_384;

/** What is sent of a request; a server is asked about its first window only. */
export function sizeOf(request: ModelRequest): TextSize {
  if (request.kind === 'chat') {
    const tools = request.toolbox?.tools.length ?? 0;
    return {
      bytes: textsOf(request).reduce((sum, text) => sum + utf8(text), 0),
      messages: request.messages.length + tools,
    };
  }
  const [{ head, suffix, line = request.line } = { head: '', suffix: '' }] = request.windows;
  return { bytes: utf8(head) + utf8(line) + utf8(suffix), messages: 2 };
}

/** The most a request may use. */
export function requestSize(estimator: TokenEstimator, model: ServedModel, request: ModelRequest): RequestSize {
  const { tokens, mostTokens } = estimator.estimate(model.id, sizeOf(request));
  // A chat model that is asked for an infill is told how.
  const told = request.kind === 'infill' ? 120 : 0;
  const completionTokens = request.maxTokens ?? longestAnswerTokens;
  return { promptTokens: mostTokens + told, completionTokens, likelyPromptTokens: tokens + told };
}

/** One answer, as far as it has come. */
export class Counting {
  private readonly estimator: TokenEstimator;
  private readonly model: ServedModel;
  private readonly size: TextSize;
  private answerBytes = 0;
  private hasAnswered = false;

  constructor(estimator: TokenEstimator, model: ServedModel, request: ModelRequest) {
    this.estimator = estimator;
    this.model = model;
    this.size = sizeOf(request);
  }

  hear(chunk: Chunk): void {
    this.hasAnswered ||= isAnswer(chunk);
    if (chunk.kind === 'text' || chunk.kind === 'reasoning') this.answerBytes += utf8(chunk.text);
    if (chunk.kind === 'toolCall') this.answerBytes += utf8(chunk.name) + utf8(chunk.argumentsJson);
    if (chunk.kind !== 'end' || chunk.usage?.source !== 'provider') return;
    this.estimator.learn(this.model.id, this.size, chunk.usage.promptTokens);
  }

  /** It failed, perhaps after the beginning of a call, which is nobody's to hear. */
  fail({ phase }: Pick<Failure, 'phase'>): void {
    this.hasAnswered ||= phase === 'midStream';
  }

  /** What it used, as far as anybody can tell; `undefined`: it failed before anything came of it. */
  guess(hasFailed: boolean): Usage | undefined {
    if (hasFailed && !this.hasAnswered) return undefined;
    const { tokens: promptTokens } = this.estimator.estimate(this.model.id, this.size);
    const said = { bytes: this.answerBytes, messages: 0 };
    const { tokens: completionTokens } = this.estimator.estimate(this.model.id, said);
    return { promptTokens, cachedTokens: undefined, completionTokens, source: 'estimate' };
  }
}

function utf8(text: string): number {
  return Buffer.byteLength(text);
}

/** What the model's measured speed allows passes through here: how many lines, how many tokens, how long to wait. */

/** Facts of the model in use. Speeds are `undefined` until measured. */
export interface CompletionModel {
  /** As in `Model`. Nothing that one model wrote is offered under another's name. */
  readonly id: string;
  readonly hasInfillTokens: boolean;
  readonly prefillTokPerS: number | undefined;
  readonly decodeTokPerS: number | undefined;
  /** Tokens that prompt and answer may take together. */
  readonly contextTokens: number;
  /**
   * Typing has to rest for so long before the model is asked by itself, ms: each request to a server somewhere else is
   * paid for, or shared with others. Absent: it may be asked at once.
   */
  readonly restMs?: number;
}

/** A suggestion ends with its line, or runs over several. */
export type Form = 'line' | 'block';

/** A suggestion nobody waits for is not worth having: so long may generating one take, s. */
const patienceS = { line: 2.5, block: 4 };
/** A line of code with its indentation, rounded up. */
const tokensPerLine = 12;

/** How many lines a block may have; 1 when the model is too slow for more. */
export function maxLines({ decodeTokPerS }: CompletionModel): number {
  if (decodeTokPerS === undefined) return 4;
  return clamp(Math.floor((decodeTokPerS * patienceS.block) / tokensPerLine), 1, 10);
}

/** How many tokens to generate at most, the next line read past the suggestion included. */
export function maxTokens(form: Form, model: CompletionModel): number {
  const decodeTokPerS = model.decodeTokPerS ?? 15;
  const most = form === 'line' ? 48 : 160;
  const next = mayReadOn(model) ? 2 * tokensPerLine : 0;
  return clamp(Math.round(decodeTokPerS * patienceS[form]), 16, most) + next;
}

/** Whether one more line, read past what is shown, comes in about a second. */
export function mayReadOn({ decodeTokPerS }: CompletionModel): boolean {
  return decodeTokPerS !== undefined && decodeTokPerS >= tokensPerLine;
}

/** How long a short answer takes when the prompt has been read before, ms. */
export function replyMs({ prefillTokPerS, decodeTokPerS }: CompletionModel): number {
  if (prefillTokPerS === undefined || decodeTokPerS === undefined) return Infinity;
  return (4 / prefillTokPerS + 8 / decodeTokPerS) * 1000;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

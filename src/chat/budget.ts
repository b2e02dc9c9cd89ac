/** "Does it fit?" is answered here: tokens of texts, and how much of an attachment there is room for. */
import { Letter } from './letter.ts';
import type { Attachment } from './event.ts';

/** Tokens of each text, in the same order. */
export type Count = (texts: readonly string[]) => Promise<readonly number[]>;

/** What the model can hold, and who counts. */
export interface Budget {
  /** Tokens of the model's context as it runs, prompt and answer together; `undefined`: nobody knows, nothing is cut. */
  readonly contextTokens: number | undefined;
  readonly count: Count;
  /** Whether the model itself counts; else some room is left for what is estimated too low. */
  readonly isExact: boolean;
}

/** An attachment, and how much of it fits. */
export interface Fitted {
  readonly attachment: Attachment;
  readonly tokens: number;
  readonly keptTokens: number;
  /** So many characters of its parts' texts; `Infinity`: all. */
  readonly chars: number;
}

/** Kept free for the answer: a quarter of the context, and no more than this. */
const mostAnswerTokens = 1_024;
/** Estimates may be too low by so much. */
export const estimateFactor = 1.15;
/** A shorter beginning of an attachment says nothing. */
const leastKeptTokens = 32;

/** The most tokens a prompt may have; `Infinity`: nobody knows. */
export function limitOf({ contextTokens }: Budget): number {
  if (contextTokens === undefined) return Infinity;
  return contextTokens - Math.min(mostAnswerTokens, Math.floor(contextTokens / 4));
}

/** Tokens of each text, with room for an estimate that is too low. */
export async function tokensOf({ count, isExact }: Budget, texts: readonly string[]): Promise<readonly number[]> {
  if (texts.length === 0) return [];
  const counts = await count(texts);
  return texts.map((_, index) => Math.ceil((counts[index] ?? 0) * (isExact ? 1 : estimateFactor)));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** The longest beginning of an attachment, by whole lines, that takes no more than the room. */
export async function fitted(budget: Budget, attachment: Attachment, room: number): Promise<Fitted> {
  const tokensIn = async (chars: number): Promise<number> => {
    const letter = new Letter('user');
    letter.attach(attachment, chars);
    return sum(await tokensOf(budget, [letter.text]));
  };
  const tokens = await tokensIn(Infinity);
  if (tokens <= room) return { attachment, tokens, keptTokens: tokens, chars: Infinity };
  const whole = attachment.parts.map(({ text }) => text).join('');
  for (let [share, tries] = [room / tokens, 0]; room >= leastKeptTokens && tries < 6; tries += 1, share *= 0.8) {
    const chars = whole.lastIndexOf('\n', Math.floor(whole.length * share) - 1) + 1;
    const keptTokens = chars === 0 ? 0 : await tokensIn(chars);
    if (keptTokens > 0 && keptTokens <= room) return { attachment, tokens, keptTokens, chars };
  }
  return { attachment, tokens, keptTokens: 0, chars: 0 };
}

/**
 * Counts the same text once: a conversation is counted with every question, and mostly it has not changed.
 * @param mostChars of all texts that are remembered; those that were asked for longest ago go first.
 */
export function remembered(count: Count, mostChars = 4_000_000): Count {
  /** The one that was asked for last stands at the end. */
  const known = new Map<string, number>();
  let knownChars = 0;
  const remember = (text: string, tokens: number): void => {
    if (!known.delete(text)) knownChars += text.length;
    known.set(text, tokens);
  };
  const forget = (): void => {
    for (const text of known.keys()) {
      if (knownChars <= mostChars) return;
      known.delete(text);
      knownChars -= text.length;
    }
  };
  return async (texts) => {
    // What others ask for meanwhile may have it forgotten.
    const before = new Map(texts.map((text) => [text, known.get(text)]));
    const fresh = [...before.keys()].filter((text) => before.get(text) === undefined);
    const counts = fresh.length === 0 ? [] : await count(fresh);
    const here = new Map(fresh.map((text, index) => [text, counts[index] ?? 0]));
    const all = texts.map((text) => before.get(text) ?? here.get(text) ?? 0);
    for (const [index, text] of texts.entries()) remember(text, all[index] ?? 0);
    forget();
    return all;
  };
}

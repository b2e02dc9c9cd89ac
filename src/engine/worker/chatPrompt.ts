/** A rendered conversation becomes the model's tokens here, and takes over what is held of it already. */
import type { Span } from './chatTemplate.ts';

/** What a conversation is spelled with. */
export interface Speller {
  /** Tokens of plain text; what looks like a control token in it stays text. */
  tokenize(text: string): readonly number[];
  /** Splits a template's own words at the control tokens in them; joined, the texts are the words again. */
  split(words: string): readonly Part[];
  /** What every prompt begins with: the model's first token if it wants one. */
  readonly start: readonly number[];
}

/** A control token, or the plain text between two. */
export interface Part {
  readonly text: string;
  /** `undefined`: plain text. */
  readonly control?: ControlToken;
}

export interface ControlToken {
  readonly token: number;
  /** It swallows the blanks before it, or after it. */
  readonly trimsBefore: boolean;
  readonly trimsAfter: boolean;
}

/**
 * Spells as llama.cpp spells the whole text at once: plain text is split into tokens from one control token to the next,
 * whoever wrote it. The one difference: what somebody wrote never becomes a control token. Ends a step after each text,
 * since a long one takes a while.
 */
export function* spelled(spans: readonly Span[], speller: Speller): Generator<void, number[]> {
  const tokens: number[] = [];
  for (const { text, control } of runs(spans, speller)) {
    if (control !== undefined) tokens.push(control.token);
    else for (const token of speller.tokenize(text)) tokens.push(token);
    yield;
  }
  const isStarted = speller.start.every((token, index) => tokens[index] === token);
  return isStarted ? tokens : [...speller.start, ...tokens];
}

function runs(spans: readonly Span[], speller: Speller): Part[] {
  const parts = spans.flatMap((span): readonly Part[] => (span.isTemplate ? speller.split(span.text) : [span]));
  const result: Part[] = [];
  let plain = '';
  let isTrimming = false;
  const flush = (): void => {
    if (plain !== '') result.push({ text: plain });
    plain = '';
  };
  for (const part of parts) {
    if (part.control === undefined) {
      plain += isTrimming && plain === '' ? part.text.trimStart() : part.text;
      continue;
    }
    if (part.control.trimsBefore) plain = plain.trimEnd();
    flush();
    result.push(part);
    isTrimming = part.control.trimsAfter;
  }
  flush();
  return result;
}

/**
 * The same prompt in the spelling that is held. A model spells its answers in its own way, rarely another one than the
 * tokenizer's; without this all that follows would have to be read again. Only runs of tokens that stand for the same
 * bytes and end together are taken over.
 * @param bytesOf what a token stands for; `undefined` for control tokens.
 */
export function respelled(
  prompt: readonly number[],
  held: readonly number[],
  bytesOf: (token: number) => string | undefined,
): readonly number[] {
  const result: number[] = [];
  let at = { prompt: 0, held: 0 };
  while (at.prompt < prompt.length && at.held < held.length) {
    const token = prompt[at.prompt];
    if (token !== undefined && token === held[at.held]) {
      result.push(token);
      at = { prompt: at.prompt + 1, held: at.held + 1 };
      continue;
    }
    const meeting = nextMeeting({ prompt, held, bytesOf }, at);
    if (meeting === undefined) break;
    result.push(...held.slice(at.held, meeting.held));
    at = meeting;
  }
  return [...result, ...prompt.slice(at.prompt)];
}

interface Spellings {
  readonly prompt: readonly number[];
  readonly held: readonly number[];
  readonly bytesOf: (token: number) => string | undefined;
}

interface Places {
  readonly prompt: number;
  readonly held: number;
}

/** Where two spellings of one text end together again; `undefined`: nowhere, the texts are different. */
function nextMeeting({ prompt, held, bytesOf }: Spellings, from: Places): Places | undefined {
  let at = from;
  /** What one of the two has spelled beyond the other. */
  let ahead = { prompt: '', held: '' };
  for (;;) {
    const side = ahead.prompt.length <= ahead.held.length ? 'prompt' : 'held';
    const token = (side === 'prompt' ? prompt : held)[at[side]];
    const bytes = token === undefined ? undefined : bytesOf(token);
    if (bytes === undefined) return undefined;
    at = { ...at, [side]: at[side] + 1 };
    ahead = { ...ahead, [side]: ahead[side] + bytes };
    const common = Math.min(ahead.prompt.length, ahead.held.length);
    if (ahead.prompt.slice(0, common) !== ahead.held.slice(0, common)) return undefined;
    ahead = { prompt: ahead.prompt.slice(common), held: ahead.held.slice(common) };
    if (ahead.prompt === '' && ahead.held === '' && common > 0) return at;
  }
}

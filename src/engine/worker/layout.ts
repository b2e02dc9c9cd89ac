/** A window and the cursor's line become the model's tokens here, so that typing in the line only appends. */
import type { InfillWindow } from '../../models/model.ts';
import { takenBack } from './healing.ts';
import { bytesOfText } from './vocabulary.ts';

/** What is read before generation, and what generation must begin with. */
export interface Prompt {
  /** At least one. */
  readonly tokens: readonly number[];
  /** Bytes of the text before the cursor that is not in `tokens`; generation repeats it. */
  readonly rest: string;
}

/** The tokens that say where text is missing. */
export interface InfillTokens {
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
}

/** What a prompt is made with. */
export interface Tokenizer {
  /** Tokens of plain text; what looks like a control token in it stays text. */
  tokenize(text: string): readonly number[];
  bytesOf(token: number): string | undefined;
  /** `undefined`: the model can only continue a text. */
  readonly infill: InfillTokens | undefined;
  /** What every prompt begins with: the model's first token if it wants one. */
  readonly start: readonly number[];
  /** Begins a prompt that would be empty. */
  readonly fallbackStart: number;
}

/**
 * `PRE head SUF suffix MID line` with infill tokens: whatever is typed in the line comes last, so the suffix is not
 * read again. Without them `head line`. The end of the line is taken back (see healing.ts).
 */
export function promptFor(tokenizer: Tokenizer, window: InfillWindow, line: string): Prompt {
  const { infill, start } = tokenizer;
  if (infill === undefined) {
    const { kept, rest } = healed(tokenizer, window.head + line);
    const tokens = [...start, ...kept];
    return { tokens: tokens.length > 0 ? tokens : [tokenizer.fallbackStart], rest };
  }
  const { kept, rest } = healed(tokenizer, line);
  const tokens = [
    ...start,
    infill.prefix,
    ...tokenizer.tokenize(window.head),
    infill.suffix,
    ...tokenizer.tokenize(window.suffix),
    infill.middle,
    ...kept,
  ];
  return { tokens, rest };
}

function healed(tokenizer: Tokenizer, text: string): { readonly kept: readonly number[]; readonly rest: string } {
  const tokens = tokenizer.tokenize(text);
  const pieces = tokens.map((token) => tokenizer.bytesOf(token) ?? '');
  const kept = tokens.slice(0, tokens.length - takenBack(pieces));
  // From the text itself, not from the pieces: a tokenizer may add a space or change a character.
  const keptBytes = pieces.slice(0, kept.length).join('');
  const bytes = bytesOfText(text);
  if (!bytes.startsWith(keptBytes)) return { kept: tokens, rest: '' };
  return { kept, rest: bytes.slice(keptBytes.length) };
}

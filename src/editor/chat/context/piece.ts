/** What of the user's may go with a question: documents and parts of them, as text. */
import { createHash } from 'node:crypto';

/** One document, or lines of it. */
export interface Piece {
  /** The document's URI, as VS Code writes it; rules about files are held against it. */
  readonly uri: string;
  /** Documents it may be of, where nobody can tell: rules about any of them hold for it too. */
  readonly mayBeOf?: readonly string[];
  /** For people and for the model: its path below the opened folder. */
  readonly label: string;
  /** Which lines, from 1, both included. Absent: all of it. */
  readonly lines?: readonly [first: number, last: number];
  /** Where in the first line it begins, from 0, in UTF-16 code units. Absent: at its beginning. */
  readonly column?: number;
  /** VS Code's id of its language. Absent: not known. */
  readonly language?: string;
  /** With `\n` for line breaks. */
  readonly text: string;
}

/** What was asked for and is not there, with the reason for people: a sentence's end, `is no text`. */
export interface Missing {
  readonly label: string;
  readonly why: string;
}

/** What was found for one chip. */
export interface Gathered {
  /** What it turned out to be, where that is less than what was asked for: `staged changes`. */
  readonly name?: string;
  readonly pieces: readonly Piece[];
  readonly missing: readonly Missing[];
}

/** Some pieces and gaps as one. */
export function together(all: readonly (Piece | Missing)[]): Gathered {
  return {
    pieces: all.filter((each): each is Piece => 'text' in each),
    missing: all.filter((each): each is Missing => 'why' in each),
  };
}

/** So many are named. */
const mostMissing = 20;

/** The first of them; of thousands, which a tool may have made, nobody reads the names. @param what they are. */
export function shortened(missing: readonly Missing[], what: string): readonly Missing[] {
  const more = missing.length - mostMissing;
  if (more <= 0) return missing;
  return [...missing.slice(0, mostMissing), { label: `${more} more ${what}`, why: 'are left out' }];
}

/** The text with `\n` for line breaks, without a mark of its encoding. */
export function plainText(text: string): string {
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
}

/** Lines of a text, from 1, both included, as many of them as there are. */
export function linesOf(text: string, [first, last]: readonly [number, number]): string {
  return text
    .split('\n')
    .slice(first - 1, last)
    .join('\n');
}

/** By which a text is known again without being kept; 64 hex digits. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** An answer as it is read aloud while it comes. */

/** How far an answer was read aloud. */
export interface Told {
  /** So much of it was told, in UTF-16 code units. */
  readonly length: number;
  /** So much of it was looked at: in a code block more than was told. What comes next is looked at from here on. */
  readonly readTo: number;
  readonly isInCode: boolean;
}

export const untold: Told = { length: 0, readTo: 0, isInCode: false };

/** What of an answer has ended and was not told: sentences and blocks. Pure; reads no line twice that has ended. */
export function newSentences(text: string, before: Told): { readonly words: string; readonly told: Told } {
  const ends = /^[ \t]*(```|~~~)|[.!?。！？]["'”’)\]*_`]*(?=\s)|\n/gm;
  let { length, readTo, isInCode } = before;
  ends.lastIndex = readTo;
  for (let match = ends.exec(text); match !== null; match = ends.exec(text)) {
    readTo = ends.lastIndex;
    // Inside a code block nothing is told until it ends.
    if (match[1] !== undefined) isInCode = !isInCode;
    else if (!isInCode) length = readTo;
  }
  return { words: spoken(text.slice(before.length, length)), told: { length, readTo, isInCode } };
}

/** Markdown as it is read aloud: without its markers, a code block as two words. */
export function spoken(markdown: string): string {
  return markdown
    .replace(/^[ \t]*(```|~~~)[^\n]*\n[\s\S]*?(?:^[ \t]*\1[^\n]*$|$(?![\s\S]))/gm, ' Code block. ')
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|\|)[ \t]+/gm, '')
    .replace(/[*`~|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** An answer as it is read aloud while it comes. */

/** What of an answer has ended and was not told: sentences and blocks. Pure. */
export function newSentences(text: string, toldLength: number): { readonly words: string; readonly length: number } {
  const rest = text.slice(toldLength);
  let length = 0;
  for (const match of rest.matchAll(/[.!?。！？]["'”’)\]*_`]*(?=\s)|\n/g)) length = match.index + match[0].length;
  // Inside a code block nothing is told until it ends.
  const fences = [...text.slice(0, toldLength + length).matchAll(/^\s*(?:```|~~~)/gm)];
  if (fences.length % 2 === 1) length = Math.max(0, (fences.at(-1)?.index ?? 0) - toldLength);
  return { words: spoken(rest.slice(0, length)), length: toldLength + length };
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

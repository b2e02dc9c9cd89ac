/** Words are looked for in texts here, whatever their case and accents. */

/** A part of a text, UTF-16 code units. */
export type Mark = readonly [start: number, end: number];

/** The words to look for, ready to be compared; none: the query has none. */
export function wordsOf(query: string): readonly string[] {
  const words = plain(query).split(/\s+/);
  return [...new Set(words.filter((word) => word !== ''))];
}

/** Where the words are in a text, in order, at most so many; `undefined`: one of them is not in it at all. */
export function marksIn(text: string, words: readonly string[], most: number): readonly Mark[] | undefined {
  const whole = plain(text);
  if (words.length === 0 || words.some((word) => !whole.includes(word))) return undefined;
  const origins = originsIn(text);
  const marks: Mark[] = [];
  for (const word of words) {
    let found = 0;
    for (let at = whole.indexOf(word); at >= 0 && found < most; at = whole.indexOf(word, at + word.length)) {
      const end = at + word.length;
      marks.push(origins === undefined ? [at, end] : [origins[at] ?? 0, origins[end] ?? text.length]);
      found += 1;
    }
  }
  return marks.sort(([a], [b]) => a - b).slice(0, most);
}

/** Small letters without their accents. */
function plain(text: string): string {
  return isAscii(text)
    ? text.toLowerCase()
    : text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
}

/** For each character of the plain text where it comes from; `undefined`: it stands at the same place. */
function originsIn(text: string): readonly number[] | undefined {
  if (isAscii(text)) return undefined;
  const origins: number[] = [];
  let at = 0;
  for (const character of text) {
    for (let each = plain(character).length; each > 0; each -= 1) origins.push(at);
    at += character.length;
  }
  return origins;
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- this is what ASCII is
  return /^[\x00-\x7F]*$/.test(text);
}

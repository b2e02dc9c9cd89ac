/** A piece of a document passes through edits here, and is compared with what it was. Pure. */

/** From `start` up to `end`, UTF-16 code units in the document as it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `length` code units from `offset` on were replaced by the text. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/**
 * Where the piece is after an edit. What is typed right before or after it does not belong to it; what overlaps it does,
 * so nothing of the piece is lost when its surroundings are written anew. A piece that was deleted takes in what is put
 * back in its place.
 */
export function spanAfter({ start, end }: Span, { offset, length, text }: Edit): Span {
  const [until, growth] = [offset + length, text.length - length];
  const isEmpty = start === end;
  if (until <= start && !(isEmpty && offset === start)) return { start: start + growth, end: end + growth };
  if (offset >= end && !isEmpty) return { start, end };
  if (offset > end) return { start, end };
  return { start: Math.min(start, offset), end: Math.max(end, until) + growth };
}

/** How many of the lines hold more than white space. */
export function lineCount(text: string): number {
  return linesOf(text).length;
}

/**
 * How many of the lines that were there still are, in their order, as they were or nearly: white space does not count,
 * and of five characters one may be another. In a piece that grew very long, only as they were.
 */
export function keptLines(before: string, now: string): number {
  const [old, fresh] = [linesOf(before), linesOf(now)];
  const isSame = fresh.length > mostNearLines ? (one: string, other: string) => one === other : isNear;
  // The longest row of pairs in which neither side goes back: `best[n]` is its length up to the n-th line of now.
  let best = new Array<number>(fresh.length + 1).fill(0);
  for (const line of old) {
    const next = [0];
    for (const [index, other] of fresh.entries()) {
      const paired = isSame(line, other) ? (best[index] ?? 0) + 1 : 0;
      next.push(Math.max(paired, best[index + 1] ?? 0, next[index] ?? 0));
    }
    best = next;
  }
  return best.at(-1) ?? 0;
}

/** Beyond so many lines every pair of them would be too much to compare letter by letter. */
const mostNearLines = 200;
/** A line longer than this is compared as a whole. */
const mostNearChars = 500;
/** One change in so many characters leaves a line nearly what it was. */
const charsPerChange = 5;

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ''))
    .filter((line) => line !== '');
}

function isNear(one: string, other: string): boolean {
  if (one === other) return true;
  const longest = Math.max(one.length, other.length);
  const mostChanges = Math.floor(longest / charsPerChange);
  if (longest > mostNearChars || Math.abs(one.length - other.length) > mostChanges) return false;
  return changesBetween(one, other) <= mostChanges;
}

/** Characters to insert, remove or replace to get from one to the other (Levenshtein). */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to += 1) {
      const replaced = (row[to] ?? 0) + (one[at] === other[to] ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Text meets what stands right of the cursor here: what both have is written once. */
import type { Place } from '../place.ts';

/** Text to insert in place of the first `replaced` characters after the cursor. */
export interface Fitted {
  readonly text: string;
  readonly replaced: number;
}

const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * The text without an end that stands right of the cursor already, or, where the text goes on after closing what the
 * editor closed by itself, reaching over that: `foo(█)` and `a);` give `a);` in place of `)`.
 * The replaced characters are always part of the text, in their order. Goes on until nothing more is there twice.
 */
export function fitted(text: string, place: Place): Fitted {
  const right = place.right.trimEnd();
  if (right === '') return { text, replaced: 0 };
  const quote = openQuote(place.line);
  const overlap = overlapWith(text, right, quote);
  if (overlap > 0) return fitted(text.slice(0, -overlap).trimEnd(), place);
  let replaced = 0;
  for (const at of scan(text, quote).unopened) {
    if (replaced === right.length) break;
    // It closes what must stay open for the text to the right.
    if (right[replaced] !== text[at]) return fitted(text.slice(0, at).trimEnd(), place);
    replaced += 1;
  }
  return { text, replaced };
}

/** How many characters at the end of the text are the beginning of what stands to the right. */
function overlapWith(text: string, right: string, quote: string | undefined): number {
  for (let length = Math.min(text.length, right.length); length > 0; length -= 1) {
    const kept = text.slice(0, -length);
    if (!text.endsWith(right.slice(0, length)) || isInsideWord(kept, right)) continue;
    // `bar()` before `)` ends with its own bracket, not with that one.
    const { open, unopened } = scan(kept, quote);
    if (open.length === 0 && unopened.length === 0) return length;
  }
  return 0;
}

function isInsideWord(kept: string, right: string): boolean {
  return /\w$/.test(kept) && /^\w/.test(right);
}

/**
 * What the text opens and leaves open, as the closing characters, and where it closes what it did not open.
 * @param quote the one that is open where the text begins.
 */
function scan(text: string, quote: string | undefined): { open: readonly string[]; unopened: readonly number[] } {
  const open: string[] = [];
  const unopened: number[] = [];
  let inside = quote;
  let isOwn = false;
  for (let index = 0; index < text.length; index += 1) {
    const each = text[index] ?? '';
    if (each === '\\') index += 1;
    else if (inside !== undefined) {
      if (each !== inside) continue;
      if (!isOwn) unopened.push(index);
      inside = undefined;
    } else if (/["'`]/.test(each) && !/\w/.test(text[index - 1] ?? '')) {
      inside = each;
      isOwn = true;
    } else if (closerOf[each] !== undefined) open.push(closerOf[each]);
    else if (/[)\]}]/.test(each) && open.pop() !== each) unopened.push(index);
  }
  return { open: inside !== undefined && isOwn ? [...open, inside] : open, unopened };
}

/** The quote that the cursor stands inside of. */
function openQuote(line: string): string | undefined {
  const last = scan(line, undefined).open.at(-1);
  return last !== undefined && /["'`]/.test(last) ? last : undefined;
}

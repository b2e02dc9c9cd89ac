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
  const before = scan(place.line, []).open;
  const overlap = overlapOf(text, right, (kept) => isComplete(kept, before));
  if (overlap > 0) return fitted(text.slice(0, -overlap).trimEnd(), place);
  const unopened = scan(text, before).unopened.slice(0, right.length);
  const wrong = unopened.findIndex((at, index) => text[at] !== right[index]);
  // That one closes what must stay open for the text to the right.
  if (wrong !== -1) return fitted(text.slice(0, unopened[wrong]).trimEnd(), place);
  const last = unopened.at(-1);
  if (last === undefined) return { text, replaced: 0 };
  return {
    text,
    replaced: unopened.length + overlapOf(text.slice(last + 1), right.slice(unopened.length), () => true),
  };
}

/** How many characters at the end of the text are the beginning of what stands to the right. */
function overlapOf(text: string, right: string, mayKeep: (kept: string) => boolean): number {
  for (let length = Math.min(text.length, right.length); length > 0; length -= 1) {
    const kept = text.slice(0, -length);
    if (text.endsWith(right.slice(0, length)) && !isInsideWord(kept, right) && mayKeep(kept)) return length;
  }
  return 0;
}

function isInsideWord(kept: string, right: string): boolean {
  return /\w$/.test(kept) && /^\w/.test(right);
}

/** `bar()` before `)` ends with its own bracket, not with that one: what is kept has to close what it opens. */
function isComplete(text: string, before: readonly string[]): boolean {
  const { open, unopened } = scan(text, before);
  return open.length === 0 && unopened.length === 0;
}

/** What a text leaves open, as the characters that would close it, and where it closes what it did not open. */
interface Brackets {
  readonly open: readonly string[];
  readonly unopened: readonly number[];
}

/** @param before what is open where the text begins. */
function scan(text: string, before: readonly string[]): Brackets {
  const open = [...before];
  let inherited = before.length;
  const unopened: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const each = text[index] ?? '';
    const expected = open.at(-1) ?? '';
    const isQuoted = isQuote(expected);
    if (each === '\\') index += 1;
    else if (expected === '`' && text.startsWith('${', index)) {
      open.push('}');
      index += 1;
    } else if (isQuoted ? each === expected || (each === '\n' && expected !== '`') : /[)\]}]/.test(each)) {
      const isOwn = open.length > inherited && expected === each;
      if (!isOwn && each !== '\n') unopened.push(index);
      open.pop();
      inherited = Math.min(inherited, open.length);
    } else if (!isQuoted) {
      const closer = isQuote(each) && !/\w/.test(text[index - 1] ?? '') ? each : closerOf[each];
      if (closer !== undefined) open.push(closer);
    }
  }
  return { open: open.slice(inherited), unopened };
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`';
}

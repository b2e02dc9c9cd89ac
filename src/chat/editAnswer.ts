/** What a model answers to an edit becomes the lines that replace the selected ones here, however it wraps them. Pure. */
import { indentOf, isBlank, leavesOut, withoutBlankEnds } from './place.ts';

/** The lines to be changed and what stands around them, without line breaks. */
export interface LinesInPlace {
  readonly before: readonly string[];
  readonly selected: readonly string[];
  readonly after: readonly string[];
}

/** What an answer wants in place of the selected lines, as far as it goes. */
export interface Replacement {
  /** None: they are to be deleted. */
  readonly lines: readonly string[];
  /** Nothing more of them can come: the answer has ended, or their code block has. */
  readonly isWhole: boolean;
  /** A comment stands for lines that were left out, which would be lost. */
  readonly leavesOut: boolean;
}

/**
 * The replacement in an answer: the lines of its first code block that has any, or all of them where it has none. Talk
 * around it is left out, and so are the lines around the selected ones, which models like to repeat; lines that lost their
 * indentation get it back; empty lines at both ends stay as they are in the selection. A single code block that was closed
 * with nothing in it, or with what stands around the lines and not them, stands for deleting them once the answer has ended.
 * @param hasEnded whether the answer has. Until then its last, unfinished line does not count.
 * @returns `undefined`: nothing that could replace the lines came (yet).
 */
export function replacementIn(answer: string, place: LinesInPlace, hasEnded: boolean): Replacement | undefined {
  const lines = answer.replaceAll('\r\n', '\n').split('\n');
  if (!hasEnded) lines.pop();
  const found = blocksIn(lines, place.selected);
  const blocks = found.length > 0 ? found : [{ lines: bare(lines, place, hasEnded), isClosed: false }];
  const candidates = blocks.map((block) => {
    const isWhole = hasEnded || block.isClosed;
    return { ...block, isWhole, ...withoutAround(block.lines, place, isWhole) };
  });
  const some = candidates.filter(({ own }) => own.length > 0);
  // The lines as they were may come first, and what becomes of them after that.
  const isOld = (own: readonly string[]): boolean => isSame(written(own), written(place.selected));
  const wanted =
    some.find(({ own }, index) => !isOld(own) && (index === 0 || sharesLine(own, place.selected))) ?? some[0];
  if (wanted === undefined) {
    // One, and by a model that knew when to stop: small ones open and close fences without end.
    const isDeleting =
      hasEnded && candidates.length === 1 && candidates.every((each) => each.isClosed && each.isEmptied);
    return isDeleting ? { lines: [], isWhole: true, leavesOut: false } : undefined;
  }
  const { own, isWhole } = wanted;
  const leaves = own.some(leavesOut) && !place.selected.some(leavesOut);
  return { lines: placed(own, place.selected, isWhole), isWhole, leavesOut: leaves };
}

/** With the indentation and the empty ends of the lines they replace. */
function placed(own: readonly string[], selected: readonly string[], isWhole: boolean): readonly string[] {
  const kept = withoutBlankEnds(selected);
  if (kept[0] === undefined) return indentedLike(own, selected);
  const start = selected.indexOf(kept[0]);
  const blankAfter = isWhole ? selected.slice(start + kept.length) : [];
  return [...selected.slice(0, start), ...indentedLike(own, kept), ...blankAfter];
}

interface Block {
  readonly lines: readonly string[];
  readonly isClosed: boolean;
}

/** The code blocks, in order. */
function blocksIn(lines: readonly string[], selected: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < lines.length;) {
    const opening = lines.findIndex((line, index) => index >= start && fenceIn(line) !== undefined);
    if (opening < 0) break;
    const block = blockFrom(lines, opening, selected);
    blocks.push(block);
    start = block.end;
  }
  return blocks;
}

function blockFrom(lines: readonly string[], opening: number, selected: readonly string[]): Block & { end: number } {
  const outer = fenceIn(lines[opening] ?? '');
  const next = lines.findIndex((line, index) => index > opening && !isBlank(line));
  const inner = fenceIn(lines[next] ?? '');
  // Fenced twice, the outer fence without a language: unless the text itself begins so, only the inner one is meant.
  const isTwice =
    outer?.isBare === true && inner?.isBare === false && fenceIn(selected.find(isWritten) ?? '') === undefined;
  if (isTwice) return blockFrom(lines, next, selected);
  let depth = 0;
  for (let index = opening + 1; index < lines.length; index += 1) {
    const fence = fenceIn(lines[index] ?? '');
    if (fence === undefined || outer === undefined) continue;
    if (fence.mark[0] !== outer.mark[0] || fence.mark.length < outer.mark.length) continue;
    if (!fence.isBare) depth += 1;
    else if (depth === 0) return { lines: lines.slice(opening + 1, index), isClosed: true, end: index + 1 };
    else depth -= 1;
  }
  const isEnd = outer?.isBare === true && sharesLine(lines.slice(0, opening), selected);
  return isEnd
    ? // It closes a code block that was never opened.
      { lines: lines.slice(0, opening), isClosed: true, end: lines.length }
    : { lines: lines.slice(opening + 1), isClosed: false, end: lines.length };
}

/** A line that opens or, when bare, closes a code block. */
function fenceIn(line: string): { readonly mark: string; readonly isBare: boolean } | undefined {
  const [, mark, words] = /^\s*(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? [];
  return mark === undefined ? undefined : { mark, isBare: (words ?? '').trim() === '' };
}

/**
 * An answer without a code block is the text itself, but for sentences at both ends of code. Before it has ended nobody
 * can tell talk from text, unless it begins as the lines do that it was to change.
 */
function bare(lines: readonly string[], { before, selected }: LinesInPlace, hasEnded: boolean): readonly string[] {
  const written = lines.filter(isWritten);
  const [first = ''] = written;
  if (!hasEnded) return sharesLine([first], [...selected, ...before.slice(-mostRepeated)]) ? lines : [];
  if (written.length === 1) return [first.replace(/^\s*(`{1,3})([^`]+)\1\s*$/, '$2')].filter((line) => !isTalk(line));
  const start = lines.indexOf(first) + (isTalk(first) ? 1 : 0);
  if (selected.some(isSentence)) return lines.slice(start);
  const isCode = (line: string, index: number): boolean => index >= start && isWritten(line) && !isSentence(line);
  return lines.slice(lines.findIndex(isCode), lines.findLastIndex(isCode) + 1);
}

/** `Here is the updated code:` and its like. */
function isTalk(line: string): boolean {
  const begins =
    /^\s*(sure|certainly|of course|okay|ok|sorry|unfortunately|i('m| am| can| cannot|'ve)|here('s| is| are)|below is|the (updated|rewritten|new|edited|changed))\b/i;
  return begins.test(line) && /[:.!]\s*$/.test(line);
}

/** A sentence or a heading, as nobody writes code. */
function isSentence(line: string): boolean {
  return isTalk(line) || /^\s*[*_"'`]*[A-Z][^;{}<>=[\]]*[.:!?][*_"'`)]*\s*$/.test(line);
}

function isWritten(line: string): boolean {
  return !isBlank(line);
}

function sharesLine(some: readonly string[], others: readonly string[]): boolean {
  const words = new Set(others.map((line) => line.trim()));
  return some.some((line) => hasWord(line) && words.has(line.trim()));
}

function hasWord(line: string): boolean {
  return /\w{2}/.test(line);
}

/** So many lines around the selected ones are looked for in an answer. */
const mostRepeated = 400;

interface Own {
  /** The lines without empty ones at both ends. */
  readonly own: readonly string[];
  /** There are none, and that is said on purpose. */
  readonly isEmptied: boolean;
}

/**
 * The lines without those around the selected ones, where a code block begins or ends with them. What may yet become such
 * a beginning is held back while it comes.
 */
function withoutAround(content: readonly string[], place: LinesInPlace, isWhole: boolean): Own {
  const { before, selected, after } = place;
  const [above, below] = [written(before.slice(-mostRepeated)), written(after.slice(0, mostRepeated))];
  const chosen = written(selected);
  const lines = written(content);
  const isBeginning = (at: number): boolean => lines.every((line, index) => line === above[at + index]);
  const isHeld = !isWhole && lines.some(hasWord) && above.some((_, at) => isBeginning(at));
  if (isHeld) return { own: [], isEmptied: false };
  const first = longest(Math.min(above.length, lines.length), (count) => {
    const repeated = above.slice(above.length - count);
    return (
      isSame(repeated, lines.slice(0, count)) && !isSame(repeated, chosen.slice(0, count)) && repeated.some(hasWord)
    );
  });
  const last = longest(Math.min(below.length, lines.length - first), (count) => {
    const repeated = below.slice(0, count);
    return isSame(repeated, lines.slice(-count)) && !isSame(repeated, chosen.slice(-count)) && repeated.some(hasWord);
  });
  const own = withoutWritten(withoutWritten(content, first).toReversed(), last).toReversed();
  const isBetween = first > 0 && last > 0;
  return { own: withoutBlankEnds(own), isEmptied: lines.length === 0 || (isBetween && first + last === lines.length) };
}

/** The largest count from 1 on that will do; 0: none does. */
function longest(most: number, does: (count: number) => boolean): number {
  for (let count = most; count > 0; count -= 1) if (does(count)) return count;
  return 0;
}

function written(lines: readonly string[]): readonly string[] {
  return lines.filter(isWritten).map((line) => line.trim());
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, index) => line === others[index]);
}

/** What is left behind so many lines that are not empty. */
function withoutWritten(lines: readonly string[], count: number): readonly string[] {
  let left = count;
  return lines.slice(count === 0 ? 0 : lines.findIndex((line) => isWritten(line) && --left === 0) + 1);
}

/**
 * The lines moved sideways so that they begin where others do: models like to begin at the margin. Where the two indent
 * in different ways, they stay as they are.
 */
export function indentedLike(lines: readonly string[], others: readonly string[]): readonly string[] {
  const [wanted, has] = [indentOf(others[0] ?? ''), indentOf(lines[0] ?? '')];
  if (wanted.startsWith(has)) {
    const lacking = wanted.slice(has.length);
    return lines.map((line) => (isBlank(line) ? line : lacking + line));
  }
  const spare = has.length - wanted.length;
  const isSpared = has.startsWith(wanted) && lines.every((line) => isBlank(line) || line.startsWith(has));
  return isSpared ? lines.map((line) => (isBlank(line) ? line : line.slice(spare))) : lines;
}

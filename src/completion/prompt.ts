/** A place passes through here and becomes a request: which views of the document the model may answer from. */
import type { InfillRequest, InfillWindow } from '../models/model.ts';
import type { CompletionModel } from './pace.ts';
import { afterOf, withoutHalfCharacter, type Place } from './place.ts';

/** A view's size, tokens. */
interface Size {
  readonly head: number;
  readonly suffix: number;
}
type Sizes = readonly [large: Size, medium: Size, small: Size];

/**
 * Few fixed sizes, so that a speed measured a little differently does not ask for a view nobody has read. The first
 * is the one that measured best on real code; more text of the same file made nothing better.
 */
const withSuffix: Sizes = [
  { head: 256, suffix: 64 },
  { head: 128, suffix: 32 },
  { head: 64, suffix: 16 },
];
const withoutSuffix: Sizes = [
  { head: 320, suffix: 0 },
  { head: 160, suffix: 0 },
  { head: 80, suffix: 0 },
];

/** Code has three to four characters a token; counting with few keeps to the budget. */
const charsPerToken = 3;
/** A first suggestion, with nothing read, may take about so long, ms; the smaller view is as large as it allows. */
const coldMs = 2200;
/** A better view is worth this much waiting, ms: while typing, and for the first answer in a document. */
const patienceMs = { warm: 600, first: 2000 };

/** What a request is made from. */
export interface Order {
  readonly place: Place;
  readonly model: CompletionModel;
  readonly maxTokens: number;
  /** Nothing has been answered in this document yet. */
  readonly isFirst: boolean;
}

/** Asks for the text at the place, best view first. */
export function infillRequest({ place, model, maxTokens, isFirst }: Order): InfillRequest {
  return {
    kind: 'infill',
    document: place.uri,
    windows: windows(place, model, maxTokens),
    line: place.line,
    ...(place.lineNumber === undefined ? {} : { cursorLine: place.lineNumber }),
    maxTokens,
    patienceMs: isFirst ? patienceMs.first : patienceMs.warm,
  };
}

/** The view worth reading while nobody waits. */
export function bestWindow(place: Place, model: CompletionModel): InfillWindow {
  return windowOf(place, sizesFor(place, model, 0)[0]);
}

/**
 * The best view; where reading is slow, also the same view as it was one and two lines ago, with the lines since then
 * after it (after Enter only those need to be read, while the best view's suffix would be read anew), and a small view
 * that is read in about two seconds.
 */
function windows(place: Place, model: CompletionModel, maxTokens: number): readonly InfillWindow[] {
  const [best, ...smaller] = sizesFor(place, model, maxTokens);
  const readable = ((model.prefillTokPerS ?? Infinity) * coldMs) / 1000;
  if (best.head + best.suffix <= readable) return [windowOf(place, best)];
  const small = smaller.find(({ head, suffix }) => head + suffix <= readable) ?? smaller.at(-1);
  const all = [windowOf(place, best), ...earlierWindows(place, best), ...(small ? [windowOf(place, small)] : [])];
  return all.filter((each, index) => all.findIndex((other) => isSame(other, each)) === index);
}

function isSame(a: InfillWindow, b: InfillWindow): boolean {
  return a.head === b.head && a.suffix === b.suffix && a.line === b.line;
}

/** The sizes that fit into the model's context with the line and the answer; the smallest one always. */
function sizesFor(place: Place, model: CompletionModel, maxTokens: number): readonly [Size, ...Size[]] {
  const [large, medium, small] = model.hasInfillTokens ? withSuffix : withoutSuffix;
  const free = model.contextTokens - maxTokens - tokensIn(place.line);
  const fits = ({ head, suffix }: Size): boolean => mostTokens(head) + suffix <= free;
  if (fits(large)) return [large, medium, small];
  return fits(medium) ? [medium, small] : [small];
}

function windowOf(place: Place, size: Size): InfillWindow {
  const { above, lineOffset } = place;
  return { head: headBefore(above, lineOffset, size.head), suffix: suffixOf(place, size.suffix) };
}

/** How far back the line after the middle token may reach; three whole lines there still cost little quality. */
const earlierLines = 2;

function earlierWindows(place: Place, size: Size): readonly InfillWindow[] {
  const suffix = suffixOf(place, size.suffix);
  const found: InfillWindow[] = [];
  let end = place.above.length;
  // Without a suffix there is nothing between the head and the line: the best view only grows.
  while (suffix !== '' && end > 0 && found.length < earlierLines) {
    end = end < 2 ? 0 : place.above.lastIndexOf('\n', end - 2) + 1;
    const offset = place.lineOffset - (place.above.length - end);
    const head = headBefore(place.above.slice(0, end), offset, size.head);
    found.push({ head, suffix, line: place.above.slice(end) + place.line });
  }
  return found;
}

/**
 * Whole lines before the cursor's, about so many tokens. They begin at a grid of half that size, counted in characters
 * from the start of the document (counting lines would read the whole file), so while typing forward the beginning
 * stays where it is until it jumps by a whole step.
 * @param above the text before the line, reaching back further than any head.
 * @param lineOffset of the line, in the document.
 */
function headBefore(above: string, lineOffset: number, headTokens: number): string {
  const most = mostTokens(headTokens);
  const step = (headTokens / 2) * charsPerToken;
  const aboveOffset = lineOffset - above.length;
  const earliest = Math.max(0, lineOffset - most * charsPerToken);
  for (let grid = Math.ceil(earliest / step) * step; grid < lineOffset; grid += step) {
    const head = above.slice(lineStartFrom(above, grid - aboveOffset));
    if (tokensIn(head) <= most) return head;
  }
  return '';
}

/** The first line start at or after the index. */
function lineStartFrom(text: string, index: number): number {
  if (index <= 0) return 0;
  const breakAt = text.indexOf('\n', index - 1);
  return breakAt === -1 ? text.length : breakAt + 1;
}

/** Text after the cursor up to the end of a line, as many whole lines as fit; of one that is too long, its beginning. */
function suffixOf(place: Place, suffixTokens: number): string {
  const after = afterOf(place);
  const most = Math.min(after.length, suffixTokens * charsPerToken);
  let end = most === after.length ? most : after.lastIndexOf('\n', most);
  if (end <= 0) end = most;
  while (end > 0 && tokensIn(after.slice(0, end)) > suffixTokens) {
    const shorter = after.lastIndexOf('\n', end - 1);
    end = shorter > 0 ? shorter : Math.floor(end / 2);
  }
  return withoutHalfCharacter(after.slice(0, end));
}

/** A head holds between three and five quarters of its size, so on average its size. */
function mostTokens(headTokens: number): number {
  return headTokens * 1.25;
}

/** A cautious guess: letters beyond ASCII may be a token each. */
function tokensIn(text: string): number {
  const beyondAscii = text.match(/[^\s -~]/g)?.length ?? 0;
  return (text.length - beyondAscii) / charsPerToken + beyondAscii;
}

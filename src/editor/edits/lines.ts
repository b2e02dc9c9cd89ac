/** Lines of a document: which ones an edit is about, where they go when others change, and what replaces them. Pure. */
import type { Hunk } from '../../chat/hunks.ts';
import { blockAt, isBlank, type LineRange } from '../../chat/place.ts';

/** A place in a document, from 0; UTF-16 code units. */
export interface Spot {
  readonly line: number;
  readonly character: number;
}

/** Text between two places is replaced. Line breaks are `\n`; VS Code writes the document's own. */
export interface TextChange {
  readonly start: Spot;
  readonly end: Spot;
  readonly text: string;
}

/** An event's changes, in the order VS Code names them. */
export function changesOf({
  contentChanges,
}: {
  readonly contentChanges: readonly { readonly range: Omit<TextChange, 'text'>; readonly text: string }[];
}): readonly TextChange[] {
  return contentChanges.map(({ range: { start, end }, text }) => ({ start, end, text }));
}

/** The lines of a text, each looked up when it is wanted: no line breaks, always at least one. */
export interface TextLines {
  readonly lineCount: number;
  /** @param line from 0, below the count. */
  readonly lineAt: (line: number) => string;
}

/** The lines of a document of VS Code's, as they are at any time. */
export function linesIn(document: {
  readonly lineCount: number;
  lineAt(line: number): { readonly text: string };
}): TextLines {
  return {
    get lineCount() {
      return document.lineCount;
    },
    lineAt: (line) => document.lineAt(line).text,
  };
}

/** So many lines above and below a problem may be needed to mend it. */
const linesAroundProblem = 10;

/** Text as lines without line breaks; always at least one. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** The whole lines that a selection touches; with nothing selected, the cursor's line or the block it opens. */
export function linesToEdit(lines: readonly string[], { start, end }: Omit<TextChange, 'text'>): LineRange {
  if (start.line === end.line && start.character === end.character) return blockAt(lines, start.line);
  const isBehind = end.character === 0 && end.line > start.line;
  return { start: start.line, end: end.line + (isBehind ? 0 : 1) };
}

/** The lines of a problem and those around them, to the next empty one. */
export function linesAround(lines: readonly string[], { start, end }: LineRange): LineRange {
  let [first, behind] = [start, end];
  while (first > Math.max(0, start - linesAroundProblem) && !isBlank(lines[first - 1] ?? '')) first -= 1;
  while (behind < Math.min(lines.length, end + linesAroundProblem) && !isBlank(lines[behind] ?? '')) behind += 1;
  return { start: first, end: behind };
}

/**
 * Where lines are after a change beside them; `undefined`: the change touches them. One that only adds or takes whole
 * lines right above them does not.
 */
export function moved(range: LineRange, { start, end, text }: TextChange): LineRange | undefined {
  const delta = linesOf(text).length - 1 - (end.line - start.line);
  const isAbove = end.line < range.start;
  const isRightAbove = end.line === range.start && end.character === 0 && endsAtLineStart(start, text);
  if (isAbove || isRightAbove) return { start: range.start + delta, end: range.end + delta };
  return start.line >= range.end ? range : undefined;
}

/** Where lines are after an event's changes, in whatever order; `undefined`: one touches them. */
export function movedBy(range: LineRange, changes: readonly TextChange[]): LineRange | undefined {
  return fromTheEnd(range, changes, moved);
}

/** The same, with changes inside the lines; `undefined`: one reaches beyond them. */
export function linesAfter(range: LineRange, changes: readonly TextChange[]): LineRange | undefined {
  return fromTheEnd(range, changes, (at, change) => moved(at, change) ?? grown(at, change));
}

function fromTheEnd(
  range: LineRange,
  changes: readonly TextChange[],
  after: (at: LineRange, change: TextChange) => LineRange | undefined,
): LineRange | undefined {
  // VS Code names all places of one event as they were before it; from the end on, none moves those not yet looked at.
  const ordered = changes.toSorted((one, other) => other.start.line - one.start.line);
  return ordered.reduce<LineRange | undefined>((at, change) => at && after(at, change), range);
}

function grown(range: LineRange, { start, end, text }: TextChange): LineRange | undefined {
  const delta = linesOf(text).length - 1 - (end.line - start.line);
  const isInside = start.line >= range.start && end.line < range.end;
  return isInside ? { start: range.start, end: range.end + delta } : undefined;
}

/** Whether what comes behind the change still begins a line. */
function endsAtLineStart(start: Spot, text: string): boolean {
  return text === '' ? start.character === 0 : /[\r\n]$/.test(text);
}

/**
 * What has to be replaced in a document for hunks to be in it.
 * @param firstLine the document's line that is the first old line.
 * @param document as it is before.
 */
export function changesFor(hunks: readonly Hunk[], firstLine: number, document: TextLines): TextChange[] {
  return hunks.map(({ oldStart, oldLines, newLines }) => {
    const first = firstLine + oldStart;
    return replacing({ start: first, end: first + oldLines.length }, newLines, document);
  });
}

function replacing({ start, end }: LineRange, newLines: readonly string[], document: TextLines): TextChange {
  const endOf = (line: number): Spot => ({ line, character: document.lineAt(line).length });
  const text = newLines.join('\n');
  if (start < end && newLines.length > 0) return { start: { line: start, character: 0 }, end: endOf(end - 1), text };
  // A line that comes or goes takes a line break with it: the one behind it, or at the end the one before.
  const isLast = end >= document.lineCount;
  const from = isLast && start > 0 ? endOf(start - 1) : { line: start, character: 0 };
  const to = isLast ? endOf(document.lineCount - 1) : { line: end, character: 0 };
  if (newLines.length === 0) return { start: from, end: to, text: '' };
  return { start: from, end: from, text: isLast && start > 0 ? `\n${text}` : `${text}\n` };
}

/**
 * The one change that makes of the lines there are now those that are wanted; `undefined`: they are so already.
 * @param known so many lines at the beginning and at the end are the same in both.
 */
export function changeTo(
  wanted: TextLines,
  now: TextLines,
  known: { readonly above: number; readonly below: number },
): TextChange | undefined {
  const shorter = Math.min(wanted.lineCount, now.lineCount);
  let above = Math.min(known.above, shorter);
  while (above < shorter && wanted.lineAt(above) === now.lineAt(above)) above += 1;
  if (above === shorter && wanted.lineCount === now.lineCount) return undefined;
  let below = Math.min(known.below, shorter - above);
  const fromEnd = ({ lineCount, lineAt }: TextLines): string => lineAt(lineCount - 1 - below);
  while (below < shorter - above && fromEnd(wanted) === fromEnd(now)) below += 1;
  const lines = Array.from({ length: wanted.lineCount - above - below }, (_, index) => wanted.lineAt(above + index));
  return replacing({ start: above, end: now.lineCount - below }, lines, now);
}

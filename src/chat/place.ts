/** "Where in this file does that code block belong?" is answered here, without a model. Pure. */
import { sharedLines } from './hunks.ts';

/** Whole lines of a file, from 0. */
export interface LineRange {
  readonly start: number;
  /** The line behind the last one; `start` where there is none. */
  readonly end: number;
}

/** Where a block belongs. */
export type Place =
  | { readonly kind: 'one'; readonly range: LineRange }
  /** More than one place looks the same; likeliest first. */
  | { readonly kind: 'several'; readonly ranges: readonly LineRange[] }
  /**
   * `isPartial`: the block itself says that it leaves lines out, so putting it anywhere would lose them. `alike`: blocks of
   * the file that have much in common with it, likeliest first; only for a person to choose from.
   */
  | { readonly kind: 'none'; readonly isPartial: boolean; readonly alike: readonly LineRange[] };

/** A block's end is looked for within so many times its length, and this many lines more. */
const lengthFactor = 3;
const lengthSlack = 200;
/** A third of the lines the same is more than two functions of one file have by chance. */
const leastLikeness = 0.34;
const mostLookedAt = 200;

/**
 * Finds the lines of a file that a block of code stands for: those that begin with the block's first line and end with its
 * last one. Lines are compared as they are, and only where that finds nothing without regard to white space; a last line
 * must be indented against the first as it is in the block. Where several last lines would do, the one is taken whose lines
 * have most in common with the block; where several first lines would do, it is not decided here.
 */
export function findPlace(fileLines: readonly string[], blockLines: readonly string[]): Place {
  const block = withoutBlankEnds(blockLines);
  if (block.some(leavesOut)) return { kind: 'none', isPartial: true, alike: [] };
  for (const seen of [(line: string) => line, withoutSpace]) {
    const found = rangesIn(fileLines, block, seen);
    const [only] = found;
    if (found.length === 1 && only !== undefined) return { kind: 'one', range: only };
    if (found.length > 1) return { kind: 'several', ranges: found };
  }
  return { kind: 'none', isPartial: false, alike: alikeIn(fileLines, block) };
}

/** The same lines without empty ones at both ends. */
export function withoutBlankEnds(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => !isBlank(line));
  return start < 0 ? [] : lines.slice(start, lines.findLastIndex((line) => !isBlank(line)) + 1);
}

/** The white space a line begins with. */
export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/**
 * The lines that belong to one line: those of the block it opens where what follows is indented deeper, a line that closes
 * the block included; else the line alone.
 */
export function blockAt(lines: readonly string[], line: number): LineRange {
  const own = widthOf(lines[line] ?? '');
  let end = line + 1;
  for (let next = end; next < lines.length; next += 1) {
    const text = lines[next] ?? '';
    if (isBlank(text)) continue;
    if (widthOf(text) <= own) {
      const closes = end > line + 1 && widthOf(text) === own && /^\s*([)\]}]|end\b|<\/)/.test(text);
      return { start: line, end: closes ? next + 1 : end };
    }
    end = next + 1;
  }
  return { start: line, end };
}

/**
 * One range for each possible first line, likeliest first. Where very many begin and end like the block, as the rows of a
 * table do, those as long as it are taken and compared roughly.
 * @param seen a line as it is compared.
 */
function rangesIn(
  file: readonly string[],
  block: readonly string[],
  seen: (line: string) => string,
): readonly LineRange[] {
  const [first = '', last = ''] = [block[0], block.at(-1)];
  if (block.length < 2 || !/\w/.test(first)) return [];
  const depth = Math.sign(widthOf(last) - widthOf(first));
  const lines = file.map(seen);
  const [seenFirst, seenLast] = [seen(first), seen(last)];
  const longest = block.length * lengthFactor + lengthSlack;
  const found = lines.flatMap((line, start) => {
    if (line !== seenFirst) return [];
    const ranges = lines.slice(start + 1, start + longest).flatMap((other, index) => {
      const end = start + index + 2;
      const isEnd =
        other === seenLast && Math.sign(widthOf(file[end - 1] ?? '') - widthOf(file[start] ?? '')) === depth;
      return isEnd ? [{ start, end }] : [];
    });
    return ranges.length === 0 ? [] : [ranges];
  });
  const isMuch = found.reduce((sum, ranges) => sum + ranges.length, 0) > mostLookedAt;
  const trimmed = block.map((line) => line.trim());
  const scored = found.flatMap((ranges) => {
    const looked = isMuch ? ranges.toSorted(byLength(block.length)).slice(0, 1) : ranges;
    const compare = isMuch ? roughLikeness : likeness;
    const scores = looked.map((range) => ({ range, score: compare(trimmed, file.slice(range.start, range.end)) }));
    return scores.toSorted((one, other) => other.score - one.score).slice(0, 1);
  });
  return scored.toSorted((one, other) => other.score - one.score).map(({ range }) => range);
}

/** Those whose length is closest to this one first. */
function byLength(length: number): (one: LineRange, other: LineRange) => number {
  const off = ({ start, end }: LineRange): number => Math.abs(end - start - length);
  return (one, other) => off(one) - off(other);
}

/** Blocks that begin with the same word as this one, at least so much the same as `leastLikeness`. */
function alikeIn(file: readonly string[], block: readonly string[]): readonly LineRange[] {
  const trimmed = block.map((line) => line.trim());
  const word = firstWordOf(trimmed[0] ?? '');
  if (word === undefined || block.length < 2) return [];
  const starts = file.flatMap((line, index) => (firstWordOf(line) === word ? [index] : []));
  const scored = starts.slice(0, mostLookedAt).map((start) => {
    const range = blockAt(file, start);
    return { range, score: likeness(trimmed, file.slice(range.start, range.end)) };
  });
  const close = scored.filter(({ score }) => score >= leastLikeness);
  return close.toSorted((one, other) => other.score - one.score).map(({ range }) => range);
}

function firstWordOf(line: string): string | undefined {
  return /^\s*\W?(\w+)/.exec(line)?.[1];
}

/** 0..1: how much of both is the same, in order (Dice's coefficient over lines). */
function likeness(trimmedBlock: readonly string[], fileLines: readonly string[]): number {
  const trimmed = fileLines.map((line) => line.trim());
  return (2 * sharedLines(trimmedBlock, trimmed)) / (trimmedBlock.length + trimmed.length);
}

/** 0..1: how many lines both have, in whatever order. */
function roughLikeness(trimmedBlock: readonly string[], fileLines: readonly string[]): number {
  const own = new Set(trimmedBlock);
  const shared = fileLines.filter((line) => own.has(line.trim())).length;
  return (2 * Math.min(shared, trimmedBlock.length)) / (trimmedBlock.length + fileLines.length);
}

function withoutSpace(line: string): string {
  return line.replaceAll(/\s+/g, '');
}

/** Only compared with each other inside one text, so what a tab is worth does not matter. */
function widthOf(line: string): number {
  return indentOf(line).length;
}

/** `// ... existing code ...`, `# rest of the function unchanged …`: models leave out what they did not change. */
export function leavesOut(line: string): boolean {
  const comment = /^\s*(\/\/|#|--|;|\/\*|<!--|\{\/\*|%|')(.*)$/.exec(line)?.[2];
  const isDots = comment !== undefined && /^[\s.…]*(\.\.\.|…)[\s.…*/>}-]*$/.test(comment);
  const says = /\b(existing|rest of|remaining|unchanged|omitted|same as|other)\b/i;
  return (
    isDots ||
    (comment !== undefined && /\.\.\.|…/.test(comment) && says.test(comment)) ||
    /^\s*(\.\.\.|…)\s*$/.test(line)
  );
}

/**
 * Where a model's text should end: each stop looks at the characters so far and says whether to cut, and where.
 *
 * A stop scans forward and fires at the first character that decides, so what it says does not change when more
 * text comes. What follows that character has not been looked at by anybody.
 */
import type { Form } from '../pace.ts';
import { indentation } from '../place.ts';
import type { Reason } from '../reason.ts';

/** What a suggestion at one place may look like. */
export interface Outline {
  readonly form: Form;
  /** How many lines a block may have, blank ones not counted. */
  readonly maxLines: number;
  /** VS Code's language id. */
  readonly language: string;
  /** The cursor line's text before the cursor. */
  readonly line: string;
  /** The nearest lines above and below that are not blank; empty where there is none. */
  readonly above: string;
  readonly below: string;
  /** Of the cursor's line, in columns. */
  readonly indentation: number;
  /** The cursor's line opens a block, so what follows has to be indented deeper. */
  readonly isBlockOpened: boolean;
}

/** A cut: known once `seen` characters have come; `keep` of them remain. */
export interface Stopped {
  readonly seen: number;
  readonly keep: number;
  /** What was wrong with the rest; absent when it just goes on elsewhere. */
  readonly reason?: Reason;
}

type Stop = (text: string, outline: Outline) => Stopped | undefined;

/** A line of generated text that is complete. */
interface Line {
  readonly start: number;
  /** Of its line break. */
  readonly end: number;
  readonly text: string;
}

const lineEnd: Stop = (text, { form }) => {
  const end = form === 'line' ? text.indexOf('\n') : -1;
  return end === -1 ? undefined : { seen: end + 1, keep: end };
};

/** A block ends at its closing line, which belongs to it when it was opened here, or where the indentation falls back. */
const blockEnd: Stop = (text, outline) => {
  if (outline.form === 'line') return undefined;
  for (let start = text.indexOf('\n') + 1; start > 0; start = text.indexOf('\n', start) + 1) {
    const first = /^[ \t]*[^\s]/.exec(text.slice(start))?.[0];
    if (first === undefined || !isOutside(indentation(first), outline)) continue;
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? undefined : end);
    if (!outline.isBlockOpened || !isClosingLine(line)) return { seen: start + first.length, keep: start - 1 };
    if (end === -1) return undefined;
    const isWholeLineClosing = /^\s*([)\]}]+[;,)]*|end)\s*$/.test(line);
    return { seen: end + 1, keep: isWholeLineClosing ? end : start - 1 };
  }
  return undefined;
};

const blankLine: Stop = (text, { form }) => {
  if (form === 'line') return undefined;
  const found = /\S[^\n]*\n[ \t]*\n/.exec(text);
  if (found === null) return undefined;
  const keep = text.lastIndexOf('\n', found.index + found[0].length - 2);
  return { seen: found.index + found[0].length, keep };
};

const enoughLines: Stop = (text, { form, maxLines }) => {
  if (form === 'line') return undefined;
  const last = wholeLines(text).filter((line) => line.text.trim() !== '')[maxLines - 1];
  return last && { seen: last.end + 1, keep: last.end };
};

/** The line that stands below anyway. */
export const standsBelow: Stop = (text, outline) => {
  const found = wholeLines(text).find((line) => {
    if (line.text.trim() === '') return false;
    const whole = line.start === 0 ? outline.line + line.text : line.text;
    return hasWords(whole) ? whole.trim() === outline.below.trim() : whole.trimEnd() === outline.below.trimEnd();
  });
  return found && { seen: found.end + 1, keep: Math.max(0, found.start - 1), reason: 'alreadyThere' };
};

/** The line above once more. */
const echo: Stop = (text, { line, above }) => {
  const first = wholeLines(text)[0];
  if (first === undefined || first.text.trim() === '' || (line + first.text).trim() !== above.trim()) return undefined;
  return (above.match(/\w/g)?.length ?? 0) < 6 ? undefined : { seen: first.end + 1, keep: 0, reason: 'echo' };
};

/** A line just written once more. */
const repeatedLine: Stop = (text, outline) => {
  let before = '';
  for (const line of wholeLines(text)) {
    const whole = (line.start === 0 ? outline.line + line.text : line.text).trim();
    if (whole !== '' && whole === before && hasWords(whole)) {
      return { seen: line.end + 1, keep: line.start - 1, reason: 'repetitive' };
    }
    if (whole !== '') before = whole;
  }
  return undefined;
};

/** So many characters of the same few over and over are a model going round in circles, not a table. */
const minLoopChars = 24;
const maxLoopUnit = 40;

/** The same few characters over and over; the line in which that begins goes. */
const loop: Stop = (text) => {
  const runs = new Uint16Array(maxLoopUnit + 1);
  for (let index = 1; index < text.length; index += 1) {
    for (let unit = 1; unit <= maxLoopUnit && unit <= index; unit += 1) {
      const run = text.charCodeAt(index) === text.charCodeAt(index - unit) ? (runs[unit] ?? 0) + 1 : 0;
      runs[unit] = run;
      if (run + unit < Math.max(minLoopChars, 3 * unit)) continue;
      const start = index + 1 - run - unit;
      if (text.slice(start, index + 1).trim() === '') continue;
      return { seen: index + 1, keep: Math.max(0, text.lastIndexOf('\n', start)), reason: 'repetitive' };
    }
  }
  return undefined;
};

/** Control tokens of the model families, and the fence instruct models put around code. */
const controlToken = /<\|[\w▁-]{1,40}\|>|<(?:PRE|SUF|MID|EOT|END|fim[_▁][a-z]+)>|\[\/?INST\]/;
const controlTokenOrFence = new RegExp(`${controlToken.source}|\`\`\``);

const leak: Stop = (text, { language }) => {
  const found = (language === 'markdown' ? controlToken : controlTokenOrFence).exec(text);
  return found === null ? undefined : { seen: found.index + found[0].length, keep: found.index, reason: 'leaked' };
};

/** In no order: the one that fires on the fewest characters decides, of several the one that keeps least. */
export const stops: readonly Stop[] = [
  lineEnd,
  blockEnd,
  blankLine,
  enoughLines,
  standsBelow,
  echo,
  repeatedLine,
  loop,
  leak,
];

function wholeLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    lines.push({ start, end, text: text.slice(start, end) });
    start = end + 1;
  }
  return lines;
}

function isOutside(columns: number, outline: Outline): boolean {
  return outline.isBlockOpened ? columns <= outline.indentation : columns < outline.indentation;
}

function isClosingLine(line: string): boolean {
  return /^\s*([)\]}]|e(n(d\b)?)?$|end\b)/.test(line);
}

function hasWords(line: string): boolean {
  return /\w/.test(line);
}

/**
 * Private keys: whole blocks between their markers, in files and in code, and blocks of which only a part is in the
 * text because a window around the cursor cut the rest off. Goes over the lines once.
 */
import type { Span } from './span.ts';

/** Where a block begins or, in group 1, ends. */
const marker =
  /-{4,5} ?(?:BEGIN|(END)) [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)? ?-{4,5}|^(?:Private-Lines|Private-MAC): ?[0-9]{1,3}[ \t]{0,4}\r?$/gm;
/** So much of the alphabet of base64 in one piece is no word. */
const material = /[A-Za-z0-9+/=_-]{24}/;
/** A line of a block, as it is in a file: base64 and nothing else. */
const wholeLine = /^[ \t]{0,40}[A-Za-z0-9+/]{40,128}={0,2}[ \t]{0,8}\r?$/;
/** The same within code: quotes, `\n`, `+`, a comment's sign around it. A header of an encrypted key is one as well. */
const quotedLine =
  /^[ \t]{0,40}(?:#|\/\/|\*|>|\|)?[ \t]{0,8}["'`]?(?:[A-Za-z0-9+/]{1,128}={0,3}|(?:Proc-Type|DEK-Info|Comment|Version): [^"'`]{1,80})?(?:\\[rn]){0,4}["'`]?[ \t]{0,4}[+,.\\)]?[ \t]{0,4}\r?$/;

interface Line {
  readonly start: number;
  readonly text: string;
}

/** A place in the text and the line it is in. */
interface Place {
  readonly line: number;
  readonly at: number;
}

/** The bodies of private keys, without the markers, so that a reader still sees what stands there. */
export function findPrivateKeys(text: string): readonly Span[] {
  const lines = linesOf(text);
  return [...blocks(text, lines), ...looseEnds(lines)];
}

function linesOf(text: string): readonly Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const each = { start, text: line };
    start += line.length + 1;
    return each;
  });
}

function blocks(text: string, lines: readonly Line[]): readonly Span[] {
  const found: Span[] = [];
  /** The open block's body begins here. */
  let open: Place | undefined;
  let last: Place = { line: 0, at: 0 };
  for (const { 0: mark, 1: isEnd, index: at } of text.matchAll(marker)) {
    let { line } = last;
    while (line + 1 < lines.length && (lines[line + 1] as Line).start <= at) line += 1;
    if (isEnd === undefined) found.push(...(open === undefined ? [] : after(lines, open)));
    else found.push(...(open === undefined ? before(lines, { line, at }, last) : body(text, open.at, at)));
    last = { line, at: at + mark.length };
    open = isEnd === undefined ? last : undefined;
  }
  return open === undefined ? found : [...found, ...after(lines, open)];
}

/** A whole block. Where nothing between the markers is key material, it is code that puts a block together. */
function body(text: string, from: number, to: number): readonly Span[] {
  const between = text.slice(from, to);
  if (!material.test(between.replace(/\s/g, ' '))) return [];
  const lead = /^(?:\s|\\[rn]|["'`+,]){0,200}/.exec(between)?.[0].length ?? 0;
  const trail = /(?:\s|\\[rn]|["'`+,])$/;
  let end = to;
  while (end > from + lead && (trail.test(text.slice(from, end).slice(-2)) || /\s/.test(text.charAt(end - 1))))
    end -= 1;
  return end > from + lead ? [{ start: from + lead, end, rule: 'privateKey' }] : [];
}

/** A block whose end is not there. */
function after(lines: readonly Line[], { line, at }: Place): readonly Span[] {
  const first = lines[line] as Line;
  const tail = first.text.slice(at - first.start);
  const length = /^(?:\\[rn]|[A-Za-z0-9+/=]){0,8000}/.exec(tail)?.[0].length ?? 0;
  let next = line + 1;
  if (/^["'`]?[ \t]{0,4}[+,\\]?[ \t]{0,4}\r?$/.test(tail.slice(length, length + 20))) {
    while (next < lines.length && quotedLine.test(lines[next]?.text ?? '')) next += 1;
  }
  return trimmed([{ start: at, text: tail.slice(0, length) }, ...lines.slice(line + 1, next)]);
}

/** A block whose beginning is not there; up to `done` everything was looked at. */
function before(lines: readonly Line[], { line, at }: Place, done: Place): readonly Span[] {
  const last = lines[line] as Line;
  const head = last.text.slice(0, at - last.start);
  let from = head.length;
  while (from > 0 && last.start + from > done.at && /[A-Za-z0-9+/=\\]/.test(head.charAt(from - 1))) from -= 1;
  let first = line;
  while (first > 0 && (lines[first - 1] as Line).start >= done.at && quotedLine.test(lines[first - 1]?.text ?? '')) {
    first -= 1;
  }
  return trimmed([...lines.slice(first, line), { start: last.start + from, text: head.slice(from) }]);
}

/** From the first line with key material to the last; nothing where there is none. */
function trimmed(lines: readonly Line[]): readonly Span[] {
  const filled = lines.filter(({ text }) => /[A-Za-z0-9+/]{8}/.test(text));
  const [first, last] = [filled[0], filled.at(-1)];
  const isKey = filled.some(({ text }) => /[A-Za-z0-9+/=]{16}/.test(text));
  if (first === undefined || last === undefined || !isKey) return [];
  return [{ start: first.start, end: last.start + last.text.length, rule: 'privateKey' }];
}

/** Lines of base64 that a text begins or ends with: of a block whose markers are both beyond the window. */
function looseEnds(lines: readonly Line[]): readonly Span[] {
  const isWhole = ({ text }: Line): boolean => wholeLine.test(text);
  const filled = lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
  const first = filled.findIndex((line) => !isWhole(line));
  const top = first < 0 ? filled.length : first + (isLastOfBlock(filled[first]) ? 1 : 0);
  const before = isLastOfBlock(filled.at(-1)) ? filled.length - 1 : filled.length;
  const bottom = filled.findLastIndex((line, index) => index < before && !isWhole(line)) + 1;
  return [filled.slice(0, top), filled.slice(Math.max(bottom, top))].flatMap((run) => {
    const [start, end] = [run[0], run.at(-1)];
    if (run.filter(isWhole).length < 2 || start === undefined || end === undefined) return [];
    return [{ start: start.start, end: end.start + end.text.length, rule: 'privateKey' }];
  });
}

/** The last line of a block is as long as it happens to be. */
function isLastOfBlock(line: Line | undefined): boolean {
  return line !== undefined && /^[ \t]{0,40}[A-Za-z0-9+/]{1,128}={0,2}[ \t]{0,8}\r?$/.test(line.text);
}

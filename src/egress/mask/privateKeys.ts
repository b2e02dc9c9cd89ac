/**
 * Private keys: whole blocks between their markers, in files and in code, and blocks of which only a part is in the
 * text because a window around the cursor cut the rest off. Goes over the lines once.
 */
import type { Span } from './span.ts';

const opening =
  /-{4,5} ?BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)? ?-{4,5}|^(?:Private-Lines|Private-MAC): ?[0-9]{1,3}[ \t]{0,4}\r?$/;
const closing = /-{4,5} ?END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)? ?-{4,5}/;
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
  if (!text.includes('PRIVATE KEY') && !text.includes('Private-Lines')) return [];
  const found: Span[] = [];
  /** Where the open block's body begins: its line, and the place in the text. */
  let open: { readonly line: number; readonly at: number } | undefined;
  /** Up to here everything was looked at. */
  let done = 0;
  lines.forEach((line, index) => {
    for (let rest = 0; ;) {
      const begins = opening.exec(line.text.slice(rest));
      const ends = closing.exec(line.text.slice(rest));
      const next = ends !== null && (begins === null || ends.index < begins.index) ? ends : begins;
      if (next === null) return;
      const at = line.start + rest + next.index;
      if (next === ends)
        found.push(...(open === undefined ? before(lines, index, { at, done }) : body(text, open.at, at)));
      else if (open !== undefined) found.push(...after(lines, open));
      rest += next.index + next[0].length;
      done = line.start + rest;
      open = next === begins ? { line: index, at: done } : undefined;
    }
  });
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
function after(lines: readonly Line[], { line, at }: { readonly line: number; readonly at: number }): readonly Span[] {
  const first = lines[line] as Line;
  const tail = first.text.slice(at - first.start);
  let end = /^(?:\\[rn]|[A-Za-z0-9+/=]){0,8000}/.exec(tail)?.[0].length ?? 0;
  const isWholeTail = /^["'`]?[ \t]{0,4}[+,\\]?[ \t]{0,4}\r?$/.test(tail.slice(end));
  end += at;
  for (let index = line + 1; isWholeTail && index < lines.length; index += 1) {
    const { start, text } = lines[index] as Line;
    if (!quotedLine.test(text)) break;
    end = start + text.length;
  }
  return trimmed(lines, at, end);
}

/** A block whose beginning is not there. */
function before(lines: readonly Line[], index: number, { at, done }: { at: number; done: number }): readonly Span[] {
  const last = lines[index] as Line;
  let start =
    at -
    (/[A-Za-z0-9+/=\\rn]{0,8000}$/.exec(last.text.slice(Math.max(0, at - last.start - 8000), at - last.start))?.[0]
      .length ?? 0);
  for (let line = index - 1; line >= 0; line -= 1) {
    const each = lines[line] as Line;
    if (each.start < done || !quotedLine.test(each.text)) break;
    start = each.start;
  }
  return trimmed(lines, start, at);
}

/** Only where key material is in it. */
function trimmed(lines: readonly Line[], from: number, to: number): readonly Span[] {
  const inside = lines
    .filter(({ start, text }) => start + text.length > from && start < to)
    .map(({ start, text }) => ({
      text: text.slice(Math.max(0, from - start), to - start),
      start: Math.max(start, from),
    }))
    .filter(({ text }) => /[A-Za-z0-9+/]{8}/.test(text));
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined || !inside.some(({ text }) => /[A-Za-z0-9+/=]{16}/.test(text)))
    return [];
  return [{ start: first.start, end: last.start + last.text.length, rule: 'privateKey' }];
}

/** Lines of base64 that a text begins or ends with: of a block whose markers are both beyond the window. */
function looseEnds(lines: readonly Line[]): readonly Span[] {
  let top = 0;
  while (top < lines.length && wholeLine.test(lines[top]?.text ?? '')) top += 1;
  let bottom = lines.length;
  const isOpenLine = lines.at(-1)?.text === '' ? 1 : 0;
  bottom -= isOpenLine;
  while (bottom > top && wholeLine.test(lines[bottom - 1]?.text ?? '')) bottom -= 1;
  const runs = [lines.slice(0, top), lines.slice(bottom, lines.length - isOpenLine)];
  return runs.flatMap((run) => {
    const [first, last] = [run[0], run.at(-1)];
    if (run.length < 3 || first === undefined || last === undefined) return [];
    return [{ start: first.start, end: last.start + last.text.length, rule: 'privateKey' }];
  });
}

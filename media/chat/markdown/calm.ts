/**
 * Half a Markdown text, closed as its end will most likely close it, so that what is drawn while it comes does not jump:
 * no star that turns into bold, no bracket that turns into a link, no row of dashes that turns a line into a heading.
 */

/** Beyond this many characters without a blank line nothing is guessed. */
const longestRun = 20_000;

/**
 * The text with its end made calm: a marker with nothing behind it yet is left out, what is open is closed. Only what
 * is still coming must pass through here.
 */
export function calmed(text: string): string {
  const fence = openFence(text);
  if (fence !== undefined) return withoutHalfFence(text, fence);
  const shown = withoutBareMarker(text);
  const start = startOfRun(shown);
  if (shown.length - start > longestRun) return shown;
  const table = withDelimiterRow(shown);
  // Closing may leave nothing behind a marker: an item that begins with a star is a rule under a line until a word comes.
  return table ?? withoutBareMarker(shown.slice(0, start) + closed(shown.slice(start)));
}

interface Fence {
  readonly marker: string;
  /** Where the line behind the opening fence starts; `undefined`: that line is not complete. */
  readonly bodyStart: number | undefined;
  /** Where the opening line starts. */
  readonly start: number;
}

/** The fence that is open at the end of the text. */
function openFence(text: string): Fence | undefined {
  let open: Fence | undefined;
  let at = 0;
  for (const line of text.split('\n')) {
    const [, marker = '', info = ''] = /^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    const next = at + line.length + 1;
    if (open === undefined) {
      const isOpening = marker !== '' && !(marker.startsWith('`') && info.includes('`'));
      if (isOpening) open = { marker, start: at, bodyStart: next <= text.length ? next : undefined };
    } else if (marker.startsWith(open.marker) && info.trim() === '') open = undefined;
    at = next;
  }
  return open;
}

/** Without a last line that may become the closing fence, or the words behind an opening one that are not complete. */
function withoutHalfFence(text: string, { marker, start, bodyStart }: Fence): string {
  if (bodyStart === undefined) return text.slice(0, text.indexOf(marker, start) + marker.length);
  const lastLine = text.lastIndexOf('\n') + 1;
  const isHalf = lastLine >= bodyStart && /^\s*(?:`+|~+)$/.test(text.slice(lastLine));
  return isHalf ? text.slice(0, lastLine) : text;
}

/** Without a last line that is nothing but a marker: of a list, a heading, a quotation, a rule, a fence. */
function withoutBareMarker(text: string): string {
  const lastLine = text.lastIndexOf('\n') + 1;
  // With white space at both ends of what is looked for, a long line of spaces would hold up the page.
  const line = text.slice(lastLine).trimEnd();
  const isBare =
    /^[\s>]*(?:-+|=+|[*_+]{1,3}|\d{1,9}[.)]?|#{1,6}|`{1,2}|~{1,2}|\|)?$/.test(line) ||
    /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]?\]?|`{1,2})$/.test(line);
  return isBare ? text.slice(0, lastLine) : text;
}

/** A table's first row is drawn as one before the row of dashes came, or `undefined` where it is none. */
function withDelimiterRow(text: string): string | undefined {
  const start = text.lastIndexOf('\n\n') + 1;
  const paragraph = text.slice(start).replace(/^\n+/, '');
  const [header = '', ...rest] = paragraph.split('\n');
  const isHeader = /^ {0,3}\|\s*[^\s|]/.test(header) && rest.length <= 1 && /^[|:\-\s]*$/.test(rest[0] ?? '');
  if (!isHeader) return undefined;
  const row = `${header.trimEnd().replace(/(?<!\\)\|$/, '')}|`;
  const cells = row.split(/(?<!\\)\|/).length - 2;
  return `${text.slice(0, text.length - paragraph.length)}${row}\n|${' --- |'.repeat(cells)}\n`;
}

/** Where the last paragraph, item, row or heading starts: what is open does not reach further back. */
function startOfRun(text: string): number {
  const lines = /(?:^|\n)(?:[^\S\n]*\n|[^\S\n]*(?:[>|]|(?:[-*+]|\d{1,9}[.)]|#{1,6})[^\S\n]))/g;
  let start = 0;
  for (const match of text.matchAll(lines)) start = match.index + match[0].length;
  return start;
}

/** The run with code, links and emphasis that are open at its end closed. */
function closed(run: string): string {
  const open: string[] = [];
  let out = '';
  for (let at = 0; at < run.length;) {
    const { taken, shown } = step(run, at, open);
    out += shown;
    at += taken;
  }
  const ends = open.reverse().join('');
  return ends === '' ? out : out.trimEnd() + ends;
}

/** One character or marker: how many characters it is, and what stands for them. Changes what is open. */
function step(run: string, at: number, open: string[]): { readonly taken: number; readonly shown: string } {
  const character = run[at] ?? '';
  if (character === '\\') return asIs(run.slice(at, at + 2));
  if (character === '`') return code(run, at, open);
  if (character === '[' || (character === '!' && run[at + 1] === '[')) return link(run, at);
  if ('*_~'.includes(character)) return emphasis(run, at, open);
  return asIs(character);
}

function asIs(text: string): { readonly taken: number; readonly shown: string } {
  return { taken: text.length, shown: text };
}

function code(run: string, at: number, open: string[]): { readonly taken: number; readonly shown: string } {
  const ticks = /^`+/.exec(run.slice(at))?.[0] ?? '`';
  const end = new RegExp(`(?<!\`)${ticks}(?!\`)`).exec(run.slice(at + ticks.length));
  if (end !== null) return asIs(run.slice(at, at + ticks.length + end.index + ticks.length));
  const rest = run.slice(at + ticks.length);
  if (rest === '') return { taken: ticks.length, shown: '' };
  // Half of its closing ticks may be there already.
  const text = rest.replace(/`+$/, '');
  open.push(ticks);
  return { taken: ticks.length + rest.length, shown: ticks + (text === '' ? ' ' : text) };
}

/** A link or image that has not ended yet is its words alone. */
function link(run: string, at: number): { readonly taken: number; readonly shown: string } {
  const rest = run.slice(at);
  const mark = rest.startsWith('!') ? '![' : '[';
  const isBeforeWord = !/[\w)\]]$/.test(run.slice(Math.max(0, at - 1), at));
  const label = /^!?\[([^\][\n]*)(?:\](?:\([^)\n]*)?)?$/.exec(rest);
  if (label === null || (!isBeforeWord && !rest.includes(']('))) return asIs(mark);
  return { taken: rest.length, shown: label[1] ?? '' };
}

function emphasis(run: string, at: number, open: string[]): { readonly taken: number; readonly shown: string } {
  const character = run[at] ?? '';
  const marker = /^(?:\*+|_+|~+)/.exec(run.slice(at))?.[0] ?? character;
  const before = run[at - 1] ?? ' ';
  const after = run[at + marker.length];
  const top = open.at(-1);
  const mayClose = !/\s/.test(before) && top?.startsWith(character) === true;
  if (mayClose && (marker === top || after === undefined)) {
    // Half of the closing marker: the whole of it is put behind.
    if (marker === top) open.pop();
    return { taken: marker.length, shown: marker === top ? marker : '' };
  }
  if (after === undefined) return { taken: marker.length, shown: /\s/.test(before) || top === undefined ? '' : marker };
  const isOpening = !/\s/.test(after) && !/\w/.test(before) && marker.length <= 3 && marker !== '~';
  if (isOpening) open.push(marker);
  return asIs(marker);
}

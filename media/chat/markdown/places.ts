/** File names with a line, as they stand in text: `src/gate.ts:12`, `C:\x\gate.ts:12:5`. */
import type { Place } from './piece.ts';

/** A part of a text, and the place it names if it names one. */
export interface TextPart {
  readonly text: string;
  readonly place?: Place;
}

const lineBehind = /:(\d{1,7})(?::(\d{1,5}))?(?![\w:])/g;
const pathBefore = /(?:(?<!\w)[A-Za-z]:(?=[\\/]))?[\p{L}\p{N}_@.~+\-/\\[\]()]+$/u;
const fileName = /(?:^|[\\/])[^\\/]*[^\\/.]\.[A-Za-z]\w{0,11}$/;
/** What would be taken for a file if it were not so often the name of a host. */
const host = /^[^\\/]+\.(?:com|org|net|io|dev|ai|local|localhost)$/i;
const longestPath = 260;

/** The text cut before and behind every place in it; joined, the parts are the text. */
export function splitAtPlaces(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const match of text.matchAll(lineBehind)) {
    const before = text.slice(Math.max(done, match.index - longestPath), match.index);
    const path = pathIn(before);
    if (path === undefined) continue;
    const start = match.index - path.length;
    const end = match.index + match[0].length;
    if (start > done) parts.push({ text: text.slice(done, start) });
    const place = { path, line: Number(match[1]), column: match[2] === undefined ? undefined : Number(match[2]) };
    parts.push({ text: text.slice(start, end), place });
    done = end;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** The place a link without a scheme leads to: `src/gate.ts#L12`. `undefined`: it is an address, or none. */
export function placeOfLink(href: string): Place | undefined {
  const match = /^(?![\w.+-]+:|[\\/]{2}|#)([^?#\p{Cc}]{1,1000}?)(?:#L(\d{1,7})(?:-L?\d+)?|:(\d{1,7}))?$/u.exec(href);
  const path = match?.[1];
  if (path === undefined) return undefined;
  const line = match?.[2] ?? match?.[3];
  return { path: decoded(path), line: line === undefined ? undefined : Number(line), column: undefined };
}

function pathIn(before: string): string | undefined {
  const run = pathBefore.exec(before)?.[0];
  if (run === undefined) return undefined;
  // A bracket or full stop before a name belongs to the sentence, unless it closes within the name.
  const path = run.replace(/^[([\])]+(?![^()[\]]*[\])])/, '');
  const isAddress = path.startsWith('//') || before.slice(0, -path.length).endsWith(':');
  return isAddress || !fileName.test(path) || host.test(path) ? undefined : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a lone % belongs to the name
  }
}

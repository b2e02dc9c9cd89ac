/** A conversation's turns are looked through here for words. */
import type { SearchHit } from './protocol.ts';
import { marksIn, type Mark } from './text.ts';
import type { Turn } from './tree.ts';

/** What is looked through. */
export interface Searched {
  readonly threadId: string;
  readonly title: string;
  /** `undefined`: it is of this window's workspace, or nobody knows. */
  readonly workspaceName?: string | undefined;
  /** Oldest first. */
  readonly turns: readonly Turn[];
}

/** How much is shown around the first hit, characters. */
const before = 40;
const snippetChars = 160;
const mostMarks = 20;

/**
 * The turns that have all the words, the newest first; where only the title and the workspace have them, the first turn.
 */
export function hitsIn(
  { threadId, title, workspaceName, turns }: Searched,
  words: readonly string[],
): readonly SearchHit[] {
  const hits = turns.toReversed().flatMap((turn): SearchHit[] => {
    // What went with a question was never written by anybody here: it would bury what was said.
    const found = foundIn(`${turn.question.text}\n${turn.text}`, words);
    return found === undefined ? [] : [{ threadId, turnId: turn.id, title, atMs: turn.atMs, ...found }];
  });
  const [first] = turns;
  const heading = workspaceName === undefined ? title : `${title}\n${workspaceName}`;
  const inTitle = hits.length === 0 && first !== undefined ? foundIn(heading, words) : undefined;
  if (first === undefined || inTitle === undefined) return hits;
  return [{ threadId, turnId: first.id, title, atMs: first.atMs, ...inTitle }];
}

function foundIn(text: string, words: readonly string[]): Pick<SearchHit, 'snippet' | 'marks'> | undefined {
  const marks = marksIn(text, words, mostMarks);
  const [firstMark] = marks ?? [];
  if (marks === undefined || firstMark === undefined) return undefined;
  const start = wholeFrom(text, Math.max(0, firstMark[0] - before));
  const end = wholeFrom(text, Math.min(text.length, start + snippetChars));
  const inside = marks.filter(([from, to]) => from >= start && to <= end);
  const [lead, tail] = [start > 0 ? '…' : '', end < text.length ? '…' : ''];
  const moved = inside.map(([from, to]): Mark => [from - start + lead.length, to - start + lead.length]);
  // One for one, so that the marks stay where they are.
  const line = text.slice(start, end).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  return { snippet: `${lead}${line}${tail}`, marks: moved };
}

/** Not inside a surrogate pair. */
function wholeFrom(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') && at > 0 ? at - 1 : at;
}

/** Lines before and lines after pass through here and become hunks, each to be accepted or rejected by itself. Pure. */
import { diffArrays } from 'diff';

/** One run of lines that changes. */
export interface Hunk {
  /** Index of the first old line it replaces; where it only adds, of the old line it stands before. */
  readonly oldStart: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

/** What the user said of a hunk. */
export type Decision = 'open' | 'accepted' | 'rejected';

/** One line of the two texts laid over each other. */
export interface Row {
  readonly kind: 'kept' | 'removed' | 'added';
  readonly text: string;
  /** Index of the hunk it is of, decided ones included; `undefined`: it is of none. */
  readonly hunk: number | undefined;
}

/** Two texts that differ in more lines than this are one hunk: finding what they share would take seconds. */
const mostChangedLines = 1_500;

/**
 * What changes from the old lines to the new ones, from top to bottom.
 * @param isWhole whether all new lines are there. Where they are still coming, old lines behind the last new one are not
 *   taken for removed.
 */
export function hunksOf(oldLines: readonly string[], newLines: readonly string[], isWhole = true): Hunk[] {
  const changes = diffArrays([...oldLines], [...newLines], { maxEditLength: mostChangedLines });
  const hunks = changes === undefined ? [{ oldStart: 0, oldLines, newLines }] : joined(changes);
  return isWhole ? hunks : withoutRest(hunks, oldLines.length);
}

/** How many lines two texts share, in order. */
export function sharedLines(some: readonly string[], others: readonly string[]): number {
  const hunks = hunksOf(some, others);
  return some.length - hunks.reduce((sum, { oldLines }) => sum + oldLines.length, 0);
}

/** The texts laid over each other: of an open hunk both, of an accepted one the new lines, else the old ones. */
export function rowsOf(oldLines: readonly string[], hunks: readonly Hunk[], decisions: readonly Decision[]): Row[] {
  const rows: Row[] = [];
  let next = 0;
  for (const [index, hunk] of hunks.entries()) {
    const decision = decisions[index] ?? 'open';
    rows.push(...oldLines.slice(next, hunk.oldStart).map((text) => ({ kind: 'kept', text, hunk: undefined }) as const));
    const removed = decision === 'accepted' ? [] : hunk.oldLines;
    const added = decision === 'rejected' ? [] : hunk.newLines;
    const isOpen = decision === 'open';
    rows.push(...removed.map((text) => ({ kind: isOpen ? 'removed' : 'kept', text, hunk: index }) as const));
    rows.push(...added.map((text) => ({ kind: isOpen ? 'added' : 'kept', text, hunk: index }) as const));
    next = hunk.oldStart + hunk.oldLines.length;
  }
  rows.push(...oldLines.slice(next).map((text) => ({ kind: 'kept', text, hunk: undefined }) as const));
  return rows;
}

/** Removed and added lines that touch are one hunk. */
function joined(changes: ReturnType<typeof diffArrays<string>>): Hunk[] {
  const hunks: Hunk[] = [];
  let oldLine = 0;
  let isOpen = false;
  for (const { added, removed, value } of changes) {
    const last = hunks.at(-1);
    if (!added && !removed) isOpen = false;
    else if (isOpen && last !== undefined) {
      const { oldStart } = last;
      const oldLines = removed ? [...last.oldLines, ...value] : last.oldLines;
      const newLines = added ? [...last.newLines, ...value] : last.newLines;
      hunks[hunks.length - 1] = { oldStart, oldLines, newLines };
    } else {
      hunks.push({ oldStart: oldLine, oldLines: removed ? value : [], newLines: added ? value : [] });
      isOpen = true;
    }
    if (!added) oldLine += value.length;
  }
  return hunks;
}

/** While lines are coming, each new one at the end takes the place of one old line; the rest is not reached yet. */
function withoutRest(hunks: readonly Hunk[], oldCount: number): Hunk[] {
  const last = hunks.at(-1);
  if (last === undefined || last.oldStart + last.oldLines.length < oldCount) return [...hunks];
  const { oldStart, oldLines, newLines } = last;
  const others = hunks.slice(0, -1);
  return newLines.length === 0
    ? others
    : [...others, { oldStart, oldLines: oldLines.slice(0, newLines.length), newLines }];
}

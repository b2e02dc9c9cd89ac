/** "Was this ledger changed afterwards?" is answered here, from the chain's files alone and from a hash kept elsewhere. */
import { join } from 'node:path';
import { linesOf, type Line } from '../base/files.ts';
import { atOnce } from '../base/turns.ts';
import { firstHead, hashOf, recordOf, segmentFile, segmentsIn, type Note } from './chain.ts';

/** A line that does not follow from the one before. */
export interface Break {
  /** Name of the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /**
   * `damaged`: it is no line of ours. `notFollowing`: the line before was changed, removed or put in. `missing`: files
   * before this one are gone, and no line says why. `afterTorn`: a part of a line stands before the end of a file.
   */
  readonly what: 'damaged' | 'notFollowing' | 'missing' | 'afterTorn';
}

/** Where a line is. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What a chain is worth. */
export interface Verification {
  /** Every line that is there follows from the one before, and what is gone is accounted for in the chain itself. */
  readonly isWhole: boolean;
  readonly lines: number;
  readonly breaks: readonly Break[];
  /** What the chain says happened to itself: dropped parts of lines, removed files, a deletion. */
  readonly notes: readonly (Note & { readonly place: Place })[];
  /** SHA-256 of the last line; kept elsewhere, it shows later whether something was cut off or all of it rewritten. */
  readonly head: string;
  /** Bytes of a line that somebody is writing now, or died writing; the next who writes drops them. */
  readonly tornBytes: number;
  /**
   * With a hash that was kept elsewhere: the line that has it (everything up to there is as it was then); `missing`: no
   * line has it, so the chain was cut or rewritten since; `removed`: no line has it, but files were removed by their age
   * or by the user since the chain began, and it may have been in one of these.
   */
  readonly kept: Place | 'missing' | 'removed' | undefined;
  /** What nobody can see from these files alone, as sentences for people. */
  readonly unseen: readonly string[];
}

/** After so many lines somebody else may have a turn. */
const linesPerStep = 100;
/** Breaks that are named; the rest of a broken chain tells nothing more. */
const mostBreaks = 100;

/**
 * Checks the chain in a ledger's folder, line by line. Reads only; others may write meanwhile. Throws what the file
 * system throws.
 * @param keptHead a head's hash that was noted down earlier, outside of the ledger.
 */
export function verifyChain(folder: string, keptHead?: string): Verification {
  return atOnce(verifying(folder, keptHead));
}

/** The same step by step; each tells how many lines were checked so far. */
export function* verifying(folder: string, keptHead?: string): Generator<number, Verification, void> {
  const seen = yield* walk(folder, keptHead?.trim().toLowerCase());
  const { lines, notes, head, tornBytes } = seen;
  const breaks = seen.breaks.filter(({ what, prev }) => what !== 'missing' || !isExplained(prev, notes));
  const kept = keptHead === undefined ? undefined : (seen.kept ?? (notes.some(hasGap) ? 'removed' : 'missing'));
  const isWhole = breaks.length === 0 && kept !== 'missing';
  const named = breaks.slice(0, mostBreaks).map(({ file, line, what }) => ({ file, line, what }));
  return { isWhole, lines, breaks: named, notes, head, tornBytes, kept, unseen: unseenBy(kept) };
}

/** The last line's hash and place, to be kept elsewhere; `undefined` where there is no chain. */
export function headHash(folder: string): { readonly head: string; readonly place: Place } | undefined {
  for (const segment of segmentsIn(folder).reverse()) {
    const file = segmentFile('', segment);
    let line = 0;
    let last: Line | undefined;
    for (const each of linesOf(join(folder, file))) {
      if (!each.isWhole) break;
      last = each;
      line += 1;
    }
    if (last !== undefined) return { head: hashOf(last.bytes), place: { file, line } };
  }
  return undefined;
}

interface Seen {
  readonly breaks: (Break & { readonly prev: string | undefined })[];
  readonly notes: (Note & { readonly place: Place })[];
  lines: number;
  head: string;
  tornBytes: number;
  kept: Place | undefined;
}

function* walk(folder: string, wanted: string | undefined): Generator<number, Seen, void> {
  const seen: Seen = { breaks: [], notes: [], lines: 0, head: firstHead, tornBytes: 0, kept: undefined };
  let before: number | undefined;
  for (const segment of segmentsIn(folder)) {
    yield* walkFile(
      seen,
      { folder, file: segmentFile('', segment), isAfterGap: segment !== (before ?? 0) + 1 },
      wanted,
    );
    before = segment;
  }
  return seen;
}

interface File {
  readonly folder: string;
  readonly file: string;
  /** The file before it in the row is not there. */
  readonly isAfterGap: boolean;
}

function* walkFile(
  seen: Seen,
  { folder, file, isAfterGap }: File,
  wanted: string | undefined,
): Generator<number, void, void> {
  let line = 0;
  for (const { bytes, isWhole } of linesOf(join(folder, file))) {
    line += 1;
    const place = { file, line };
    if (seen.tornBytes > 0) seen.breaks.push({ ...place, what: 'afterTorn', prev: undefined });
    seen.tornBytes = isWhole ? 0 : bytes.length;
    if (!isWhole) return;
    const record = recordOf(bytes);
    const prev = record?.prev;
    const wrong = isAfterGap && line === 1 ? 'missing' : 'notFollowing';
    if (record === undefined) seen.breaks.push({ ...place, what: 'damaged', prev });
    else if (prev !== seen.head) seen.breaks.push({ ...place, what: wrong, prev });
    if (record?.kind === 'note') seen.notes.push({ ...record, place });
    seen.lines += 1;
    seen.head = hashOf(bytes);
    if (seen.head === wanted) seen.kept = place;
    if (line % linesPerStep === 0) yield seen.lines;
  }
}

/** Whether a line says that what ended with this hash was removed. */
function isExplained(lastHash: string | undefined, notes: readonly Note[]): boolean {
  return notes.some((note) => hasGap(note) && note.lastHash === lastHash);
}

function hasGap(note: Note): note is Extract<Note, { readonly lastHash: string }> {
  return note.note === 'removed' || note.note === 'deleted';
}

function unseenBy(kept: Verification['kept']): readonly string[] {
  if (typeof kept === 'object') {
    return ['Lines that came after the kept hash was noted down may have been cut off the end, or rewritten together.'];
  }
  return [
    'Lines may have been cut off the end.',
    'All of it may have been written anew, every hash included. Keep the head hash elsewhere to see either next time.',
  ];
}

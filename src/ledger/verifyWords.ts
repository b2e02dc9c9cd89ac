/** What a verification found is said in words for people here. Pure. */
import type { Break, Verification } from './verify.ts';
import { byteWords, numberOf, timeWords } from './words.ts';

/** A verification in words. */
export interface VerifyWords {
  readonly isBad: boolean;
  readonly title: string;
  /** Sentences, one a line. */
  readonly detail: string;
}

/** More breaks than these tell nothing more. */
const mostNamed = 8;

export function verifyWords(found: Verification): VerifyWords {
  const { isWhole, lines, breaks, kept, head } = found;
  if (lines === 0) {
    return { isBad: breaks.length > 0, title: 'There is nothing to verify.', detail: nothingYet };
  }
  const whole = `The ledger is whole: ${numberOf(lines, 'line follows', 'lines follow')} from one another.`;
  const title = isWhole ? whole : brokenTitle(found);
  const named = breaks.slice(0, mostNamed).map(breakWords);
  const more = breaks.length > mostNamed ? [`… and ${breaks.length - mostNamed} more.`] : [];
  const paragraphs = [
    [...named, ...more],
    keptWords(kept),
    noteWords(found),
    found.tornBytes > 0 ? [`${byteWords(found.tornBytes)} of a line are being written, or its writer died.`] : [],
    ['What these files alone cannot show:', ...found.unseen.map((sentence) => `• ${sentence}`)],
    [`Head hash, to be kept outside of the ledger:`, head],
  ];
  const detail = paragraphs.filter((paragraph) => paragraph.length > 0).map((paragraph) => paragraph.join('\n'));
  return { isBad: !isWhole, title, detail: detail.join('\n\n') };
}

const nothingYet =
  'Only what left for somebody who may pass it on or lies elsewhere is chained. Nothing has yet; what the engine here answered is written down without a chain.';

function brokenTitle({ breaks, kept }: Verification): string {
  if (breaks.length === 0 && kept === 'missing') return 'The ledger does not have the line with the kept hash.';
  return `The ledger is broken at ${numberOf(breaks.length, 'place')}.`;
}

function breakWords({ file, line, what }: Break): string {
  return `${file}, line ${line}: ${breakNames[what]}`;
}

const breakNames: Readonly<Record<Break['what'], string>> = {
  damaged: 'it is no line of the ledger.',
  notFollowing: 'it does not follow from the line before: that was changed, removed or put in.',
  missing: 'files before this one are gone, and no line says why.',
  afterTorn: 'a part of a line stands before it.',
};

function keptWords(kept: Verification['kept']): readonly string[] {
  if (kept === undefined) return [];
  if (kept === 'missing')
    return ['No line has the kept hash: the ledger was cut or rewritten since it was noted down.'];
  if (kept === 'removed') {
    return ['No line has the kept hash. It may have been in a part that was removed by its age or deleted by you.'];
  }
  return [`The kept hash is in ${kept.file}, line ${kept.line}: everything up to there is as it was then.`];
}

/** What the chain says happened to itself. */
function noteWords({ notes }: Verification): readonly string[] {
  return notes.flatMap((note) => {
    switch (note.note) {
      case 'begun':
        return [];
      case 'healed':
        return [`${timeWords(note.atMs)}: ${byteWords(note.droppedBytes)} of a cut line were dropped.`];
      case 'removed':
        return [
          `${timeWords(note.atMs)}: ${note.file} (${numberOf(note.lines, 'line')}) was removed because of its age.`,
        ];
      case 'deleted':
        return [`${timeWords(note.atMs)}: everything before was deleted.`];
    }
  });
}

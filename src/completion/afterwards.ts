/**
 * What becomes of a suggestion once it was offered passes through here: whether it was taken, and what was left of it
 * some minutes later. Texts stay in memory; what is told are counts.
 *
 * The editor tells when all of a suggestion was taken, and nothing when a word or a line of it was. That is read from
 * the document: an insertion at the cursor, of a beginning of what was offered there, that nobody types in one go.
 */
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/store.ts';
import { keptLines, lineCount, spanAfter, type Edit, type Span } from './kept.ts';
import type { Origin } from './suggest.ts';

/** A suggestion as the editor was given it. Offsets and line breaks are the document's own. */
export interface Offer {
  readonly origin: Origin;
  readonly uri: string;
  readonly language: string;
  /** Where its text goes. */
  readonly offset: number;
  readonly text: string;
}

/** What happened to a suggestion. `atMs`: ms since 1970; `id`: one for each suggestion, however often it is offered. */
export type Afterward =
  | {
      readonly kind: 'offered';
      readonly atMs: number;
      readonly modelId: string;
      readonly language: string;
      readonly count: number;
    }
  | {
      readonly kind: 'accepted';
      readonly atMs: number;
      readonly id: string;
      readonly requestId: string;
      readonly modelId: string;
      readonly language: string;
      /** Told again when more of it is taken. */
      readonly how: 'whole' | 'part';
      readonly lines: number;
      readonly chars: number;
    }
  | {
      readonly kind: 'judged';
      readonly atMs: number;
      readonly id: string;
      readonly when: 'due' | 'closed';
      readonly afterMs: number;
      /** `undefined`: its document was closed with changes that were not saved; nobody knows. */
      readonly keptLines: number | undefined;
    };

export interface AfterwardsNeeds {
  readonly clock: Clock;
  /** What stands there now in a document; `undefined`: it is not open. */
  readonly textIn: (uri: string, span: Span) => string | undefined;
  readonly report: (afterward: Afterward) => void;
}

/** So long after it was taken a suggestion is looked at again, ms. */
export const keptAfterMs = 5 * 60_000;
/** The editor may take one that it was given a few answers ago. */
const mostOffers = 8;
/** What is offered again is counted once; beyond so many in between, twice. */
const mostIds = 1_000;
/** As many are followed; of older ones it is not known what becomes of them. */
const mostTaken = 200;

/** A suggestion with a known request, and where it stands now. */
interface Offered extends Offer {
  readonly id: string;
  readonly requestId: string;
}

interface Taken {
  readonly id: string;
  readonly uri: string;
  readonly span: Span;
  /** As it was when it was taken. */
  readonly text: string;
  readonly chars: number;
  readonly atMs: number;
}

/** Follows the suggestions of one window. */
export class Afterwards implements Disposable {
  private readonly needs: AfterwardsNeeds;
  /** Oldest first. */
  private offers: readonly Offered[] = [];
  private readonly ids = new Set<string>();
  /** Oldest first. */
  private readonly taken = new Map<string, Taken>();
  /** Documents whose text is what was saved last. */
  private readonly saved = new Set<string>();
  private cancelDue: (() => void) | undefined;

  constructor(needs: AfterwardsNeeds) {
    this.needs = needs;
  }

  /** The editor is given a suggestion. Gives what to call it when it is taken; `undefined`: its request is not known. */
  offer(offer: Offer): string | undefined {
    const { origin, language } = offer;
    const { requestId, modelId } = origin;
    if (requestId === undefined) return undefined;
    const id = `${requestId}.${origin.endsAt}`;
    const others = this.offers.filter((each) => each.id !== id);
    this.offers = [...others, { ...offer, id, requestId }].slice(-mostOffers);
    if (this.ids.has(id)) return id;
    keepNewest(this.ids.add(id), mostIds);
    this.needs.report({ kind: 'offered', atMs: this.needs.clock.now(), modelId, language, count: 1 });
    return id;
  }

  /** The editor says that all of it was taken, after it told of the edit. */
  accept(id: string): void {
    const offer = this.offers.find((each) => each.id === id);
    if (offer !== undefined) this.take(offer, offer.text, 'whole');
  }

  /**
   * A document was changed, by edits from its end to its beginning, all in offsets of before.
   * @param isUndo the user went back or forth in the document's history, so nothing is taken.
   */
  edit(uri: string, edits: readonly Edit[], isUndo: boolean): void {
    this.saved.delete(uri);
    for (const edit of edits) this.follow(uri, edit);
    const [newest, only] = [this.offers.at(-1), edits.length === 1 ? edits[0] : undefined];
    const isBeginning = newest?.uri === uri && only !== undefined && begins(newest, only);
    if (isBeginning && !isUndo && isTakenAtOnce(only.text)) this.take(newest, only.text, 'part');
    this.offers = this.offers.map((offer) => (offer.uri === uri ? edits.reduce(offerAfter, offer) : offer));
  }

  noteSaved(uri: string): void {
    if (this.isFollowing(uri)) this.saved.add(uri);
  }

  /** A document is closed; `textIn` as it was then. Unsaved changes are thrown away or kept elsewhere: nobody knows. */
  close(uri: string, textIn: (span: Span) => string): void {
    const isSaved = this.saved.delete(uri);
    for (const each of this.taken.values()) {
      if (each.uri === uri) this.judge(each, 'closed', isSaved ? textIn(each.span) : undefined);
    }
    this.offers = this.offers.filter((offer) => offer.uri !== uri);
  }

  /** Forgets everything that was offered and taken. */
  forget(): void {
    this.cancelDue?.();
    this.cancelDue = undefined;
    this.offers = [];
    for (const all of [this.ids, this.taken, this.saved]) all.clear();
  }

  dispose(): void {
    this.forget();
  }

  private follow(uri: string, edit: Edit): void {
    for (const [id, each] of this.taken) {
      if (each.uri === uri) this.taken.set(id, { ...each, span: spanAfter(each.span, edit) });
    }
  }

  private isFollowing(uri: string): boolean {
    return [...this.taken.values()].some((each) => each.uri === uri);
  }

  private take(
    { id, requestId, origin, uri, language, offset, text }: Offered,
    part: string,
    how: 'whole' | 'part',
  ): void {
    const { clock, textIn, report } = this.needs;
    const atMs = clock.now();
    const before = this.taken.get(id);
    const isMore = before !== undefined && before.span.end <= offset && offset - before.span.end <= text.length;
    const span = { start: isMore ? before.span.start : offset, end: offset + part.length };
    const chars = part.length + (isMore ? before.chars : 0);
    const now = textIn(uri, span);
    // Something else was put there: it counts as taken, and what becomes of it is not known.
    const whole = now?.endsWith(part) === true ? now : undefined;
    report({
      ...{ kind: 'accepted', atMs, id, requestId, modelId: origin.modelId, language, how },
      lines: lineCount(whole ?? part),
      chars,
    });
    this.taken.delete(id);
    if (whole === undefined) return;
    this.saved.delete(uri);
    keepNewest(this.taken.set(id, { id, uri, span, text: whole, chars, atMs }), mostTaken);
    this.waitForDue();
  }

  private waitForDue(): void {
    const [oldest] = this.taken.values();
    if (oldest === undefined || this.cancelDue !== undefined) return;
    const delayMs = Math.max(0, oldest.atMs + keptAfterMs - this.needs.clock.now());
    this.cancelDue = this.needs.clock.schedule(delayMs, () => {
      this.cancelDue = undefined;
      this.judgeDue();
      this.waitForDue();
    });
  }

  private judgeDue(): void {
    const { clock, textIn } = this.needs;
    for (const each of this.taken.values()) {
      if (each.atMs + keptAfterMs <= clock.now()) this.judge(each, 'due', textIn(each.uri, each.span));
    }
  }

  private judge({ id, text, atMs: takenMs }: Taken, when: 'due' | 'closed', now: string | undefined): void {
    const atMs = this.needs.clock.now();
    this.taken.delete(id);
    const kept = now === undefined ? undefined : keptLines(text, now);
    this.needs.report({ kind: 'judged', atMs, id, when, afterMs: Math.max(0, atMs - takenMs), keptLines: kept });
  }
}

/** Whether the edit puts a beginning of what was offered in its place, and not all of it. */
function begins({ offset, text }: Offer, edit: Edit): boolean {
  const isThere = edit.length === 0 && edit.offset === offset && edit.text !== '';
  return isThere && edit.text.length < text.length && text.startsWith(edit.text);
}

/** A key gives one character; brackets, quotes and indentation may come along with it. */
function isTakenAtOnce(text: string): boolean {
  return text.length > 1 && /[\p{L}\p{N}_]/u.test(text);
}

/** The suggestion after an edit: what was typed or taken of it is not offered any more. */
function offerAfter(offer: Offered, edit: Edit): Offered {
  const { offset, text } = offer;
  const typed = edit.text.length;
  if (begins(offer, edit)) return { ...offer, offset: offset + typed, text: text.slice(typed) };
  const isBefore = edit.offset + edit.length <= offset && edit.offset < offset;
  return isBefore ? { ...offer, offset: offset + typed - edit.length } : offer;
}

function keepNewest(all: Set<string> | Map<string, unknown>, most: number): void {
  for (const key of all.keys()) {
    if (all.size <= most) return;
    all.delete(key);
  }
}

/**
 * What we already know passes through here: the one store of suggestions, of what is left of them after typing
 * through, and of what the model wrote past them.
 *
 * An entry is a place and the text the model wrote there. A later place is answered from it when typing leads there
 * from the entry's place through the entry's own text; so typing as suggested, accepting a word or all of it, and going
 * back inside it all are the same look-up.
 */
import { anchorOf, copyOf, trailTo, typedSince, type Anchor, type Place } from './place.ts';
import type { Reason } from './reason.ts';

/** What the model wrote at a place. */
export interface Writing {
  readonly text: string;
  /** Where the suggestion ends in the text, and where the next one after it; ascending. First 0: nothing to show. */
  readonly ends: readonly number[];
  /** Why there is nothing to show at the place itself; `undefined` when there is. */
  readonly reason: Reason | undefined;
  /** The request that made it, as the ledger has it; `undefined`: it was not told. */
  readonly requestId: string | undefined;
}

/** What is known about a place: the rest of a suggestion, or that there is none. */
export type Known =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly requestId: string | undefined;
      /** Where it ends in what the request made: one request may make several suggestions, one after the other. */
      readonly endsAt: number;
    }
  | { readonly kind: 'nothing'; readonly reason: Reason };

interface Entry extends Writing {
  readonly anchor: Anchor;
}

const maxEntries = 200;
/** UTF-16 code units over all entries: 1 MB. */
const maxChars = 500_000;

/** Holds at most 200 entries and 1 MB; the oldest go first. */
export class Recall {
  /** Oldest first. */
  private readonly entries: Entry[] = [];
  private chars = 0;

  /** Keeps what was written at the place; a longer writing there replaces the shorter. */
  keep(place: Place, writing: Writing): void {
    const anchor = anchorOf(place);
    const same = this.entries.findIndex((entry) => isSame(entry.anchor, anchor));
    if (same !== -1) this.drop(same);
    const entry = { anchor, ...writing, text: copyOf(writing.text) };
    this.entries.push(entry);
    this.chars += charsOf(entry);
    while (this.entries.length > maxEntries || this.chars > maxChars) this.drop(0);
  }

  /** What is known about the place, from the newest entry that leads there; `undefined`: nothing. */
  find(place: Place): Known | undefined {
    if (this.entries.length === 0) return undefined;
    const trail = trailTo(place);
    for (let index = this.entries.length - 1; index >= 0; index -= 1) {
      const entry = this.entries[index];
      const typed = entry && typedSince(entry.anchor, trail);
      if (typed === undefined || entry === undefined || !entry.text.startsWith(typed)) continue;
      if (typed === '' && entry.reason !== undefined) return { kind: 'nothing', reason: entry.reason };
      const end = entry.ends.find((each) => each > typed.length);
      const { requestId } = entry;
      if (end !== undefined) return { kind: 'text', text: entry.text.slice(typed.length, end), requestId, endsAt: end };
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.length = 0;
    this.chars = 0;
  }

  private drop(index: number): void {
    for (const entry of this.entries.splice(index, 1)) this.chars -= charsOf(entry);
  }
}

function charsOf({ text, anchor }: Entry): number {
  return text.length + anchor.line.length + anchor.uri.length;
}

function isSame(a: Anchor, b: Anchor): boolean {
  return a.uri === b.uri && a.aboveHash === b.aboveHash && a.line === b.line && a.afterHash === b.afterHash;
}

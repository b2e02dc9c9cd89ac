/**
 * What a model writes passes through here and becomes something worth showing: cut while it streams, tidied after.
 *
 * Both are ordered lists of small pure filters. They only ever shorten, and cutting depends on nothing but the
 * characters so far: however the text is split into chunks, the cut is the same.
 */
import { indentation, isClosing, lineAbove, lineBelow, withoutHalfCharacter, type Place } from './place.ts';
import type { Form } from './pace.ts';
import type { Reason } from './reason.ts';
import { fitted } from './shape/fit.ts';
import { standsBelow, stops, type Outline, type Stopped } from './shape/stops.ts';
import { isOpening } from './trigger.ts';

/** Where the text ends. */
export interface Cut {
  /** How much of the text is kept. */
  readonly length: number;
  /** Why nothing of it is; `undefined` when something may be. */
  readonly reason: Reason | undefined;
  /** Whether what the model writes next is likely to be the next line, and not more of what was cut away. */
  readonly mayReadOn: boolean;
}

/** Text to show: insert `text` at the cursor in place of the `replaced` characters after it. */
export interface Tidied {
  readonly text: string;
  readonly replaced: number;
}

/** What a suggestion at this place may look like. */
export function outlineOf(place: Place, form: Form, maxLines: number): Outline {
  return {
    form,
    maxLines,
    language: place.language,
    line: place.line,
    above: lineAbove(place),
    below: lineBelow(place),
    indentation: indentation(place.line),
    isBlockOpened: isOpening(place.line, place.language),
  };
}

/**
 * Whether what is written here may run over several lines: after a line that opens a block which is not there yet, and
 * on an empty line inside a block. In front of other text it may not; between the brackets of a new block it may, for
 * after Enter.
 */
export function formOf(place: Place): Form {
  if (!isClosing(place.right)) return 'line';
  if (place.line.trim() === '') return place.right.trim() === '' ? 'block' : 'line';
  const isThere = indentation(lineBelow(place)) > indentation(place.line);
  // What follows an opened call, list or arrow is mostly short enough for the line.
  const isBlockOpened = isOpening(place.line, place.language) && !/([([]|=>)\s*$/.test(place.line);
  return isBlockOpened && !isThere ? 'block' : 'line';
}

/** Where to end what has streamed so far; `undefined`: not yet. The same for every longer text once it is said. */
export function cut(text: string, outline: Outline): Cut | undefined {
  let first: Stopped | undefined;
  for (const stop of stops) {
    const found = stop(text, outline);
    if (found === undefined || (first !== undefined && isBefore(first, found))) continue;
    first = found;
  }
  if (first === undefined) return undefined;
  const isBlank = text.slice(0, first.keep).trim() === '';
  const reason = isBlank ? (first.reason ?? 'lineComplete') : undefined;
  return { length: isBlank ? 0 : first.keep, reason, mayReadOn: first.reason === undefined };
}

/** Where to end a text that the model has ended. A block whose last line was cut off loses that line. */
export function cutWhole(text: string, outline: Outline, isCutOff: boolean): Cut {
  const found = cut(text + '\n', outline);
  if (found !== undefined && found.length < text.length) return found;
  const lastLine = text.lastIndexOf('\n');
  const isLineLost = isCutOff && outline.form === 'block' && text.slice(0, Math.max(0, lastLine)).trim() !== '';
  const length = isLineLost ? lastLine : text.length;
  const isBlank = text.slice(0, length).trim() === '';
  return { length: isBlank ? 0 : length, reason: isBlank ? 'empty' : undefined, mayReadOn: false };
}

/** Makes kept text fit the place it is shown at; a reason when nothing is left of it. In front of text it is one line. */
export function tidy(text: string, place: Place): Tidied | Reason {
  const below = standsBelow(text + '\n', outlineOf(place, 'block', Infinity));
  const kept = text.slice(0, below?.keep);
  const line = place.right.trim() === '' ? kept : (kept.split('\n')[0] ?? '');
  const { text: rest, replaced } = fitted(line.trimEnd(), place);
  const shown = withoutHalfCharacter(rest.trimEnd());
  if (shown.trim() !== '') return { text: shown, replaced };
  if (text.trim() === '') return 'empty';
  return kept.trim() !== '' && line.trim() === '' ? 'lineComplete' : 'alreadyThere';
}

function isBefore(a: Stopped, b: Stopped): boolean {
  return a.seen < b.seen || (a.seen === b.seen && a.keep <= b.keep);
}

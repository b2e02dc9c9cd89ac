/**
 * The text around the cursor passes through the room in this form: all that recall, prompt and shape look at.
 *
 * It is cut out of the snapshot once per keystroke; everything after works on a few kilobytes. What a keystroke costs
 * in a file of 20,000 lines more than in one of 20 is the snapshot itself: the edge copies the whole text for it.
 */
import type { Snapshot } from './snapshot.ts';

/** Where the cursor is and what stands around it. */
export interface Place {
  readonly uri: string;
  readonly language: string;
  /** The text right before the cursor's line, up to `aboveChars`; may begin inside a line. */
  readonly above: string;
  /** Offset in the document of the cursor line's first character. */
  readonly lineOffset: number;
  /** The cursor's line, from 1. Absent: not told. */
  readonly lineNumber?: number;
  /** The cursor line's text before the cursor. */
  readonly line: string;
  /** The cursor line's text after the cursor. */
  readonly right: string;
  /** The text after the cursor's line, up to `belowChars`; starts with a line break unless the document ends. */
  readonly below: string;
}

/** Enough for the largest window (400 tokens) with room to walk back along a suggestion. */
const aboveChars = 2400;
const belowChars = 1024;
/** Beyond this on either side of the cursor the line is data, not code. */
const maxLineChars = 1000;
/** As far above and after the cursor as a suggestion may depend on what stands there. */
const dependsOnAboveChars = 1024;
const dependsOnAfterChars = 256;
/** How many lines a suggestion may run over. */
const maxTrailLines = 12;

/** Cuts the place out of the snapshot; `undefined` when the cursor's line is too long. */
export function placeOf(snapshot: Snapshot): Place | undefined {
  const { text, cursorOffset, cursorLine } = snapshot;
  const before = text.slice(Math.max(0, cursorOffset - maxLineChars - 1), cursorOffset);
  const after = text.slice(cursorOffset, cursorOffset + maxLineChars + 1 + belowChars);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const breakAt = after.indexOf('\n');
  const right = breakAt === -1 ? after : after.slice(0, breakAt);
  if (line.length > maxLineChars || right.length > maxLineChars) return undefined;
  const lineOffset = cursorOffset - line.length;
  return {
    uri: snapshot.uri,
    language: snapshot.language,
    above: text.slice(Math.max(0, lineOffset - aboveChars), lineOffset),
    lineOffset,
    ...(cursorLine === undefined ? {} : { lineNumber: cursorLine }),
    line,
    right,
    below: after.slice(right.length, right.length + belowChars),
  };
}

/** The place after this text was typed at the cursor. */
export function placeAfter(place: Place, typed: string): Place {
  const text = place.line + typed;
  const lineStart = text.lastIndexOf('\n') + 1;
  const { lineNumber } = place;
  return {
    ...place,
    ...(lineNumber === undefined ? {} : { lineNumber: lineNumber + typed.split('\n').length - 1 }),
    above: lineStart === 0 ? place.above : (place.above + text.slice(0, lineStart)).slice(-aboveChars),
    lineOffset: place.lineOffset + lineStart,
    line: text.slice(lineStart),
  };
}

/** Whether the text closes what was opened, and nothing else: what an editor inserts by itself. */
export function isClosing(text: string): boolean {
  return /^[\s)\]}>'"`;,]*$/.test(text);
}

/** The nearest line above the cursor's that is not blank; empty when there is none near. */
export function lineAbove(place: Place): string {
  return place.above.trimEnd().split('\n').at(-1) ?? '';
}

/** The nearest line below the cursor's that is not blank; empty when there is none near. */
export function lineBelow(place: Place): string {
  return place.below.split('\n').find((line) => line.trim() !== '') ?? '';
}

/** Width of the white space the text begins with, in columns; a tab counts four. */
export function indentation(text: string): number {
  const space = /^[ \t]*/.exec(text)?.[0] ?? '';
  return [...space].reduce((columns, each) => columns + (each === '\t' ? 4 : 1), 0);
}

/** What a place is recognised by later, without keeping its text alive. */
export interface Anchor {
  readonly uri: string;
  readonly aboveHash: number;
  readonly line: string;
  readonly afterHash: number;
}

/** The ways that lead to a place: from the start of its line, and from the starts of the lines above. */
export interface Trail {
  readonly uri: string;
  readonly steps: readonly { readonly aboveHash: number; readonly text: string }[];
  readonly afterHashes: readonly number[];
}

export function anchorOf(place: Place): Anchor {
  const { above } = place;
  return {
    uri: place.uri,
    aboveHash: hash(above.slice(-dependsOnAboveChars)),
    line: copyOf(place.line),
    afterHash: hash(afterOf(place)),
  };
}

/** Prepares a place for comparing with many anchors. */
export function trailTo(place: Place): Trail {
  const { above, line } = place;
  const steps: { aboveHash: number; text: string }[] = [];
  let start = above.length;
  while (steps.length < maxTrailLines && above.length - start <= dependsOnAboveChars) {
    const tail = above.slice(Math.max(0, start - dependsOnAboveChars), start);
    steps.push({ aboveHash: hash(tail), text: above.slice(start) + line });
    if (start === 0) break;
    start = start < 2 ? 0 : above.lastIndexOf('\n', start - 2) + 1;
  }
  const after = hash(afterOf(place));
  const closing = closingLineBelow(place);
  if (closing === undefined) return { uri: place.uri, steps, afterHashes: [after] };
  const withoutClosing = hash(place.below.slice(closing.length).slice(0, dependsOnAfterChars));
  return { uri: place.uri, steps, afterHashes: [after, withoutClosing] };
}

/** What was typed since the anchor, empty for the same place; `undefined` when typing does not lead here from there. */
export function typedSince(anchor: Anchor, trail: Trail): string | undefined {
  if (anchor.uri !== trail.uri || !trail.afterHashes.includes(anchor.afterHash)) return undefined;
  const step = trail.steps.find(
    ({ aboveHash, text }) => aboveHash === anchor.aboveHash && text.startsWith(anchor.line),
  );
  return step?.text.slice(anchor.line.length);
}

/**
 * The text after the cursor that a suggestion depends on. Closing brackets and quotes right of the cursor are left
 * out: the editor inserts and overtypes them by itself, which must not make a suggestion unknown.
 */
export function afterOf(place: Place): string {
  const right = isClosing(place.right) ? '' : place.right;
  return (right + place.below).slice(0, dependsOnAfterChars);
}

/** The line below where it holds only closing brackets: Enter between brackets moves the closing one there. */
function closingLineBelow(place: Place): string | undefined {
  const line = /^\n[ \t]*[)\]}]+[;,]?(?=\n|$)/.exec(place.below)?.[0];
  return line !== undefined && isClosing(place.right) ? line : undefined;
}

/** The text without the first half of a surrogate pair at its end. */
export function withoutHalfCharacter(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

/** 53 bits of the text: two independent 32-bit hashes, cut to what a number holds exactly. */
function hash(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}

/** The same text in memory of its own: a slice would keep the whole document alive. */
export function copyOf(text: string): string {
  return (' ' + text).slice(1);
}

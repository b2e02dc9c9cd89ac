/** The document as it was at one keystroke passes through the pipeline in this form. */

/** Immutable picture of a document and its one cursor. */
export interface Snapshot {
  /** The document's URI as a string. */
  readonly uri: string;
  /** VS Code's language id, e.g. `typescript`. */
  readonly language: string;
  /** The document's version; grows with every edit. */
  readonly version: number;
  /** The whole text; line breaks are `\n` only (the edge converts and converts back). */
  readonly text: string;
  /** UTF-16 code units from the start, 0..text.length. */
  readonly cursorOffset: number;
}

/** The cursor line's text before the cursor; no line break. */
export function lineBefore(snapshot: Snapshot): string {
  return snapshot.text.slice(lineStart(snapshot), snapshot.cursorOffset);
}

/** The cursor line's text after the cursor; no line break. */
export function lineAfter(snapshot: Snapshot): string {
  const end = snapshot.text.indexOf('\n', snapshot.cursorOffset);
  return snapshot.text.slice(snapshot.cursorOffset, end === -1 ? undefined : end);
}

/** Offset of the first character of the cursor's line. */
export function lineStart(snapshot: Snapshot): number {
  if (snapshot.cursorOffset === 0) return 0; // lastIndexOf takes -1 for 0
  return snapshot.text.lastIndexOf('\n', snapshot.cursorOffset - 1) + 1;
}

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
  /** The line it is in, from 1, as the editor counts them. Absent: nobody told; counting would read the whole text. */
  readonly cursorLine?: number;
}

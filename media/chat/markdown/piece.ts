/** What Markdown becomes before it becomes nodes: a tree of plain data in which nothing can run, load or open anything. */

/** The elements that carry no more than their name; `div` is a block of text as it stands. */
export type PlainTag =
  | 'p'
  | 'div'
  | 'span'
  | 'strong'
  | 'em'
  | 'del'
  | 'code'
  | 'br'
  | 'hr'
  | 'blockquote'
  | 'ul'
  | 'ol'
  | 'li'
  | 'table'
  | 'thead'
  | 'tbody'
  | 'tr'
  | 'th'
  | 'td';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'element';
      readonly tag: PlainTag;
      readonly pieces: readonly Piece[];
      /** Of an `ol`: its first number. */
      readonly start?: number;
      /** Of a cell. */
      readonly align?: 'center' | 'left' | 'right';
    }
  /** `level`: of the outline, 3 to 6; `size`: as it was written, 1 to 6. */
  | { readonly kind: 'heading'; readonly level: number; readonly size: number; readonly pieces: readonly Piece[] }
  /** `url`: http or https, without a user name. */
  | { readonly kind: 'link'; readonly url: string; readonly pieces: readonly Piece[] }
  | { readonly kind: 'place'; readonly place: Place; readonly pieces: readonly Piece[] }
  | { readonly kind: 'task'; readonly isDone: boolean }
  | CodePiece;

/** A code block. */
export interface CodePiece {
  readonly kind: 'codeBlock';
  /** As it stands behind the fence; empty: nothing does. */
  readonly language: string;
  /** The file it names for itself. */
  readonly path: string | undefined;
  readonly text: string;
  /** Its end was seen. */
  readonly isFinished: boolean;
}

/** A file that is named, and where in it; lines and columns from 1. */
export interface Place {
  readonly path: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

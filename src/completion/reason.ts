/** Why there is no suggestion: the closed list that the hover puts into words. */

export type Reason =
  /** Completions are switched off. */
  | 'disabled'
  /** They are switched off for this language. */
  | 'languageOff'
  /** The user paused them. */
  | 'paused'
  /** They come only when asked for. */
  | 'manualMode'
  /** No model is chosen or ready. */
  | 'noModel'
  /** There is more than one cursor. */
  | 'severalCursors'
  /** Something was just deleted or undone; typing forward starts again. */
  | 'afterBackspace'
  /** The cursor stands before or inside a word. */
  | 'wordRight'
  /** An empty line, or one indented less than its neighbours ask for: Tab has to indent. */
  | 'emptyLine'
  /** The line is too long to be code somebody types, or for what the model can take in at once. */
  | 'longLine'
  /** What the suggest widget has selected does not continue the typed text. */
  | 'suggestWidget'
  /** A newer keystroke, a deletion or another model took its place. */
  | 'superseded'
  /** The model had nothing to add. */
  | 'empty'
  /** The model thinks that the line is complete. */
  | 'lineComplete'
  /** The model began to repeat itself. */
  | 'repetitive'
  /** The model wrote the line above once more. */
  | 'echo'
  /** What the model wrote already stands after the cursor. */
  | 'alreadyThere'
  /** The model wrote its own control tokens or a code fence. */
  | 'leaked';

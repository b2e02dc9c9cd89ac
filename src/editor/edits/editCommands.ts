/** What the user does with edits, as the command table runs it. */

/** Handlers of a few words; those that take a while settle when they are done and show their own failures. */
export interface EditCommands {
  readonly editSelection: (argument: unknown) => Promise<void>;
  /** @param hunk the index of one; anything else: the one at the cursor. */
  readonly decideChange: (hunk: unknown, decision: 'accepted' | 'rejected') => void;
  readonly decideAllChanges: (decision: 'accepted' | 'rejected') => void;
  readonly discardEdit: () => void;
  readonly goToChange: (direction: 'next' | 'previous') => void;
  readonly writeCommitMessage: (argument: unknown) => Promise<void>;
}

/** What the user does with the ledger, as the command table runs it. */

/** Its page's id in `package.json`. */
export const ledgerPanelId = 'paddock.ledger';

/** Handlers; they throw `Failure`, and closing a dialog is no failure. */
export interface LedgerCommands {
  /** @param requestId the request to lead to; `undefined`: none. */
  readonly open: (requestId: string | undefined) => void;
  readonly verify: () => Promise<void>;
  readonly exportAll: () => Promise<void>;
  readonly merge: () => Promise<void>;
  readonly deleteAll: () => Promise<void>;
}

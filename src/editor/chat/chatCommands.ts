/** What the user does with the chat from outside its view, as the command table runs it. */

/** Its view's id in `package.json`. */
export const chatViewId = 'paddock.chat';

export interface ChatCommands {
  /** Shows the chat and moves the keyboard into it. */
  readonly openChat: () => Promise<void>;
  readonly newChat: () => Promise<void>;
  /**
   * Attaches files or folders, else what is selected, else the file the user was last in.
   * @param first the URI a menu is about; @param all those that are selected in the explorer.
   */
  readonly addToChat: (first: unknown, all: unknown) => Promise<void>;
}

/** The one kind of error the scripts expect: a sentence for a person, printed without a stack. */

/** Something a person can understand and act on; `message` says what happened and what to do. */
export class Failure extends Error {
  /**
   * @param {string} message one or a few lines for the terminal
   * @param {{ cause?: unknown }} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.name = 'Failure';
  }
}

/**
 * Prints why a script ends and sets the exit code; an unexpected error keeps its stack.
 * @param {unknown} error
 */
export function reportFailure(error) {
  process.exitCode = 1;
  if (error instanceof Failure) console.error(`\npaddock: ${error.message}`);
  else console.error(error);
}

/**
 * The short reason inside any thrown value, with the system's own reason where `fetch` hides it in `cause`.
 * @param {unknown} error
 * @returns {string}
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return cause && !error.message.includes(cause) ? `${error.message} (${cause})` : error.message;
}

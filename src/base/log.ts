/** Lines for the log pass through here; never document text, prompts or keys. */

/** Where log lines go. In the product an output channel, in tests a list. */
export interface Log {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

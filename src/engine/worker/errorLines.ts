/** What the library says about its troubles passes through here: handed on at once, the last lines kept. */

/** A load that fails needs a few for its reason, and a worker lives for days. */
const mostLines = 50;

/** Error lines, oldest first. */
export class ErrorLines {
  private readonly lines: string[] = [];
  private readonly write: (text: string) => void;

  /** @param write hands a line on with its line break; the error output, which ends in the editor's log. */
  constructor(write: (text: string) => void) {
    this.write = write;
  }

  /** The last lines. */
  get kept(): readonly string[] {
    return this.lines;
  }

  /** @param line without document text: it will be in the log. */
  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > mostLines) this.lines.shift();
    this.write(`${line}\n`);
  }
}

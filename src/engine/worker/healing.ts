/**
 * Token healing: the last piece of a word before the cursor is taken back, and generation is made to repeat it.
 *
 * A prompt that ends inside a word ends in a token the model never saw there: after `co` it writes `structor`. Taken
 * back, the model may choose `const` or `constructor` as one token, as it learned it.
 */

/** How many tokens are taken back from the end of a line, given the bytes of each. */
export function takenBack(pieces: readonly string[]): number {
  const tail = pieces.slice(-tailPieces).join('');
  const wordStart = startOfLastWord(tail);
  let end = tail.length;
  let count = 0;
  while (count < mostTakenBack && end > wordStart) {
    count += 1;
    end -= pieces[pieces.length - count]?.length ?? 0;
  }
  return count;
}

/** Taking back more would cost a step each, and the pieces before are what the model would write itself. */
const mostTakenBack = 4;

/** Enough to find the last word in; a whole window would be searched in vain. */
const tailPieces = 16;

/** Where the last word begins (with the one space before it), or the last run of blanks, or the last sign. */
function startOfLastWord(line: string): number {
  return /(?: ?[\w$\x80-\xff]+|[ \t\r\n]+| ?[^\w$ \t\r\n\x80-\xff])$/.exec(line)?.index ?? line.length;
}

/** Turns generated tokens into the text after the cursor. Made for one request. */
export class Continuation {
  /** Bytes before the cursor that generation still has to repeat; empty: it is free. */
  rest: string;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(rest: string) {
    this.rest = rest;
  }

  /** What a token's bytes add after the cursor, in whole characters; may be empty. */
  accept(bytes: string): string {
    const repeated = Math.min(bytes.length, this.rest.length);
    this.rest = this.rest.slice(repeated);
    return this.decoder.decode(Buffer.from(bytes.slice(repeated), 'latin1'), { stream: true });
  }
}

/** Small models that do not know when to stop are stopped here: at marks they write out as text, and in circles. */

/** What is left of a piece of text. */
export interface Kept {
  readonly text: string;
  /** The answer ends here. `looped`: of the whole answer so far, with this text, so many characters are worth keeping. */
  readonly end?: { readonly kind: 'marked' } | { readonly kind: 'looped'; readonly keptChars: number };
}

/** Marks of chat templates, none of which is a word of any language. */
const marks = [
  '<|im_end|>',
  '<|im_start|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|start_header_id|>',
  '<end_of_turn>',
  '<start_of_turn>',
  '<|user|>',
  '<|assistant|>',
];
/**
 * A circle is the same characters, at most so many, over and over: at least six times and so many characters. Tables,
 * rulers and rows of numbers repeat themselves too, but not for that long.
 */
const mostPeriod = 500;
const leastTimes = 6;
const leastChars = 480;
/** Looked for after so much new text. */
const everyChars = 48;

/** Watches one answer, or what is thought before it. */
export class Runaway {
  private text = '';
  /** What may be the beginning of a mark. */
  private held = '';
  private lookedAt = 0;

  /** Takes more of the answer; after an `end` no more. */
  push(more: string): Kept {
    const all = this.held + more;
    const starts = marks.map((mark) => all.indexOf(mark)).filter((at) => at >= 0);
    if (starts.length > 0) return { text: this.pass(all.slice(0, Math.min(...starts))), end: { kind: 'marked' } };
    const free = all.length - heldLength(all);
    this.held = all.slice(free);
    const text = this.pass(all.slice(0, free));
    if (this.text.length - this.lookedAt < everyChars) return { text };
    this.lookedAt = this.text.length;
    const keptChars = circleStart(this.text);
    return keptChars === undefined ? { text } : { text, end: { kind: 'looped', keptChars } };
  }

  /** What was held back, when the answer has ended by itself. */
  rest(): string {
    const { held } = this;
    this.held = '';
    return held;
  }

  private pass(text: string): string {
    this.text += text;
    return text;
  }
}

function heldLength(text: string): number {
  const longest = Math.max(...marks.map(({ length }) => length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const tail = text.slice(-length);
    if (marks.some((mark) => mark.startsWith(tail))) return length;
  }
  return 0;
}

/** Where the second time round begins, if the text ends in a circle. */
function circleStart(text: string): number | undefined {
  for (let period = 1; period <= Math.min(mostPeriod, text.length / leastTimes); period += 1) {
    const needed = Math.max(leastChars, period * leastTimes);
    let start = text.length - period;
    while (start > 0 && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start -= 1;
    if (text.length - start >= needed) return start + period;
  }
  return undefined;
}

/** What a model wraps around its answer is taken off here, while the answer streams. */

/** What has become certain of an answer so far. */
export interface Sifted {
  readonly text: string;
  readonly reasoning: string;
}

/** Takes an answer's text piece by piece. Text that may turn out to be wrapping is held back until it is known. */
export interface Filter {
  push(text: string): Sifted;
  /** What was held back, when the answer is whole; of a cut one it is never known, and stays away. */
  end(): Sifted;
}

const nothing: Sifted = { text: '', reasoning: '' };

/** Lets everything through. */
export function noFilter(): Filter {
  return { push: (text) => ({ text, reasoning: '' }), end: () => nothing };
}

const open = '<think>';
const close = '</think>';

/** Keeps a `<think>` block at the beginning of an answer apart from it, and the empty lines after the block away. */
export function thinkFilter(): Filter {
  let place: 'before' | 'thinking' | 'after' | 'text' = 'before';
  let held = '';

  const sift = (): Sifted => {
    let reasoning = '';
    if (place === 'before') {
      const begun = held.trimStart();
      if (open.startsWith(begun)) return nothing;
      place = begun.startsWith(open) ? 'thinking' : 'text';
      if (place === 'thinking') held = begun.slice(open.length);
    }
    if (place === 'thinking') {
      const at = held.indexOf(close);
      const end = at < 0 ? held.length - lengthOfBeginning(held, close) : at;
      reasoning = held.slice(0, end);
      held = held.slice(at < 0 ? end : at + close.length);
      if (at >= 0) place = 'after';
    }
    if (place === 'after') {
      held = held.trimStart();
      if (held !== '') place = 'text';
    }
    if (place !== 'text') return { text: '', reasoning };
    const text = held;
    held = '';
    return { text, reasoning };
  };

  return {
    push(text) {
      held += text;
      return sift();
    },
    end: () => (place === 'thinking' ? { text: '', reasoning: held } : { text: held, reasoning: '' }),
  };
}

const fence = '```';

/**
 * Takes off what chat models put around code they were asked for alone: a fence, and the beginning of the line that is
 * there already. @param line the text before the cursor in its line.
 */
export function codeFilter(line: string): Filter {
  const repeated = line.trim().length >= shortestRepeated ? line.trimStart() : '';
  let place: 'fence' | 'line' | 'text' = 'fence';
  let isFenced = false;
  let held = '';

  const sift = (): string => {
    if (place === 'fence') {
      const begun = held.replace(/^\s*\n/, '');
      const at = begun.indexOf('\n');
      if (fence.startsWith(begun.trimStart()) || (begun.trimStart().startsWith(fence) && at < 0)) return '';
      isFenced = begun.trimStart().startsWith(fence);
      if (isFenced) held = begun.slice(at + 1);
      place = 'line';
    }
    if (place === 'line') {
      const begun = held.trimStart();
      if (repeated !== '' && begun.length < repeated.length && repeated.startsWith(begun)) return '';
      if (repeated !== '' && begun.startsWith(repeated)) held = begun.slice(repeated.length);
      place = 'text';
    }
    const end = isFenced ? beforeClosingFence(held) : held.length;
    const text = held.slice(0, end);
    held = held.slice(end);
    return text;
  };

  return {
    push(text) {
      held += text;
      return { text: sift(), reasoning: '' };
    },
    end() {
      const isWrapping = isFenced ? closingFence.test(held) : place === 'fence' && held.trim() === fence;
      return { text: isWrapping ? '' : held, reasoning: '' };
    },
  };
}

/** A shorter beginning of a line is too easily a word of the answer itself. */
const shortestRepeated = 4;
const closingFence = /^\n?\s*```/;

/** Where a text stops being certain: at a closing fence, or at a line break after which one may come. */
function beforeClosingFence(text: string): number {
  const whole = text.search(/(^|\n)[ \t]*```/);
  if (whole >= 0) return whole;
  const begun = text.search(/(^|\n)[ \t]*`{0,2}$/);
  return begun >= 0 ? begun : text.length;
}

/** How long the longest end of a text is that begins the mark. */
function lengthOfBeginning(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

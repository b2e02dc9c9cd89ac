/** What a screen reader is told while an answer comes: whole sentences, one after the other, and never code. */

/** At most this often; what came in between is told together. */
const everyMs = 700;
const mostLines = 20;

/** What of an answer has ended and was not told: sentences and blocks. Pure. */
export function newSentences(text: string, toldLength: number): { readonly words: string; readonly length: number } {
  const rest = text.slice(toldLength);
  let length = 0;
  for (const match of rest.matchAll(/[.!?。！？]["'”’)\]*_`]*(?=\s)|\n/g)) length = match.index + match[0].length;
  // Inside a code block nothing is told until it ends.
  const fences = [...text.slice(0, toldLength + length).matchAll(/^\s*(?:```|~~~)/gm)];
  if (fences.length % 2 === 1) length = Math.max(0, (fences.at(-1)?.index ?? 0) - toldLength);
  return { words: spoken(rest.slice(0, length)), length: toldLength + length };
}

/** Markdown as it is read aloud: without its markers, a code block as two words. */
export function spoken(markdown: string): string {
  return markdown
    .replace(/^[ \t]*(```|~~~)[^\n]*\n[\s\S]*?(?:^[ \t]*\1[^\n]*$|$(?![\s\S]))/gm, ' Code block. ')
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|\|)[ \t]+/gm, '')
    .replace(/[*`~|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The one live region of the page. */
export class Announcer {
  readonly element = document.createElement('div');
  private turnId = '';
  private toldLength = 0;
  private pending: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element.className = 'unseen';
    this.element.setAttribute('role', 'log');
    this.element.setAttribute('aria-live', 'polite');
    this.element.setAttribute('aria-label', 'What happens in the chat');
  }

  /** Tells a sentence. */
  tell(words: string): void {
    if (words === '') return;
    this.pending.push(words);
    this.timer ??= setTimeout(() => this.flush(), everyMs);
  }

  /** Tells what is new in an answer; `isDone`: nothing follows, so the rest is told too. */
  follow(turnId: string, text: string, isDone: boolean): void {
    if (this.turnId !== turnId) {
      this.turnId = turnId;
      this.toldLength = 0;
    }
    const { words, length } = newSentences(text, this.toldLength);
    this.tell(words);
    this.toldLength = length;
    if (!isDone) return;
    this.tell(spoken(text.slice(length)));
    this.toldLength = text.length;
  }

  private flush(): void {
    this.timer = undefined;
    const line = document.createElement('p');
    line.textContent = this.pending.join(' ');
    this.pending = [];
    this.element.append(line);
    while (this.element.children.length > mostLines) this.element.firstElementChild?.remove();
  }
}

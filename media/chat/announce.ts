/** What a screen reader is told while an answer comes: whole sentences, one after the other, and never code. */
import { newSentences, spoken, untold } from './sentences.ts';

/** At most this often; what came in between is told together. */
const everyMs = 700;
const mostLines = 20;

/** The one live region of the page. */
export class Announcer {
  readonly element = document.createElement('div');
  private turnId = '';
  private told = untold;
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
      this.told = untold;
    }
    const { words, told } = newSentences(text, this.told);
    this.tell(words);
    this.told = told;
    if (!isDone) return;
    this.tell(spoken(text.slice(told.length)));
    this.told = { ...told, length: text.length, readTo: text.length };
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

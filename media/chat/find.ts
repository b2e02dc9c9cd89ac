/** Find in the conversation: a field above it, every hit marked, one after the other brought into view. */
import { html, render } from 'lit';
import { icon } from '../shared/icon.ts';
import { isComposingKey } from './keys.ts';
import { hitsIn } from './hits.ts';

export interface FindNeeds {
  /** The parts to look in, all of them drawn. */
  readonly places: () => readonly HTMLElement[];
  /** Where the keyboard goes when it is closed. */
  readonly leave: () => void;
}

const all = 'paddock-find';
const current = 'paddock-find-current';
/** Hits are looked for again at most so often while what is looked in changes, ms. */
const againMs = 200;

export class Find {
  readonly element: HTMLElement;
  private readonly needs: FindNeeds;
  private ranges: readonly Range[] = [];
  private index = -1;
  private query = '';
  private isOpen = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** What is drawn with a later frame, and colours of code, take the place of nodes that hits are in. */
  private readonly drawing = new MutationObserver(() => this.refresh());

  constructor(element: HTMLElement, needs: FindNeeds) {
    this.element = element;
    this.needs = needs;
    element.hidden = true;
    this.draw();
  }

  open(): void {
    this.isOpen = true;
    this.element.hidden = false;
    const chosen = getSelection()?.toString().trim() ?? '';
    if (chosen !== '' && !chosen.includes('\n')) this.query = chosen;
    this.draw();
    const field = this.element.querySelector('input');
    field?.focus();
    field?.select();
    this.look();
  }

  close(): void {
    this.isOpen = false;
    this.element.hidden = true;
    this.ranges = [];
    this.drawing.disconnect();
    this.mark();
    this.needs.leave();
  }

  /** The conversation changed: hits may be elsewhere, and are looked for in a moment. */
  refresh(): void {
    if (!this.isOpen) return;
    this.again ??= setTimeout(() => {
      this.again = undefined;
      if (this.isOpen) this.look(false);
    }, againMs);
  }

  private look(goesToFirst = true): void {
    const places = this.query === '' ? [] : this.needs.places();
    this.ranges = places.flatMap((place) => hitsIn(place, this.query));
    this.drawing.disconnect();
    for (const place of places) this.drawing.observe(place, { childList: true, characterData: true, subtree: true });
    this.index =
      this.ranges.length === 0 ? -1 : goesToFirst ? 0 : Math.min(Math.max(this.index, 0), this.ranges.length - 1);
    if (goesToFirst) this.show();
    else this.mark();
    this.draw();
  }

  private step(by: number): void {
    if (this.ranges.length === 0) return;
    this.index = (this.index + by + this.ranges.length) % this.ranges.length;
    this.show();
    this.draw();
  }

  private show(): void {
    const range = this.ranges[this.index];
    const element = range?.startContainer.parentElement;
    const folded = element?.closest('details');
    if (folded) folded.open = true; // which it hears itself
    element?.scrollIntoView({ block: 'center' });
    this.mark();
  }

  private mark(): void {
    const range = this.ranges[this.index];
    CSS.highlights.set(all, new Highlight(...this.ranges));
    CSS.highlights.set(current, new Highlight(...(range === undefined ? [] : [range])));
  }

  private press(event: KeyboardEvent): void {
    if (isComposingKey(event)) return;
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter') this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  private draw(): void {
    const found = this.ranges.length === 0 ? 'No results' : `${this.index + 1} of ${this.ranges.length}`;
    render(
      html`<input
          class="field"
          type="text"
          aria-label="Find in this chat"
          placeholder="Find"
          .value=${this.query}
          @input=${(event: Event) => {
            this.query = (event.currentTarget as HTMLInputElement).value;
            this.look();
          }}
          @keydown=${(event: KeyboardEvent) => this.press(event)}
        />
        <span class="find-count" role="status">${this.query === '' ? '' : found}</span>
        ${this.button('Previous match', 'arrow-up', () => this.step(-1))}
        ${this.button('Next match', 'arrow-down', () => this.step(1))}
        ${this.button('Close', 'close', () => this.close())}`,
      this.element,
    );
  }

  private button(label: string, name: 'arrow-up' | 'arrow-down' | 'close', press: () => void) {
    return html`<button class="icon-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
  }
}

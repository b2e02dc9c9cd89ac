/** What `@` and `/` offer while a question is typed: a list above the field, gone through with the keys of the field. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { Host } from './host.ts';
import { triggerBefore, type Trigger } from './trigger.ts';
import type { Suggestion } from '../../src/chat/protocol.ts';

export interface CompletionNeeds {
  readonly host: Host;
  readonly field: () => HTMLTextAreaElement;
  /** The text of the field was changed from here. */
  readonly onDidChange: () => void;
  /** Tells the host at once what is typed. */
  readonly flushDraft: () => void;
  readonly tell: (words: string) => void;
  /** Says something that is seen and heard. */
  readonly note: (words: string) => void;
}

export class Completion {
  readonly element = document.createElement('div');
  private readonly needs: CompletionNeeds;
  private suggestions: readonly Suggestion[] = [];
  private active = 0;
  private trigger: Trigger | undefined;
  private request = 0;
  /** The `@` or `/` that Escape was pressed on. */
  private dismissedStart: number | undefined;

  constructor(needs: CompletionNeeds) {
    this.needs = needs;
    this.element.className = 'completion';
  }

  get isOpen(): boolean {
    return this.suggestions.length > 0;
  }

  /** The text or the cursor is elsewhere: asks for what fits now. */
  follow(): void {
    const typedOut = this.typedOut();
    const why = this.suggestions[typedOut]?.disabledBecause;
    if (typedOut !== -1 && why === undefined) return this.pick(typedOut);
    // It stays in the question as text, which could pass for attached.
    if (why !== undefined) this.needs.note(`Nothing was added for ${this.typed?.trim()}: ${why}`);
    const field = this.needs.field();
    const found =
      field.selectionStart === field.selectionEnd ? triggerBefore(field.value, field.selectionStart) : undefined;
    if (found?.start !== this.dismissedStart) this.dismissedStart = undefined;
    const isSame = found?.query === this.trigger?.query && found?.start === this.trigger?.start;
    this.trigger = this.dismissedStart === undefined ? found : undefined;
    if (this.trigger === undefined) return this.close();
    if (isSame) return;
    this.request += 1;
    const { trigger, query } = this.trigger;
    this.narrow(query);
    this.needs.host.say({ type: 'suggest', request: this.request, trigger, query: query.slice(0, 1_000) });
  }

  show(request: number, suggestions: readonly Suggestion[]): void {
    if (request !== this.request || this.trigger === undefined) return;
    const wasOpen = this.isOpen;
    this.offer(suggestions);
    if (!wasOpen && this.isOpen) this.needs.tell(`${suggestions.length} suggestions.`);
  }

  close(): void {
    this.trigger = undefined;
    this.suggestions = [];
    this.draw();
  }

  /** True when the key was for the list. Enter behind all of a command is not: there is nothing left to pick. */
  press({ key }: KeyboardEvent): boolean {
    if (!this.isOpen) return false;
    if (key === 'Enter' && this.suggestions[this.active]?.insertText?.trimEnd() === this.typed) {
      this.close();
      return false;
    }
    if (key === 'ArrowDown' || key === 'ArrowUp') this.move(key === 'ArrowDown' ? 1 : -1);
    else if (key === 'Enter' || key === 'Tab') this.pick(this.active);
    else if (key === 'Escape') {
      this.dismissedStart = this.trigger?.start;
      this.close();
    } else return false;
    return true;
  }

  /** From the `@` or `/` to the cursor; `undefined`: the list is about nothing. */
  private get typed(): string | undefined {
    const { value, selectionStart } = this.needs.field();
    return this.trigger && value.slice(this.trigger.start, selectionStart);
  }

  /** Which one was typed out, with a space behind it, by somebody who does not look at the list; -1: none. */
  private typedOut(): number {
    const { typed } = this;
    return this.suggestions.findIndex(({ label, insertText }) => `@${label} ` === typed && insertText === undefined);
  }

  /** Until the host has answered, what does not fit any more is not offered: a quick Enter would pick it. */
  private narrow(query: string): void {
    const words = query.replace(/^\w+:/, '').toLowerCase();
    this.offer(this.suggestions.filter(({ label }) => label.toLowerCase().includes(words)));
  }

  private offer(suggestions: readonly Suggestion[]): void {
    this.suggestions = suggestions;
    this.active = Math.max(
      0,
      suggestions.findIndex(({ disabledBecause }) => disabledBecause === undefined),
    );
    this.draw();
  }

  private move(by: number): void {
    this.active = (this.active + by + this.suggestions.length) % this.suggestions.length;
    this.draw();
    this.element.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  private pick(index: number): void {
    const suggestion = this.suggestions[index];
    const { trigger } = this;
    if (suggestion === undefined || trigger === undefined) return;
    if (suggestion.disabledBecause !== undefined) return this.needs.tell(suggestion.disabledBecause);
    const field = this.needs.field();
    const { insertText } = suggestion;
    const isPart = insertText?.endsWith(':') === true;
    const text = insertText === undefined || isPart || insertText.endsWith(' ') ? (insertText ?? '') : `${insertText} `;
    field.setRangeText(text, trigger.start, field.selectionStart, 'end');
    this.close();
    this.needs.onDidChange();
    if (insertText === undefined) this.take(suggestion.id);
    field.focus();
  }

  /** What is typed may be what is looked for: the host has to know it first. */
  private take(suggestionId: string): void {
    this.needs.flushDraft();
    this.needs.host.say({ type: 'takeSuggestion', suggestionId });
  }

  private draw(): void {
    const field = this.needs.field();
    field.setAttribute('aria-activedescendant', this.isOpen ? `suggestion-${this.active}` : '');
    if (!this.isOpen) field.removeAttribute('aria-activedescendant');
    this.element.hidden = !this.isOpen;
    render(
      this.isOpen
        ? html`<ul id="suggestions" role="listbox" aria-label="Suggestions">
            ${this.suggestions.map((each, index) => this.option(each, index))}
          </ul>`
        : nothing,
      this.element,
    );
  }

  private option({ label, detail, disabledBecause }: Suggestion, index: number): TemplateResult {
    const take = (event: Event): void => {
      event.preventDefault(); // the keyboard stays in the field
      this.pick(index);
    };
    return html`<li
      id="suggestion-${index}"
      role="option"
      class="suggestion"
      aria-selected=${index === this.active}
      aria-disabled=${disabledBecause !== undefined}
      @mousedown=${take}
    >
      <span class="suggestion-label">${label}</span>
      <span class="suggestion-detail">${disabledBecause ?? detail}</span>
    </li>`;
  }
}

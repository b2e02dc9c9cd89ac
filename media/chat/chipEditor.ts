/** The text of a chip, to be read and changed before it is sent. */
import { html, nothing, render } from 'lit';
import type { Chip } from '../../src/chat/protocol.ts';
import type { Host } from './host.ts';
import { isComposingKey } from './keys.ts';

export class ChipEditor {
  readonly element = document.createElement('div');
  private readonly host: Host;
  private readonly leave: () => void;

  constructor(host: Host, leave: () => void) {
    this.host = host;
    this.leave = leave;
  }

  /** Opens the text of a chip: what is sent of it now. */
  open(threadId: string, chip: Chip, text: string): void {
    this.draw(threadId, chip, { text, typed: text });
    this.element.querySelector('textarea')?.focus();
  }

  /** What was typed before the page was thrown away is there again, once its chip is. */
  restore(threadId: string, chips: readonly Chip[]): void {
    const { chipText: kept } = this.host.kept;
    if (kept?.threadId !== threadId || this.element.querySelector('textarea') !== null) return;
    const editable = chips.filter(({ isEditable }) => isEditable);
    const chip = editable.find(({ id }) => id === kept.chipId) ?? editable.find(({ name }) => name === kept.name);
    if (chip !== undefined) this.draw(threadId, chip, { text: undefined, typed: kept.text });
  }

  /** Another conversation is shown. What was typed is there again when this one is. */
  hide(): void {
    render(nothing, this.element);
  }

  /** `text`: what is sent of it now; `undefined`: something else than what was typed. */
  private draw(threadId: string, chip: Chip, { text, typed }: { text: string | undefined; typed: string }): void {
    const { name, id: chipId } = chip;
    const field = (): string => this.element.querySelector('textarea')?.value ?? typed;
    const keep = (): void => this.host.keep({ chipText: { threadId, chipId, name, text: field() } });
    const save = (): void => {
      if (field() !== text) this.host.say({ type: 'editChip', chipId, text: field() });
      this.close();
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || isComposingKey(event)) return;
      event.stopPropagation();
      this.close();
    };
    render(
      html`<div class="card" role="group" aria-label="What is sent of ${name}" @keydown=${press}>
        <label class="card-title" for="chip-text">What is sent of ${name}</label>
        <textarea id="chip-text" class="field chip-field" spellcheck="false" .value=${typed} @input=${keep}></textarea>
        <div class="card-tools">
          <button class="button" @click=${save}>Use this text</button>
          <button class="button is-secondary" @click=${() => this.close()}>Cancel</button>
        </div>
      </div>`,
      this.element,
    );
  }

  private close(): void {
    const { chipText: _, ...kept } = this.host.kept;
    this.host.replace(kept);
    this.hide();
    this.leave();
  }
}

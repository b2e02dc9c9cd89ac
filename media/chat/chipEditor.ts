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

  open(chip: Chip, text: string): void {
    const save = (): void => {
      const field = this.element.querySelector('textarea');
      if (field !== null && field.value !== text)
        this.host.say({ type: 'editChip', chipId: chip.id, text: field.value });
      this.close();
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || isComposingKey(event)) return;
      event.stopPropagation();
      this.close();
    };
    render(
      html`<div class="card" role="group" aria-label="What is sent of ${chip.name}" @keydown=${press}>
        <label class="card-title" for="chip-text">What is sent of ${chip.name}</label>
        <textarea id="chip-text" class="field chip-field" spellcheck="false" .value=${text}></textarea>
        <div class="card-tools">
          <button class="button" @click=${save}>Use this text</button>
          <button class="button is-secondary" @click=${() => this.close()}>Cancel</button>
        </div>
      </div>`,
      this.element,
    );
    this.element.querySelector('textarea')?.focus();
  }

  private close(): void {
    render(nothing, this.element);
    this.leave();
  }
}

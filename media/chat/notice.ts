/** One line that says what happened and goes away by itself. */
import { html, nothing, render } from 'lit';
import type { NoticeButton } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import type { Host } from './host.ts';

const shownMs = 10_000;

export class Notice {
  private readonly element: HTMLElement;
  private readonly host: Host;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement, host: Host) {
    this.element = element;
    this.host = host;
    // Whoever reads it or reaches for its button is not hurried.
    for (const type of ['pointerenter', 'focusin']) element.addEventListener(type, () => clearTimeout(this.timer));
    for (const type of ['pointerleave', 'focusout']) element.addEventListener(type, () => this.hideLater());
  }

  show(text: string, button?: NoticeButton): void {
    const press = (): void => {
      if (button !== undefined) this.host.say(button.message);
      this.hide();
    };
    render(
      html`<div class="notice">
        ${icon('info')}<span class="notice-text">${text}</span>
        ${button === undefined ? nothing : html`<button class="button is-secondary" @click=${press}>${button.label}</button>`}
        <button class="icon-button" title="Close" aria-label="Close the notice" @click=${() => this.hide()}>
          ${icon('close')}
        </button>
      </div>`,
      this.element,
    );
    this.hideLater();
  }

  private hideLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), shownMs);
  }

  private hide(): void {
    clearTimeout(this.timer);
    render(nothing, this.element);
  }
}

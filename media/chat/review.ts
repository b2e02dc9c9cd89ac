/** A file of the workspace that wants to be looked at before its text goes to a model. */
import { html, nothing, type TemplateResult } from 'lit';
import type { FromWebview, Review } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { plural } from './words.ts';

const reasons: Readonly<Record<Review['kind'], string>> = {
  rules: 'This workspace has rules for models. With your leave they go with every question asked here.',
  prompt: 'This prompt comes with the workspace. With your leave it becomes a command.',
};

export function reviewOf(
  { id, kind, name, text, isCut, tokens }: Review,
  say: (message: FromWebview) => void,
): TemplateResult {
  const answer = (isUsed: boolean) => (): void => say({ type: 'answerReview', reviewId: id, isUsed });
  return html`<section class="card" aria-label="Before it is used: ${name}">
    <p class="card-title">${icon('book')} ${name} <span class="quiet">${plural(tokens, 'token')}</span></p>
    <p>${reasons[kind]}</p>
    <details>
      <summary>What it says</summary>
      <pre class="review-text" tabindex="0" role="group" aria-label="Text of ${name}">${text}</pre>
      ${isCut ? html`<p class="quiet">Only its beginning is shown.</p>` : nothing}
    </details>
    <div class="card-tools">
      <button class="button" @click=${answer(true)}>Use it</button>
      <button class="button is-secondary" @click=${answer(false)}>Do not use it</button>
    </div>
  </section>`;
}

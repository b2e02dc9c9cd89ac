/** What is shown before the first question: who answers, and ways to begin. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModelPill } from '../../src/chat/protocol.ts';
import { icon, type IconName } from '../shared/icon.ts';

export interface EmptyActions {
  /** Puts text into the composer. */
  readonly fill: (text: string) => void;
  readonly switchModel: () => void;
  readonly pickContext: () => void;
}

const starts: readonly { readonly icon: IconName; readonly label: string; readonly text: string }[] = [
  { icon: 'code', label: 'Explain the selected code', text: '/explain ' },
  { icon: 'warning', label: 'Fix a problem', text: '/fix ' },
  { icon: 'check', label: 'Write tests', text: '/tests ' },
];

export function emptyState(model: ModelPill | undefined, actions: EmptyActions): TemplateResult {
  return html`<div class="empty">
    ${icon('comment-discussion', 'empty-mark')}
    <h2>Ask about your code</h2>
    <p class="quiet">${routeWords(model)}</p>
    ${
      model === undefined ? html`<button class="button" @click=${actions.switchModel}>Choose a model</button>` : nothing
    }
    <ul class="starts" aria-label="Ways to begin">
      ${starts.map(
        (each) =>
          html`<li>
            <button class="start" @click=${() => actions.fill(each.text)}>${icon(each.icon)} ${each.label}</button>
          </li>`,
      )}
      <li><button class="start" @click=${actions.pickContext}>${icon('mention')} Add files or symbols</button></li>
    </ul>
    <p class="quiet">Type <kbd>@</kbd> to add context and <kbd>/</kbd> for commands. Hold Shift to drop files here.</p>
  </div>`;
}

function routeWords(model: ModelPill | undefined): string {
  if (model === undefined) return 'No model is chosen yet.';
  const { name, exposure, routeWords: where } = model;
  return exposure === 'inProcess'
    ? `${name} answers on this computer. Nothing you ask leaves it.`
    : `${name} answers. What you ask goes to: ${where}.`;
}

/** What goes with the next question, piece by piece, with its size. */
import { html, nothing, type TemplateResult } from 'lit';
import type { AttachmentKind, Chip, FromWebview } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { attachmentIcons, plural, shortCount } from './words.ts';

/** What is no one place that could be opened. */
const placeless: ReadonlySet<AttachmentKind> = new Set(['folder', 'problems', 'diff']);

/** The chips, and below them why some of them stay here. */
export function chipList(chips: readonly Chip[], say: (message: FromWebview) => void): TemplateResult | typeof nothing {
  if (chips.length === 0) return nothing;
  return html`<ul class="chips" aria-label="Goes with the question">
      ${chips.map((chip) => chipOf(chip, say))}
    </ul>
    ${chips.map(({ name, why }) =>
      why === undefined ? nothing : html`<p class="chip-why">${icon('warning')} ${name}, not sent: ${why}</p>`,
    )}`;
}

function chipOf(chip: Chip, say: (message: FromWebview) => void): TemplateResult {
  const { id, name, hover, state } = chip;
  if (state === 'offered') {
    return html`<li class="chip is-offered">
      <button class="chip-name" title="Add ${hover}" @click=${() => say({ type: 'takeChip', chipId: id })}>
        ${icon('add')}<span class="unseen">Add </span>${chipWords(chip)}
      </button>
      ${editButton(chip, say)}
    </li>`;
  }
  const words = html`${icon(state === 'keptBack' ? 'eye' : attachmentIcons[chip.kind])}${chipWords(chip)}`;
  return html`<li class="chip ${state === 'keptBack' ? 'is-kept-back' : ''}">
    ${
      placeless.has(chip.kind)
        ? html`<span class="chip-name" title=${hover}>${words}</span>`
        : html`<button class="chip-name" title=${hover} @click=${() => say({ type: 'openChip', chipId: id })}>
            ${words}
          </button>`
    }
    ${editButton(chip, say)}
    ${
      state === 'inThread'
        ? nothing
        : chipButton(`Remove ${name}`, 'close', () => say({ type: 'removeChip', chipId: id }))
    }
  </li>`;
}

/** What is offered is attached with what it was changed to. */
function editButton({ id, name, isEditable }: Chip, say: (message: FromWebview) => void) {
  if (!isEditable) return nothing;
  return chipButton(`Change what is sent of ${name}`, 'edit', () => say({ type: 'readChip', chipId: id }));
}

function chipWords({ name, tokens, state, hasHiddenCharacters }: Chip): TemplateResult {
  const warning = 'It holds characters that cannot be seen';
  return html`<span class="chip-text">${name}</span> ${
      hasHiddenCharacters
        ? html`<span class="chip-warning" role="img" aria-label=${warning} title=${warning}>${icon('warning')}</span>`
        : nothing
    }
    ${state === 'keptBack' ? nothing : html`<span class="chip-tokens">${tokenWords(tokens)}</span>`}`;
}

function tokenWords(tokens: number | undefined): TemplateResult | string {
  if (tokens === undefined) return '…';
  return html`<span aria-hidden="true">${shortCount(tokens)}</span
    ><span class="unseen">${plural(tokens, 'token')}</span>`;
}

function chipButton(label: string, name: 'close' | 'edit', press: () => void): TemplateResult {
  return html`<button class="chip-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
}

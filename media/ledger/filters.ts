/** What of the ledger the table shows. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Choice, Look } from '../../src/ledger/protocol.ts';
import { icon } from '../shared/icon.ts';
import { isUnfiltered, noFilters, type PageControls, type PageState } from './pageState.ts';

/** Typing in the field is over, ms. */
const typedMs = 200;
let cancelTyping: number | undefined;

export function filtersView({ look, sections: { choices } }: PageState, controls: PageControls): TemplateResult {
  return html`<form
    class="filters"
    role="search"
    aria-label="Requests"
    @submit=${(event: Event) => event.preventDefault()}
  >
    <label class="search"
      ><span class="unseen">Text</span>
      <input
        type="search"
        class="field"
        placeholder="Model, host, file, workspace, label…"
        maxlength="200"
        .value=${look.text}
        @input=${({ target }: Event) => typed(controls, (target as HTMLInputElement).value)}
    /></label>
    ${choiceView(look, controls, { name: 'model', label: 'All models', choices: choices?.models })}
    ${choiceView(look, controls, { name: 'route', label: 'All routes', choices: choices?.routes })}
    ${choiceView(look, controls, { name: 'purpose', label: 'All purposes', choices: choices?.purposes })}
    ${choiceView(look, controls, { name: 'outcome', label: 'All outcomes', choices: choices?.outcomes })}
    ${
      isUnfiltered(look)
        ? nothing
        : html`<button type="button" class="button is-secondary" @click=${() => controls.look(noFilters)}>
            ${icon('clear-all')}Clear filters
          </button>`
    }
  </form>`;
}

function typed(controls: PageControls, text: string): void {
  clearTimeout(cancelTyping);
  cancelTyping = window.setTimeout(() => controls.look({ text }), typedMs);
}

interface Filter {
  readonly name: keyof Look & ('model' | 'route' | 'purpose' | 'outcome');
  readonly label: string;
  readonly choices: readonly Choice[] | undefined;
}

function choiceView(look: Look, controls: PageControls, { name, label, choices = [] }: Filter): TemplateResult {
  return html`<label
    ><span class="unseen">${name}</span>
    <select
      class="field ${look[name] === '' ? '' : 'is-set'}"
      @change=${({ target }: Event) => controls.look({ [name]: (target as HTMLSelectElement).value })}
    >
      <option value="" .selected=${look[name] === ''}>${label}</option>
      ${choices.map(
        (choice) =>
          html`<option value=${choice.value} .selected=${choice.value === look[name]}>${choice.label}</option>`,
      )}
    </select>
  </label>`;
}

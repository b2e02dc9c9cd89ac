/** The page's title, the days it shows, and what can be done with the ledger. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Look, PageAction, Period } from '../../src/ledger/protocol.ts';
import { icon, type IconName } from '../shared/icon.ts';
import type { PageControls, PageState } from './pageState.ts';

const periods: readonly (readonly [Period, string])[] = [
  ['week', '7 days'],
  ['month', '30 days'],
  ['quarter', '90 days'],
  ['all', 'All'],
  ['days', 'From … to'],
];

export function headView({ look, sections }: PageState, controls: PageControls): TemplateResult {
  const people = sections.about?.people;
  return html`<header>
    <div class="title">
      <h1>${people === undefined ? 'Ledger' : 'Merged ledgers'}</h1>
      ${people === undefined ? nothing : html`<p class="quiet">of ${people.join(', ')}</p>`}
      <div class="actions">
        ${people === undefined ? nothing : actionButton(controls, 'own', ['book', 'Show my own'])}
        ${people === undefined ? actionButton(controls, 'export', ['export', 'Export…']) : nothing}
        ${people === undefined ? actionButton(controls, 'verify', ['verified', 'Verify…']) : nothing}
        ${actionButton(controls, 'merge', ['git-merge', 'Merge…'])}
        ${people === undefined ? actionButton(controls, 'delete', ['trash', 'Delete…']) : nothing}
      </div>
    </div>
    ${sections.about?.isEmpty === false ? periodView(look, sections, controls) : nothing}
  </header>`;
}

function actionButton({ act }: PageControls, action: PageAction, words: readonly [IconName, string]): TemplateResult {
  return html`<button class="button is-secondary" @click=${() => act(action)}>${icon(words[0])}${words[1]}</button>`;
}

function periodView(look: Look, { about }: PageState['sections'], controls: PageControls): TemplateResult {
  return html`<div class="days">
    <fieldset class="segments">
      <legend class="unseen">Days</legend>
      ${periods.map(
        ([value, label]) =>
          html`<label>
            <input
              type="radio"
              name="period"
              .checked=${look.period === value}
              @change=${() => controls.look(daysOf(value, about))}
            /><span>${label}</span>
          </label>`,
      )}
    </fieldset>
    ${look.period === 'days' ? dayFields(look, controls) : html`<p class="quiet">${rangeWords(about)}</p>`}
  </div>`;
}

/** Days of one's own begin with those that were shown. */
function daysOf(period: Period, about: PageState['sections']['about']): Partial<Look> {
  if (period !== 'days') return { period, fromDay: '', toDay: '' };
  return { period, fromDay: about?.fromDay ?? '', toDay: about?.toDay ?? '' };
}

function rangeWords(about: PageState['sections']['about']): string {
  return about === undefined ? '' : `${about.fromDay} to ${about.toDay}`;
}

function dayFields(look: Look, controls: PageControls): TemplateResult {
  const field = (name: 'fromDay' | 'toDay', label: string): TemplateResult =>
    html`<label class="day"
      ><span class="quiet">${label}</span>
      <input
        type="date"
        class="field"
        .value=${look[name]}
        @change=${({ target }: Event) => controls.look({ [name]: (target as HTMLInputElement).value })}
    /></label>`;
  return html`${field('fromDay', 'From')} ${field('toDay', 'to')}`;
}

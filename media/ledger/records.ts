/** The table of requests, a page at a time, and a request's full record below its row. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { FieldGroup, RequestRow, RowWindow } from '../../src/ledger/protocol.ts';
import { icon } from '../shared/icon.ts';
import { isUnfiltered, type PageControls, type PageState } from './pageState.ts';
import { notCharged } from './sums.ts';

export function recordsView(state: PageState, controls: PageControls): TemplateResult {
  const { rows } = state.sections;
  if (rows === undefined || rows.total === 0) return nothingFound(state);
  // One row is in the order of the Tab key; the arrow keys go on from there.
  const active = rows.rows.find(({ id }) => id === state.activeId)?.id ?? rows.rows[0]?.id;
  return html`
    <p class="quiet">${rows.words}</p>
    <div class="scrolled" tabindex="0" role="region" aria-label="Table of requests">
      <table class="requests" @keydown=${(event: KeyboardEvent) => moved(event, controls)}>
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">purpose</th>
            <th scope="col">model</th>
            <th scope="col">where</th>
            <th scope="col" class="number">tokens</th>
            <th scope="col" class="number">cost</th>
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            rows.rows,
            ({ id }) => id,
            (row) => rowView(row, { state, controls, isActive: row.id === active }),
          )}
        </tbody>
      </table>
    </div>
    ${pagerView(rows, controls)}
  `;
}

function nothingFound({ look }: PageState): TemplateResult {
  const hint = isUnfiltered(look)
    ? 'Single requests of these days are gone, or there were none.'
    : 'No request is like that.';
  return html`<p class="quiet nothing-found">${hint}</p>`;
}

interface Drawing {
  readonly state: PageState;
  readonly controls: PageControls;
  readonly isActive: boolean;
}

function rowView(row: RequestRow, drawing: Drawing): TemplateResult {
  const { state, controls, isActive } = drawing;
  const isOpen = state.openId === row.id;
  return html`<tr class=${isOpen ? 'is-open' : ''} @click=${(event: MouseEvent) => clicked(event, row.id, controls)}>
      <th scope="row">
        <button
          class="row-button"
          data-row=${row.id}
          tabindex=${isActive ? 0 : -1}
          aria-expanded=${isOpen}
          aria-label="${row.at}: full record"
        >
          ${icon(isOpen ? 'chevron-down' : 'chevron-right')}<span class="time">${row.at}</span>
        </button>
      </th>
      <td>${row.purpose}</td>
      <td>${row.model}</td>
      <td>
        <span class="place">${icon(row.hasLeft ? 'cloud' : 'device-desktop')}${row.place}</span>
      </td>
      <td class="number">${row.tokens ?? html`<span class="quiet">not counted</span>`}</td>
      <td class="number">${row.money ?? notCharged}</td>
      <td class=${row.isBad ? 'is-bad' : ''}>${row.outcome}</td>
    </tr>
    ${isOpen ? recordView(row.id, drawing) : nothing}`;
}

function recordView(id: string, { state: { record }, controls }: Drawing): TemplateResult {
  return html`<tr class="record">
    <td colspan="7">
      ${record === undefined ? html`<p class="quiet">Looking it up…</p>` : nothing}
      ${record === null ? html`<p class="quiet">This request is gone from the ledger.</p>` : nothing}
      ${
        record
          ? html`<div class="groups">${record.groups.map(groupView)}</div>
              <details>
                <summary>As it stands in the ledger</summary>
                <pre tabindex="0">${record.json}</pre>
              </details>
              <button class="button is-secondary" @click=${() => controls.copy(id)}>
                ${icon('copy')}Copy as JSON
              </button>`
          : nothing
      }
    </td>
  </tr>`;
}

function groupView({ title, fields }: FieldGroup): TemplateResult {
  return html`<section>
    <h3>${title}</h3>
    <dl>
      ${fields.map(
        ({ name, value, isCode }) =>
          html`<div>
            <dt class="quiet">${name}</dt>
            <dd class=${isCode ? 'code' : ''}>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function pagerView(
  { first, perPage, total, rows }: RowWindow,
  { look }: PageControls,
): TemplateResult | typeof nothing {
  if (total <= perPage) return nothing;
  const number = (value: number): string => value.toLocaleString('en');
  const last = first + rows.length;
  const lastPage = Math.floor((total - 1) / perPage) * perPage;
  const to = (words: string, name: 'chevron-left' | 'chevron-right', firstRow: number | undefined): TemplateResult =>
    html`<button
      class="icon-button"
      aria-label=${words}
      title=${words}
      ?disabled=${firstRow === undefined}
      @click=${() => look({ firstRow: firstRow ?? 0 })}
    >
      ${icon(name)}
    </button>`;
  return html`<nav class="pager" aria-label="Pages of requests">
    <button class="button is-secondary" ?disabled=${first === 0} @click=${() => look({ firstRow: 0 })}>Newest</button>
    ${to('Newer requests', 'chevron-left', first === 0 ? undefined : first - perPage)}
    <span>${number(first + 1)} – ${number(last)} of ${number(total)}</span>
    ${to('Older requests', 'chevron-right', last >= total ? undefined : first + perPage)}
    <button class="button is-secondary" ?disabled=${last >= total} @click=${() => look({ firstRow: lastPage })}>
      Oldest
    </button>
  </nav>`;
}

/** Anywhere in the row, but not where somebody marks text. */
function clicked({ target }: MouseEvent, id: string, { toggle }: PageControls): void {
  const isOnButton = (target as Element).closest('button') !== null;
  if (isOnButton || document.getSelection()?.isCollapsed !== false) toggle(id);
}

const steps: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index) => index + 10,
  PageUp: (index) => index - 10,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function moved(event: KeyboardEvent, { change }: PageControls): void {
  const step = steps[event.key];
  const buttons = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('[data-row]')];
  const index = buttons.indexOf(event.target as HTMLElement);
  if (step === undefined || index === -1) return;
  event.preventDefault();
  const next = buttons[Math.min(buttons.length - 1, Math.max(0, step(index, buttons.length)))];
  if (next === undefined) return;
  change({ activeId: next.dataset['row'] });
  next.focus();
}

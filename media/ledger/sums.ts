/** The page's sums: the large figures, where requests went, sums in other orders, completions, and what else it would have cost. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Share, SumTable } from '../../src/ledger/protocol.ts';
import { icon, type IconName } from '../shared/icon.ts';
import type { PageControls, PageState } from './pageState.ts';

type Part = TemplateResult | typeof nothing;

export function notesView({ sections: { about } }: PageState): Part {
  if (about === undefined || about.notes.length === 0) return nothing;
  return html`<ul class="notes">
    ${about.notes.map((note) => html`<li>${icon('info')}<span>${note}</span></li>`)}
  </ul>`;
}

export function figuresView({ sections: { totals } }: PageState): Part {
  if (totals === undefined) return nothing;
  return html`<dl class="figures">
    ${totals.figures.map(
      ({ title, value, detail }) =>
        html`<div class="card">
          <dt class="quiet">${title}</dt>
          <dd>
            <span class="figure">${value}</span>
            <span class="quiet">${detail}</span>
          </dd>
        </div>`,
    )}
  </dl>`;
}

const shareIcons: Readonly<Record<Share['kind'], IconName>> = {
  inProcess: 'device-desktop',
  loopback: 'device-desktop',
  mayForward: 'question',
  private: 'server',
  internet: 'cloud',
};

/** Where requests went, as one bar and as a list. */
export function sharesView({ sections: { shares } }: PageState): Part {
  if (shares === undefined || shares.length === 0) return nothing;
  const starts = shares.map((_, index) => shares.slice(0, index).reduce((sum, { share }) => sum + share, 0));
  return html`<section class="card" aria-labelledby="shares-title">
    <h2 id="shares-title">Where requests went</h2>
    <svg class="share-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      ${shares.map(
        ({ kind, share }, index) =>
          svg`<rect class="route-${kind}" x=${(starts[index] ?? 0) * 1_000} y="0" width=${share * 1_000} height="10" />`,
      )}
    </svg>
    <ul class="shares">
      ${shares.map(
        ({ kind, name, requests, words }) =>
          html`<li>
            <span class="swatch route-${kind}" aria-hidden="true"></span>${icon(shareIcons[kind])}
            <span class="name">${name}</span><span class="quiet">${requests}</span><span class="number">${words}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

export function savingsView({ sections: { savings } }: PageState, controls: PageControls): Part {
  if (savings === undefined || savings === null) return nothing;
  return html`<section class="card" aria-labelledby="savings-title">
    <h2 id="savings-title">Elsewhere</h2>
    <label class="compared"
      >Compared with
      <select class="field" @change=${({ target }: Event) => controls.look({ compared: valueOf(target) })}>
        ${savings.choices.map(
          ({ value, label }) => html`<option value=${value} .selected=${value === savings.chosen}>${label}</option>`,
        )}
      </select>
    </label>
    ${savings.sentences.map((sentence) => html`<p>${sentence}</p>`)}
    <p class="quiet">${savings.note}</p>
  </section>`;
}

function valueOf(target: EventTarget | null): string {
  return (target as HTMLSelectElement).value;
}

export function sumsView({ sections: { sums = [] } }: PageState): readonly TemplateResult[] {
  return sums.filter(({ rows }) => rows.length > 0).map(sumView);
}

function sumView({ key, title, rows }: SumTable): TemplateResult {
  const hasMoney = rows.some(({ money }) => money !== undefined);
  return html`<section class="card" aria-labelledby="sum-${key}">
    <h2 id="sum-${key}">${title}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">${title.replace('By ', '')}</th>
          <th scope="col" class="number">requests</th>
          <th scope="col" class="number">tokens</th>
          ${hasMoney ? html`<th scope="col" class="number">spend</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, requests, tokens, money, share }) =>
            html`<tr>
              <th scope="row">
                ${name}
                <svg class="measure" viewBox="0 0 1000 3" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="measure-rest" width="1000" height="3" />
                  <rect class="measure-share" width=${share * 1_000} height="3" />
                </svg>
              </th>
              <td class="number">${requests}</td>
              <td class="number">${tokens}</td>
              ${hasMoney ? html`<td class="number">${money ?? notCharged}</td>` : nothing}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** Where nobody charges there is no sum, least of all zero dollars. */
export const notCharged = html`<span class="quiet" title="Nobody charges for it.">not charged</span>`;

export function completionsView({ sections: { completions } }: PageState): Part {
  if (completions === undefined || completions.rows.length === 0) return nothing;
  return html`<section class="card" aria-labelledby="completions-title">
    <h2 id="completions-title">Completions</h2>
    <div class="scrolled" tabindex="0" role="region" aria-label="Table of completions">
      <table>
        <thead>
          <tr>
            <th scope="col">model</th>
            <th scope="col" class="number">offered</th>
            <th scope="col" class="number">accepted</th>
            <th scope="col" class="number">still there</th>
            <th scope="col" class="number">lines kept</th>
            <th scope="col" class="number">cost per kept line</th>
          </tr>
        </thead>
        <tbody>
          ${completions.rows.map(
            ({ model, offered, accepted, stillThere, keptLines, perKeptLine }) =>
              html`<tr>
                <th scope="row">${model}</th>
                <td class="number">${offered}</td>
                <td class="number">${accepted}</td>
                <td class="number">${stillThere}</td>
                <td class="number">${keptLines}</td>
                <td class="number">${perKeptLine}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="quiet">${completions.note}</p>
  </section>`;
}

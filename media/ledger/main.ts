/** The ledger's page: draws what its host says, and tells it what the user wants to see. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { FromPage, ToPage } from '../../src/ledger/protocol.ts';
import { icon } from '../shared/icon.ts';
import { chartView } from './chart.ts';
import { filtersView } from './filters.ts';
import { headView } from './head.ts';
import { heard, noFilters, stateAtStart, type Kept, type PageControls, type PageState } from './pageState.ts';
import { recordsView } from './records.ts';
import { completionsView, figuresView, notesView, savingsView, sharesView, sumsView } from './sums.ts';

/** VS Code's own, there once per page. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Partial<Kept> | undefined;
  setState(state: Kept): void;
};

const host = acquireVsCodeApi();
const root = document.getElementById('root') as HTMLElement;
let state = stateAtStart(host.getState());
let isDrawing = false;
/** The request that the host leads to, until its record is drawn. */
let ledTo: string | undefined;

const controls: PageControls = {
  look(change) {
    const look = { ...state.look, firstRow: 0, ...change };
    set({ look, isAwaited: true, pointedBar: undefined });
    host.postMessage({ kind: 'look', look });
  },
  act: (action) => host.postMessage({ kind: 'act', action }),
  toggle(id) {
    const isOpening = state.openId !== id;
    set({ openId: isOpening ? id : undefined, record: undefined, activeId: id });
    if (isOpening) host.postMessage({ kind: 'open', id });
  },
  copy: (id) => host.postMessage({ kind: 'copy', id }),
  now: () => state,
  change: set,
};

function set(change: Partial<PageState>): void {
  state = { ...state, ...change };
  const { look, measure, isChartTable } = state;
  host.setState({ look, measure, isChartTable });
  drawSoon();
}

/** Whatever comes within a frame is drawn together. */
function drawSoon(): void {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    render(pageView(state), root);
    goWhereLed();
  });
}

function pageView(now: PageState): TemplateResult {
  const { about, rows } = now.sections;
  const isReady = about !== undefined && rows !== undefined;
  return html`
    ${headView(now, controls)} ${statusView(now)}
    ${isReady ? (about.isEmpty ? emptyView() : contentView(now)) : nothing}
    <p class="unseen" role="status">${now.announcement}</p>
  `;
}

function statusView({ readLines, failure }: PageState): TemplateResult | typeof nothing {
  if (failure !== undefined) {
    return html`<div class="message is-error" role="alert">
      ${icon('error')}
      <p>${failure}</p>
      <button class="button is-secondary" @click=${() => controls.act('again')}>Try again</button>
    </div>`;
  }
  if (readLines === undefined) return nothing;
  const lines = readLines === 0 ? '' : ` ${readLines.toLocaleString('en')} lines`;
  return html`<p class="message" aria-live="polite">${icon('loading', 'is-turning')} Reading the ledger…${lines}</p>`;
}

function emptyView(): TemplateResult {
  return html`<section class="empty">
    ${icon('book')}
    <h2>Nothing was asked of a model yet</h2>
    <p>
      Every completion and every chat answer is written down here before its first byte leaves: which model, where it
      went and how that is known, how many tokens and bytes, what it cost. Never the text itself.
    </p>
  </section>`;
}

function contentView(now: PageState): TemplateResult {
  return html`
    ${notesView(now)} ${figuresView(now)} ${chartView(now, controls)}
    <div class="sums">${sharesView(now)} ${sumsView(now)} ${savingsView(now, controls)}</div>
    ${completionsView(now)}
    <section class="card" aria-labelledby="requests-title">
      <h2 id="requests-title">Requests</h2>
      ${filtersView(now, controls)} ${recordsView(now, controls)}
    </section>
  `;
}

/** The host leads to one request. */
function find(id: string): void {
  ledTo = id;
  controls.look({ ...noFilters, period: 'all', text: id });
  set({ openId: undefined });
  controls.toggle(id);
}

/** The table stands below everything else. */
function goWhereLed(): void {
  if (ledTo === undefined || state.openId !== ledTo || !state.record) return;
  const row = root.querySelector<HTMLElement>(`[data-row="${CSS.escape(ledTo)}"]`);
  row?.scrollIntoView();
  row?.focus();
  ledTo = undefined;
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === 'find') return find(data.id);
  state = heard(state, data);
  drawSoon();
});
drawSoon();
host.postMessage({ kind: 'ready', look: state.look });

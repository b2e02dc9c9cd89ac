/** Spend or tokens per day and model: bars for the eye, a slider for the keyboard, and a table that says the same. */
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Bar, Chart, Part, Tick } from '../../src/ledger/protocol.ts';
import type { Measure, PageControls, PageState } from './pageState.ts';

const height = 190;
const leftRoom = 58;
const rightRoom = 8;
const bottomRoom = 22;
const topRoom = 14;
const widestBar = 34;
/** Words below the bars need that much room each. */
const wordsRoom = 62;

export function chartView(state: PageState, controls: PageControls): TemplateResult | typeof nothing {
  const { chart } = state.sections;
  if (chart === undefined || chart.bars.length === 0) return nothing;
  const measure = measureOf(state, chart);
  const what = measure === 'spend' ? 'Spend' : 'Tokens';
  return html`<section class="card chart" aria-labelledby="chart-title">
    <div class="chart-head">
      <h2 id="chart-title">${what} per ${chart.unit}</h2>
      <fieldset class="segments">
        <legend class="unseen">What the chart draws</legend>
        ${(['spend', 'tokens'] as const).map(
          (each) =>
            html`<label
              ><input
                type="radio"
                name="measure"
                .checked=${measure === each}
                @change=${() => controls.change({ measure: each })}
              /><span>${each === 'spend' ? 'Spend' : 'Tokens'}</span></label
            >`,
        )}
      </fieldset>
      <label class="check"
        ><input
          type="checkbox"
          .checked=${state.isChartTable}
          @change=${({ target }: Event) => controls.change({ isChartTable: (target as HTMLInputElement).checked })}
        />as a table</label
      >
    </div>
    ${state.isChartTable ? tableView(chart, measure) : plotView(state, controls, measure)}
  </section>`;
}

function measureOf({ measure }: PageState, { spendTicks }: Chart): Measure {
  return measure ?? (spendTicks.length > 0 ? 'spend' : 'tokens');
}

function valueOf(part: Part, measure: Measure): number {
  return measure === 'spend' ? part.nanoUsd : part.tokens;
}

function plotView(state: PageState, controls: PageControls, measure: Measure): TemplateResult {
  const { chart } = state.sections as { readonly chart: Chart };
  const ticks = measure === 'spend' ? chart.spendTicks : chart.tokenTicks;
  if (ticks.length === 0) return html`<p class="quiet nothing-found">${emptyWords(chart, measure)}</p>`;
  const pointed = state.pointedBar;
  const shown = chart.bars[pointed ?? chart.bars.length - 1];
  return html`
    <div
      class="plot"
      ${ref((plotObserver ??= new PlotObserver(controls)).follow)}
      role="slider"
      tabindex="0"
      aria-label=${chart.unit === 'day' ? 'Day' : 'Month'}
      aria-valuemin="1"
      aria-valuemax=${chart.bars.length}
      aria-valuenow=${(pointed ?? chart.bars.length - 1) + 1}
      aria-valuetext=${shown === undefined ? '' : barWords(shown, chart)}
      @keydown=${(event: KeyboardEvent) => stepped(event, controls)}
      @pointermove=${(event: PointerEvent) => controls.change({ pointedBar: barAt(event, chart.bars.length) })}
      @pointerleave=${() => controls.change({ pointedBar: undefined })}
      @click=${(event: MouseEvent) => showOnly(chart, barAt(event, chart.bars.length), controls)}
    >
      ${drawing(chart, { ticks, measure, pointed, width: state.plotWidth })}
    </div>
    ${legendView(chart, { measure, pointed })}
  `;
}

function emptyWords({ bars }: Chart, measure: Measure): string {
  if (measure === 'tokens') return 'Nobody counted any tokens on these days.';
  const isUnknown = bars.some(({ money }) => money !== undefined);
  return isUnknown ? 'Nobody knows what it cost on these days.' : 'Nobody charged for anything on these days.';
}

interface Drawn {
  readonly ticks: readonly Tick[];
  readonly measure: Measure;
  readonly pointed: number | undefined;
  readonly width: number;
}

function drawing({ bars }: Chart, { ticks, measure, pointed, width }: Drawn): TemplateResult {
  const top = ticks.at(-1)?.value ?? 1;
  const plotHeight = height - topRoom - bottomRoom;
  const y = (value: number): number => topRoom + plotHeight * (1 - value / top);
  const pitch = (width - leftRoom - rightRoom) / bars.length;
  const every = Math.max(1, Math.ceil(wordsRoom / pitch));
  return html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${ticks.map(
      ({ value, words }) =>
        svg`<line class="grid" x1=${leftRoom} x2=${width} y1=${y(value)} y2=${y(value)} />
          <text class="axis" x=${leftRoom - 8} y=${y(value) + 4} text-anchor="end">${words}</text>`,
    )}
    ${bars.map((bar, index) => {
      const x = leftRoom + index * pitch;
      const isNamed = (bars.length - 1 - index) % every === 0;
      return svg`<g class=${index === pointed ? 'is-pointed' : ''}>
        <rect class="hit" x=${x} y=${topRoom} width=${pitch} height=${plotHeight} />
        ${barShape(bar, { x, pitch, y, measure })}
        ${isNamed ? svg`<text class="axis" x=${x + pitch / 2} y=${height - 6} text-anchor="middle">${bar.short}</text>` : ''}
      </g>`;
    })}
  </svg>`;
}

interface Place {
  readonly x: number;
  readonly pitch: number;
  readonly y: (value: number) => number;
  readonly measure: Measure;
}

function barShape(bar: Bar, { x, pitch, y, measure }: Place): readonly SVGTemplateResult[] {
  const barWidth = Math.max(1, Math.min(widestBar, pitch * 0.72));
  const left = x + (pitch - barWidth) / 2;
  let below = 0;
  const shapes = bar.parts
    .filter((part) => valueOf(part, measure) > 0)
    .map((part) => {
      const from = y(below);
      below += valueOf(part, measure);
      const size = Math.max(1, from - y(below));
      return svg`<rect class="bar series-${part.series}" x=${left} y=${from - size} width=${barWidth} height=${size} />`;
    });
  const mark = markOf(bar, measure, below);
  const words = svg`<text class="mark" x=${x + pitch / 2} y=${y(below) - 3} text-anchor="middle">${mark}</text>`;
  return mark === '' ? shapes : [...shapes, words];
}

/** What a bar alone would hide: that it is at least that much, or that nobody knows. */
function markOf({ isAtLeast, money }: Bar, measure: Measure, value: number): string {
  if (measure !== 'spend' || !isAtLeast || money === undefined) return '';
  return value === 0 ? '?' : '≥';
}

function legendView(
  { series, bars, unit }: Chart,
  { measure, pointed }: Pick<Drawn, 'measure' | 'pointed'>,
): TemplateResult {
  const bar = pointed === undefined ? undefined : bars[pointed];
  const marks = measure === 'spend' && bars.some(({ isAtLeast, money }) => isAtLeast && money !== undefined);
  const head =
    bar === undefined
      ? html`<span class="quiet"
          >Point at a ${unit}, or use the arrow keys.${marks ? ' ≥ at least that much, ? price unknown.' : ''}</span
        >`
      : html`<strong>${bar.long}</strong> <span>${totalWords(bar)}</span>`;
  return html`<div class="legend">
    <p>${head}</p>
    <ul>
      ${series.map((name, index) => {
        const part = bar?.parts.find((each) => each.series === index);
        return html`<li class=${bar !== undefined && part === undefined ? 'is-absent' : ''}>
          <span class="swatch series-${index}" aria-hidden="true"></span>${name}
          ${part === undefined ? nothing : html`<span class="quiet">${partWords(part, measure)}</span>`}
        </li>`;
      })}
    </ul>
  </div>`;
}

function partWords({ tokenWords, money }: Part, measure: Measure): string {
  return measure === 'spend' ? (money ?? 'not charged') : tokenWords;
}

function totalWords({ requests, tokens, money }: Bar): string {
  return [requests, tokens, ...(money === undefined ? [] : [money])].join(' · ');
}

function barWords(bar: Bar, { series }: Chart): string {
  const parts = bar.parts.map(
    (part) => `${series[part.series]}: ${part.tokenWords}${part.money === undefined ? '' : `, ${part.money}`}`,
  );
  return `${bar.long}: ${[totalWords(bar), ...parts].join('; ')}`;
}

function tableView({ bars, series, unit }: Chart, measure: Measure): TemplateResult {
  const told = bars.filter(({ parts }) => parts.length > 0);
  return html`<div class="scrolled chart-table" tabindex="0" role="region" aria-label="Table of the chart">
    <table>
      <thead>
        <tr>
          <th scope="col">${unit}</th>
          <th scope="col" class="number">requests</th>
          ${series.map((name) => html`<th scope="col" class="number">${name}</th>`)}
          <th scope="col" class="number">together</th>
        </tr>
      </thead>
      <tbody>
        ${[...told].reverse().map(
          (bar) =>
            html`<tr>
              <th scope="row">${bar.at}</th>
              <td class="number">${bar.requests.replace(/ requests?$/, '')}</td>
              ${series.map((_, index) => {
                const part = bar.parts.find((each) => each.series === index);
                return html`<td class="number">${part === undefined ? '' : partWords(part, measure)}</td>`;
              })}
              <td class="number">${measure === 'spend' ? (bar.money ?? 'not charged') : bar.tokens}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function barAt(event: MouseEvent, count: number): number {
  const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
  const index = Math.floor(((event.clientX - left - leftRoom) / (width - leftRoom - rightRoom)) * count);
  return Math.min(count - 1, Math.max(0, index));
}

function stepped(event: KeyboardEvent, controls: PageControls): void {
  const { sections, pointedBar } = controls.now(); // keys may come faster than frames
  const { chart } = sections;
  if (chart === undefined) return;
  const last = chart.bars.length - 1;
  const now = pointedBar ?? last;
  const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: last }[
    event.key
  ];
  if (event.key === 'Enter') showOnly(chart, now, controls);
  if (next === undefined) return;
  event.preventDefault();
  controls.change({ pointedBar: Math.min(last, Math.max(0, next)) });
}

/** The whole page for that day or month. */
function showOnly({ bars, unit }: Chart, index: number, { look }: PageControls): void {
  const at = bars[index]?.at;
  if (at === undefined) return;
  look({ period: 'days', fromDay: unit === 'day' ? at : `${at}-01`, toDay: unit === 'day' ? at : lastDayOf(at) });
}

function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return `${month}-${String(new Date(year, number, 0).getDate()).padStart(2, '0')}`;
}

/** Tells how wide the plot is, once it is there and whenever that changes. */
class PlotObserver {
  private observed: Element | undefined;
  private readonly observer: ResizeObserver;

  constructor(controls: PageControls) {
    this.observer = new ResizeObserver(([entry]) => {
      const plotWidth = Math.round(entry?.contentRect.width ?? 0);
      if (plotWidth > 0) controls.change({ plotWidth });
    });
  }

  readonly follow = (plot: Element | undefined): void => {
    if (plot === this.observed) return;
    this.observer.disconnect();
    this.observed = plot;
    if (plot !== undefined) this.observer.observe(plot);
  };
}

let plotObserver: PlotObserver | undefined;

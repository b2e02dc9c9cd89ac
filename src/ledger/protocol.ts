/** What the ledger's page and its host tell each other, and the one parser of what the page says. Pure. */

/** Which days are looked at. `days`: those that the look names. */
export type Period = 'week' | 'month' | 'quarter' | 'all' | 'days';

/** What the user wants to see. An empty text is no wish. */
export interface Look {
  readonly period: Period;
  /** `2026-11-22`; both included, and only with the period `days`. */
  readonly fromDay: string;
  readonly toDay: string;
  /** The values of `Choices`. */
  readonly model: string;
  readonly route: string;
  readonly purpose: string;
  readonly outcome: string;
  /** Somewhere in what is said of a request. */
  readonly text: string;
  /** The table's first row, from 0. */
  readonly firstRow: number;
  /** Key of the model to compare with; empty: the first of the choices. */
  readonly compared: string;
}

/** What the page can ask its host to do. `own`: show the user's own ledger again. */
export type PageAction = 'export' | 'verify' | 'merge' | 'delete' | 'own' | 'again';

/** What the page says. */
export type FromPage =
  | { readonly kind: 'ready'; readonly look: Look }
  | { readonly kind: 'look'; readonly look: Look }
  /** Asks for everything about one request, or to put it into the clipboard. */
  | { readonly kind: 'open'; readonly id: string }
  | { readonly kind: 'copy'; readonly id: string }
  | { readonly kind: 'act'; readonly action: PageAction };

/** What the host says. */
export type ToPage =
  /** The ledger is being read, so far that many of its lines. */
  | { readonly kind: 'reading'; readonly lines: number }
  /** What changed since the last time; everything at first. */
  | { readonly kind: 'shown'; readonly sections: Partial<Sections> }
  /** `undefined`: the request is gone. */
  | { readonly kind: 'record'; readonly id: string; readonly record: RequestRecord | undefined }
  /** Shows one request: the page looks for it among all days, and opens its record. */
  | { readonly kind: 'find'; readonly id: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Everything on the page. All words are for people. */
export interface Sections {
  readonly about: About;
  readonly choices: Choices;
  readonly totals: Totals;
  readonly chart: Chart;
  readonly sums: readonly SumTable[];
  readonly shares: readonly Share[];
  readonly completions: Completions;
  /** `null`: there is nothing to compare. */
  readonly savings: SavingsWords | null;
  readonly rows: RowWindow;
}

/** Whose ledger it is, and what has to be known of it. */
export interface About {
  /** Of merged ledgers: who; `undefined`: it is the user's own. */
  readonly people: readonly string[] | undefined;
  /** Nothing was ever asked of a model. */
  readonly isEmpty: boolean;
  /** First and last day that are shown. */
  readonly fromDay: string;
  readonly toDay: string;
  /** What is missing in the sums, as sentences. */
  readonly notes: readonly string[];
}

/** A value to choose. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What can be chosen, as far as the ledger has it. */
export interface Choices {
  readonly models: readonly Choice[];
  readonly routes: readonly Choice[];
  readonly purposes: readonly Choice[];
  readonly outcomes: readonly Choice[];
}

/** One large number, and what stands below it. */
export interface Figure {
  readonly title: string;
  readonly value: string;
  readonly detail: string;
}

export interface Totals {
  readonly figures: readonly Figure[];
}

/** Spend and tokens per day (per month where there are many) and model. */
export interface Chart {
  readonly unit: 'day' | 'month';
  /** At most seven; the last may stand for all others. */
  readonly series: readonly string[];
  readonly bars: readonly Bar[];
  /** Of either none where there is nothing to draw. */
  readonly tokenTicks: readonly Tick[];
  readonly spendTicks: readonly Tick[];
}

/** A line across the chart. */
export interface Tick {
  readonly value: number;
  readonly words: string;
}

export interface Bar {
  /** `2026-11-22` or `2026-11`. */
  readonly at: string;
  /** `22 Nov`. */
  readonly short: string;
  /** `Sunday, 22 November 2026`. */
  readonly long: string;
  readonly parts: readonly Part[];
  readonly requests: string;
  readonly tokens: string;
  /** `undefined`: nobody charged for it. */
  readonly money: string | undefined;
  /** The sum of money is at least that much. */
  readonly isAtLeast: boolean;
}

export interface Part {
  /** Index of its series. */
  readonly series: number;
  readonly tokens: number;
  readonly nanoUsd: number;
  readonly tokenWords: string;
  /** `undefined`: nobody charged for it. */
  readonly money: string | undefined;
}

/** The same sums in another order: by purpose, workspace, host, label. */
export interface SumTable {
  readonly key: string;
  readonly title: string;
  readonly rows: readonly SumRow[];
}

export interface SumRow {
  readonly name: string;
  readonly requests: string;
  readonly tokens: string;
  /** `undefined`: nobody charged for it. */
  readonly money: string | undefined;
  /** 0..1 of the table's tokens. */
  readonly share: number;
}

/** How much of what was asked went by one route. */
export interface Share {
  readonly kind: 'inProcess' | 'loopback' | 'mayForward' | 'private' | 'internet';
  readonly name: string;
  readonly requests: string;
  /** 0..1. */
  readonly share: number;
  readonly words: string;
}

/** What became of completions; personal. */
export interface Completions {
  readonly rows: readonly CompletionRow[];
  readonly note: string;
}

export interface CompletionRow {
  readonly model: string;
  readonly offered: string;
  readonly accepted: string;
  readonly stillThere: string;
  readonly keptLines: string;
  readonly perKeptLine: string;
}

/** What answers would have cost elsewhere. */
export interface SavingsWords {
  readonly choices: readonly Choice[];
  readonly chosen: string;
  readonly sentences: readonly string[];
  /** Why these are estimates, with the prices' date. */
  readonly note: string;
}

/** Rows of the table, newest first. */
export interface RowWindow {
  readonly first: number;
  /** As many as are given at once. */
  readonly perPage: number;
  /** All that fit the look. */
  readonly total: number;
  /** `1,204 requests · 1.2M tokens · $0.42`. */
  readonly words: string;
  readonly rows: readonly RequestRow[];
}

export interface RequestRow {
  readonly id: string;
  /** `2026-11-22 14:03`, on the clock of the computer the ledger is on. */
  readonly at: string;
  readonly purpose: string;
  readonly model: string;
  readonly place: string;
  /** It left this computer, or may have. */
  readonly hasLeft: boolean;
  /** `undefined`: not counted. */
  readonly tokens: string | undefined;
  /** `undefined`: nobody charges for it. */
  readonly money: string | undefined;
  readonly outcome: string;
  readonly isBad: boolean;
}

/** All that is known of one request. */
export interface RequestRecord {
  readonly groups: readonly FieldGroup[];
  /** The ledger's own words. */
  readonly json: string;
}

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly value: string;
  /** A name, an address or a hash. */
  readonly isCode?: boolean;
}

/** A model's id has a path in it. */
const mostTextChars = 5_000;
const mostRows = 100_000_000;
const periods: readonly unknown[] = ['week', 'month', 'quarter', 'all', 'days'] satisfies Period[];
const actions: readonly unknown[] = ['export', 'verify', 'merge', 'delete', 'own', 'again'] satisfies PageAction[];

/** What the page said; `undefined`: nothing that it may say. Never throws. */
export function parseFromPage(message: unknown): FromPage | undefined {
  const { kind, look, id, action } = fieldsOf(message);
  switch (kind) {
    case 'ready':
    case 'look': {
      const parsed = parseLook(look);
      return parsed && { kind, look: parsed };
    }
    case 'open':
    case 'copy':
      return isText(id) && id !== '' ? { kind, id } : undefined;
    case 'act':
      return actions.includes(action) ? { kind, action: action as PageAction } : undefined;
    default:
      return undefined;
  }
}

/** A look as the page sent or kept it; `undefined`: it is none. Never throws. */
export function parseLook(value: unknown): Look | undefined {
  const { period, fromDay, toDay, firstRow, model, route, purpose, outcome, text, compared } = fieldsOf(value);
  const texts = [model, route, purpose, outcome, text, compared];
  if (!periods.includes(period) || !isDay(fromDay) || !isDay(toDay) || !texts.every(isText)) return undefined;
  if (!Number.isSafeInteger(firstRow) || Number(firstRow) < 0 || Number(firstRow) > mostRows) return undefined;
  return { period, fromDay, toDay, firstRow, model, route, purpose, outcome, text, compared } as Look;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= mostTextChars;
}

function isDay(value: unknown): boolean {
  return value === '' || (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
}

/** A ledger becomes what its page shows: sums, shares, and the rows of the table that fit a look. Pure. */
import { dayOf, type Day } from './books.ts';
import { chartOf, dayAfter } from './chart.ts';
import { completionsOf } from './completionRows.ts';
import type { Intent } from './entry.ts';
import type { Holdings } from './holdings.ts';
import { basisWords, costWords, moneyWords } from './moneyWords.ts';
import type {
  About,
  Choice,
  Choices,
  Figure,
  Look,
  RequestRow,
  RowWindow,
  Sections,
  Share,
  SumRow,
  SumTable,
} from './protocol.ts';
import type { DailyRow, LedgerRequest } from './rows.ts';
import { routeShares } from './savings.ts';
import { addSpend, mayCost, noSpend, spendOf, type Spend } from './spend.ts';
import type { CompletionUse } from './statistics.ts';
import {
  byteWords,
  countWords,
  distanceWords,
  numberOf,
  outcomeNames,
  outcomeWords,
  percentWords,
  placeWords,
  purposeWords,
  shortCount,
  timeWords,
} from './words.ts';

/** Rows of the table that the page is given at once. */
export const rowsPerPage = 50;
/** Lines of a table of sums; what is less is one line together. */
const mostSums = 8;

/** What the page is made of. */
export interface PageSource {
  readonly holdings: Holdings;
  /** Of merged ledgers: who. */
  readonly people?: readonly string[];
  /** What became of completions; none in merged ledgers. */
  readonly uses: readonly CompletionUse[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Everything but what answers would have cost elsewhere, for which prices have to be looked up. */
export function sectionsOf({ holdings, people, uses, nowMs }: PageSource, look: Look): Omit<Sections, 'savings'> {
  const range = rangeOf(holdings, look, dayOf(nowMs));
  const days = daysIn(holdings, range);
  const rows = days.flatMap((day) => holdings.rowsOf(day));
  return {
    about: aboutOf(holdings, { range, days, people }),
    choices: choicesOf(holdings),
    totals: { figures: figuresOf(rows) },
    chart: chartOf(rows, range.from, range.to),
    sums: sumTables(rows),
    shares: sharesOf(rows),
    completions: completionsOf(
      rows,
      uses.filter(({ day }) => isIn(range, day)),
    ),
    rows: windowOf(holdings, days, look),
  };
}

/** The requests of the days that are looked at, oldest first. */
export function requestsIn(holdings: Holdings, look: Look, nowMs: number): readonly LedgerRequest[] {
  const range = rangeOf(holdings, look, dayOf(nowMs));
  return daysIn(holdings, range).flatMap((day) => holdings.requestsOf(day));
}

/** Days from the first to the last, both included. */
interface Range {
  readonly from: Day;
  readonly to: Day;
}

function rangeOf(holdings: Holdings, { period, fromDay, toDay }: Look, today: Day): Range {
  const { days } = holdings;
  const [first = today, last = today] = [days[0], days.at(-1)];
  const to = last > today ? last : today; // the clock was ahead once
  switch (period) {
    case 'week':
      return { from: dayAfter(today, -6), to };
    case 'month':
      return { from: dayAfter(today, -29), to };
    case 'quarter':
      return { from: dayAfter(today, -89), to };
    case 'all':
      return { from: first, to };
    case 'days':
      return { from: fromDay === '' ? first : fromDay, to: toDay === '' ? to : toDay };
  }
}

function isIn({ from, to }: Range, day: Day): boolean {
  return day >= from && day <= to;
}

function daysIn(holdings: Holdings, range: Range): readonly Day[] {
  return holdings.days.filter((day) => isIn(range, day));
}

function aboutOf(
  holdings: Holdings,
  {
    range,
    days,
    people,
  }: { readonly range: Range; readonly days: readonly Day[]; readonly people: readonly string[] | undefined },
): About {
  const rows = days.flatMap((day) => holdings.rowsOf(day));
  const unsettled = rows.reduce((sum, row) => sum + row.unsettled, 0);
  const old = new Set(holdings.oldDays);
  const oldDays = days.filter((day) => old.has(day));
  const { damagedLines } = holdings;
  const notes = [
    unsettled > 0 &&
      `${numberOf(unsettled, 'request has', 'requests have')} no end (running now, or cut by a crash): what ${unsettled === 1 ? 'it' : 'they'} used is not in the sums, which are "at least".`,
    people === undefined &&
      oldDays.length > 0 &&
      `Of ${numberOf(oldDays.length, 'day')} until ${oldDays.at(-1)} only the sums are kept: single requests are gone because of their age.`,
    damagedLines > 0 &&
      `${numberOf(damagedLines, 'line')} could not be read, so every sum is "at least". "Verify" says where the chain breaks.`,
  ].filter((note) => note !== false);
  return { people, isEmpty: holdings.isEmpty, fromDay: range.from, toDay: range.to, notes };
}

function choicesOf(holdings: Holdings): Choices {
  const rows = holdings.days.flatMap((day) => holdings.rowsOf(day));
  const models = new Map(rows.flatMap(({ modelId, modelName }) => (modelId ? [[modelId, modelName ?? modelId]] : [])));
  const names = [...models.values()];
  const isShared = (name: string): boolean => names.filter((each) => each === name).length > 1;
  const modelChoices = [...models].map(([value, name]) => ({
    value,
    label: isShared(name) ? `${name} (${value})` : name,
  }));
  const ofRows = (choice: (row: DailyRow) => Choice): readonly Choice[] => {
    const found = new Map(rows.map((row) => [choice(row).value, choice(row)]));
    return [...found.values()].sort((one, other) => (one.label < other.label ? -1 : 1));
  };
  return {
    models: modelChoices.sort((one, other) => (one.label.toLowerCase() < other.label.toLowerCase() ? -1 : 1)),
    routes: ofRows(({ route, evidence }) => routeChoice({ kind: route, evidence })),
    purposes: ofRows((row) => ({ value: purposeValue(row), label: purposeWords(row) })),
    outcomes: [
      ...Object.entries(outcomeNames).map(([value, label]) => ({ value, label })),
      { value: noEnd, label: 'no end' },
    ],
  };
}

const noEnd = 'noEnd';

function routeChoice(route: Pick<Intent['route'], 'kind' | 'evidence'>): Choice {
  return { value: `${route.kind}/${route.evidence}`, label: routeLabel(route) };
}

/** With what the words alone do not tell apart. */
function routeLabel(route: Pick<Intent['route'], 'kind' | 'evidence'>): string {
  const isTold = route.kind === 'inProcess' || route.kind === 'loopback' || route.evidence === 'verified';
  return isTold ? distanceWords(route) : `${distanceWords(route)}, by a proxy`;
}

function purposeValue({ role, initiator }: Pick<DailyRow, 'role' | 'initiator'>): string {
  return `${role}/${initiator}`;
}

function figuresOf(rows: readonly DailyRow[]): readonly Figure[] {
  const spend = rows.reduce((sum, row) => addSpend(sum, row.spend), noSpend);
  const left = rows.filter(hasLeft);
  const sentBytes = sumOf(left, ({ sentBytes: bytes }) => bytes);
  const requestsThatLeft = sumOf(left, ({ requests }) => requests);
  const asked = sumOf(rows.filter(isQuestion), ({ requests }) => requests);
  const all = sumOf(rows, ({ requests }) => requests);
  return [
    { title: 'Spend', value: moneyWords(spend) ?? 'none charged', detail: spendDetail(spend) },
    {
      title: 'Tokens',
      value: shortCount(sumOf(rows, tokensOf)),
      detail: `${shortCount(sumOf(rows, (row) => row.promptTokens))} read, ${shortCount(sumOf(rows, (row) => row.completionTokens))} written`,
    },
    {
      title: 'Requests',
      value: countWords(asked),
      detail: all === asked ? 'that somebody waited for' : `and ${countWords(all - asked)} in the background`,
    },
    {
      title: 'Left this computer',
      value: byteWords(sentBytes),
      detail: requestsThatLeft === 0 ? 'in no request' : `in ${numberOf(requestsThatLeft, 'request')}`,
    },
  ];
}

function spendDetail(spend: Spend): string {
  const unpriced = spend.unpriced > 0 ? `${numberOf(spend.unpriced, 'request')} without a price` : undefined;
  const words = [basisWords(spend), unpriced].filter((part) => part !== undefined);
  if (words.length > 0) return words.join(', ');
  return spend.isAtLeast ? 'nothing is settled yet' : 'nobody charged for anything';
}

function tokensOf({ promptTokens, completionTokens }: DailyRow): number {
  return promptTokens + completionTokens;
}

function sumOf(rows: readonly DailyRow[], of: (row: DailyRow) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

/** Reading ahead and errands are no questions of the user's. */
function isQuestion({ role, initiator }: Pick<DailyRow, 'role' | 'initiator'>): boolean {
  return (role === 'completion' || role === 'chat') && initiator !== 'ahead';
}

/** It left this computer, or a server here may have passed it on. */
function hasLeft({ route, evidence, ...row }: Pick<DailyRow, 'route' | 'evidence' | 'role' | 'initiator'>): boolean {
  return route === 'private' || route === 'internet' || (evidence === 'assumed' && isQuestion(row));
}

function sumTables(rows: readonly DailyRow[]): readonly SumTable[] {
  const tables = [
    sumTable(rows, { key: 'purpose', title: 'By purpose', nameOf: purposeWords }),
    sumTable(rows, { key: 'workspace', title: 'By workspace', nameOf: ({ workspace }) => workspace?.name ?? 'none' }),
    sumTable(rows, {
      key: 'host',
      title: 'By host',
      nameOf: ({ host, route, evidence }) => host ?? distanceWords({ kind: route, evidence }),
    }),
  ];
  const hasLabels = rows.some(({ label }) => label !== null);
  const labels = { key: 'label', title: 'By label', nameOf: ({ label }: DailyRow) => label ?? 'none' };
  return hasLabels ? [...tables, sumTable(rows, labels)] : tables;
}

interface Summing {
  readonly key: string;
  readonly title: string;
  readonly nameOf: (row: DailyRow) => string;
}

function sumTable(rows: readonly DailyRow[], { key, title, nameOf }: Summing): SumTable {
  const groups = new Map<string, DailyRow[]>();
  for (const row of rows) {
    const known = groups.get(nameOf(row));
    if (known === undefined) groups.set(nameOf(row), [row]);
    else known.push(row);
  }
  const ordered = [...groups].sort(([, one], [, other]) => sumOf(other, tokensOf) - sumOf(one, tokensOf));
  const rest = ordered.slice(mostSums);
  const shown: readonly (readonly [string, readonly DailyRow[]])[] =
    rest.length < 2
      ? ordered
      : [...ordered.slice(0, mostSums), [`${rest.length} others`, rest.flatMap(([, group]) => group)]];
  const all = sumOf(rows, tokensOf);
  return { key, title, rows: shown.map(([name, group]) => sumRow(name, group, all)) };
}

function sumRow(name: string, rows: readonly DailyRow[], allTokens: number): SumRow {
  const tokens = sumOf(rows, tokensOf);
  return {
    name,
    requests: countWords(sumOf(rows, ({ requests }) => requests)),
    tokens: shortCount(tokens),
    money: moneyWords(rows.reduce((sum, row) => addSpend(sum, row.spend), noSpend)),
    share: allTokens === 0 ? 0 : tokens / allTokens,
  };
}

function sharesOf(rows: readonly DailyRow[]): readonly Share[] {
  return routeShares(rows).map(({ route, evidence, requests, share }) => ({
    kind: route === 'loopback' && evidence === 'assumed' ? 'mayForward' : route,
    name: routeLabel({ kind: route, evidence }),
    requests: numberOf(requests, 'request'),
    share,
    words: percentWords(share),
  }));
}

function windowOf(holdings: Holdings, days: readonly Day[], look: Look): RowWindow {
  const isWanted = filterOf(look);
  let [total, tokens, spend] = [0, 0, noSpend];
  const matching = [...days].reverse().flatMap((day) => {
    const requests = isWanted === undefined ? holdings.requestsOf(day) : holdings.requestsOf(day).filter(isWanted);
    total += requests.length;
    if (isWanted !== undefined) for (const request of requests) [tokens, spend] = addRequest(tokens, spend, request);
    return requests.length === 0 ? [] : [requests];
  });
  if (isWanted === undefined) {
    const rows = days.flatMap((day) => holdings.rowsOf(day));
    tokens = sumOf(rows, tokensOf);
    spend = rows.reduce((sum, row) => addSpend(sum, row.spend), noSpend);
  }
  const lastPage = Math.max(0, Math.ceil(total / rowsPerPage) - 1) * rowsPerPage;
  const first = Math.min(Math.floor(look.firstRow / rowsPerPage) * rowsPerPage, lastPage);
  const money = moneyWords(spend);
  const words = [numberOf(total, 'request'), `${shortCount(tokens)} tokens`, ...(money === undefined ? [] : [money])];
  const rows = newest(matching, first, rowsPerPage).map(rowOf);
  return { first, perPage: rowsPerPage, total, words: words.join(' · '), rows };
}

function addRequest(tokens: number, spend: Spend, { intent, settlement }: LedgerRequest): readonly [number, Spend] {
  const { promptTokens = 0, completionTokens = 0 } = settlement?.usage ?? {};
  const own = settlement === undefined ? openSpend(intent) : spendOf(settlement);
  return [tokens + promptTokens + completionTokens, addSpend(spend, own)];
}

function openSpend(intent: Intent): Spend {
  return mayCost(intent) ? { ...noSpend, isAtLeast: true } : noSpend;
}

/** Some of them, newest first. @param groups the newest first, each oldest first. */
function newest(groups: readonly (readonly LedgerRequest[])[], from: number, count: number): readonly LedgerRequest[] {
  const found: LedgerRequest[] = [];
  let before = 0;
  for (const group of groups) {
    const [first, last] = [Math.max(0, from - before), Math.min(group.length, from + count - before)];
    for (let index = first; index < last; index += 1)
      found.push(...group.slice(group.length - 1 - index, group.length - index));
    before += group.length;
  }
  return found;
}

/** `undefined`: everything is wanted. */
function filterOf(look: Look): ((request: LedgerRequest) => boolean) | undefined {
  const { model, route, purpose, outcome, text } = look;
  if ([model, route, purpose, outcome, text.trim()].every((wish) => wish === '')) return undefined;
  const hasText = textFilter(text.trim());
  return (request) => {
    const { intent, settlement } = request;
    return (
      (model === '' || intent.modelId === model) &&
      (route === '' || routeChoice(intent.route).value === route) &&
      (purpose === '' || purposeValue(intent.purpose) === purpose) &&
      (outcome === '' || (settlement?.outcome ?? noEnd) === outcome) &&
      hasText(request)
    );
  };
}

function textFilter(text: string): (request: LedgerRequest) => boolean {
  if (text === '') return () => true;
  const wanted = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  return ({ intent, settlement }) => {
    const { id, modelName, modelId, route, workspace, label, origin, extension, items } = intent;
    const said = [modelName, modelId, route.host, route.forwardsTo, workspace?.name, label, origin, extension, id];
    const ended = [settlement?.servedModel, settlement?.failure];
    const has = (words: string | undefined): boolean => words !== undefined && wanted.test(words);
    return (
      said.some(has) ||
      ended.some(has) ||
      items.some(({ uri }) => wanted.test(uri)) ||
      has(purposeWords(intent.purpose))
    );
  };
}

function rowOf({ intent, settlement }: LedgerRequest): RequestRow {
  const { usage } = settlement ?? {};
  const { kind, evidence } = intent.route;
  const tokens = usage && `${countWords(usage.promptTokens)} → ${countWords(usage.completionTokens)}`;
  const money = settlement === undefined ? moneyWords(openSpend(intent)) : costWords(settlement);
  return {
    id: intent.id,
    at: timeWords(intent.atMs).slice(0, -3),
    purpose: purposeWords(intent.purpose),
    model: intent.modelName ?? intent.modelId ?? '',
    place: placeWords(intent.route),
    hasLeft: hasLeft({ ...intent.purpose, route: kind, evidence }),
    tokens,
    money,
    outcome: outcomeWords(settlement),
    isBad: settlement === undefined || settlement.outcome === 'failed' || settlement.outcome === 'cut',
  };
}

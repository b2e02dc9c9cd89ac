/** What the hover says of sums is decided here: tokens, money, budgets, what left. Pure. */
import { dayOf, type Day } from '../../ledger/books.ts';
import type { LimitUse } from '../../ledger/budget.ts';
import type { Errand } from '../../models/model.ts';
import { basisWords, costWords, moneyWords } from '../../ledger/moneyWords.ts';
import { priceTableEdition } from '../../ledger/price.ts';
import type { LedgerRequest } from '../../ledger/rows.ts';
import { noSpend } from '../../ledger/spend.ts';
import { leavesThisComputer, totalSpend, type Tally } from '../../ledger/tally.ts';
import { limitWords, mayCostMoney, percent } from './budgetWords.ts';
import { chosenOf, type IndicatorState } from './indicatorState.ts';
import { escapeMarkdown } from './markdown.ts';
import { bytes, counted, exactly, roughly, speed } from './numbers.ts';

/** So many requests that left are listed. */
const listedRequests = 5;
/** A budget's bar has so many parts. */
const barParts = 10;

/** What left this computer today. "0 bytes" is said of a day on which nothing was sent, and all of it could be read. */
export function leftWords({ today, completion, chat }: IndicatorState): string {
  if (completion === undefined && chat === undefined && today.requestsThatLeft === 0) return '';
  const remote = (completion ?? chat)?.route.remote;
  const where = remote === undefined ? 'this computer' : `the remote host ${escapeMarkdown(remote)}`;
  const { requestsThatLeft, bytesThatLeft, isPartial, unsettled } = today;
  if (requestsThatLeft === 0 && !isPartial) return `$(lock) 0 bytes left ${where} today`;
  if (requestsThatLeft === 0)
    return `$(warning) Part of today's ledger could not be read: what left ${where} is unknown`;
  const isOpen = isPartial || [...unsettled.values()].some(leavesThisComputer);
  const requests = counted(requestsThatLeft, 'request');
  // What has no body, such as a question for a list of models, leaves too.
  const what =
    bytesThatLeft > 0 ? `${bytes(bytesThatLeft)} in ${requests}` : `${requests}${isOpen ? '' : ', none with a body,'}`;
  return `$(cloud-upload) ${isOpen ? 'At least ' : ''}${what} left ${where} today`;
}

/** The table of sums, then budgets and what the month will come to. */
export function sumsWords(state: IndicatorState): readonly string[] {
  const { today, month, session } = state;
  if (chosenOf(state).length === 0 && today.requests === 0) return [];
  const stretches: readonly Stretch[] = [
    ['Today', today],
    ['This month', month],
    ['This window', session],
  ];
  const hasMoney = mayCostMoney(state) || stretches.some(([, tally]) => totalSpend(tally) !== noSpend);
  return [
    table(hasMoney ? ['', '>Cost', '>Tokens read', '>Written'] : ['', '>Tokens read', '>Written'], [
      ...stretches.map(([name, tally]) => [name, ...(hasMoney ? [costOf(tally)] : []), ...tokensOf(tally)]),
    ]),
    [speedLine(state), ...state.limits.map((use) => limitLine(use, state)), ...monthWords(state, hasMoney)]
      .filter((line) => line !== '')
      .join('  \n'),
  ].filter((part) => part !== '');
}

type Stretch = readonly [name: string, tally: Tally];

/** All there is that may cost something has no end. */
const unknownYet = 'not known yet';

function costOf(tally: Tally): string {
  const spend = totalSpend(tally);
  const words = spend.basis === undefined && spend.unpriced === 0 && spend.isAtLeast ? unknownYet : moneyWords(spend);
  if (words === undefined) return 'none';
  const more = [
    basisWords(spend),
    spend.unpriced > 0 && words !== 'price unknown' ? `${exactly(spend.unpriced)} without a price` : undefined,
  ].filter((each) => each !== undefined);
  return escapeMarkdown(more.length === 0 ? words : `${words} (${more.join(', ')})`);
}

/** Tokens of what ended early, or has no end, are not all counted. */
function tokensOf({ promptTokens, completionTokens, unsettled, isPartial, hasEarlyEnds }: Tally): readonly string[] {
  const atLeast = unsettled.size > 0 || isPartial || hasEarlyEnds ? 'at least ' : '';
  return [promptTokens, completionTokens].map((tokens) =>
    atLeast !== '' && tokens === 0 ? 'not counted' : `${atLeast}${exactly(tokens)}`,
  );
}

function limitLine(use: LimitUse, state: IndicatorState): string {
  const full = Math.min(barParts, Math.floor(percent(use) / (100 / barParts)));
  const kind = use.limit.kind === 'hard' ? '' : ' (warns only)';
  return `${'▰'.repeat(full)}${'▱'.repeat(barParts - full)} ${escapeMarkdown(limitWords(use, state))}${kind}`;
}

/** What the month will come to, and from when the list prices are. */
function monthWords({ forecast }: IndicatorState, hasMoney: boolean): readonly string[] {
  const money = forecast && moneyWords(forecast.spend);
  const told =
    money === undefined
      ? []
      : [`If it goes on like the last ${forecast?.fromDays} days, ${escapeMarkdown(money)} this month`];
  return hasMoney ? [...told, `Price table of ${priceTableEdition.date}`] : told;
}

/** How fast the models answered that are not charged for by the token. */
function speedLine(state: IndicatorState): string {
  const speeds = chosenOf(state).flatMap(({ name, last }) => {
    const { decodeTokPerS, firstTokenMs } = last?.settlement.speed ?? {};
    if (decodeTokPerS === undefined) return [];
    const first = firstTokenMs === undefined ? '' : `, first token after ${exactly(Math.round(firstTokenMs))} ms`;
    return [`${escapeMarkdown(name)}: ${speed(decodeTokPerS)} tok/s${first}`];
  });
  return speeds.join(' · ');
}

/** The newest requests that left this computer, a line each. */
export function requestsThatLeft({ recentThatLeft, day }: IndicatorState): string {
  const rows = recentThatLeft.slice(0, listedRequests).map((request) => rowOf(request, day));
  return rows.length === 0 ? '' : table(['Left at', 'Model', 'To', '>In + out', '>Cost'], rows);
}

function rowOf({ intent, settlement }: LedgerRequest, day: Day): readonly string[] {
  const { modelName, purpose, route, atMs } = intent;
  const what = purpose.role === 'completion' || purpose.role === 'chat' ? 'a model' : errandWords[purpose.role];
  const host = route.forwardsTo ?? route.host ?? 'an unknown host';
  const cost = settlement === undefined ? 'no end yet' : (costWords(settlement) ?? 'not charged');
  const cells = [timeOf(atMs, day), modelName ?? what, host, countsOf({ intent, settlement }), cost];
  return cells.map((cell) => unbroken(escapeMarkdown(cell)));
}

function countsOf({ intent: { estimatedPromptTokens, modelId }, settlement }: LedgerRequest): string {
  if (modelId === undefined) return 'none';
  if (settlement === undefined) {
    return estimatedPromptTokens === undefined ? 'not counted yet' : `about ${roughly(estimatedPromptTokens)}`;
  }
  const { usage, outcome } = settlement;
  if (usage !== undefined) return `${exactly(usage.promptTokens)} + ${exactly(usage.completionTokens)}`;
  return outcome === 'finished' || outcome === 'enough' ? 'not told' : outcome;
}

const errandWords: Readonly<Record<Errand['role'], string>> = {
  probe: 'what runs there',
  list: 'list of models',
  download: 'a download',
};

/** The user's own time, with the day where that is another one. */
function timeOf(atMs: number, today: Day): string {
  const at = new Date(atMs);
  const time = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  return dayOf(atMs) === today ? time : `${at.getDate()} ${months[at.getMonth()]} ${time}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** VS Code draws the columns of a table without room between them. */
const gap = '&nbsp;&nbsp;';

/** Cells are Markdown already. @param heads those that begin with `>` stand at the right, as numbers do. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = ([first = '', ...others]: readonly string[]): string =>
    `| ${[first, ...others.map((cell) => `${gap}${cell}`)].join(' | ')} |`;
  const marks = heads.map((head) => (head.startsWith('>') ? '--:' : ':--'));
  return [line(heads.map((head) => head.replace('>', ''))), `| ${marks.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** The text in one line, however narrow its column is. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

/** The ledger leaves as a file here, for a spreadsheet or for a team's sums. Pure. */
import { Failure } from '../base/failure.ts';
import type { LedgerItem } from './entry.ts';
import type { LedgerContent } from './report.ts';
import { dailyRows, type DailyRow, type LedgerRequest } from './rows.ts';
import { addSpend, noSpend, spendOf, type Spend } from './spend.ts';

/** Whose ledger it is and what of it leaves. */
export interface ExportOptions {
  /** For people: who exports. Exports of one person are put together as one ledger. */
  readonly person: string;
  /** Whether names of files and folders are in it, and hashes, from which names of known contents follow. */
  readonly hasNames: boolean;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The chain's head, which shows later that nothing was changed; `undefined`: there is no chain. */
  readonly head: string | undefined;
}

/** One person's ledger as a file. What it says of requests is what the ledger says; contents are in neither. */
export interface LedgerExport {
  readonly format: 'paddock-ledger';
  readonly version: 1;
  readonly person: string;
  readonly exportedAtMs: number;
  readonly hasNames: boolean;
  readonly head?: string;
  readonly requests: readonly LedgerRequest[];
  /** Days whose requests are gone. */
  readonly oldRows: readonly DailyRow[];
}

export function exportOf(content: LedgerContent, { person, hasNames, atMs, head }: ExportOptions): LedgerExport {
  const requests = hasNames ? content.requests : content.requests.map(withoutNames);
  const oldRows = hasNames ? content.oldRows : content.oldRows.map(rowWithoutNames);
  const kept = head === undefined ? {} : { head };
  const about = { format: 'paddock-ledger', version: 1, person, exportedAtMs: atMs, hasNames, ...kept } as const;
  return { ...about, requests, oldRows };
}

/** @throws Failure `requestInvalid` when the text is no export of this version. */
export function parseExport(text: string): LedgerExport {
  try {
    const found = JSON.parse(text) as Partial<LedgerExport>;
    const isOne = found.format === 'paddock-ledger' && found.version === 1 && typeof found.person === 'string';
    if (isOne && Array.isArray(found.requests) && Array.isArray(found.oldRows)) return found as LedgerExport;
  } catch {
    // It is no JSON either; the same is said of both.
  }
  throw new Failure('requestInvalid', 'This file is no ledger that Paddock exported, or one of a newer version.');
}

/** Several people's ledgers as one. */
export interface Merged {
  readonly people: readonly string[];
  /** Per day and all the rest, everybody's together. */
  readonly rows: readonly DailyRow[];
  readonly byLabel: readonly LabelSum[];
}

/** What was booked under one label. */
export interface LabelSum {
  /** `null`: under none. */
  readonly label: string | null;
  readonly people: readonly string[];
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly spend: Spend;
}

/**
 * Puts exports together; of several by one person, a request that is in more than one counts once, and a day that one
 * has as requests and another as sums counts as requests.
 */
export function merged(exports: readonly LedgerExport[]): Merged {
  const people = [...new Set(exports.map(({ person }) => person))].sort();
  const rowsOf = (person: string) => rowsOfPerson(exports.filter((each) => each.person === person));
  const ofEach = people.map((person) => ({ person, rows: rowsOf(person) }));
  const labels = new Map<string | null, LabelSum>();
  for (const { person, rows } of ofEach) {
    for (const row of rows) labels.set(row.label, addToLabel(labels.get(row.label), row, person));
  }
  return { people, rows: ofEach.flatMap(({ rows }) => rows), byLabel: [...labels.values()] };
}

function rowsOfPerson(exports: readonly LedgerExport[]): readonly DailyRow[] {
  const requests = new Map<string, LedgerRequest>();
  for (const each of exports.flatMap((one) => one.requests)) {
    const known = requests.get(each.intent.id);
    if (known?.settlement === undefined) requests.set(each.intent.id, each);
  }
  const rows = dailyRows(requests.values());
  const taken = new Set(rows.map(({ day }) => day));
  const newestFirst = [...exports].sort((one, other) => other.exportedAtMs - one.exportedAtMs);
  const old = newestFirst.flatMap(({ oldRows }) => {
    const fresh = oldRows.filter(({ day }) => !taken.has(day));
    for (const { day } of fresh) taken.add(day);
    return fresh;
  });
  return [...old, ...rows];
}

function addToLabel(sum: LabelSum | undefined, row: DailyRow, person: string): LabelSum {
  const known = sum ?? {
    label: row.label,
    people: [],
    requests: 0,
    promptTokens: 0,
    completionTokens: 0,
    spend: noSpend,
  };
  return {
    label: row.label,
    people: known.people.includes(person) ? known.people : [...known.people, person],
    requests: known.requests + row.requests,
    promptTokens: known.promptTokens + row.promptTokens,
    completionTokens: known.completionTokens + row.completionTokens,
    spend: addSpend(known.spend, row.spend),
  };
}

type Cell = string | number | boolean | null | undefined;

/**
 * As a table for spreadsheets (RFC 4180, with a byte order mark, without which some read letters beyond ASCII wrongly):
 * one row per request, and one per row of sums where the requests are gone. No cell is taken for a formula.
 */
export function csvOf({ requests, oldRows, hasNames }: LedgerExport): string {
  const cells = [...oldRows.map(oldCells), ...requests.map((request) => requestCells(request, hasNames))];
  const names = [...new Set([...oldColumns, ...cells.flatMap((row) => Object.keys(row))])];
  const lines = [names, ...cells.map((row) => names.map((name) => row[name]))];
  return `\uFEFF${lines.map((line) => line.map(csvCell).join(',') + '\r\n').join('')}`;
}

const oldColumns = ['started', 'day', 'ended', 'requests'];

function requestCells({ intent, settlement }: LedgerRequest, hasNames: boolean): Record<string, Cell> {
  const row = dailyRows([{ intent, settlement }])[0];
  const { items, route } = intent;
  const masked = items.map(({ maskedCount }) => maskedCount).filter((count) => count !== undefined);
  return {
    started: new Date(intent.atMs).toISOString(),
    ended: settlement && new Date(settlement.atMs).toISOString(),
    ...(row === undefined ? {} : rowCells(row)),
    ...(settlement === undefined ? {} : spendCells(spendOf(settlement), settlement.cost.basis)),
    outcome: settlement?.outcome ?? 'no end',
    failure: settlement?.failure,
    extension: intent.extension,
    servedModel: settlement?.servedModel,
    origin: intent.origin,
    forwardsTo: route.forwardsTo,
    remote: route.remote,
    usageSource: settlement?.usage?.source,
    firstTokenMs: settlement?.speed?.firstTokenMs,
    decodeTokPerS: settlement?.speed?.decodeTokPerS,
    weightsSha256: intent.weightsSha256,
    documents: items.length,
    documentBytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    maskedSecrets: masked.length === 0 ? undefined : masked.reduce((sum, count) => sum + count, 0),
    ...(hasNames ? { files: items.map(({ uri }) => uri).join(' ') } : {}),
    id: intent.id,
  };
}

function oldCells(row: DailyRow): Record<string, Cell> {
  return { ...rowCells(row), outcome: 'sums of a day' };
}

function rowCells({ spend, workspace, ...row }: DailyRow): Record<string, Cell> {
  return { ...row, workspace: workspace?.name, ...spendCells(spend, spend.basis) };
}

function spendCells({ nanoUsd, basis, isAtLeast }: Spend, costBasis: string | undefined): Record<string, Cell> {
  return { costUsd: basis === undefined ? undefined : usdOf(nanoUsd), costBasis, costIsAtLeast: isAtLeast };
}

/** Exact, as a decimal number: a nano-dollar is its ninth digit. */
export function usdOf(nanoUsd: number): string {
  const digits = String(nanoUsd).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/**
 * Text that a spreadsheet would calculate (it begins with one of `= + - @` or white space before one) gets an apostrophe
 * before it, as OWASP's page on CSV injection says. Quoting alone does not help against that.
 */
function csvCell(value: Cell): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[\s\uFEFF]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function withoutNames({ intent, settlement }: LedgerRequest): LedgerRequest {
  const { workspace: _name, ...rest } = intent;
  const modelId = intent.modelId && withoutFolder(intent.modelId);
  return { intent: { ...rest, modelId, items: intent.items.map(withoutName) }, settlement };
}

function rowWithoutNames(row: DailyRow): DailyRow {
  return { ...row, workspace: null, modelId: row.modelId && withoutFolder(row.modelId) };
}

/** A model of our own engine is known by its file, whose folder may have the user's name in it. */
function withoutFolder(modelId: string): string {
  return modelId.replace(/^embedded:.*[\\/]/, 'embedded:');
}

function withoutName({ bytes, maskedCount }: LedgerItem): LedgerItem {
  return { uri: '', bytes, ...(maskedCount === undefined ? {} : { maskedCount }) };
}

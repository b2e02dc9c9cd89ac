/** An export becomes a table for spreadsheets here. Pure. */
import { atOnce } from '../base/turns.ts';
import type { LedgerExport } from './export.ts';
import { rowOf, samplingIn, type DailyRow, type LedgerRequest } from './rows.ts';
import { spendOf, type Spend } from './spend.ts';

type Cell = string | number | boolean | null | undefined;

/** After so many rows somebody else may have a turn. */
const rowsPerStep = 50;

/**
 * As a table for spreadsheets (RFC 4180, with a byte order mark, without which some read letters beyond ASCII wrongly):
 * one row per request, and one per row of sums where the requests are gone. No cell is taken for a formula.
 */
export function csvOf(exported: LedgerExport): string {
  return atOnce(writingCsv(exported));
}

/** The same step by step. */
export function* writingCsv({ requests, oldRows, hasNames }: LedgerExport): Generator<void, string, void> {
  const rows = oldRows.map(oldCells);
  for (const request of requests) {
    rows.push(requestCells(request, hasNames));
    if (rows.length % rowsPerStep === 0) yield;
  }
  const names = [...new Set([...oldColumns, ...rows.flatMap((row) => Object.keys(row))])];
  const lines = [lineOf(names)];
  for (const row of rows) {
    lines.push(lineOf(names.map((name) => row[name])));
    if (lines.length % rowsPerStep === 0) yield;
  }
  return `\uFEFF${lines.join('')}`;
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const oldColumns = ['started', 'day', 'ended', 'requests'];

function requestCells({ intent, settlement }: LedgerRequest, hasNames: boolean): Record<string, Cell> {
  const { items, route } = intent;
  const masked = items.map(({ maskedCount }) => maskedCount).filter((count) => count !== undefined);
  return {
    started: new Date(intent.atMs).toISOString(),
    ended: settlement && new Date(settlement.atMs).toISOString(),
    ...rowCells(rowOf({ intent, settlement })),
    ...(settlement === undefined ? {} : spendCells(spendOf(settlement), settlement.cost.basis)),
    outcome: settlement?.outcome ?? 'no end',
    failure: settlement?.failure,
    extension: intent.extension,
    servedModel: settlement?.servedModel,
    origin: intent.origin,
    forwardsTo: route.forwardsTo,
    remote: route.remote,
    usageSource: settlement?.usage?.source,
    priceDate: settlement?.cost.basis === 'table' ? settlement.cost.tableDate : undefined,
    firstTokenMs: settlement?.speed?.firstTokenMs,
    prefillTokPerS: settlement?.speed?.prefillTokPerS,
    decodeTokPerS: settlement?.speed?.decodeTokPerS,
    weightsSha256: intent.weightsSha256,
    ...samplingCells({ intent, settlement }),
    documents: items.length,
    documentBytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    maskedSecrets: masked.length === 0 ? undefined : masked.reduce((sum, count) => sum + count, 0),
    ...(hasNames ? { files: items.map(({ uri }) => uri).join(' ') } : {}),
    id: intent.id,
  };
}

/** The columns are the same for everybody, whatever a model was told. */
function samplingCells(request: LedgerRequest): Record<string, Cell> {
  const { maxTokens, temperature, topP, topK, minP, seed } = samplingIn(request);
  return { maxTokens, temperature, topP, topK, minP, seed };
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

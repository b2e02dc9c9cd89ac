/** The whole ledger is read here, request by request: for the page and for exports. */
import { join } from 'node:path';
import { linesOf, namesIn } from '../base/files.ts';
import { atOnce } from '../base/turns.ts';
import { recordOf, segmentFile, segmentsIn } from './chain.ts';
import { parseEntry } from './entry.ts';
import { Holdings } from './holdings.ts';
import { dailyRecords, localName } from './reading.ts';
import type { DailyRow, LedgerRequest } from './rows.ts';

/** Everything a ledger holds. */
export interface LedgerContent {
  /** In the order of their starts. */
  readonly requests: readonly LedgerRequest[];
  /** What is kept of days whose requests are gone. */
  readonly oldRows: readonly DailyRow[];
  /** Lines that could not be read. */
  readonly damagedLines: number;
}

/** After so many lines somebody else may have a turn. */
const linesPerStep = 100;

/** Reads the whole ledger. For a page or an export; the sums of days are in the ledger's `days`, at less cost. */
export function readContent(folder: string): LedgerContent {
  return contentOf(atOnce(readingHoldings(folder)));
}

export function contentOf(holdings: Holdings): LedgerContent {
  const requests = holdings.days.flatMap((day) => holdings.requestsOf(day));
  return { requests, oldRows: holdings.oldRows, damagedLines: holdings.damagedLines };
}

/** The same step by step; each tells how many lines were read so far. Throws what the file system throws. */
export function* readingHoldings(folder: string): Generator<number, Holdings, void> {
  const holdings = new Holdings();
  let lines = 0;
  for (const read of [readChain, readLocal]) {
    for (const _line of read(folder, holdings)) {
      lines += 1;
      if (lines % linesPerStep === 0) yield lines;
    }
  }
  for (const day of holdings.days) {
    holdings.rowsOf(day); // summed up now, a day at a time, and not all at once when they are first looked at
    yield lines;
  }
  return holdings;
}

function* readChain(folder: string, holdings: Holdings): Generator<void, void, void> {
  const segments = segmentsIn(folder);
  const present = new Set(segments.map((segment) => segmentFile('', segment)));
  for (const segment of segments) {
    for (const { bytes, isWhole } of linesOf(segmentFile(folder, segment))) {
      if (!isWhole) break; // it is being written
      const record = recordOf(bytes);
      if (record === undefined) holdings.damagedLines += 1;
      else if (record.kind !== 'note') holdings.add(record);
      else if (record.note === 'removed' && !present.has(record.file)) holdings.addOld(record.folded.rows);
      yield;
    }
  }
}

function* readLocal(folder: string, holdings: Holdings): Generator<void, void, void> {
  const daily = dailyRecords(folder);
  for (const { folded } of daily) holdings.addOld(folded.rows);
  const gone = new Set(daily.flatMap(({ files }) => files.map(([name]) => name)));
  for (const name of namesIn(folder)) {
    if (!localName.test(name) || gone.has(name)) continue;
    for (const { bytes } of linesOf(join(folder, name))) {
      const entry = bytes.length === 0 ? undefined : entryIn(bytes);
      if (entry !== undefined) holdings.add(entry);
      else if (bytes.length > 0) holdings.damagedLines += 1;
      yield;
    }
  }
}

function entryIn(line: Buffer) {
  try {
    return parseEntry(JSON.parse(line.toString('utf8')));
  } catch {
    return undefined; // the caller counts it as damaged
  }
}

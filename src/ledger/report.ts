/** The whole ledger is read here, request by request: for the page and for exports. */
import { join } from 'node:path';
import { linesOf, namesIn } from '../base/files.ts';
import { readJournal } from '../base/journal.ts';
import { recordOf, segmentFile, segmentsIn } from './chain.ts';
import { parseEntry, type Entry } from './entry.ts';
import { dailyRecords, localName } from './reading.ts';
import { requestsOf, type DailyRow, type LedgerRequest } from './rows.ts';

/** Everything a ledger holds. */
export interface LedgerContent {
  /** In the order of their starts. */
  readonly requests: readonly LedgerRequest[];
  /** What is kept of days whose requests are gone. */
  readonly oldRows: readonly DailyRow[];
  /** Lines that could not be read. */
  readonly damagedLines: number;
}

/** Reads the whole ledger. For a page or an export; the sums of days are in the ledger's `days`, at less cost. */
export function readContent(folder: string): LedgerContent {
  const oldRows: DailyRow[] = [];
  const entries: Entry[] = [];
  let damagedLines = 0;
  const segments = segmentsIn(folder);
  const present = new Set(segments.map((segment) => segmentFile('', segment)));
  for (const segment of segments) {
    for (const { bytes, isWhole } of linesOf(segmentFile(folder, segment))) {
      const record = isWhole ? recordOf(bytes) : undefined;
      if (record === undefined)
        damagedLines += isWhole ? 1 : 0; // what has no end yet is being written
      else if (record.kind !== 'note') entries.push(record);
      else if (record.note === 'removed' && !present.has(record.file)) oldRows.push(...record.folded.rows);
    }
  }
  const daily = dailyRecords(folder);
  oldRows.push(...daily.flatMap(({ folded }) => folded.rows));
  const folded = new Set(daily.flatMap(({ files }) => files.map(([name]) => name)));
  for (const name of namesIn(folder)) {
    if (!localName.test(name) || folded.has(name)) continue;
    const content = readJournal(join(folder, name));
    const read = content.records.map(parseEntry).filter((entry) => entry !== undefined);
    damagedLines += content.damagedLines + content.records.length - read.length;
    for (const entry of read) entries.push(entry);
  }
  return { requests: requestsOf(entries), oldRows, damagedLines };
}

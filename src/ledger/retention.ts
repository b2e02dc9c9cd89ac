/** Old entries become sums of their days here, and everything is deleted here. Only in the turn of the chain's lock. */
import { join } from 'node:path';
import { factsOf, linesOf, makeDurableNow, namesIn, removeFile } from '../base/files.ts';
import { Journal, readJournal } from '../base/journal.ts';
import { Books, dayOf } from './books.ts';
import { hashOf, recordOf, segmentFile, segmentsIn, type Chain } from './chain.ts';
import { parseEntry, type Entry } from './entry.ts';
import { dailyName, dailyRecords, indexName, localName, type DailyRecord } from './reading.ts';
import { dailyRows, requestsOf, type DailyRow, type Folded } from './rows.ts';
import { foldStatistics, isStatistics } from './statisticsLog.ts';

/** How long single requests are kept, days; at least two. */
export interface Keeping {
  /** Of requests that stayed in this computer. */
  readonly localDays: number;
  /** Of requests that left this process; `undefined`: for ever. */
  readonly chainDays?: number | undefined;
}

interface Fold extends Keeping {
  readonly folder: string;
  readonly chain: Chain;
  readonly nowMs: number;
}

const dayMs = 86_400_000;

/**
 * Puts sums in the place of what is older, and gives the names of the files that are gone. The sums are on disk before
 * a file is removed; after a crash in between the file counts as removed already, and is the next time.
 */
export function foldOld({ folder, chain, nowMs, localDays, chainDays }: Fold): readonly string[] {
  const gone = foldLocal(folder, nowMs, firstDay(nowMs, localDays));
  foldStatistics(folder, firstDay(nowMs, localDays), nowMs);
  return chainDays === undefined ? gone : [...gone, ...foldChain({ folder, chain, nowMs }, firstDay(nowMs, chainDays))];
}

/** Removes everything but one file of the chain, and but what windows need to find each other. */
export function removeAll(folder: string, exceptFile: string): void {
  const isOurs = (name: string): boolean =>
    localName.test(name) || name === dailyName || name.startsWith(indexName) || isStatistics(name);
  const names = segmentsIn(folder).map((segment) => segmentFile('', segment));
  for (const name of [...names, ...namesIn(folder).filter(isOurs)]) {
    if (join(folder, name) !== exceptFile) removeFile(join(folder, name));
  }
}

function foldLocal(folder: string, nowMs: number, before: string): string[] {
  const daily = join(folder, dailyName);
  const folded = new Set(dailyRecords(folder).flatMap(({ files }) => files.map(([name]) => name)));
  const names = namesIn(folder).filter((name) => (localName.exec(name)?.[1] ?? before) < before);
  const fresh = names.filter((name) => !folded.has(name));
  if (fresh.length > 0) {
    const entries = fresh.flatMap((name) => readJournal(join(folder, name)).records.map(parseEntry));
    const record: DailyRecord = {
      kind: 'daily',
      atMs: nowMs,
      files: fresh.map((name) => [name, factsOf(join(folder, name))?.bytes ?? 0]),
      folded: folding(
        entries.filter((entry) => entry !== undefined),
        new Books(),
        [],
      ),
    };
    const journal = new Journal(daily);
    journal.append([record], true);
    journal.dispose();
  }
  for (const name of names) removeFile(join(folder, name));
  return names;
}

/** Files at the beginning, as long as all of each is old; never the one that is written to. */
function foldChain({ folder, chain, nowMs }: Omit<Fold, keyof Keeping>, before: string): string[] {
  const segments = segmentsIn(folder).slice(0, -1);
  const gone: string[] = [];
  for (const segment of segments) {
    const name = segmentFile('', segment);
    const file = join(folder, name);
    const content = readSegment(file);
    if (content.lastMs === undefined || dayOf(content.lastMs) >= before) break;
    if (!isNoted(folder, segment, name)) {
      const { lastHash, lines, folded } = content;
      chain.change(() => [{ kind: 'note', note: 'removed', atMs: nowMs, file: name, lastHash, lines, folded }]);
      makeDurableNow(chain.file);
    }
    removeFile(file);
    gone.push(name);
  }
  return gone;
}

function readSegment(file: string) {
  const books = new Books();
  const rows: DailyRow[] = [];
  const entries: Entry[] = [];
  let lines = 0;
  let lastMs: number | undefined;
  let last: Uint8Array = new Uint8Array();
  for (const { bytes, isWhole } of linesOf(file)) {
    if (!isWhole) break;
    lines += 1;
    last = bytes;
    const record = recordOf(bytes);
    lastMs = record?.atMs ?? lastMs;
    if (record === undefined) continue;
    if (record.kind !== 'note') entries.push(record);
    else if (record.note === 'removed') {
      books.addData(record.folded);
      rows.push(...record.folded.rows);
    }
  }
  return { lines, lastMs, lastHash: hashOf(last), folded: folding(entries, books, rows) };
}

/** Whether a line further on says already that the file was removed. */
function isNoted(folder: string, segment: number, name: string): boolean {
  const later = segmentsIn(folder).filter((each) => each > segment);
  return later.some((each) => {
    for (const { bytes } of linesOf(segmentFile(folder, each))) {
      if (!bytes.includes('"note":"removed"')) continue;
      const record = recordOf(bytes);
      if (record?.kind === 'note' && record.note === 'removed' && record.file === name) return true;
    }
    return false;
  });
}

function folding(entries: readonly Entry[], books: Books, rows: readonly DailyRow[]): Folded {
  for (const entry of entries) books.add(entry);
  const data = books.data();
  // How fast a model was so long ago is nobody's question.
  const days = data.days.map(([day, sums]) => [day, { ...sums, lastOf: [] }] as const);
  return { ...data, days, rows: [...rows, ...dailyRows(requestsOf(entries))] };
}

/** The first day that is kept. */
function firstDay(nowMs: number, keptDays: number): string {
  return dayOf(nowMs - Math.max(2, keptDays) * dayMs);
}

/** The statistics of completions pass onto the disk and back here, in files of their own beside the ledger's. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { namesIn, removeFile } from '../base/files.ts';
import { Journal, readJournal, type JournalFolder } from '../base/journal.ts';
import type { Log } from '../base/log.ts';
import type { Disposable } from '../base/store.ts';
import { dayOf, type Day } from './books.ts';
import { acceptedRequests, parseStatistics, usesOf, type CompletionUse, type StatisticsRecord } from './statistics.ts';

/** How long records wait to be written together, ms: a window that is killed loses no more. */
const batchMs = 5_000;
/** As many wait for a disk that refuses them; then the oldest are given up. */
const mostWaiting = 1_000;

/** A day's own files, one per window: `statistics-2026-11-22-0f3a.jsonl`. */
const statisticsName = /^statistics-(\d{4}-\d\d-\d\d)-[\da-z]+\.jsonl$/i;
/** Where old days are kept as sums. */
const sumsName = 'statistics-daily.jsonl';

/** Some files of old days, and what stands in their place. */
interface SumsRecord {
  readonly kind: 'daily';
  readonly atMs: number;
  readonly files: readonly string[];
  readonly uses: readonly CompletionUse[];
}

/** Everything the statistics hold. */
export interface StatisticsContent {
  readonly uses: readonly CompletionUse[];
  /** Requests whose completions were taken, as far back as single ones are kept. */
  readonly accepted: ReadonlySet<string>;
}

/** Writes down one window's statistics, some seconds later and together. */
export class StatisticsLog implements Disposable {
  private readonly files: JournalFolder;
  private readonly clock: Clock;
  private readonly log: Log;
  private waiting: StatisticsRecord[] = [];
  private cancelFlush: (() => void) | undefined;
  private isRefused = false;

  /** @param files the ledger's own. */
  constructor({ files, clock, log }: { readonly files: JournalFolder; readonly clock: Clock; readonly log: Log }) {
    this.files = files;
    this.clock = clock;
    this.log = log;
  }

  /** Costs nothing that somebody who types would notice. */
  readonly add = (record: StatisticsRecord): void => {
    this.waiting = joined(this.waiting, record);
    this.cancelFlush ??= this.clock.schedule(batchMs, () => this.flush());
  };

  /** Everything that was written down, by all windows. Throws what the file system throws. */
  read(): StatisticsContent {
    this.flush();
    return readStatistics(this.files.folder);
  }

  /** What waits is not written: everything was deleted. */
  readonly forget = (): void => {
    this.waiting = [];
  };

  /** Writes what waits. A disk that refuses is logged once, and asked again with the next record. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    try {
      for (const day of new Set(this.waiting.map(pageOf))) this.writePage(day);
      this.isRefused = false;
    } catch (error) {
      if (!this.isRefused) this.log.warn(`statistics of completions could not be written yet: ${String(error)}`);
      this.isRefused = true;
      this.waiting = this.waiting.slice(-mostWaiting);
    }
  }

  dispose(): void {
    this.flush();
  }

  private writePage(day: Day): void {
    const journal = new Journal(this.files.own(`statistics-${day}`));
    try {
      journal.append(this.waiting.filter((record) => pageOf(record) === day));
      this.waiting = this.waiting.filter((record) => pageOf(record) !== day);
    } finally {
      journal.dispose();
    }
  }
}

/** Everything in a ledger's folder. Throws what the file system throws. */
export function readStatistics(folder: string): StatisticsContent {
  const sums = readSums(folder);
  const gone = new Set(sums.flatMap(({ files }) => files));
  const records = recordsIn(
    folder,
    namesOf(folder).filter((name) => !gone.has(name)),
  );
  return { uses: [...sums.flatMap(({ uses }) => uses), ...usesOf(records)], accepted: acceptedRequests(records) };
}

/**
 * Puts sums in the place of days before this one. Only in the turn of the chain's lock. The sums are on disk before a
 * file is removed; after a crash in between the file counts as removed already, and is the next time.
 */
export function foldStatistics(folder: string, before: Day, nowMs: number): void {
  const gone = new Set(readSums(folder).flatMap(({ files }) => files));
  const old = namesOf(folder).filter((name) => (statisticsName.exec(name)?.[1] ?? before) < before);
  const fresh = old.filter((name) => !gone.has(name));
  if (fresh.length > 0) {
    const record: SumsRecord = { kind: 'daily', atMs: nowMs, files: fresh, uses: usesOf(recordsIn(folder, fresh)) };
    const journal = new Journal(join(folder, sumsName));
    journal.append([record], true);
    journal.dispose();
  }
  for (const name of old) removeFile(join(folder, name));
}

/** Whether one of the ledger's files, by its name, holds statistics. */
export function isStatistics(name: string): boolean {
  return name === sumsName || statisticsName.test(name);
}

/** The day whose file a record belongs into: what became of a completion stands beside when it was taken. */
function pageOf(record: StatisticsRecord): Day {
  return dayOf(record.kind === 'judged' ? record.atMs - record.afterMs : record.atMs);
}

/** What is offered comes with every other keystroke, and only how often matters. */
function joined(records: readonly StatisticsRecord[], record: StatisticsRecord): StatisticsRecord[] {
  if (record.kind !== 'offered') return [...records, record];
  const isLike = (other: StatisticsRecord): boolean =>
    other.kind === 'offered' &&
    other.modelId === record.modelId &&
    other.language === record.language &&
    pageOf(other) === pageOf(record);
  const index = records.findIndex(isLike);
  const known = records[index];
  const count = record.count + (known?.kind === 'offered' ? known.count : 0);
  return index === -1 ? [...records, record] : records.with(index, { ...record, count });
}

function namesOf(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => statisticsName.test(name));
}

function recordsIn(folder: string, names: readonly string[]): readonly StatisticsRecord[] {
  const records = names.flatMap((name) => readJournal(join(folder, name)).records.map(parseStatistics));
  return records.filter((record) => record !== undefined);
}

function readSums(folder: string): readonly SumsRecord[] {
  return readJournal(join(folder, sumsName)).records.filter(isSums);
}

function isSums(record: unknown): record is SumsRecord {
  const { kind, files, uses } = (record ?? {}) as Partial<SumsRecord>;
  return kind === 'daily' && Array.isArray(files) && Array.isArray(uses);
}

/**
 * The whole ledger becomes books here, when a window first asks: from an index beside the log, and from what was
 * written since the index was. The log is the truth: an index that does not fit it is not used.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { bytesOf, factsOf, linesOf, namesIn, replaceFile, textOf } from '../base/files.ts';
import { readJournal } from '../base/journal.ts';
import type { Books, BooksData } from './books.ts';
import { segmentFile, type Chain, type ChainPosition } from './chain.ts';
import { isChained, parseEntry, type Settlement } from './entry.ts';
import type { Folded } from './rows.ts';

/** A day's own files, one per window: `2026-11-22-0f3a.jsonl`. */
export const localName = /^(\d{4}-\d\d-\d\d)-[\da-z]+\.jsonl$/i;
/** Where old days are kept as sums. */
export const dailyName = 'daily.jsonl';
export const indexName = 'index.json';

/** So many lines are read faster than an index is written. */
const mostUnindexed = 2_000;

/** Some files of old days, and the sums that are kept in their place. */
export interface DailyRecord {
  readonly kind: 'daily';
  readonly atMs: number;
  /** Each name, and how long the file was. */
  readonly files: readonly (readonly [name: string, bytes: number])[];
  readonly folded: Folded;
}

interface Index {
  readonly version: 1;
  /** Days begin elsewhere in another time zone. */
  readonly zone: string;
  readonly chain: ChainPosition;
  readonly files: readonly (readonly [name: string, FileMark])[];
  readonly books: BooksData;
}

/** How far a file was read, and how to see that it is still the same file. */
interface FileMark {
  readonly bytes: number;
  readonly changedMs: number;
  /** SHA-256 of the last bytes that were read. */
  readonly tail: string;
}

export interface Reading {
  readonly folder: string;
  readonly chain: Chain;
  /** Empty; the chain gives what it reads to them. */
  readonly books: Books;
  /** A name no other writer of the index has now. */
  readonly passingName: string;
}

/**
 * Reads everything into the books. Gives back settlements that belong into the chain and stand in a window's own file,
 * because that window ended while the chain was locked. Throws what the file system throws.
 */
export function readAll({ folder, chain, books, passingName }: Reading): readonly Settlement[] {
  const daily = dailyRecords(folder);
  const index = usableIndex(folder, daily);
  if (index !== undefined) {
    books.addData(index.books);
    chain.resume(index.chain);
  }
  const read = new Map(index?.files.map(([name, { bytes }]) => [name, bytes]));
  const before = books.version;
  chain.readOn();
  const folded = new Set(daily.flatMap(({ files }) => files.map(([name]) => name)));
  for (const { files, folded: sums } of daily) if (!files.some(([name]) => read.has(name))) books.addData(sums);
  const strays: Settlement[] = [];
  for (const name of namesIn(folder)) {
    if (localName.test(name) && !folded.has(name)) readLocal({ folder, name, books, read, strays });
  }
  books.endReading();
  if (books.version - before > mostUnindexed) writeIndex({ folder, chain, books, passingName }, read);
  return strays;
}

/** What was put in the place of files of old days. */
export function dailyRecords(folder: string): readonly DailyRecord[] {
  return readJournal(join(folder, dailyName)).records.filter(isDaily);
}

function isDaily(record: unknown): record is DailyRecord {
  const { kind, files, folded } = (record ?? {}) as Partial<DailyRecord>;
  return kind === 'daily' && Array.isArray(files) && Array.isArray(folded?.days);
}

interface LocalReading {
  readonly folder: string;
  readonly name: string;
  readonly books: Books;
  /** By name, how far. */
  readonly read: Map<string, number>;
  readonly strays: Settlement[];
}

function readLocal({ folder, name, books, read, strays }: LocalReading): void {
  let readBytes = read.get(name) ?? 0;
  for (const { bytes, endByte, isWhole } of linesOf(join(folder, name), readBytes)) {
    const entry = bytes.length === 0 ? undefined : parsed(bytes);
    const intent = entry?.kind === 'settlement' ? books.openIntent(entry.id) : undefined;
    if (intent !== undefined && isChained(intent.route) && entry?.kind === 'settlement') strays.push(entry);
    if (entry !== undefined) books.add(entry);
    else if (bytes.length > 0) books.noteDamage(localName.exec(name)?.[1] ?? '');
    // A part of a line may be whole when it is looked at next time.
    if (isWhole || entry !== undefined) readBytes = endByte;
  }
  read.set(name, readBytes);
}

function parsed(line: Buffer) {
  try {
    return parseEntry(JSON.parse(line.toString('utf8')));
  } catch {
    return undefined; // the caller counts it as damaged
  }
}

function writeIndex({ folder, chain, books, passingName }: Reading, read: ReadonlyMap<string, number>): void {
  const { position } = chain;
  const segments = position.read.map((segment): [string, number] => {
    const file = segmentFile('', segment);
    return [file, segment === position.segment ? position.bytes : (factsOf(join(folder, file))?.bytes ?? 0)];
  });
  const files = [...read, ...segments].flatMap(([name, bytes]) => {
    const mark = markOf(join(folder, name), bytes);
    return mark === undefined ? [] : [[name, mark] as const];
  });
  const index: Index = { version: 1, zone: zoneName(), chain: position, files, books: books.data() };
  const text = JSON.stringify(index);
  try {
    replaceFile(join(folder, indexName), `${sumOf(text)}\n${text}`, passingName);
  } catch {
    // The next window reads the log, as this one did.
  }
}

function usableIndex(folder: string, daily: readonly DailyRecord[]): Index | undefined {
  const text = textOf(join(folder, indexName));
  const [sum, body] = [text.slice(0, 64), text.slice(65)];
  if (body === '' || sum !== sumOf(body)) return undefined;
  const index = JSON.parse(body) as Index;
  if (index.version !== 1 || index.zone !== zoneName()) return undefined;
  const marks = new Map(index.files);
  const folded = new Map(daily.flatMap(({ files }) => files));
  const isSame = [...marks].every(([name, mark]) => {
    const foldedBytes = folded.get(name);
    return foldedBytes === undefined ? isStill(join(folder, name), mark) : foldedBytes === mark.bytes;
  });
  // Sums of several files: all of them are in the index already, or none.
  const isClear = daily.every(({ files }) => new Set(files.map(([name]) => marks.has(name))).size <= 1);
  return isSame && isClear ? index : undefined;
}

const tailBytes = 1_024;

function markOf(file: string, bytes: number): FileMark | undefined {
  const facts = factsOf(file);
  return facts && { bytes, changedMs: facts.changedMs, tail: tailOf(file, bytes) };
}

/**
 * Whether the file has only grown. Somebody who changes a line in the middle and adds one at the end is not seen here:
 * that is for the chain's verification.
 */
function isStill(file: string, { bytes, changedMs, tail }: FileMark): boolean {
  const facts = factsOf(file);
  if (facts === undefined || facts.bytes < bytes) return false;
  if (facts.changedMs === changedMs) return true;
  return tailOf(file, bytes) === tail && (facts.bytes > bytes || bytes === 0);
}

function tailOf(file: string, bytes: number): string {
  const from = Math.max(0, bytes - tailBytes);
  return sumOf(bytesOf(file, from, bytes - from));
}

function sumOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

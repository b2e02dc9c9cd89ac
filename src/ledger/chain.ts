/**
 * What left this process passes through here into one chain that all windows share: every line carries the SHA-256 of
 * the line before it, so whoever changes a line later has to change all that follow.
 *
 * The chain is a row of files, `chain-000001.jsonl` and on, one per month or 8 MB. The first line of each carries the
 * hash of the last line of the file before. Only the holder of the lock writes, whole lines at a time; whoever dies
 * while writing leaves a part of a line, which the next holder drops and notes in the chain.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { appendAt, factsOf, linesOf, makeNamesDurable, namesIn, type Line } from '../base/files.ts';
import { FolderLock } from '../base/lock.ts';
import type { Log } from '../base/log.ts';
import { dayOf, monthOf } from './books.ts';
import { parseEntry, type Entry } from './entry.ts';
import type { Folded } from './rows.ts';

/** What happened to the chain itself. */
export type Note =
  | { readonly kind: 'note'; readonly note: 'begun'; readonly atMs: number }
  /** A part of a line was dropped that somebody who died had written; nothing was sent on its strength. */
  | { readonly kind: 'note'; readonly note: 'healed'; readonly atMs: number; readonly droppedBytes: number }
  /** A file at the chain's beginning was removed because of its age; this line says what it held. */
  | {
      readonly kind: 'note';
      readonly note: 'removed';
      readonly atMs: number;
      readonly file: string;
      /** SHA-256 of its last line: what the next file's first line carries. */
      readonly lastHash: string;
      readonly lines: number;
      readonly folded: Folded;
    }
  /** The user deleted everything before this line. */
  | { readonly kind: 'note'; readonly note: 'deleted'; readonly atMs: number; readonly lastHash: string };

export type ChainRecord = Entry | Note;

/** How far the chain was read. */
export interface ChainPosition {
  /** Number of the file. 0: nothing was read. */
  readonly segment: number;
  /** Bytes of that file that were read. */
  readonly bytes: number;
  /** SHA-256 of the last line, 64 hex digits; zeros before the first. */
  readonly head: string;
  /** A month in which the file was written to: in another one a new file begins. */
  readonly month: string;
  /** Numbers of all files that were read. */
  readonly read: readonly number[];
}

export const firstHead = '0'.repeat(64);
const atStart: ChainPosition = { segment: 0, bytes: 0, head: firstHead, month: '', read: [] };
const mostSegmentBytes = 8_388_608;

export interface ChainNeeds {
  /** Absolute path of the ledger's folder. */
  readonly folder: string;
  readonly log: Log;
  readonly now: () => number;
  /** Is given what others wrote, in order. */
  readonly onRecord: (record: ChainRecord) => void;
  /** A line is not one of ours, or damaged; the atMs of the record before it, if any. */
  readonly onDamage: (atMs: number | undefined) => void;
}

/** One window's view of the chain. */
export class Chain {
  /** Whoever writes holds it. */
  readonly lock: FolderLock;
  private readonly needs: ChainNeeds;
  private now: ChainPosition = atStart;
  /** Bytes behind the last whole line. */
  private tornBytes = 0;

  constructor(needs: ChainNeeds) {
    this.needs = needs;
    this.lock = new FolderLock(join(needs.folder, 'lock'));
  }

  get position(): ChainPosition {
    return this.now;
  }

  /** The file that is written to now; absolute path. */
  get file(): string {
    return segmentFile(this.needs.folder, this.now.segment);
  }

  /** Whether one of the chain's files, by its name, was read here. */
  hasRead(name: string): boolean {
    return this.now.read.includes(segmentOf(name) ?? 0);
  }

  /** Goes on reading from there. */
  resume(position: ChainPosition): void {
    this.now = position;
  }

  /** Reads whole lines that came since. Needs no lock. Throws what the file system throws. */
  readOn(): void {
    for (;;) {
      if (this.now.segment > 0) this.readSegment();
      const next = nextSegment(this.needs.folder, this.now.segment);
      if (next === undefined) return;
      this.now = { ...this.now, segment: next, bytes: 0, month: '', read: [...this.now.read, next] };
    }
  }

  /**
   * Appends what `work` gives back, after it was told what others wrote; nothing on an empty list. Only in the lock's
   * turn. What is appended is not given to `onRecord`. All of it survives this process when this returns, or none.
   * Throws what the file system throws, or `work`.
   */
  change(work: () => readonly ChainRecord[]): void {
    this.readOn();
    const records = work();
    if (records.length > 0) this.append(records);
  }

  /**
   * Begins anew behind a note that everything before was deleted. Only in the lock's turn. The files are the caller's to
   * remove, afterwards: a crash in between leaves a chain that says what was meant.
   */
  restart(): void {
    this.readOn();
    const note = { kind: 'note', note: 'deleted', atMs: this.needs.now(), lastHash: this.now.head } as const;
    this.begin(this.now.segment + 1);
    this.append([note]);
  }

  private readSegment(): void {
    const { bytes: known } = this.now;
    const bytes = factsOf(this.file)?.bytes ?? known;
    this.tornBytes = 0;
    if (bytes < known) return this.noteCut(bytes);
    if (bytes === known) return;
    let lastMs: number | undefined;
    let last: Line | undefined;
    for (const line of linesOf(this.file, known)) {
      if (!line.isWhole) {
        this.tornBytes = line.bytes.length;
        break;
      }
      const record = recordOf(line.bytes);
      last = line;
      lastMs = record?.atMs ?? lastMs;
      if (record === undefined) this.needs.onDamage(lastMs);
      else this.needs.onRecord(record);
    }
    if (last === undefined) return;
    const month = this.now.month || (lastMs === undefined ? '' : monthOf(dayOf(lastMs)));
    // Only the last line's hash is needed to go on; whether each follows from the one before is for the verification.
    this.now = { ...this.now, bytes: last.endByte, head: hashOf(last.bytes), month };
  }

  /** Whole lines that were here are gone. What follows will carry the hash of the last of them, so that it shows. */
  private noteCut(bytes: number): void {
    this.needs.log.error(`ledger: lines at the end of ${this.file} are missing that were there before`);
    this.now = { ...this.now, bytes };
  }

  private append(records: readonly ChainRecord[]): void {
    const nowMs = this.needs.now();
    const heals = this.healing(nowMs);
    const { bytes, month, segment } = this.now;
    const isFull = bytes >= mostSegmentBytes || (month !== '' && month !== monthOf(dayOf(nowMs)));
    // What is torn stands at the end of the old file, and has to be dropped there.
    if (segment === 0 || (isFull && heals.length === 0)) this.begin(segment + 1);
    const starts: readonly Note[] = this.now.head === firstHead ? [{ kind: 'note', note: 'begun', atMs: nowMs }] : [];
    let { head } = this.now;
    let text = '';
    for (const record of [...starts, ...heals, ...records]) {
      const line = JSON.stringify({ prev: head, ...record });
      head = hashOf(Buffer.from(line));
      text += `${line}\n`;
    }
    const endByte = appendAt(this.file, this.now.bytes, Buffer.from(text));
    if (this.now.bytes === 0) makeNamesDurable(this.needs.folder);
    this.tornBytes = 0;
    this.now = { ...this.now, bytes: endByte, head, month: this.now.month || monthOf(dayOf(nowMs)) };
  }

  private begin(segment: number): void {
    this.now = { ...this.now, segment, bytes: 0, month: '', read: [...this.now.read, segment] };
  }

  private healing(atMs: number): readonly Note[] {
    const { tornBytes: droppedBytes } = this;
    if (droppedBytes === 0) return [];
    this.needs.log.warn(`ledger: dropped ${droppedBytes} bytes of a line in ${this.file}; its writer died writing it`);
    return [{ kind: 'note', note: 'healed', atMs, droppedBytes }];
  }
}

/** SHA-256 of a line without its line break, 64 hex digits. */
export function hashOf(line: Uint8Array): string {
  return createHash('sha256').update(line).digest('hex');
}

/** The record in a line of the chain, or `undefined` when it is none. */
export function recordOf(line: Buffer): (ChainRecord & { readonly prev: string }) | undefined {
  try {
    const record = JSON.parse(line.toString('utf8')) as Partial<Note> & { readonly prev: string };
    const isNote = record?.kind === 'note' && typeof record.note === 'string' && typeof record.atMs === 'number';
    return isNote || parseEntry(record) !== undefined
      ? (record as unknown as ChainRecord & { prev: string })
      : undefined;
  } catch {
    return undefined; // the caller counts it as damaged
  }
}

/** The chain's files that are there, in order: their numbers. */
export function segmentsIn(folder: string): number[] {
  const numbers = namesIn(folder).map(segmentOf);
  return numbers.filter((number) => number !== undefined).sort((one, other) => one - other);
}

function segmentOf(name: string): number | undefined {
  const digits = /^chain-(\d{6,})\.jsonl$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Absolute path of one of the chain's files. */
export function segmentFile(folder: string, segment: number): string {
  return join(folder, `chain-${String(segment).padStart(6, '0')}.jsonl`);
}

function nextSegment(folder: string, after: number): number | undefined {
  if (after > 0 && factsOf(segmentFile(folder, after + 1)) !== undefined) return after + 1;
  const isThere = after > 0 && factsOf(segmentFile(folder, after)) !== undefined;
  return isThere ? undefined : segmentsIn(folder).find((segment) => segment > after);
}

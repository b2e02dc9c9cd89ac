/** Records that must survive a crash pass through here: an append-only file of JSON lines. */
import { closeSync, fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';
import { appendWhole, linesOf, namesIn, openInFolder } from './files.ts';
import type { Disposable } from './store.ts';

/**
 * Appends records to one file, each as one line of JSON. The file and its folder are made at the first write.
 * A line cut by a crash stays in the file, closed by a line break, and is skipped when read.
 */
export class Journal implements Disposable {
  private readonly file: string;
  private descriptor: number | undefined;

  /** @param file absolute path; only this process may write to it. */
  constructor(file: string) {
    this.file = file;
  }

  /**
   * Writes the records in one `write()`: when it returns they survive the death of this process. Where the disk takes
   * only a part, that is taken back, so that a second try writes nothing twice.
   * @param durably also waits until the disk has them, so that they survive a power cut.
   * @throws Failure `diskFailed` when the disk is full or may not be written.
   */
  append(records: readonly object[], durably = false): void {
    if (records.length === 0) return;
    try {
      if (this.descriptor !== undefined && fstatSync(this.descriptor).nlink === 0) this.dispose(); // it was deleted
      this.descriptor ??= openForAppend(this.file);
      const bytes = Buffer.from(records.map((record) => JSON.stringify(record) + '\n').join(''));
      appendWhole(this.descriptor, bytes);
      if (durably) fsyncSync(this.descriptor);
    } catch (error) {
      throw new Failure('diskFailed', `Paddock could not write to ${this.file}.`, { action: 'showLog', cause: error });
    }
  }

  /** Closes the file; a later append opens it again. */
  dispose(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** What a journal holds. */
export interface JournalContent {
  /** The parsed lines in file order; their shape is for the reader to check. */
  readonly records: readonly unknown[];
  /** Lines that were not whole JSON: cut by a crash, or damaged. */
  readonly damagedLines: number;
}

/** A folder of journals, one per day and writer, so that two windows never write to the same file. */
export interface JournalFolder {
  /** Absolute path. */
  readonly folder: string;
  /** Absolute paths of a day's journals, of all writers; none when the folder is not there. `day`: `2026-11-22`. */
  ofDay(day: string): readonly string[];
  read(file: string): JournalContent;
  /** Absolute path of this writer's journal of a day. */
  own(day: string): string;
}

/** @param writer a name no other writer has; letters and digits. */
export function journalFolder(folder: string, writer: string): JournalFolder {
  return {
    folder,
    ofDay(day) {
      const names = namesIn(folder).filter((name) => name.startsWith(`${day}-`) && name.endsWith('.jsonl'));
      return names.map((name) => join(folder, name));
    },
    read: readJournal,
    own: (day) => join(folder, `${day}-${writer}.jsonl`),
  };
}

/** Reads a whole journal; a file that is not there is an empty one. Throws what the file system throws otherwise. */
export function readJournal(file: string): JournalContent {
  const records: unknown[] = [];
  let damagedLines = 0;
  for (const { bytes } of linesOf(file)) {
    if (bytes.length === 0) continue;
    try {
      records.push(JSON.parse(bytes.toString('utf8')) as unknown);
    } catch {
      damagedLines += 1; // counted: the reader decides what a lost line means
    }
  }
  return { records, damagedLines };
}

function openForAppend(file: string): number {
  const descriptor = openInFolder(file, 'a+');
  if (!endsWithLineBreak(descriptor)) writeSync(descriptor, '\n');
  return descriptor;
}

function endsWithLineBreak(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

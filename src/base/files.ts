/** Plain files pass through here: read line by line, appended to whole or not at all, replaced at once, made durable. */
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disposable } from './store.ts';

/** One line of a file, without its line break. */
export interface Line {
  /** Stays as it is when the next line is read. */
  readonly bytes: Buffer;
  /** Offset behind the line and its line break. */
  readonly endByte: number;
  /** `false`: the file ends without a line break here; somebody is writing, or was cut off. */
  readonly isWhole: boolean;
}

/** Read at once; more makes nothing faster, and a ledger may be larger than what one would like to hold. */
const blockBytes = 262_144;
const lineBreak = 0x0a;

/**
 * The lines of a file from an offset at which one begins; none when the file is not there. Opens the file when the
 * first line is asked for and closes it at the end or when the reader leaves. Others may append meanwhile, and drop a
 * part of a line at the end: every line comes out of one read, never half from before such a change and half from after.
 * Throws what the file system throws.
 */
export function* linesOf(file: string, fromByte = 0): Generator<Line, void, void> {
  const descriptor = orWhenAbsent(() => openSync(file, 'r'), undefined);
  if (descriptor === undefined) return;
  try {
    for (let [firstByte, wantedBytes] = [fromByte, blockBytes]; ;) {
      const block = Buffer.allocUnsafe(wantedBytes);
      const filled = block.subarray(0, readSync(descriptor, block, 0, wantedBytes, firstByte));
      let start = 0;
      for (let end = filled.indexOf(lineBreak); end >= 0; end = filled.indexOf(lineBreak, start)) {
        yield { bytes: filled.subarray(start, end), endByte: firstByte + end + 1, isWhole: true };
        start = end + 1;
      }
      if (filled.length < wantedBytes) {
        const endByte = firstByte + filled.length;
        if (start < filled.length) yield { bytes: filled.subarray(start), endByte, isWhole: false };
        return;
      }
      firstByte += start;
      wantedBytes = start === 0 ? wantedBytes * 2 : blockBytes; // a line longer than what was read
    }
  } finally {
    closeSync(descriptor);
  }
}

/** What a file's folder entry says; `undefined`: it is not there. */
export interface FileFacts {
  readonly bytes: number;
  /** When its contents last changed, ms since 1970. */
  readonly changedMs: number;
}

export function factsOf(file: string): FileFacts | undefined {
  const stats = orWhenAbsent(() => statSync(file), undefined);
  return stats && { bytes: stats.size, changedMs: stats.mtimeMs };
}

/** The bytes from an offset, fewer where the file ends before; none when it is not there. */
export function bytesOf(file: string, fromByte: number, length: number): Buffer {
  const descriptor = orWhenAbsent(() => openSync(file, 'r'), undefined);
  if (descriptor === undefined) return Buffer.alloc(0);
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, fromByte));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Calls back with the names of files that change in a folder, by whomever, several times for one change; the folder is
 * made where it is missing. Nobody may rely on it: network drives, and systems that have enough to watch, tell nothing.
 * Keeps no process alive.
 */
export function watchFolder(folder: string, onChange: (name: string) => void): Disposable {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const watcher = watch(folder, { persistent: false }, (_, name) => (name === null ? undefined : onChange(name)));
    watcher.on('error', () => watcher.close());
    return { dispose: () => watcher.close() };
  } catch {
    return { dispose: () => undefined }; // not every system can; who reads the folder again sees the same
  }
}

/** A small file's whole text; empty when it is not there. */
export function textOf(file: string): string {
  return bytesOf(file, 0, factsOf(file)?.bytes ?? 0).toString('utf8');
}

/** The names in a folder, in order; none when it is not there. */
export function namesIn(folder: string): string[] {
  return orWhenAbsent(() => readdirSync(folder), []).sort();
}

/**
 * Writes at the end of a file that is open for appending. What the disk takes only in part is taken back, so that a
 * second try writes nothing twice. Throws what the file system throws.
 */
export function appendWhole(descriptor: number, bytes: Uint8Array): void {
  const { size } = fstatSync(descriptor);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw error;
  }
}

/**
 * Appends to a file that several processes share; only while its lock is held. The file and its folder are made where
 * they are missing. Survives this process; see `makeDurable` for the power. Gives back where the file ends now.
 * @param whenBytes where the file has to end: what stands behind it, cut off by a crash, is dropped first.
 */
export function appendAt(file: string, whenBytes: number, bytes: Uint8Array): number {
  const descriptor = openInFolder(file, 'a');
  try {
    if (fstatSync(descriptor).size > whenBytes) ftruncateSync(descriptor, whenBytes);
    appendWhole(descriptor, bytes);
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Resolves when the disk has everything that any process wrote to the file before; nothing waits meanwhile. Rejects
 * with what the file system says.
 */
export async function makeDurable(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** As `makeDurable`, at once; stops this thread for as long as the disk takes. */
export function makeDurableNow(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes names in a folder durable: without it a power cut may take a new file away, however durable its contents. */
export function makeNamesDurable(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows opens no folders and keeps names durable by itself.
  }
}

/** Puts a text in the place of the file's; a reader and a crash find the old or the new one, never a part. */
export function replaceFile(file: string, text: string, passingName: string): void {
  const passing = `${file}.${passingName}`;
  try {
    const descriptor = openInFolder(passing, 'w');
    try {
      appendWhole(descriptor, Buffer.from(text));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(passing, file);
  } catch (error) {
    rmSync(passing, { force: true });
    throw error;
  }
}

/** Removes a file; one that is not there is gone already. */
export function removeFile(file: string): void {
  rmSync(file, { force: true });
}

/** Opens a file that only its user may read, in a folder that only its user may enter; makes both. */
export function openInFolder(file: string, flags: 'a' | 'a+' | 'w'): number {
  const fileMode = 0o600;
  try {
    return openSync(file, flags, fileMode);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, flags, fileMode);
  }
}

export function orWhenAbsent<T, A>(read: () => T, absent: A): T | A {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return absent;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** The weights file passes through here before the library sees it: is it there, is it a model at all. */
import { open, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../../base/failure.ts';

/** A file that looks like a model. */
export interface ModelFile {
  readonly bytes: number;
  /** Changes when the machine or the file does; measured thread counts are remembered under it. */
  readonly threadsKey: string;
}

/** What a version 2 or 3 GGUF file holds at least: magic, version, tensor count, metadata count. */
const headerBytes = 24;

/** Throws `Failure` when the file is missing, cannot be read, or is no GGUF file. Reads its first bytes only. */
export async function checkModelFile(file: string): Promise<ModelFile> {
  const name = path.basename(file);
  const fail = (message: string): Failure => new Failure('modelInvalid', message, { action: 'chooseModel' });
  const found = await stat(file).catch((error: unknown) => {
    throw unreachable(error, file);
  });
  if (found.isDirectory()) throw fail(`"${name}" is a folder, not a model file.`);
  if (found.size === 0) throw fail(`"${name}" is empty.`);
  const start = await firstBytes(file).catch((error: unknown) => {
    throw unreachable(error, file);
  });
  if (start.toString('latin1', 0, 4) !== 'GGUF') throw fail(`"${name}" is not a GGUF model file.`);
  if (start.length < headerBytes) throw fail(`"${name}" is cut off: only its first ${start.length} bytes are there.`);
  const cpu = os.cpus()[0]?.model ?? os.arch();
  const threadsKey = [cpu.trim(), os.availableParallelism(), found.size, Math.round(found.mtimeMs)].join('|');
  return { bytes: found.size, threadsKey };
}

/**
 * Refuses a model that cannot fit. The weights need their own size once: llama.cpp repacks them for this CPU beside the
 * mapped file, whose pages the system may take back. Throws `Failure('outOfMemory')` with both numbers.
 */
export function checkMemory(file: string, fileBytes: number, availableBytes: number | undefined): void {
  const neededBytes = fileBytes + libraryBytes;
  if (availableBytes === undefined || neededBytes <= availableBytes) return;
  throw notEnoughMemory(path.basename(file), neededBytes, availableBytes);
}

/** What the process needs beside the weights before any context, bytes (measured: 90-98 MB, rounded up). */
const libraryBytes = 128 * 1024 * 1024;

/**
 * Memory that a program could get now, bytes. `undefined` on macOS: there Node's libuv counts only pages that hold
 * nothing at all, and the system keeps few of those; caches that it would give up at once count as taken.
 */
export function freeMemory(platform: NodeJS.Platform = process.platform): number | undefined {
  return platform === 'darwin' ? undefined : process.availableMemory();
}

/** The failure for too little memory, with the numbers that are known. */
export function notEnoughMemory(
  name: string,
  neededBytes: number | undefined,
  availableBytes: number | undefined,
): Failure {
  const message = `"${name}" needs ${memoryOf(neededBytes, availableBytes)}.`;
  return new Failure('outOfMemory', `${message} Close other programs or choose a smaller model.`, {
    action: 'chooseModel',
  });
}

/** "about 2.0 GB of memory and 1.0 GB is free", as far as it is known. */
export function memoryOf(neededBytes: number | undefined, availableBytes: number | undefined): string {
  if (neededBytes === undefined) return 'more memory than is free';
  const needed = `about ${gigabytes(neededBytes)} of memory`;
  return availableBytes === undefined
    ? `${needed}, more than is free`
    : `${needed} and ${gigabytes(availableBytes)} is free`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function unreachable(error: unknown, file: string): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  const options = { action: 'chooseModel', cause: error } as const;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Failure('modelMissing', `The model file "${file}" does not exist.`, options);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new Failure('modelInvalid', `The model file "${file}" may not be read.`, options);
  }
  return new Failure('modelInvalid', `The model file "${file}" cannot be read (${code ?? String(error)}).`, options);
}

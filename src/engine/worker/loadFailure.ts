/** What stopped the library from loading passes through here and comes out as one failure a person can act on. */
import path from 'node:path';
import { Failure } from '../../base/failure.ts';
import { notEnoughMemory } from './modelFile.ts';

/** What is known about a load that failed. */
export interface LoadTrouble {
  readonly file: string;
  readonly error: unknown;
  /** Error lines of the library's log and of what it wrote to the console, oldest first. */
  readonly log: readonly string[];
  /** Memory that was free, bytes; `undefined`: not known. */
  readonly availableBytes: number | undefined;
}

/** One failure with the reason from the log. A `Failure` stays what it is. */
export function loadFailure({ file, error, log, availableBytes }: LoadTrouble): Failure {
  if (error instanceof Failure) return error;
  const name = path.basename(file);
  const text = [messageOf(error), ...log].join('\n');
  const options = { action: 'chooseModel', cause: error } as const;

  const architecture = /unknown model architecture: '([^']*)'/.exec(text)?.[1];
  if (architecture !== undefined) {
    const message = `"${name}" is a model of the architecture "${architecture}", which this engine does not know.`;
    return new Failure('modelUnsupported', message, options);
  }
  if (isMemory(error, text)) return notEnoughMemory(name, neededBytes(text), availableBytes);
  const binary = binaryFailure(error, text);
  if (binary !== undefined) return binary;
  if (/not within the file bounds|corrupted or incomplete|read error|unexpected(ly)? .*end of file/i.test(text)) {
    return new Failure('modelInvalid', `"${name}" is cut off or damaged. Fetch it again.`, options);
  }
  const reason = reasonLine(log) ?? messageOf(error);
  return new Failure('modelInvalid', `"${name}" could not be loaded: ${sentence(reason)}`, options);
}

/** The library itself could not be started on this machine. */
function binaryFailure(error: unknown, text: string): Failure | undefined {
  const library = /version [`'"]((?:GLIBC|GLIBCXX)_[\d.]+)['"] not found/.exec(text)?.[1];
  if (library !== undefined) {
    const message = `This system is too old for the engine: it has no ${library}.`;
    return new Failure('cpuUnsupported', message, { action: 'showLog', cause: error });
  }
  const isMissing = isNamed(error, 'NoBinaryFoundError') || /ERR_DLOPEN_FAILED|cannot open shared object/.test(text);
  if (!isMissing) return undefined;
  const reason = /(?:cannot open shared object[^\n]*|Error: [^\n]*\.(?:so|node|dll|dylib)[^\n]*)/.exec(text)?.[0];
  const message = `The engine has no program for this system (${process.platform} ${process.arch}).`;
  return new Failure('engineMissing', reason === undefined ? message : `${message} ${sentence(reason)}`, {
    action: 'showLog',
    cause: error,
  });
}

function isMemory(error: unknown, text: string): boolean {
  return (
    isNamed(error, 'InsufficientMemoryError') ||
    /(unable|failed) to allocate|out of memory|bad_alloc|cannot allocate memory/i.test(text)
  );
}

/** Bytes the library says it could not get. */
function neededBytes(text: string): number | undefined {
  const size = /(?:allocate|of size)[^\d\n]*(\d{6,})/i.exec(text)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** The first line says what was wrong; those after it only that loading therefore failed. */
function reasonLine(log: readonly string[]): string | undefined {
  return log.map((line) => line.replace(/^\w+: (error loading model: )?/, '').trim()).find((line) => line !== '');
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && (error.name === name || error.constructor.name === name);
}

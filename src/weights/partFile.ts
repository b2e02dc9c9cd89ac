/** A file that is still arriving is kept here: the bytes go to the disk and through the checksum at the same time. */
import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Failure } from '../base/failure.ts';

/**
 * The part of a file that has arrived, `NAME.part` beside the file it will become; what an earlier fetch left is gone
 * on with. Two windows that fetch the same file write the same bytes to the same places, so neither spoils the other's.
 */
export class PartFile {
  /** So many bytes have arrived and are in the checksum. */
  doneBytes = 0;
  private readonly file: string;
  private readonly handle: FileHandle;
  private hash: Hash = createHash('sha256');

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
  }

  /**
   * Opens or begins the part of `file`, reading what is there already.
   * @param bytes of the whole file.
   * @throws Failure `diskFailed` when the folder cannot be written, or has too little room for what is missing.
   */
  static async open(file: string, bytes: number, signal: AbortSignal): Promise<PartFile> {
    return onDisk(file, async () => {
      await mkdir(dirname(file), { recursive: true });
      await checkRoom(file, bytes);
      const part = new PartFile(file, await openKeeping(partOf(file)));
      try {
        await part.readOver(signal);
      } catch (error) {
        await part.close();
        throw error;
      }
      return part;
    });
  }

  /** What the server called the version that the part is of; `undefined`: it did not say. */
  async validator(): Promise<string | undefined> {
    return readFile(validatorOf(this.file), 'utf8').catch(() => undefined); // then a range is asked for without it
  }

  async setValidator(validator: string | undefined): Promise<void> {
    await onDisk(this.file, () =>
      validator === undefined
        ? rm(validatorOf(this.file), { force: true })
        : writeFile(validatorOf(this.file), validator),
    );
  }

  /** @throws Failure `diskFailed`; where the disk is full the part is gone, to make room again. */
  async write(chunk: Uint8Array): Promise<void> {
    await onDisk(this.file, async () => {
      for (let offset = 0; offset < chunk.length;) {
        const { bytesWritten } = await this.handle.write(chunk, offset, chunk.length - offset, this.doneBytes + offset);
        offset += bytesWritten;
      }
    });
    this.hash.update(chunk);
    this.doneBytes += chunk.length;
  }

  /** What comes next comes from the file's beginning. */
  restart(): void {
    this.doneBytes = 0;
    this.hash = createHash('sha256');
  }

  /** The checksum of what has arrived, 64 hex digits. */
  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /** The part becomes the file, and is closed. */
  async finish(): Promise<void> {
    await onDisk(this.file, async () => {
      await this.handle.truncate(this.doneBytes);
      await this.handle.sync();
      await this.handle.close();
      try {
        await rename(partOf(this.file), this.file);
      } catch (error) {
        // Another window was done first: its file has the same bytes.
        if ((await sizeOf(this.file)) !== this.doneBytes) throw error;
      }
    });
    await rm(validatorOf(this.file), { force: true });
  }

  /** Takes away what has arrived. */
  async remove(): Promise<void> {
    await this.close();
    await removePart(this.file);
  }

  /** Keeps what has arrived for the next time. Closing twice is safe. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  private async readOver(signal: AbortSignal): Promise<void> {
    const { size } = await this.handle.stat();
    const buffer = Buffer.alloc(1 << 20);
    while (this.doneBytes < size) {
      if (signal.aborted) throw new Failure('aborted', 'Stopped.');
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, this.doneBytes);
      if (bytesRead === 0) return;
      this.hash.update(buffer.subarray(0, bytesRead));
      this.doneBytes += bytesRead;
    }
  }
}

/** A file's size; `undefined`: it is not there. */
export async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
}

const partOf = (file: string): string => `${file}.part`;
const validatorOf = (file: string): string => `${file}.part.etag`;

async function removePart(file: string): Promise<void> {
  for (const each of [partOf(file), validatorOf(file)]) await rm(each, { force: true });
}

/** For reading and writing; made where there is none, kept as it is where there is one. */
async function openKeeping(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return open(path, 'w+');
  }
}

async function checkRoom(file: string, bytes: number): Promise<void> {
  const missing = bytes - ((await sizeOf(partOf(file))) ?? 0);
  const free = await statfs(dirname(file)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined, // a file system that does not tell: writing will
  );
  if (free !== undefined && free < missing) throw noRoom(file, missing);
}

/** Runs something that touches the disk; what goes wrong becomes a failure that says what and where. */
async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) {
      await removePart(file);
      throw noRoom(file, undefined, error);
    }
    const message = `${basename(file)} could not be written to ${dirname(file)}: ${reasonOf(error)}`;
    throw new Failure('diskFailed', message, { action: 'showLog', cause: error });
  }
}

function noRoom(file: string, missingBytes: number | undefined, cause?: unknown): Failure {
  const needs = missingBytes === undefined ? '' : ` ${Math.ceil(missingBytes / 1e6)} MB are needed.`;
  const message = `There is not enough room for ${basename(file)} in ${dirname(file)}.${needs} Free some and fetch it again.`;
  return new Failure('diskFailed', message, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

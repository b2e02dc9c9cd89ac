/** "Can this file chat at all?" is answered here from a model file's header, long before anything is loaded. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { Emitter } from '../base/emitter.ts';
import { Failure } from '../base/failure.ts';
import type { Disposable } from '../base/store.ts';

/** A chat template, as the GGUF specification names it; the engine uses no other. */
const templateKey = 'tokenizer.chat_template';

/** What is known of files: each header is read once for each version of its file. */
export class ChatTemplates implements Disposable {
  private readonly known = new Map<string, { readonly version: string; readonly has: Promise<boolean | undefined> }>();
  private readonly answers = new Map<string, boolean | undefined>();
  private readonly learned = new Emitter<void>();

  /** Fires after something became known. */
  readonly onDidLearn = this.learned.event;

  /**
   * At once; `undefined`: not known yet, or nobody can tell. Each question has the header read where that is needed, until
   * a template was found: another file may lie there by now.
   */
  has(file: string): boolean | undefined {
    if (this.answers.get(file) !== true) void this.look(file);
    return this.answers.get(file);
  }

  /** Whether the file as it is now has a template; `undefined`: nobody can tell. Never throws. */
  async look(file: string): Promise<boolean | undefined> {
    const version = await versionOf(file);
    const before = this.known.get(file);
    const has = before !== undefined && before.version === version ? before.has : hasChatTemplate(file);
    this.known.set(file, { version, has });
    const answer = await has;
    const isNew = this.answers.get(file) !== answer;
    this.answers.set(file, answer);
    if (isNew) this.learned.fire();
    return answer;
  }

  dispose(): void {
    this.learned.dispose();
  }
}

/** Why a model without a template is not asked: what its turns look like is not guessed at. @param name its name for people. */
export function noChatTemplate(name: string): Failure {
  const message = `${name} cannot chat: its file has no chat template. It is made for completions.`;
  return new Failure('modelUnsupported', message, { action: 'switchProvider' });
}

/** Changes when the file does. */
async function versionOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined); // reading it will find out what is wrong with it
  return found === undefined ? '' : `${found.size} ${found.mtimeMs}`;
}

/** Headers are a few megabytes long, most of it the words of the vocabulary. */
const [leastHeaderBytes, mostHeaderBytes] = [1_048_576, 256 * 1_048_576];

/**
 * Reads a GGUF file's header, more of it as long as it goes on.
 * @returns whether a chat template is there that says something; `undefined`: the file cannot be read, or is none of a known
 *   form. The engine then says what is wrong with it.
 */
async function hasChatTemplate(file: string): Promise<boolean | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    for (let length = leastHeaderBytes; length < mostHeaderBytes; length *= 4) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(length, size)), 0, undefined, 0);
      const has = templateIn(buffer.subarray(0, bytesRead));
      if (has !== 'more') return has;
      if (length >= size) return undefined;
    }
    return undefined;
  } catch {
    return undefined; // the engine says what is wrong with the file once it is to be loaded
  } finally {
    await handle?.close();
  }
}

/** The whole header, as https://github.com/ggml-org/ggml/blob/master/docs/gguf.md has it: versions 2 and 3, little-endian. */
function templateIn(bytes: Buffer): boolean | 'more' | undefined {
  try {
    const header = new Header(bytes);
    const isKnown = header.text(4) === 'GGUF' && [2, 3].includes(header.uint32());
    if (!isKnown) return undefined;
    header.skip(8); // how many tensors there are
    const count = header.uint64();
    for (let index = 0; index < count; index += 1) {
      const key = header.text(header.uint64());
      const type = header.uint32();
      if (key === templateKey) return type === stringType && header.text(header.uint64()).trim() !== '';
      skipValue(header, type);
    }
    return false;
  } catch (error) {
    if (error instanceof RangeError) return 'more';
    throw error;
  }
}

const stringType = 8;
const arrayType = 9;
/** Bytes of a value by its type; a string's and an array's follow from what they hold. */
const bytesOfType: Readonly<Record<number, number>> = {
  ...{ 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1 },
  ...{ 10: 8, 11: 8, 12: 8 },
};

function skipValue(header: Header, type: number): void {
  const bytes = bytesOfType[type];
  if (bytes !== undefined) return header.skip(bytes);
  if (type === stringType) return header.skip(header.uint64());
  if (type !== arrayType) throw new Error(`There is no type ${type}.`);
  const itemType = header.uint32();
  const count = header.uint64();
  const itemBytes = bytesOfType[itemType];
  if (itemBytes !== undefined) return header.skip(count * itemBytes);
  for (let index = 0; index < count; index += 1) skipValue(header, itemType);
}

/** Reads from the beginning on. Throws `RangeError` where the bytes end before the header does. */
class Header {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  uint32(): number {
    this.skip(4);
    return this.bytes.readUInt32LE(this.at - 4);
  }

  /** Not exact from 2^53 on, which is more than a file can hold. */
  uint64(): number {
    const low = this.uint32();
    return low + this.uint32() * 2 ** 32;
  }

  text(length: number): string {
    this.skip(length);
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.bytes.length) throw new RangeError('The header goes on.');
  }
}

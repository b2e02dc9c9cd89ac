/** Model files on disk are looked at here: is it a model at all, and where do people keep theirs? */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../base/failure.ts';

/** A model file somewhere on this computer. */
export interface ModelFile {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
}

/** How deep below a known folder is searched, and how many folders at most: a picker must open at once. */
const searchLimits = { depth: 4, folders: 400 };

/**
 * Looks at the first bytes only; the engine finds deeper damage when it loads the file.
 * @throws Failure `modelMissing` when it cannot be read, `modelInvalid` when it is no GGUF file.
 */
export async function checkModelFile(path: string): Promise<ModelFile> {
  const name = basename(path);
  const { size, isFile, magic } = await peek(path, name);
  if (!isFile) throw new Failure('modelInvalid', `${name} is a folder, not a model file.`, { action: 'chooseModel' });
  if (magic !== 'GGUF') {
    throw new Failure('modelInvalid', `${name} is not a GGUF model file.`, { action: 'chooseModel' });
  }
  return { path, bytes: size };
}

async function peek(path: string, name: string): Promise<{ size: number; isFile: boolean; magic: string }> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile) return { size, isFile, magic: '' };
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      return { size, isFile, magic: buffer.toString('latin1', 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new Failure('modelMissing', `${name} could not be read.`, { action: 'chooseModel', cause });
  }
}

/** Folders below a home folder where other tools put GGUF files. */
export const knownModelFolders: readonly string[] = [
  'models',
  'Models',
  '.lmstudio/models',
  '.cache/lm-studio/models',
  '.cache/llama.cpp',
  '.cache/huggingface/hub',
  '.cache/paddock/models',
  'Library/Caches/llama.cpp',
  'Library/Caches/paddock/models',
  '.node-llama-cpp/models',
];

/**
 * GGUF files in the known folders below `home`, and in `more` (absolute paths), by path. Parts 2..n of a split model
 * are left out. Never throws.
 */
export async function findModelFiles(home: string, ...more: readonly string[]): Promise<readonly ModelFile[]> {
  const found = new Map<string, ModelFile>();
  const known = knownModelFolders.map((folder) => join(home, folder));
  const waiting = [...known, ...more].map((folder) => ({ folder, depth: 0 }));
  for (let seen = 0; seen < searchLimits.folders; seen += 1) {
    const next = waiting.shift();
    if (next === undefined) break;
    for (const entry of await entriesOf(next.folder)) {
      const path = join(next.folder, entry.name);
      if (entry.isDirectory() && next.depth < searchLimits.depth) waiting.push({ folder: path, depth: next.depth + 1 });
      else if (isModelName(entry.name)) {
        const bytes = await sizeOf(path);
        if (bytes !== undefined) found.set(path, { path, bytes });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.path.localeCompare(b.path));
}

function isModelName(name: string): boolean {
  const isLaterPart = /-(\d{5})-of-\d{5}\.gguf$/i.test(name) && !/-00001-of-\d{5}\.gguf$/i.test(name);
  return /\.gguf$/i.test(name) && !isLaterPart && !/^(mmproj|ggml-vocab)/i.test(name);
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // not there or not ours to read: then nothing to offer from it
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { size } = await stat(path);
    return size;
  } catch {
    return undefined; // a broken link is not offered
  }
}

/** A name for people from a file's name: `qwen2.5-coder-1.5b-instruct-q4_k_m.gguf` -> `qwen2.5-coder-1.5b-instruct`. */
export function nameOfFile(path: string): string {
  const stem = basename(path)
    .replace(/\.gguf$/i, '')
    .replace(/-00001-of-\d{5}$/, '');
  const short = stem.replace(/[-_.](?:i?q\d[\w]*|[bf]p?(?:16|32)|mxfp4\w*)$/i, '');
  return short === '' ? stem : short;
}

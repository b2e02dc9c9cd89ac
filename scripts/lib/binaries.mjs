/** node-llama-cpp's binaries for any platform pass through here, checked against the one pinned version. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { makeOnce } from './cache.mjs';
import { Failure } from './failure.mjs';
import { run } from './run.mjs';
import { binaryPackages } from './targets.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * The package folders (each with `bins/`) of one target: from node_modules where npm installed them for this machine,
 * else fetched once into the cache, verified with the hash in package-lock.json.
 * @param {string} target a vsce target
 * @returns {Promise<string[]>}
 */
export async function binariesOf(target) {
  const version = pinnedVersion();
  const folders = [];
  for (const name of binaryPackages[target]) {
    const installed = path.join(repository, 'node_modules/@node-llama-cpp', name);
    folders.push(existsSync(path.join(installed, 'bins')) ? installed : await fetchBinaries(name, version));
  }
  for (const folder of folders) {
    const found = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')).version;
    if (found !== version) throw new Failure(`${folder} is ${found}, but ${version} is pinned: run "npm ci".`);
  }
  return folders;
}

/**
 * The version of node-llama-cpp in package.json, after checking that package-lock.json pins its JavaScript and the
 * binaries of every target to the same one: the library loads no others.
 * @returns {string}
 */
export function pinnedVersion() {
  const { devDependencies } = readJson('package.json');
  const version = devDependencies['node-llama-cpp'];
  const packages = Object.values(binaryPackages).flat();
  for (const name of ['node-llama-cpp', ...packages.map((each) => `@node-llama-cpp/${each}`)]) {
    const locked = lockEntry(name)?.version;
    if (locked !== version) {
      throw new Failure(`package.json pins node-llama-cpp ${version}, package-lock.json has ${name} ${locked}.`);
    }
  }
  const present = readJson('node_modules/node-llama-cpp/package.json').version;
  if (present !== version) throw new Failure(`node-llama-cpp ${present} is installed, ${version} is pinned.`);
  return version;
}

/**
 * @param {string} name
 * @param {string} version
 */
function fetchBinaries(name, version) {
  return makeOnce(path.join('binaries', `${name}-${version}`), async (folder) => {
    const spec = `@node-llama-cpp/${name}@${version}`;
    console.log(`Fetching ${spec}`);
    const temporary = await mkdtemp(path.join(os.tmpdir(), 'paddock-'));
    try {
      await run(npm, ['pack', spec, '--ignore-scripts', '--pack-destination', temporary], {
        what: `Fetching ${spec}`,
        shell: process.platform === 'win32',
      });
      const archive = path.join(temporary, (await readdir(temporary))[0] ?? '');
      await checkIntegrity(archive, `@node-llama-cpp/${name}`);
      await mkdir(folder, { recursive: true });
      await run('tar', ['-xzf', archive, '-C', folder, '--strip-components', '1'], { what: `Unpacking ${spec}` });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

/**
 * @param {string} archive
 * @param {string} name
 */
async function checkIntegrity(archive, name) {
  const expected = lockEntry(name)?.integrity;
  const actual = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (actual !== expected) throw new Failure(`${name} from the registry is not what package-lock.json has recorded.`);
}

/** @param {string} name */
function lockEntry(name) {
  return readJson('package-lock.json').packages[`node_modules/${name}`];
}

/** @param {string} name */
function readJson(name) {
  return JSON.parse(readFileSync(path.join(repository, name), 'utf8'));
}

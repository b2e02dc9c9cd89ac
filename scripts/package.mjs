/**
 * Builds the VSIX of one platform: `npm run package -- [--target T | --all]`, default this platform. The result is
 * dist/paddock-<target>.vsix; when nothing that goes into it changed, it is left as it is.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { withLock } from './lib/cache.mjs';
import { Failure, reportFailure } from './lib/failure.mjs';
import { binaryPackages, thisTarget } from './lib/targets.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const largestBytes = 60_000_000;

/** What may be in a VSIX; anything else fails the build. Names as inside the archive, where vsce renames some. */
const allowed = [
  /^extension\/(package\.json|package\.nls(\.[\w-]+)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
  /^extension\/THIRD-PARTY-NOTICES\.txt$/,
  /^extension\/media\/(icon\.png|activityBar\.svg|grammars\/\w+\.json)$/,
  /^extension\/schemas\/policy\.schema\.json$/,
  /^extension\/l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^extension\/dist\/((extension|shared|rooms)\.cjs|lib\/(@[\w-]+\/)?[\w.-]+\.cjs|engine\/worker\.mjs)$/,
  /^extension\/dist\/media\/\w+\/(main\.js|main\.css|codicon\.ttf)$/,
  /^extension\/dist\/engine\/llama\/binariesGithubRelease\.json$/,
  /^(extension\.vsixmanifest|\[Content_Types\]\.xml)$/,
];
const binaryNames = /(\.node|\.so|\.dll|\.dylib|\.metal|\.metallib|\/_nlcBuildMetadata\.json)$/;

/** Copied as they are, where they exist. */
const copied = [
  'media/icon.png',
  'media/activityBar.svg',
  'media/grammars',
  'schemas',
  'l10n',
  'CHANGELOG.md',
  'LICENSE',
];
/** A change in any of these makes a new VSIX. */
const inputs = [
  'src',
  'media',
  'schemas',
  'l10n',
  'package.json',
  'package-lock.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'esbuild.mjs',
  'scripts/package.mjs',
  'scripts/lib/targets.mjs',
  'scripts/lib/binaries.mjs',
  'scripts/lib/notices.mjs',
];

/**
 * Builds one target's VSIX, unless the one that is there was built from the same inputs.
 * @param {string} target
 * @returns {Promise<string>} its path
 */
export function packageTarget(target) {
  // Two starts at once would write to the same folder.
  return withLock(`package ${repository} ${target}`, () => packageAlone(target));
}

/** @param {string} target */
async function packageAlone(target) {
  const { binariesOf } = await import('./lib/binaries.mjs');
  const vsix = path.join(repository, 'dist', `paddock-${target}.vsix`);
  const stampFile = path.join(repository, 'dist', 'stage', `${target}.stamp`);
  const stamp = inputsHash();
  if (fs.existsSync(vsix) && fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stampOf(stamp, vsix)) {
    console.log(`${path.relative(repository, vsix)} is up to date (${megabytes(fs.statSync(vsix).size)})`);
    return vsix;
  }
  const startedMs = Date.now();
  const stage = path.join(repository, 'dist', 'stage', target);
  fs.rmSync(stage, { recursive: true, force: true });
  fs.rmSync(stampFile, { force: true });
  await fillStage(stage, await binariesOf(target));
  await createVsix(stage, target, vsix);
  const bytes = await checkVsix(vsix, target);
  fs.rmSync(stage, { recursive: true, force: true });
  fs.writeFileSync(stampFile, stampOf(stamp, vsix));
  console.log(`${path.relative(repository, vsix)}: ${megabytes(bytes)}, ${Date.now() - startedMs} ms`);
  return vsix;
}

/**
 * @param {string} stage
 * @param {readonly string[]} packages
 */
async function fillStage(stage, packages) {
  const { buildBundles, layOutBinaries } = await import('../esbuild.mjs');
  const { thirdPartyNotices } = await import('./lib/notices.mjs');
  const metafiles = await buildBundles({ outDir: path.join(stage, 'dist'), production: true });
  layOutBinaries({ engineDir: path.join(stage, 'dist/engine'), packages, keep: isNeededToRun });
  fs.writeFileSync(path.join(stage, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(metafiles, repository));
  fs.writeFileSync(path.join(stage, '.vscodeignore'), ''); // nothing to ignore: the folder holds what is wanted
  fs.writeFileSync(path.join(stage, 'package.json'), JSON.stringify(publishedManifest(), null, 2));
  const translations = fs.readdirSync(repository).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name));
  for (const name of [...copied, ...translations]) {
    const from = path.join(repository, name);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(stage, name), { recursive: true });
  }
  const readme = path.join(repository, 'README.md');
  fs.writeFileSync(path.join(stage, 'README.md'), publishedReadme(fs.readFileSync(readme, 'utf8')));
}

/** @param {string} name */
function isNeededToRun(name) {
  return !/\.(lib|exp|pdb|def)$/.test(name);
}

/** package.json without what only this checkout needs. */
function publishedManifest() {
  const manifest = JSON.parse(fs.readFileSync(path.join(repository, 'package.json'), 'utf8'));
  for (const key of ['private', 'type', 'scripts', 'devDependencies', 'overrides', 'allowScripts'])
    delete manifest[key];
  return manifest;
}

/**
 * VS Code shows the README of an installed extension without a place to load relative pictures and files from: pictures
 * go, with tables that hold nothing else, and of a link the words stay.
 * @param {string} text
 */
export function publishedReadme(text) {
  const picture = String.raw`!\[[^\]]*\]\((?!https:)[^)]*\)`;
  return text
    .replace(new RegExp(String.raw`^\|.*\|\n\|[-| ]+\|\n(?:\|(?: *${picture} *\|)+\n)+`, 'gm'), '')
    .replace(new RegExp(picture, 'g'), '')
    .replace(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, '$1')
    .replace(/\n{3,}/g, '\n\n');
}

/**
 * @param {string} stage
 * @param {string} target
 * @param {string} vsix
 */
async function createVsix(stage, target, vsix) {
  const { createVSIX } = await import('@vscode/vsce');
  const log = console.log;
  console.log = () => {}; // vsce prints the tree of files; checkVsix looks at it instead
  try {
    await createVSIX({
      cwd: stage,
      packagePath: vsix,
      target,
      dependencies: false,
      rewriteRelativeLinks: false,
      allowMissingRepository: true,
    });
  } finally {
    console.log = log;
  }
}

/**
 * @param {string} vsix
 * @param {string} target
 * @returns {Promise<number>} its size
 */
async function checkVsix(vsix, target) {
  const { listZip } = await import('./lib/zip.mjs');
  const names = (await listZip(vsix)).map((member) => member.name);
  const complaints = unexpectedFiles(names, target);
  const { size } = fs.statSync(vsix);
  if (size > largestBytes) complaints.push(`it has ${megabytes(size)}, more than ${megabytes(largestBytes)}`);
  if (complaints.length > 0) {
    fs.rmSync(vsix);
    throw new Failure(`The VSIX for ${target} may not be shipped:\n${complaints.join('\n')}`);
  }
  return size;
}

/**
 * @param {readonly string[]} names of the members of a VSIX
 * @param {string} target
 * @returns {string[]} what is there and should not be, what is missing
 */
export function unexpectedFiles(names, target) {
  const folders = binaryPackages[target].map((name) => `extension/dist/engine/bins/${name}/`);
  const isBinary = (/** @type {string} */ name) =>
    binaryNames.test(name) && folders.some((folder) => name.startsWith(folder)) && !/cuda/i.test(name);
  const surplus = names.filter((name) => !allowed.some((pattern) => pattern.test(name)) && !isBinary(name));
  const needed = [
    ...['extension', 'shared', 'rooms'].map((part) => `extension/dist/${part}.cjs`),
    ...['extension/dist/engine/worker.mjs', 'extension/LICENSE.txt'],
    ...['extension/dist/engine/llama/binariesGithubRelease.json', 'extension/THIRD-PARTY-NOTICES.txt'],
    ...folders.flatMap((folder) => [`${folder}llama-addon.node`, `${folder}_nlcBuildMetadata.json`]),
  ];
  const missing = needed.filter((name) => !names.includes(name));
  return [...surplus.map((name) => `it contains ${name}`), ...missing.map((name) => `${name} is missing`)];
}

function inputsHash() {
  const hash = createHash('sha256');
  const translations = fs.readdirSync(repository).filter((name) => /^package\.nls.*\.json$/.test(name));
  for (const input of [...inputs, ...translations].sort()) {
    for (const file of filesOf(input))
      hash
        .update(file)
        .update('\0')
        .update(fs.readFileSync(path.join(repository, file)));
  }
  return hash.digest('hex');
}

/**
 * @param {string} name
 * @returns {string[]}
 */
function filesOf(name) {
  const stat = fs.statSync(path.join(repository, name), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [name];
  return fs
    .readdirSync(path.join(repository, name))
    .sort()
    .flatMap((below) => filesOf(path.join(name, below)));
}

/**
 * @param {string} hash
 * @param {string} vsix
 */
function stampOf(hash, vsix) {
  const { size, mtimeMs } = fs.statSync(vsix);
  return `${hash} ${size} ${mtimeMs}\n`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function main() {
  const { values } = parseArgs({ options: { target: { type: 'string' }, all: { type: 'boolean' } } });
  const targets = values.all ? Object.keys(binaryPackages) : [values.target ?? thisTarget()];
  for (const target of targets) {
    if (!(target in binaryPackages)) {
      throw new Failure(`Unknown target ${target}; there are: ${Object.keys(binaryPackages).join(', ')}.`);
    }
    await packageTarget(target);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bootstrap(import.meta.url);
  await main().catch(reportFailure);
}

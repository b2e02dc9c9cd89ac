/** A script started on a bare machine passes through here first: packages installed, then on with the pinned Node. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './cache.mjs';
import { Failure, reportFailure } from './failure.mjs';
import { findOnPath, run, runAllowingFailure } from './run.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const lockFile = path.join(repository, 'package-lock.json');
const packages = path.join(repository, 'node_modules');
const stampFile = path.join(packages, '.paddock-stamp');
const oldestNode = 20;
const oldestNpm = 9;
const spentVariable = 'PADDOCK_BOOTSTRAP_MS';

/** The Node that comes with the packages and runs everything after the bootstrap. */
export const pinnedNode = path.join(packages, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * Call this before importing anything that is not built into Node. Returns at once in a process that runs on the pinned
 * Node with the packages of package-lock.json; otherwise installs them, runs the same script again on the pinned Node
 * and ends this process with its exit code.
 * @param {string} scriptUrl the caller's `import.meta.url`
 * @returns {Promise<number>} milliseconds that the process before this one spent on installing
 */
export async function bootstrap(scriptUrl) {
  try {
    if (Number(process.versions.node.split('.')[0]) < oldestNode) {
      throw new Failure(`Node ${oldestNode} or newer is needed, this is ${process.version} (https://nodejs.org)`);
    }
    if (!isInstalled()) await withLock(`install ${repository}`, installPackages, { onWait: tellWaiting });
    if (realpathSync(process.execPath) === realpathSync(pinnedNode)) return takeSpentMs();
  } catch (error) {
    reportFailure(error);
    process.exit();
  }
  return runAgain(fileURLToPath(scriptUrl));
}

function takeSpentMs() {
  const spentMs = Number(process.env[spentVariable] ?? 0);
  delete process.env[spentVariable];
  return spentMs;
}

/** @param {string} holder */
function tellWaiting(holder) {
  console.log(`Waiting for ${holder}, which is installing the packages`);
}

function isInstalled() {
  return existsSync(pinnedNode) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex');
}

async function installPackages() {
  if (isInstalled()) return;
  if (!holdsLockedPackages()) {
    await checkNpm();
    const startedMs = Date.now();
    console.log('Installing the pinned packages (first time, or package-lock.json changed)');
    await npm(['ci', '--ignore-scripts']);
    // Of all install scripts only these two are needed; node-llama-cpp's could start to compile llama.cpp.
    await npm(['rebuild', 'node', 'esbuild']);
    console.log(`Installed the pinned packages in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  }
  if (!existsSync(pinnedNode)) throw new Failure(`npm did not install ${path.relative(repository, pinnedNode)}`);
  writeFileSync(stampFile, lockHash());
}

/** Whether a developer's own `npm install` already brought exactly what is locked. */
function holdsLockedPackages() {
  const hidden = path.join(packages, '.package-lock.json');
  if (!existsSync(pinnedNode) || !existsSync(hidden)) return false;
  const locked = readPackages(lockFile);
  const present = readPackages(hidden);
  const isSame = (/** @type {string} */ name) =>
    present[name]?.version === locked[name]?.version && present[name]?.integrity === locked[name]?.integrity;
  return (
    Object.keys(present).every(isSame) &&
    Object.keys(locked).every((name) => name === '' || locked[name]?.optional || isSame(name))
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

async function checkNpm() {
  if (!findOnPath(['npm'])) throw new Failure('npm is needed and not on PATH; it comes with Node (https://nodejs.org)');
  const { output } = await runAllowingFailure('npm', ['--version'], { shell: process.platform === 'win32' });
  const version = output.trim();
  if (Number(version.split('.')[0]) >= oldestNpm) return;
  throw new Failure(`npm ${oldestNpm} or newer is needed, this is ${version || 'not running'} (npm install -g npm)`);
}

/** @param {readonly string[]} npmArguments */
async function npm(npmArguments) {
  await run('npm', [...npmArguments, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: repository,
    env: { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' },
    shell: process.platform === 'win32',
    what: `npm ${npmArguments.join(' ')}`,
    isGuarded: true,
  });
}

/**
 * Runs the script on the pinned Node, which also becomes the `node` of everything below it.
 * @param {string} script
 * @returns {Promise<never>}
 */
async function runAgain(script) {
  const env = {
    ...process.env,
    PATH: `${path.dirname(pinnedNode)}${path.delimiter}${process.env['PATH'] ?? ''}`,
    [spentVariable]: String(Math.round(performance.now())),
  };
  const child = spawn(pinnedNode, [...process.execArgv, script, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // A terminal's Ctrl-C reaches both processes, a `kill` only this one; hearing it twice changes nothing.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return new Promise(() => {
    child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
  });
}

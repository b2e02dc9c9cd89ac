/** Everything the scripts fetch or build outside the checkout lands here, each step whole or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 5_000;
/** A holder that has not touched its lock for this long is taken for dead even if its process id is in use again. */
const abandonedAfterMs = 60_000;
const pollMs = 150;

/**
 * The folder of everything fetched once: `PADDOCK_CACHE`, else the platform's own place for caches.
 * @param {NodeJS.ProcessEnv} [environment]
 * @param {NodeJS.Platform} [platform]
 * @param {string} [home]
 * @returns {string} absolute; it may not exist yet
 */
export function cacheFolder(environment = process.env, platform = process.platform, home = homedir()) {
  const given = environment['PADDOCK_CACHE'];
  if (given) return path.resolve(given);
  if (platform === 'win32') {
    return path.join(environment['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'paddock');
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'paddock');
  return path.join(environment['XDG_CACHE_HOME'] || path.join(home, '.cache'), 'paddock');
}

/**
 * A path inside the cache folder.
 * @param {...string} parts
 */
export function cachePath(...parts) {
  return path.join(cacheFolder(), ...parts);
}

/**
 * Makes a file or folder of the cache once: built under a temporary name, renamed when whole. A crash leaves only the
 * temporary name, which the next attempt removes; two processes at once build it once.
 * @param {string} name path below the cache folder
 * @param {(temporaryPath: string) => Promise<void>} make builds everything at the path it is given
 * @param {LockOptions} [options]
 * @returns {Promise<string>} the finished path
 */
export async function makeOnce(name, make, options) {
  const target = cachePath(name);
  if (existsSync(target)) return target;
  return withLock(
    name,
    async () => {
      if (existsSync(target)) return target;
      const temporary = `${target}.making`;
      await rm(temporary, { recursive: true, force: true });
      await mkdir(path.dirname(target), { recursive: true });
      await make(temporary);
      await rename(temporary, target);
      return target;
    },
    options,
  );
}

/**
 * @typedef {object} LockOptions
 * @property {(holder: string) => void} [onWait] called once when another process holds the lock
 */

/**
 * Runs `work` while no other process on this cache runs under the same name. A holder that died, even by `kill -9`, is
 * noticed by its process id. Not reentrant. `work` must not block the event loop for a minute: the lock would look dead.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
export async function withLock(name, work, options = {}) {
  const lockPath = lockPathOf(name);
  const release = keepLock(lockPath, await takeLock(lockPath, options));
  try {
    return await work();
  } finally {
    release();
  }
}

/**
 * Takes the lock if nobody has it.
 * @param {string} name
 * @returns {(() => void) | undefined} gives it back; `undefined`: another process has it
 */
export function tryLock(name) {
  const lockPath = lockPathOf(name);
  const token = randomUUID();
  if (isAbandoned(lockPath)) breakLock(lockPath);
  return createLock(lockPath, token) ? keepLock(lockPath, token) : undefined;
}

/** @param {string} name */
function lockPathOf(name) {
  const readable = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(-60);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const lockPath = cachePath('locks', `${readable}-${digest}.lock`);
  mkdirSync(path.dirname(lockPath), { recursive: true });
  return lockPath;
}

/**
 * @param {string} lockPath
 * @param {string} token
 * @returns {() => void} gives it back
 */
function keepLock(lockPath, token) {
  const heartbeat = setInterval(() => touch(lockPath), heartbeatMs);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (readHolder(lockPath)?.token === token) rmSync(lockPath, { force: true });
  };
}

/**
 * @param {string} lockPath
 * @param {LockOptions} options
 * @returns {Promise<string>} the token written into the lock
 */
async function takeLock(lockPath, options) {
  const token = randomUUID();
  let hasToldWaiting = false;
  for (;;) {
    if (createLock(lockPath, token)) return token;
    if (isAbandoned(lockPath)) {
      breakLock(lockPath);
      continue;
    }
    if (!hasToldWaiting) options.onWait?.(`process ${readHolder(lockPath)?.processId ?? 'unknown'}`);
    hasToldWaiting = true;
    await sleep(pollMs);
  }
}

/**
 * @param {string} lockPath
 * @param {string} token
 * @returns {boolean} false when somebody else has it
 */
function createLock(lockPath, token) {
  try {
    const file = openSync(lockPath, 'wx');
    writeSync(file, JSON.stringify({ token, processId: process.pid, host: hostname() }));
    closeSync(file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * @param {string} lockPath
 * @returns {{ token: string, processId: number, host: string } | undefined} undefined while it is being written, or gone
 */
function readHolder(lockPath) {
  try {
    return JSON.parse(readFileSync(lockPath, 'utf8'));
  } catch {
    // Gone or half written: the caller looks again.
    return undefined;
  }
}

/** @param {string} lockPath */
export function isAbandoned(lockPath) {
  let touchedMs;
  try {
    touchedMs = statSync(lockPath).mtimeMs;
  } catch {
    // Released meanwhile: nothing to break.
    return false;
  }
  if (Date.now() - touchedMs > abandonedAfterMs) return true;
  const holder = readHolder(lockPath);
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.processId);
}

/**
 * Only the holder of the second, short-lived file may remove a dead lock, after looking again: two processes that both
 * saw the dead lock could otherwise remove each other's new one.
 * @param {string} lockPath
 */
function breakLock(lockPath) {
  const breakingPath = `${lockPath}.breaking`;
  if (!createLock(breakingPath, '')) {
    if (isAbandoned(breakingPath)) rmSync(breakingPath, { force: true });
    return;
  }
  try {
    if (isAbandoned(lockPath)) rmSync(lockPath, { force: true });
  } finally {
    rmSync(breakingPath, { force: true });
  }
}

/** @param {string} lockPath */
function touch(lockPath) {
  try {
    const now = new Date();
    utimesSync(lockPath, now, now);
  } catch {
    // The cache folder was deleted under us; the work itself will say so.
  }
}

/**
 * Whether a process runs; one that ended and was never collected by its parent does not.
 * @param {number} processId
 */
export function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return process.platform !== 'linux' || !/\) Z/.test(readFileSync(`/proc/${processId}/stat`, 'utf8'));
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}

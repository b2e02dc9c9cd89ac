/** Long-running programs start and end here as a whole tree: nothing of them outlives whoever started them. */
import { execFileSync, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const guardianPath = fileURLToPath(new URL('./guardian.mjs', import.meta.url));

/**
 * @typedef {object} ProcessTree
 * @property {number} pid of the program itself
 * @property {Promise<number | null>} exited its exit code, `null` by signal; the whole tree is gone by then
 * @property {() => string} output the last of what it printed
 * @property {() => Promise<void>} stop ends it and everything it started; may be called again
 */

/**
 * @typedef {object} TreeOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine] every line the program prints
 * @property {string} [removeAfter] a folder that is deleted when the tree has ended
 */

/**
 * Starts a program under a guardian process that ends the whole tree when `stop()` is called or when this process dies
 * in any way, `kill -9` included.
 * @param {readonly string[]} commandLine
 * @param {TreeOptions} [options]
 * @returns {Promise<ProcessTree>}
 */
export async function startTree(commandLine, options = {}) {
  const guardian = fork(guardianPath, [options.removeAfter ?? '', ...commandLine], {
    detached: process.platform !== 'win32',
    silent: true,
    execArgv: [],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...(options.env ?? process.env) },
  });
  const output = keepLines(guardian, options.onLine);
  // 'close' never comes after our own disconnect (seen with Node 24).
  const exited = new Promise((/** @type {(code: number | null) => void} */ resolve) => guardian.once('exit', resolve));
  const pid = await Promise.race([firstMessage(guardian), exited.then(() => 0)]);
  return {
    pid,
    exited,
    output,
    async stop() {
      if (guardian.connected) guardian.disconnect();
      await exited;
    },
  };
}

/**
 * @typedef {object} RunningProcess
 * @property {number} pid
 * @property {number} parentPid
 * @property {number} groupPid
 * @property {string} commandLine
 */

/**
 * The processes below one, as far as the parents in between are alive.
 * @param {number} pid
 * @returns {RunningProcess[]}
 */
export function descendantsOf(pid) {
  const all = listProcesses();
  const found = [];
  const open = [pid];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const one of all) {
      if (one.parentPid !== parent) continue;
      found.push(one);
      open.push(one.pid);
    }
  }
  return found;
}

/**
 * Every process that runs; one that ended and was not yet collected by its parent does not. Empty on Windows.
 * @returns {RunningProcess[]}
 */
export function listProcesses() {
  if (process.platform === 'linux') return listFromProc();
  if (process.platform === 'win32') return [];
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parentPid, groupPid, state, commandLine] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!commandLine || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), parentPid: Number(parentPid), groupPid: Number(groupPid), commandLine }];
  });
}

/** Slim images have no `ps`; the kernel's own list is always there. */
function listFromProc() {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/stat`, 'utf8');
      // Fields after the parenthesised name: state, parent, group (proc_pid_stat(5)). A zombie has ended.
      const [state, parentPid, groupPid] = status.slice(status.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') return [];
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid: Number(name), parentPid: Number(parentPid), groupPid: Number(groupPid), commandLine }];
    } catch {
      // Ended while we were looking.
      return [];
    }
  });
}

/**
 * @param {import('node:child_process').ChildProcess} guardian
 * @returns {Promise<number>}
 */
function firstMessage(guardian) {
  return new Promise((resolve) => guardian.once('message', (message) => resolve(Number(message))));
}

/**
 * @param {import('node:child_process').ChildProcess} guardian
 * @param {((line: string) => void) | undefined} onLine
 */
function keepLines(guardian, onLine) {
  let kept = '';
  for (const stream of [guardian.stdout, guardian.stderr]) {
    let unfinished = '';
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      kept = (kept + text).slice(-20_000);
      const lines = (unfinished + text).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
  }
  return () => kept;
}

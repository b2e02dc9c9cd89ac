/**
 * A small process between a script and a long-running program: it starts the program, and when the script lets go of it
 * (by choice or by dying) it ends the program with everything below it. Arguments: a folder to delete in the end (may be
 * empty), then the program's command line.
 */
import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, listProcesses } from './processes.mjs';

const politeMs = 2_500;
const pollMs = 25;

const [removeAfter, command, ...commandArguments] = process.argv.slice(2);
const child = spawn(String(command), commandArguments, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
let isEnding = false;

// Signals meant for the group must not end the guardian before its work is done.
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']))
  process.on(signal, () => void endTree(null));
process.on('disconnect', () => void endTree(null));
child.on('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.on('exit', (code) => void endTree(code));
process.send?.(child.pid ?? 0);

/** @param {number | null} code the program's own exit code where it ended by itself */
async function endTree(code) {
  if (isEnding) return;
  isEnding = true;
  if (process.platform === 'win32') endWindowsTree();
  else await endGroup();
  if (removeAfter) rmSync(removeAfter, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code ?? 0);
}

/** What started a session of its own (terminals do) is known by its parent; what lost its parent, by its group. */
async function endGroup() {
  const known = new Set(ours());
  for (const pid of known) send(pid, 'SIGTERM');
  const deadline = Date.now() + politeMs;
  while (Date.now() < deadline && running(known).length > 0) {
    await sleep(pollMs);
    for (const pid of ours()) known.add(pid);
  }
  for (const pid of running(known)) send(pid, 'SIGKILL');
}

function ours() {
  const inGroup = listProcesses().filter((one) => one.groupPid === process.pid && one.pid !== process.pid);
  return [...inGroup, ...descendantsOf(process.pid)].map((one) => one.pid);
}

/** @param {ReadonlySet<number>} pids */
function running(pids) {
  return listProcesses()
    .map((one) => one.pid)
    .filter((pid) => pids.has(pid));
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone, which is the aim.
  }
}

function endWindowsTree() {
  try {
    execFileSync('taskkill', ['/PID', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
  } catch {
    // Already gone, which is the aim.
  }
}

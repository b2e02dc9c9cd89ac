/** Every suite of tests, and how its outcome is counted, passes through here. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';
import { startTree } from './processes.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {readonly (readonly string[])[]} commands what Node runs in this order, paths from the repository
 * @property {number} [atOnce] so many commands run at the same time, and what each prints comes when it has ended; by
 *   default one, and what it prints comes at once
 * @property {'exitCode' | 'vitest' | 'lastLine'} parse how a command's outcome is counted: as one item; from vitest's
 *   report; from a last line `{"passed":N,"failed":N,"skipped":N}`
 * @property {number} limitMinutes a command that takes longer is ended and counts as failed
 * @property {boolean} hasSoak whether it repeats more with PADDOCK_SOAK=1
 */

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project'];

/** @type {readonly Suite[]} in the order they run */
export const suites = [
  {
    name: 'checks',
    // ESLint alone takes as long as the other three.
    commands: [
      ['node_modules/eslint/bin/eslint.js', '.'],
      ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
      ['node_modules/typescript/bin/tsc', '--noEmit'],
      ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'media'],
    ],
    atOnce: 2,
    parse: 'exitCode',
    limitMinutes: 5,
    hasSoak: false,
  },
  { name: 'unit', commands: [[...vitest, 'unit']], parse: 'vitest', limitMinutes: 10, hasSoak: true },
  {
    name: 'build',
    commands: [['esbuild.mjs'], ['scripts/package.mjs']],
    parse: 'exitCode',
    limitMinutes: 5,
    hasSoak: false,
  },
  {
    name: 'real',
    commands: [
      [...vitest, 'real'],
      [...vitest, 'pages'],
    ],
    parse: 'vitest',
    limitMinutes: 15,
    hasSoak: true,
  },
  { name: 'host', commands: [['test/host/run.mjs']], parse: 'lastLine', limitMinutes: 10, hasSoak: true },
  { name: 'e2e', commands: [['test/e2e/run.mjs']], parse: 'lastLine', limitMinutes: 30, hasSoak: true },
];

/**
 * Runs suites one after the other with their output on the terminal, then prints what each came to and, alone on the
 * last line, the totals. A suite without a result counts as one failure.
 * @param {readonly Suite[]} chosen
 * @param {{ env?: Record<string, string>, limitFactor?: number }} [options]
 * @returns {Promise<boolean>} whether everything passed and nothing was skipped
 */
export async function runSuites(chosen, { env = {}, limitFactor = 1 } = {}) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const summary = [];
  /** @type {string[]} */
  const figures = [];
  for (const suite of chosen) {
    const startedMs = Date.now();
    const limitMs = suite.limitMinutes * 60_000 * limitFactor;
    const counts = await runCommands(suite, { env, limitMs, figures });
    add(total, counts);
    summary.push(`${suite.name.padEnd(8)} ${totals(counts)} (${Math.round((Date.now() - startedMs) / 1000)} s)`);
  }
  console.log(['', ...figures, ...summary, '', totals(total)].join('\n'));
  return total.failed === 0 && total.skipped === 0 && total.passed > 0;
}

/**
 * @param {readonly string[]} names
 * @returns {readonly Suite[]} those named, in the table's order; all where none is named
 */
export function suitesNamed(names) {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown === undefined) return suites.filter(({ name }) => names.length === 0 || names.includes(name));
  throw new Failure(`There is no suite "${unknown}"; there are ${suites.map(({ name }) => name).join(', ')}.`);
}

/**
 * @param {Suite} suite
 * @param {{ env: Record<string, string>, limitMs: number, figures: string[] }} options
 * @returns {Promise<Counts>}
 */
async function runCommands(suite, options) {
  const counts = { ...none };
  const waiting = [...suite.commands];
  const work = async () => {
    for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
      add(counts, await runCommand(suite, command, options));
    }
  };
  await Promise.all(Array.from({ length: suite.atOnce ?? 1 }, work));
  return counts;
}

/**
 * @param {Suite} suite
 * @param {readonly string[]} command
 * @param {{ env: Record<string, string>, limitMs: number, figures: string[] }} options
 * @returns {Promise<Counts>}
 */
async function runCommand(suite, command, { env, limitMs, figures }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'paddock-test-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder); // Ctrl-C
  const report = path.join(folder, 'report.json');
  const reporting =
    suite.parse === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
  /** @type {string[]} */
  const held = [];
  const print = (/** @type {string} */ line) => void (suite.atOnce === undefined ? console.log(line) : held.push(line));
  let lastLine = '';
  try {
    print(`\n--- ${suite.name}: ${command.join(' ')}`);
    const code = await runToItsEnd([process.execPath, ...command, ...reporting], env, limitMs, (line) => {
      print(line);
      if (line.trim() !== '') lastLine = line;
      if (line.startsWith('figure: ')) figures.push(line);
    });
    const counts =
      suite.parse === 'exitCode' ? none : parseCounts(suite.parse === 'vitest' ? readReport(report) : lastLine);
    if (suite.parse === 'exitCode') return { ...none, ...(code === 0 ? { passed: 1 } : { failed: 1 }) };
    if (counts === undefined) return noResult(suite, code);
    // A failing exit that no test explains (an error outside of tests, a leak) is a failure of its own.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    if (held.length > 0) console.log(held.join('\n'));
    removeFolder();
    process.off('exit', removeFolder);
  }
}

const none = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Suite} suite
 * @param {number | undefined} code
 */
function noResult(suite, code) {
  console.log(`${suite.name} ended ${code === undefined ? 'by its time limit' : `with ${code}`} and without a result`);
  return { ...none, failed: 1 };
}

/**
 * @param {readonly string[]} commandLine
 * @param {Record<string, string>} env
 * @param {number} limitMs
 * @param {(line: string) => void} onLine
 * @returns {Promise<number | null | undefined>} the exit code; `undefined` when the limit ended it
 */
async function runToItsEnd(commandLine, env, limitMs, onLine) {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const tree = await startTree(commandLine, { cwd: repository, env: { ...process.env, ...color, ...env }, onLine });
  const stop = () => void tree.stop().then(() => process.exit(130));
  for (const signal of interruptions) process.once(signal, stop);
  const limit = new AbortController();
  const timedOut = sleep(limitMs, undefined, { signal: limit.signal }).then(
    () => true,
    () => false, // it ended in time
  );
  const hasEnded = await Promise.race([tree.exited.then(() => true), timedOut.then((isLate) => !isLate)]);
  limit.abort();
  if (!hasEnded) await tree.stop();
  const code = await tree.exited;
  for (const signal of interruptions) process.off(signal, stop);
  await sleep(100); // what it printed last may still be in the pipe
  return hasEnded ? code : undefined;
}

const interruptions = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @param {string} file */
function readReport(file) {
  if (!existsSync(file)) return '';
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that does not load fails without a failed test in it.
  const unloaded = report.testResults.filter(
    (/** @type {any} */ each) => each.status === 'failed' && each.assertionResults.every(isNotFailed),
  ).length;
  return JSON.stringify({
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests,
  });
}

/** @param {{ status: string }} result */
function isNotFailed(result) {
  return result.status !== 'failed';
}

/**
 * @param {string} line
 * @returns {Counts | undefined} `undefined` when it is not a result, or one of nothing at all
 */
export function parseCounts(line) {
  try {
    const { passed, failed, skipped } = JSON.parse(line);
    const isWhole = [passed, failed, skipped].every((count) => Number.isInteger(count) && count >= 0);
    return isWhole && passed + failed + skipped > 0 ? { passed, failed, skipped } : undefined;
  } catch {
    // Any other last line: the caller reports that there is no result.
    return undefined;
  }
}

/**
 * @param {Counts} to
 * @param {Counts} more
 */
function add(to, more) {
  to.passed += more.passed;
  to.failed += more.failed;
  to.skipped += more.skipped;
}

/** @param {Counts} counts */
function totals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

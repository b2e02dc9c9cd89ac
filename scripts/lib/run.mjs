/** Every short-lived program the scripts start passes through here: quiet when it works, its last lines when it fails. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { startTree } from './processes.mjs';

const keptOutputCharacters = 200_000;
const shownLines = 12;
const shownColumns = 300;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [what] what the program was doing, for the failure's first line
 * @property {number} [timeoutMs] none by default
 * @property {boolean} [shell] Windows needs it for `npm.cmd`
 * @property {boolean} [isGuarded] it starts further programs, which shall not outlive us when we are interrupted
 */

/**
 * Runs a program to its end without showing its output.
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {RunOptions} [options]
 * @returns {Promise<string>} standard output
 * @throws {Failure} when it cannot start or exits non-zero, with its last lines
 */
export async function run(command, commandArguments, options = {}) {
  const result = await runAllowingFailure(command, commandArguments, options);
  if (result.code === 0) return result.output;
  const what = options.what ?? [command, ...commandArguments].join(' ');
  throw new Failure(`${what} failed (exit ${result.code ?? 'by signal'}):\n${lastLines(result.everything)}`);
}

/**
 * What a person needs of a long output: its last lines, none of them endless.
 * @param {string} output
 */
export function lastLines(output) {
  const lines = output.trim().split('\n').slice(-shownLines);
  return lines.map((line) => (line.length > shownColumns ? `${line.slice(0, shownColumns)}...` : line)).join('\n');
}

/**
 * Like {@link run}, but a failing program is an answer.
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number | null, output: string, everything: string }>} `code` is 127 when it could not start
 */
export function runAllowingFailure(command, commandArguments, options = {}) {
  return options.isGuarded && !options.shell
    ? runGuarded(command, commandArguments, options)
    : runPlainly(command, commandArguments, options);
}

/**
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {RunOptions} options
 */
async function runGuarded(command, commandArguments, options) {
  const tree = await startTree([command, ...commandArguments], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const code = await tree.exited;
  return { code, output: tree.output(), everything: tree.output() };
}

/**
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {RunOptions} options
 * @returns {ReturnType<typeof runAllowingFailure>}
 */
function runPlainly(command, commandArguments, options) {
  return new Promise((resolve) => {
    const child = spawn(command, [...commandArguments], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    let output = '';
    let everything = '';
    child.stdout.on('data', (data) => {
      output += data;
      everything = (everything + data).slice(-keptOutputCharacters);
    });
    child.stderr.on('data', (data) => {
      everything = (everything + data).slice(-keptOutputCharacters);
    });
    child.on('error', (error) => resolve({ code: 127, output, everything: `${everything}${error.message}` }));
    child.on('close', (code) => resolve({ code, output, everything }));
  });
}

/**
 * The first of these programs that is on PATH.
 * @param {readonly string[]} names
 * @returns {string | undefined} absolute path
 */
export function findOnPath(names) {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const name of names) {
    for (const folder of folders) {
      for (const ending of endings) {
        const candidate = path.join(folder, name + ending);
        if (existsSync(candidate)) return candidate;
      }
    }
  }
  return undefined;
}

/** The flags of `npm start` become one plain object here. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, reasonOf } from './failure.mjs';

export const startHelp = `npm start [-- flags]

Builds Paddock, fetches a model once, and opens VS Code on a sample project with Paddock installed.

  --model demo       SmolLM2-135M-Instruct, 98 MB: small, shows that everything works (default)
  --model infill     Qwen2.5-Coder-1.5B-Instruct, 1.1 GB: completes between existing code
  --model PATH       any other GGUF file
  --port N           of the workbench in the browser (default: 7625 where that is free)
  --browser          the workbench in the browser even where a desktop VS Code can be had
  --check            headless: types into the editor and exits 0 only if a suggestion came from the model
  --help             this text

Environment: PADDOCK_CACHE (folder of everything fetched), PADDOCK_DEMO_MODEL and PADDOCK_INFILL_MODEL (files to use
instead of fetching), PADDOCK_VSCODE (a desktop VS Code's executable), CHROMIUM_PATH (a Chromium or Chrome),
HF_ENDPOINT (a mirror of the model hub).`;

/**
 * @typedef {object} StartOptions
 * @property {boolean} isHelp
 * @property {boolean} isCheck
 * @property {boolean} isBrowser
 * @property {number | undefined} port
 * @property {{ kind: 'known', name: 'demo' | 'infill' } | { kind: 'file', path: string }} model
 */

/**
 * @param {readonly string[]} commandLine the arguments after the script's name
 * @returns {StartOptions}
 * @throws {Failure} for anything it does not know
 */
export function parseStartOptions(commandLine) {
  const values = parseFlags(commandLine);
  return {
    isHelp: values.help ?? false,
    isCheck: values.check ?? false,
    isBrowser: values.browser ?? false,
    port: values.port === undefined ? undefined : parsePort(values.port),
    model: parseModel(values.model ?? 'demo'),
  };
}

/** @param {readonly string[]} commandLine */
function parseFlags(commandLine) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: {
        help: { type: 'boolean', short: 'h' },
        check: { type: 'boolean' },
        browser: { type: 'boolean' },
        port: { type: 'string' },
        model: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const firstSentence = reasonOf(error).split('. ')[0];
    throw new Failure(`${firstSentence}. Known flags: npm start -- --help`, { cause: error });
  }
}

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Failure(`--port needs a number from 1 to 65535, not "${text}"`);
}

/**
 * @param {string} text
 * @returns {StartOptions['model']}
 */
function parseModel(text) {
  if (text === 'demo' || text === 'infill') return { kind: 'known', name: text };
  const file = path.resolve(text);
  if (!existsSync(file)) throw new Failure(`--model is demo, infill or a GGUF file; there is no file ${file}`);
  return { kind: 'file', path: file };
}

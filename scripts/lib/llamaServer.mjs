/** llama.cpp's own server and benchmark, taken from Debian without touching the system, to compare ourselves with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeOnce } from './cache.mjs';
import { Failure, reasonOf } from './failure.mjs';
import { startTree } from './processes.mjs';
import { findOnPath, lastLines, run } from './run.mjs';

const packages = [
  ...['llama.cpp-tools', 'libllama0', 'libggml0', 'libc6', 'libgcc-s1', 'libgomp1', 'libstdc++6'],
  ...['libssl3t64', 'libzstd1', 'zlib1g'],
];
const readyMs = 120_000;

/** @typedef {{ unavailable: string }} Unavailable why the tools cannot be had on this machine */

/**
 * The folder with Debian's llama.cpp unpacked, made on first use (12 MB download).
 * @returns {Promise<{ root: string } | Unavailable>}
 */
export async function ensureLlamaTools() {
  const source = debianSource();
  if ('unavailable' in source) return source;
  try {
    return {
      root: await makeOnce(`llama.cpp-debian-sid-${process.arch}`, (temporary) => unpackTools(temporary, source.line)),
    };
  } catch (error) {
    return { unavailable: reasonOf(error) };
  }
}

/**
 * @typedef {object} LlamaBenchOptions
 * @property {string} model
 * @property {number} threads
 * @property {number} [promptTokens] prefill of so many tokens
 * @property {number} [generateTokens] decode of so many tokens
 * @property {number} [depth] tokens already in the context; default 0
 * @property {number} [repetitions] default 3
 */

/**
 * @typedef {object} LlamaBenchRow
 * @property {number} promptTokens 0 in a row about decode
 * @property {number} generateTokens 0 in a row about prefill
 * @property {number} depth
 * @property {number} threads
 * @property {number} tokensPerSecond mean over the repetitions
 * @property {number} deviation standard deviation, tokens per second
 * @property {readonly number[]} samples tokens per second, one per repetition
 */

/**
 * Runs llama-bench.
 * @param {LlamaBenchOptions} options
 * @returns {Promise<{ version: string, rows: LlamaBenchRow[] } | Unavailable>} one row for prefill, one for decode
 */
export async function llamaBench(options) {
  const tools = await ensureLlamaTools();
  if ('unavailable' in tools) return tools;
  const counts = [
    '-p',
    String(options.promptTokens ?? 0),
    '-n',
    String(options.generateTokens ?? 0),
    '-d',
    String(options.depth ?? 0),
  ];
  const [command, ...start] = commandLine(tools.root, 'llama-bench');
  const rest = [
    '-m',
    options.model,
    '-t',
    String(options.threads),
    ...counts,
    '-r',
    String(options.repetitions ?? 3),
    '-o',
    'json',
  ];
  const output = await run(String(command), [...start, ...rest], {
    cwd: backendFolder(tools.root),
    what: 'llama-bench',
  });
  return parseLlamaBench(output);
}

/**
 * @param {string} output of `llama-bench -o json`
 * @returns {{ version: string, rows: LlamaBenchRow[] }}
 */
export function parseLlamaBench(output) {
  /** @type {Record<string, any>[]} */
  const rows = JSON.parse(output.slice(output.indexOf('[')));
  return {
    version: `${rows[0]?.['build_number'] ?? ''} (${rows[0]?.['build_commit'] ?? ''})`,
    rows: rows.map((row) => ({
      promptTokens: row['n_prompt'],
      generateTokens: row['n_gen'],
      depth: row['n_depth'],
      threads: row['n_threads'],
      tokensPerSecond: row['avg_ts'],
      deviation: row['stddev_ts'],
      samples: row['samples_ts'],
    })),
  };
}

/**
 * @typedef {object} LlamaServerOptions
 * @property {string} model
 * @property {number} threads
 * @property {number} [contextTokens] default 4096
 * @property {readonly string[]} [flags] more of llama-server's own, such as `--api-key`
 */

/**
 * Starts llama-server on a free port of the loopback address and waits until the model is loaded.
 * @param {LlamaServerOptions} options
 * @returns {Promise<{ url: string, port: number, pid: number, stop(): Promise<void> } | Unavailable>} it also ends with
 *   this process
 */
export async function startLlamaServer(options) {
  const tools = await ensureLlamaTools();
  if ('unavailable' in tools) return tools;
  const port = await freePort();
  const model = ['-m', options.model, '-c', String(options.contextTokens ?? 4096), '-t', String(options.threads)];
  const where = ['--host', '127.0.0.1', '--port', String(port)];
  const tree = await startTree(
    [...commandLine(tools.root, 'llama-server'), ...model, ...where, ...(options.flags ?? [])],
    {
      cwd: backendFolder(tools.root),
    },
  );
  const url = `http://127.0.0.1:${port}`;
  if (await answers(`${url}/health`, tree)) return { url, port, pid: tree.pid, stop: tree.stop };
  await tree.stop();
  throw new Failure(`llama-server did not start:\n${lastLines(tree.output())}`);
}

/**
 * Debian's address and key as this machine knows them.
 * @returns {{ line: string } | Unavailable}
 */
function debianSource() {
  const file = '/etc/apt/sources.list.d/debian.sources';
  if (process.platform !== 'linux' || !findOnPath(['apt-get'])) return { unavailable: 'this is not a Debian machine' };
  if (!existsSync(file)) return { unavailable: `there is no ${file}` };
  const text = readFileSync(file, 'utf8');
  const address = /^URIs:\s*(\S+)/m.exec(text)?.[1];
  const key = /^Signed-By:\s*(\S+)/m.exec(text)?.[1];
  if (!address || !key) return { unavailable: `${file} names no address and key` };
  return { line: `deb [signed-by=${key}] ${address} sid main` };
}

/**
 * @param {string} temporary
 * @param {string} sourceLine
 */
async function unpackTools(temporary, sourceLine) {
  const state = path.join(temporary, '.apt');
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    await mkdir(path.join(state, folder), { recursive: true });
  await writeFile(path.join(state, 'sources.list'), `${sourceLine}\n`);
  const separate = Object.entries({
    'Dir::Etc::SourceList': path.join(state, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': path.join(state, 'lists'),
    'Dir::Cache': path.join(state, 'cache'),
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...separate, 'update', '--error-on=any'], { what: 'apt-get update (Debian sid)' });
  await run('apt-get', [...separate, 'download', ...packages], { cwd: state, what: 'apt-get download llama.cpp' });
  for (const name of readdirSync(state).filter((one) => one.endsWith('.deb'))) {
    await run('dpkg', ['-x', path.join(state, name), temporary]);
  }
  await rm(state, { recursive: true });
}

/**
 * Debian sid's programs run through their own loader, so the C library of this system does not matter.
 * @param {string} root
 * @param {string} program
 */
function commandLine(root, program) {
  const libraries = libraryFolder(root);
  const loader = readdirSync(libraries).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  const found = [libraries, path.join(libraries, 'llama'), path.join(libraries, 'ggml')].filter((folder) =>
    existsSync(folder),
  );
  return [
    path.join(libraries, String(loader)),
    '--library-path',
    found.join(':'),
    path.join(root, 'usr', 'bin', program),
  ];
}

/** The programs look for their CPU backends in the working directory. @param {string} root */
function backendFolder(root) {
  return path.join(libraryFolder(root), 'ggml', 'backends0');
}

/** @param {string} root */
function libraryFolder(root) {
  return path.join(root, 'usr', 'lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * @param {string} url
 * @param {import('./processes.mjs').ProcessTree} tree
 */
async function answers(url, tree) {
  let hasExited = false;
  void tree.exited.then(() => (hasExited = true));
  for (const deadline = Date.now() + readyMs; Date.now() < deadline && !hasExited; await sleep(100)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return true;
  }
  return false;
}

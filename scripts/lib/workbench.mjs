/** A complete VS Code in a browser: its server is installed here once and started with an extension and a folder. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './bootstrap.mjs';
import { makeOnce } from './cache.mjs';
import { Failure } from './failure.mjs';
import { startTree } from './processes.mjs';
import { lastLines, run } from './run.mjs';
import { ensurePrograms } from './system.mjs';

/** The npm package that carries the server of VS Code 1.139.1 with its web workbench. */
const codeServerVersion = '4.139.1';
const readyMs = 60_000;
const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What a workbench starts with where its settings.json says nothing else: nothing opens by itself. */
export const calmSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
};

/**
 * @typedef {object} WorkbenchOptions
 * @property {string} folder opened in the workbench; absolute
 * @property {{ path: string, line?: number, column?: number }} [openFile] shown at the start; line and column from 1
 * @property {string} [vsix] an extension package to install
 * @property {string} [extensionDevelopmentPath] an extension to load from its source folder
 * @property {string} [extensionTestsPath] a module whose `run()` VS Code calls in the extension host
 * @property {Readonly<Record<string, unknown>>} [settings] user settings, stronger than those in
 *   its settings.json, which are stronger than {@link calmSettings}
 * @property {string} [userDataDir] default: a new folder that `stop()` removes
 * @property {string} [extensionsDir] default: a new folder that `stop()` removes
 * @property {number} [port] default: any free one
 * @property {Readonly<Record<string, string | undefined>>} [env] beside this process's own; `undefined` removes one
 * @property {boolean} [netns] gives the server a network namespace with loopback only (Linux, root)
 * @property {readonly string[]} [wrapper] a command line that the server's own is appended to, such as `strace -f`
 * @property {(line: string) => void} [onLine] every line the server prints
 */

/**
 * @typedef {object} Workbench
 * @property {string} url opens the folder; carries the token without which the server refuses
 * @property {number} port
 * @property {number} pid of the server (of the wrapper's first process where there is a wrapper)
 * @property {WorkbenchDirs} dirs
 * @property {(folder: string) => string} urlOf the address that opens another folder on the same server
 * @property {Promise<number | null>} exited
 * @property {() => string} output the last of what the server printed
 * @property {() => Promise<void>} stop ends server, extension hosts and engines; may be called again
 */

/**
 * @typedef {object} WorkbenchDirs
 * @property {string} userData
 * @property {string} settings the user's settings.json
 * @property {string} globalStorage where extensions keep their files, one folder each
 * @property {string} logs
 * @property {string} extensions
 */

/**
 * The server's folder, installed on first use (about a minute, 600 MB).
 * @param {{ onStep?: (what: string) => void, onWait?: (holder: string) => void }} [options]
 * @returns {Promise<string>} the folder that holds `out/server-main.js`
 */
export async function ensureWorkbench(options = {}) {
  const name = `vscode-server-${codeServerVersion}-${process.platform}-${process.arch}`;
  const root = await makeOnce(name, (temporary) => installServer(temporary, options.onStep ?? (() => {})), options);
  return path.join(root, 'package', 'lib', 'vscode');
}

/**
 * Starts a workbench and waits until it answers. It ends with `stop()`, or with this process.
 * @param {WorkbenchOptions} options
 * @returns {Promise<Workbench>}
 * @throws {Failure} when the server does not start; its output is in the message
 */
export async function launchWorkbench(options) {
  const server = await ensureWorkbench();
  const temporary = await mkdtemp(path.join(tmpdir(), 'paddock-workbench-'));
  const dirs = workbenchDirs(
    options.userDataDir ?? path.join(temporary, 'data'),
    options.extensionsDir ?? path.join(temporary, 'extensions'),
  );
  try {
    await writeSettings(dirs.settings, options.settings ?? {});
    await mkdir(dirs.extensions, { recursive: true });
    if (options.vsix) await installExtension(server, dirs, options.vsix);
    return { ...(await startServer(server, dirs, temporary, options)), dirs };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/**
 * @param {string} temporary
 * @param {(what: string) => void} onStep
 */
async function installServer(temporary, onStep) {
  await ensurePrograms(process.platform === 'linux' ? ['make', 'g++'] : [], {
    onInstall: (packages) => onStep(`installing ${packages.join(', ')}`),
  });
  await mkdir(temporary, { recursive: true });
  onStep('downloading');
  await npm(temporary, ['pack', `code-server@${codeServerVersion}`]);
  await run('tar', ['-xzf', `code-server-${codeServerVersion}.tgz`, 'package/lib/vscode'], { cwd: temporary });
  await rm(path.join(temporary, `code-server-${codeServerVersion}.tgz`));
  const server = path.join(temporary, 'package', 'lib', 'vscode');
  onStep('installing its dependencies');
  await npm(server, ['install', '--omit=dev', '--ignore-scripts']);
  await npm(path.join(server, 'extensions'), ['install', '--omit=dev', '--ignore-scripts']);
  onStep('compiling its native modules');
  await npm(server, ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog']);
}

/**
 * @param {string} cwd
 * @param {readonly string[]} npmArguments
 */
async function npm(cwd, npmArguments) {
  const headers = await nodeHeaders();
  try {
    await run('npm', [...npmArguments, '--loglevel=error', '--no-audit', '--no-fund'], {
      cwd,
      env: { ...withoutNpm(process.env), ...(headers && { npm_config_nodedir: headers.folder }) },
      shell: process.platform === 'win32',
      what: `npm ${npmArguments.join(' ')}`,
      isGuarded: true,
    });
  } finally {
    await headers?.remove();
  }
}

/** The extension host is forked from the binary that runs the server, so this is the Node extensions see. */
function serverNode() {
  return existsSync(pinnedNode) ? pinnedNode : process.execPath;
}

/**
 * The pinned Node's package brings its headers; without them node-gyp would fetch some from nodejs.org. The make files it
 * writes break at a space in their path, so there they are reached by a link.
 */
async function nodeHeaders() {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = path.join(repository, 'node_modules', 'node', 'node_modules', name);
  if (!existsSync(path.join(folder, 'include'))) return undefined;
  if (process.platform === 'win32' || !/\s/.test(folder)) return { folder, remove: async () => {} };
  const parent = await mkdtemp(path.join(tmpdir(), 'paddock-headers-'));
  const link = path.join(parent, name);
  await symlink(folder, link);
  return { folder: link, remove: () => rm(parent, { recursive: true, force: true }) };
}

/**
 * What `npm run` and a terminal inside VS Code add to the environment would steer the programs below us.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
function withoutNpm(environment) {
  const steering =
    /^(npm_(?!config_(cafile|registry|https?_proxy|proxy|noproxy)$)|VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_CHANNEL)/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !steering.test(name)));
}

/**
 * @param {string} userData
 * @param {string} extensions
 * @returns {WorkbenchDirs}
 */
function workbenchDirs(userData, extensions) {
  const user = path.join(userData, 'data', 'User');
  return {
    userData,
    settings: path.join(user, 'settings.json'),
    globalStorage: path.join(user, 'globalStorage'),
    logs: path.join(userData, 'data', 'logs'),
    extensions,
  };
}

/**
 * @param {string} settingsPath
 * @param {Readonly<Record<string, unknown>>} settings
 */
async function writeSettings(settingsPath, settings) {
  await mkdir(path.dirname(settingsPath), { recursive: true });
  const merged = { ...calmSettings, ...(await readSettings(settingsPath)), ...settings };
  await writeFile(settingsPath, `${JSON.stringify(merged, null, 2)}\n`);
}

/**
 * @param {string} settingsPath
 * @returns {Promise<Record<string, unknown>>}
 */
async function readSettings(settingsPath) {
  const text = await readFile(settingsPath, 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure(`${settingsPath} has comments or mistakes; only plain JSON can be extended. Mend or delete it.`, {
      cause,
    });
  }
}

/**
 * Installs the package unless this very file was the last one installed there.
 * @param {string} server
 * @param {WorkbenchDirs} dirs
 * @param {string} vsix
 */
async function installExtension(server, dirs, vsix) {
  const { size, mtimeMs } = await stat(vsix);
  const stampPath = path.join(dirs.extensions, '.paddock-installed');
  const stamp = `${vsix} ${size} ${mtimeMs}`;
  if ((await readFile(stampPath, 'utf8').catch(() => '')) === stamp) return;
  const where = ['--extensions-dir', dirs.extensions, '--server-data-dir', dirs.userData];
  await run(
    serverNode(),
    [path.join(server, 'out', 'server-main.js'), '--install-extension', vsix, '--force', ...where],
    {
      env: withoutNpm(process.env),
      what: `installing ${path.basename(vsix)}`,
    },
  );
  await writeFile(stampPath, stamp);
}

/**
 * @param {string} server
 * @param {WorkbenchDirs} dirs
 * @param {string} temporary
 * @param {WorkbenchOptions} options
 */
async function startServer(server, dirs, temporary, options) {
  // A server without a token would let any web page and any local user drive this machine.
  const token = randomUUID();
  const serverLine = [
    serverNode(),
    path.join(server, 'out', 'server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--connection-token', token],
    ...['--accept-server-license-terms', '--enable-smoke-test-driver', '--telemetry-level', 'off'],
    ...['--server-data-dir', dirs.userData, '--extensions-dir', dirs.extensions],
  ];
  const commandLine = [...(options.netns ? loopbackOnly : []), ...(options.wrapper ?? []), ...serverLine];
  if (options.netns) await ensurePrograms(['unshare', 'ip']);
  let announce = (/** @type {number} */ _port) => {};
  const announced = new Promise((/** @type {(port: number) => void} */ resolve) => (announce = resolve));
  const tree = await startTree(commandLine, {
    env: { ...withoutNpm(process.env), ...options.env },
    removeAfter: temporary,
    onLine(line) {
      options.onLine?.(line);
      const ready = /^Extension host agent listening on (\d+)/.exec(line);
      if (ready) announce(Number(ready[1]));
    },
  });
  const port = await portOf(tree, announced);
  const urlOf = (/** @type {string} */ folder) => workbenchUrl({ ...options, folder, port, token });
  return { ...tree, port, url: urlOf(options.folder), urlOf };
}

/** `exec` keeps the process id, so the server's is the one that the tree reports. */
const loopbackOnly = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];

/**
 * @param {import('./processes.mjs').ProcessTree} tree
 * @param {Promise<number>} announced
 */
async function portOf(tree, announced) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const tooLate = new Promise((/** @type {(port: undefined) => void} */ resolve) => {
    timer = setTimeout(() => resolve(undefined), readyMs);
  });
  const port = await Promise.race([announced, tooLate, tree.exited.then(() => undefined)]);
  clearTimeout(timer);
  if (port !== undefined) return port;
  await tree.stop();
  throw new Failure(`the VS Code server did not start:\n${lastLines(tree.output())}`);
}

/**
 * @param {WorkbenchOptions & { port: number, token: string }} options
 */
function workbenchUrl(options) {
  const query = new URLSearchParams({ tkn: options.token, folder: toUrlPath(options.folder) });
  const remote = (/** @type {string} */ file) => `vscode-remote://127.0.0.1:${options.port}${toUrlPath(file)}`;
  const { openFile } = options;
  const payload = [
    ...(openFile ? [['openFile', remote(openFile.path) + `:${openFile.line ?? 1}:${openFile.column ?? 1}`]] : []),
    ...(openFile ? [['gotoLineMode', 'true']] : []),
    ...(options.extensionDevelopmentPath
      ? [['extensionDevelopmentPath', remote(options.extensionDevelopmentPath)]]
      : []),
    ...(options.extensionTestsPath ? [['extensionTestsPath', remote(options.extensionTestsPath)]] : []),
  ];
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${options.port}/?${query}`;
}

/** @param {string} file */
function toUrlPath(file) {
  const forward = path.resolve(file).replaceAll('\\', '/');
  return forward.startsWith('/') ? forward : `/${forward}`;
}

/**
 * Whether nobody listens on this port of the loopback address.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isPortFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/**
 * A desktop VS Code, found or fetched, opens the sample project here. Written against the documentation of
 * @vscode/test-electron: the machine this was developed on has no display and does not reach VS Code's downloads.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachePath, withLock } from './cache.mjs';
import { isReachable } from './download.mjs';
import { Failure } from './failure.mjs';
import { startTree } from './processes.mjs';
import { run } from './run.mjs';
import { calmSettings } from './workbench.mjs';

const vscodeVersion = '1.139.1';
const downloadHost = 'https://update.code.visualstudio.com/api/releases/stable';

/** Whether a window could be shown at all. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * The executable of a desktop VS Code: `PADDOCK_VSCODE`, else a private copy where its download answers.
 * @returns {Promise<string | undefined>} undefined: there is none to be had here, use the browser
 */
export async function findDesktop() {
  const given = process.env['PADDOCK_VSCODE'];
  if (given && !existsSync(given)) throw new Failure(`PADDOCK_VSCODE names ${given}, which does not exist`);
  if (given) return given;
  if (!hasDisplay() || !(await isReachable(downloadHost, 2_000))) return undefined;
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  const folder = cachePath('vscode-desktop');
  return withLock('vscode-desktop', () => downloadAndUnzipVSCode({ version: vscodeVersion, cachePath: folder }));
}

/**
 * Opens a folder in a desktop VS Code with profile folders of its own.
 * @param {{ executable: string, vsix: string, folder: string, file: string, profile: string, settings: Readonly<Record<string, unknown>> }} options
 * @returns {Promise<import('./processes.mjs').ProcessTree>} ends when its window is closed
 */
export async function launchDesktop(options) {
  const { resolveCliArgsFromVSCodeExecutablePath } = await import('@vscode/test-electron');
  const userData = path.join(options.profile, 'data');
  const where = ['--user-data-dir', userData, '--extensions-dir', path.join(options.profile, 'extensions')];
  const settingsPath = path.join(userData, 'User', 'settings.json');
  await mkdir(path.dirname(settingsPath), { recursive: true });
  await writeFile(settingsPath, JSON.stringify({ ...calmSettings, ...options.settings }, null, 2));
  const [cli, ...cliArguments] = resolveCliArgsFromVSCodeExecutablePath(options.executable, {
    reuseMachineInstall: true,
  });
  await run(String(cli), [...cliArguments, ...where, '--install-extension', options.vsix, '--force'], {
    shell: process.platform === 'win32',
    what: 'installing Paddock into VS Code',
  });
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return startTree([options.executable, ...asRoot, ...where, '--new-window', '--wait', options.folder, options.file]);
}

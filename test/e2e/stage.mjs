/** What all flows share: one VS Code server with the VSIX installed, one browser, a model, and eyes on what they do. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { ensureModel } from '../../scripts/lib/models.mjs';
import { listProcesses } from '../../scripts/lib/processes.mjs';
import { launchWorkbench } from '../../scripts/lib/workbench.mjs';
import { readLedger, readRequests, readStatistics, settlementOf } from '../support/ledgerFiles.mjs';
import { plainTyping } from '../support/plainTyping.mjs';
import { until } from './until.mjs';
import { Window } from './window.mjs';

/** The size of the README's pictures. */
const viewport = { width: 1280, height: 800 };

/** A running VS Code server with Paddock in it. */
export class Stage {
  /**
   * @param {{ workbench: import('../../scripts/lib/workbench.mjs').Workbench, folder: string,
   *   browser: import('playwright-core').Browser }} parts
   */
  constructor({ workbench, browser, folder }) {
    this.workbench = workbench;
    this.browser = browser;
    this.folder = folder;
    /** @type {Window[]} */
    this.windows = [];
    this.projects = 0;
    /** @type {Readonly<Record<string, unknown>>} */
    this.settings = JSON.parse(readFileSync(workbench.dirs.settings, 'utf8'));
  }

  /**
   * @param {object} options
   * @param {string} options.vsix
   * @param {Readonly<Record<string, unknown>>} [options.settings] the user's
   * @param {boolean} [options.hasNetwork] default: yes
   * @param {readonly string[]} [options.wrapper]
   * @param {Readonly<Record<string, string>>} [options.env] of the server, beside this process's own
   */
  static async launch({ vsix, settings = {}, hasNetwork = true, wrapper = [], env = {} }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddock-e2e-'));
    const workbench = await launchWorkbench({
      vsix,
      wrapper,
      env,
      folder,
      netns: !hasNetwork,
      settings: { ...plainTyping, 'paddock.local.modelPath': await ensureModel('demo'), ...settings },
    });
    const browser = await launchBrowser(hasNetwork ? {} : { networkOf: workbench.pid });
    return new Stage({ workbench, browser, folder });
  }

  /**
   * @param {Window} window
   * @param {string} theme
   */
  async setTheme(window, theme) {
    // Unlike the user's, these settings reach open windows when their file is written.
    const file = path.join(this.workbench.dirs.userData, 'data', 'Machine', 'settings.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ 'workbench.colorTheme': theme }));
    await window.untilTheme(theme);
  }

  /**
   * A new folder with these files.
   * @param {Readonly<Record<string, string>>} [files] text by relative path
   * @param {string} [name] what the window is called
   */
  makeProject(files = {}, name = 'project') {
    const folder = path.join(this.folder, String(++this.projects), name);
    for (const [name, text] of Object.entries({ 'README.md': '# A project\n', ...files })) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  }

  /**
   * Opens a window on a folder and waits until Paddock runs in it.
   * @param {object} [options]
   * @param {string} [options.folder] or a `.code-workspace` file
   * @param {string} [options.extensionDevelopmentPath] another extension to load
   * @param {Readonly<Record<string, unknown>>} [options.settings] the user's, beside those of all windows
   */
  async openWindow({ folder = this.makeProject(), extensionDevelopmentPath, settings = {} } = {}) {
    writeFileSync(this.workbench.dirs.settings, JSON.stringify({ ...this.settings, ...settings }, null, 2));
    const url = new URL(this.workbench.urlOf(folder));
    url.searchParams.delete('payload');
    if (folder.endsWith('.code-workspace')) {
      url.searchParams.set('workspace', String(url.searchParams.get('folder')));
      url.searchParams.delete('folder');
    }
    if (extensionDevelopmentPath !== undefined) {
      const remote = `vscode-remote://127.0.0.1:${this.workbench.port}${extensionDevelopmentPath}`;
      url.searchParams.set('payload', JSON.stringify([['extensionDevelopmentPath', remote]]));
    }
    const context = await this.browser.newContext({ viewport });
    const window = new Window(await context.newPage(), { folder, url: url.href });
    this.windows.push(window);
    await window.open();
    return window;
  }

  async closeWindows() {
    for (const window of this.windows) await window.close();
    this.windows = [];
  }

  ledger() {
    return readLedger(this.workbench.dirs.globalStorage);
  }

  /** What was noted of suggestions that were offered and taken. */
  statistics() {
    return readStatistics(this.workbench.dirs.globalStorage);
  }

  /**
   * Requests about a document that somebody waited for.
   * @param {string} name of a file
   * @param {number} [sinceMs] only those that began from then on; ms since 1970
   */
  requestsAbout(name, sinceMs = 0) {
    const requests = readRequests(this.workbench.dirs.globalStorage).filter(({ atMs }) => atMs >= sinceMs);
    return requests.filter(({ items }) => items.some((/** @type {any} */ { uri }) => uri.endsWith(`/${name}`)));
  }

  /**
   * Waits until there was a request about a document and none is running.
   * @param {string} name of a file
   */
  async untilSettled(name) {
    const look = () => {
      const entries = this.ledger();
      const requests = this.requestsAbout(name);
      return requests.length > 0 && requests.every(({ id }) => settlementOf(entries, id) !== undefined);
    };
    await until(`every request about ${name} to be settled`, look);
  }

  /** Engine processes of this server, orphans included: the path of their code is in this server's own folder. */
  engines() {
    const where = path.join(this.workbench.dirs.extensions, 'paddock.paddock');
    return listProcesses().filter(({ commandLine }) => {
      const code = commandLine.indexOf(path.join('engine', 'worker.mjs'));
      return code >= 0 && commandLine.lastIndexOf(where, code) >= 0;
    });
  }

  /** @param {number} count */
  async untilEngines(count) {
    const look = () => {
      const engines = this.engines();
      return engines.length === count && engines;
    };
    return until(`${count} running engines`, look, { or: () => `there are ${this.engines().length}` });
  }

  /** Extension hosts of this server, one for each open window. */
  extensionHosts() {
    const ours = listProcesses().filter(({ commandLine }) => commandLine.includes('--type=extensionHost'));
    return ours.filter(({ pid }) => this.belongs(pid));
  }

  /** Everything that Paddock or VS Code wrote to disk about the windows, apart from the projects: path and text. */
  writtenFiles() {
    const { logs, globalStorage } = this.workbench.dirs;
    return [logs, path.join(globalStorage, 'paddock.paddock')].filter(existsSync).flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => ({ file, text: readFileSync(file, 'utf8') })),
    );
  }

  async close() {
    await this.browser.close();
    await this.workbench.stop();
    const left = this.engines();
    rmSync(this.folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`engines are left behind: ${left.map(({ pid }) => pid).join(', ')}`);
  }

  /** @param {number} pid */
  belongs(pid) {
    const parents = new Map(listProcesses().map((one) => [one.pid, one.parentPid]));
    for (let one = /** @type {number | undefined} */ (pid); one; one = parents.get(one)) {
      if (one === this.workbench.pid) return true;
    }
    return false;
  }
}

/** A real browser for the workbench: found or installed here, and driven through Playwright. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { findOnPath } from './run.mjs';
import { ensurePrograms } from './system.mjs';

/** What Playwright uses to see ghost text in the editor, over the VS Code versions we support. */
export const ghostTextSelector = '.ghost-text-decoration, .ghost-text, .suggest-preview-text';

const programNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const places = [
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Quiet and self-contained: no sandbox (root has none), no background requests. */
const quietArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Where a Chromium or Chrome is: `CHROMIUM_PATH`, PATH, the usual places.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const given = process.env['CHROMIUM_PATH'];
  if (given && !existsSync(given)) throw new Failure(`CHROMIUM_PATH names ${given}, which does not exist`);
  return given || findOnPath(programNames) || places.find((place) => existsSync(place));
}

/**
 * Like {@link findBrowser}, installing one where that is possible.
 * @param {{ onInstall?: (packages: readonly string[]) => void }} [options]
 * @returns {Promise<string>} absolute path
 */
export async function ensureBrowser(options = {}) {
  const found = findBrowser();
  if (found) return found;
  await ensurePrograms(['chromium'], options);
  const installed = findBrowser();
  if (!installed) throw new Failure('chromium was installed but is not on PATH; name it in CHROMIUM_PATH');
  return installed;
}

/**
 * Starts the browser. `close()` of what is returned ends it; it also ends with this process.
 * @param {{ headless?: boolean, networkOf?: number }} [options] `networkOf`: a process in whose network namespace the
 *   browser shall live (Linux, root)
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchBrowser(options = {}) {
  const { chromium } = await import('playwright-core');
  const browserPath = await ensureBrowser();
  const entry = options.networkOf === undefined ? undefined : await namespaceEntry(browserPath, options.networkOf);
  const browser = await chromium.launch({
    executablePath: entry ?? browserPath,
    headless: options.headless ?? true,
    args: quietArguments,
  });
  browser.on('disconnected', () => {
    if (entry) void rm(path.dirname(entry), { recursive: true, force: true });
  });
  return browser;
}

/**
 * Playwright talks to the browser through pipes, so only the browser itself has to be inside the namespace.
 * @param {string} browserPath
 * @param {number} pid
 */
async function namespaceEntry(browserPath, pid) {
  const entry = path.join(await mkdtemp(path.join(tmpdir(), 'paddock-browser-')), 'browser');
  await writeFile(entry, `#!/bin/sh\nexec nsenter -t ${pid} -n '${browserPath}' "$@"\n`, { mode: 0o755 });
  return entry;
}

/** A person's hands on the sample project: typing goes in, and out comes a suggestion that a model really made. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ghostTextSelector, launchBrowser } from './browser.mjs';
import { Failure, reasonOf } from './failure.mjs';
import { lastLines } from './run.mjs';
import { launchWorkbench } from './workbench.mjs';

const indicatorSelector = '.statusbar-item[id^="paddock.paddock"]';
const workbenchMs = 60_000;
/** A cold model of a gigabyte on two busy cores takes its time. */
const suggestionMs = 120_000;
const attempts = 4;
const ledgerMs = 10_000;

/** Word lists popping up would hide the suggestion and swallow Enter. */
const withoutWordLists = {
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
};

/**
 * @typedef {object} CheckOptions
 * @property {string} vsix
 * @property {string} sample the project to type in; a copy of it is opened
 * @property {{ file: string, below: string, text: string }} place the text is typed on the line below the one that holds `below`
 * @property {Readonly<Record<string, unknown>>} settings
 */

/**
 * @typedef {object} CheckedSuggestion
 * @property {string} suggestion
 * @property {string} modelName as the status bar and the ledger name it
 * @property {number} completionTokens
 * @property {number} waitedMs from the last key to the suggestion
 */

/**
 * Types into a real workbench until a suggestion appears, takes it with Tab, and compares it with what the status bar
 * and the ledger say.
 * @param {CheckOptions} options
 * @returns {Promise<CheckedSuggestion>}
 * @throws {Failure} when there is none, or when it cannot have come from the model
 */
export async function checkSuggestion(options) {
  const folder = await mkdtemp(path.join(tmpdir(), 'paddock-check-'));
  try {
    const project = path.join(folder, 'project');
    await cp(options.sample, project, { recursive: true });
    return await withWorkbench({ ...options, sample: project }, typeAndCompare);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The number of the line below the one that holds `text`, from 1.
 * @param {string} file
 * @param {string} text
 */
export async function lineBelow(file, text) {
  const lines = (await readFile(file, 'utf8')).split('\n');
  // An edited sample project may have lost the line; the top is as good as any place then.
  return lines.findIndex((line) => line.includes(text)) + 2;
}

/**
 * @typedef {object} Opened
 * @property {import('playwright-core').Page} page
 * @property {import('./workbench.mjs').Workbench} workbench
 */

/**
 * @param {CheckOptions} options
 * @param {(opened: Opened, text: string) => Promise<CheckedSuggestion>} work
 */
async function withWorkbench({ vsix, sample, place, settings }, work) {
  const file = path.join(sample, place.file);
  const workbench = await launchWorkbench({
    vsix,
    folder: sample,
    openFile: { path: file, line: await lineBelow(file, place.below) },
    settings: { ...withoutWordLists, ...settings },
  });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(workbench.url);
      return await work({ page, workbench }, place.text);
    } catch (error) {
      throw await withLog(error, workbench.dirs.logs);
    } finally {
      await browser.close();
    }
  } finally {
    await workbench.stop();
  }
}

/**
 * What Paddock wrote into its log usually says why.
 * @param {unknown} error
 * @param {string} logs
 */
async function withLog(error, logs) {
  const names = await readdir(logs, { recursive: true }).catch(() => []);
  const own = names.filter((name) => /paddock\.paddock.*\.log$/.test(name)).map((name) => path.join(logs, name));
  const texts = await Promise.all(own.map((file) => readFile(file, 'utf8')));
  return new Failure(`${reasonOf(error)}\nPaddock's log says:\n${lastLines(texts.join(''))}`, { cause: error });
}

/**
 * @param {Opened} opened
 * @param {string} text
 * @returns {Promise<CheckedSuggestion>}
 */
async function typeAndCompare({ page, workbench }, text) {
  await waitFor(page, '.monaco-editor .view-lines', 'VS Code did not open the sample file');
  await waitFor(page, indicatorSelector, 'Paddock did not start: its status bar item is missing');
  await page.locator('.monaco-editor .view-lines').first().waitFor();
  await page.keyboard.type(text, { delay: 40 });
  const { suggestion, waitedMs } = await ghostText(page);
  const indicator = await indicatorText(page);
  const settled = await settledCompletion(path.join(workbench.dirs.globalStorage, 'paddock.paddock', 'ledger'));
  if (!settled) throw new Failure(`ghost text was shown, but the ledger has no settled completion ("${suggestion}")`);
  if (!indicator.includes(settled.modelName)) {
    throw new Failure(`the ledger says ${settled.modelName}, but the status bar says "${indicator}"`);
  }
  await takeWithTab(page, suggestion);
  return { suggestion, waitedMs, ...settled };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} selector
 * @param {string} complaint
 */
async function waitFor(page, selector, complaint) {
  await page.waitForSelector(selector, { timeout: workbenchMs }).catch((cause) => {
    throw new Failure(`${complaint} within ${workbenchMs / 1000} s`, { cause });
  });
}

/**
 * Waits for ghost text; a key typed before the extension was ready asks nobody, so a space and a backspace ask again.
 * @param {import('playwright-core').Page} page
 */
async function ghostText(page) {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const startedMs = performance.now();
    const isThere = await page
      .waitForSelector(ghostTextSelector, { timeout: suggestionMs / attempts })
      .catch(() => undefined);
    if (isThere) {
      const waitedMs = Math.round(performance.now() - startedMs);
      return { suggestion: await readGhostText(page), waitedMs };
    }
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Space');
  }
  throw new Failure(
    `no suggestion within ${suggestionMs / 1000} s; the status bar says "${await indicatorText(page)}"`,
  );
}

/**
 * Ghost text is drawn in pieces, one per colour and line; those of one line are at one height.
 * @param {import('playwright-core').Page} page
 */
async function readGhostText(page) {
  const pieces = await page
    .locator(ghostTextSelector)
    .evaluateAll((elements) =>
      elements
        .filter((element) => !elements.some((other) => other !== element && element.contains(other)))
        .map((element) => ({ ...element.getBoundingClientRect().toJSON(), text: element.textContent ?? '' })),
    );
  return joinPieces(pieces);
}

/**
 * @param {readonly { top: number, left: number, text: string }[]} pieces in any order
 */
export function joinPieces(pieces) {
  const lines = new Map();
  const inOrder = pieces.toSorted((one, other) => one.top - other.top || one.left - other.left);
  for (const { top, text } of inOrder) lines.set(Math.round(top), (lines.get(Math.round(top)) ?? '') + text);
  return [...lines.values()].join('\n').replaceAll('\u00a0', ' ');
}

/** @param {import('playwright-core').Page} page */
async function indicatorText(page) {
  const item = page.locator(indicatorSelector).first();
  return `${await item.innerText()} ${(await item.getAttribute('aria-label')) ?? ''}`.replaceAll('\u00a0', ' ').trim();
}

/**
 * The newest completion that the model is known to have spent tokens on. Entries reach the disk shortly after the ghost
 * text reaches the editor.
 * @param {string} ledgerFolder
 * @returns {Promise<{ modelName: string, completionTokens: number } | undefined>}
 */
async function settledCompletion(ledgerFolder) {
  for (const deadline = Date.now() + ledgerMs; Date.now() < deadline; await sleep(100)) {
    const settled = findSettled(await readLedger(ledgerFolder));
    if (settled) return settled;
  }
  return undefined;
}

/**
 * @param {readonly Record<string, any>[]} entries
 * @returns {{ modelName: string, completionTokens: number } | undefined}
 */
export function findSettled(entries) {
  for (const settlement of entries.toReversed()) {
    const completionTokens =
      settlement['kind'] === 'settlement' ? Number(settlement['usage']?.completionTokens ?? 0) : 0;
    const intent = entries.find((entry) => entry['kind'] === 'intent' && entry['id'] === settlement['id']);
    if (completionTokens > 0 && intent) return { modelName: String(intent['modelName']), completionTokens };
  }
  return undefined;
}

/** @param {string} ledgerFolder */
async function readLedger(ledgerFolder) {
  const names = (await readdir(ledgerFolder).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.sort().map((name) => readFile(path.join(ledgerFolder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').flatMap(parseLine));
}

/** @param {string} line */
function parseLine(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    // Empty, or not written to its end yet.
    return [];
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} suggestion
 */
async function takeWithTab(page, suggestion) {
  const firstLine = String(suggestion.split('\n')[0]).trim();
  await page.keyboard.press('Tab');
  const lines = page.locator('.monaco-editor .view-lines').first();
  const shows = async () => (await lines.innerText()).replaceAll('\u00a0', ' ').includes(firstLine);
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await sleep(100)) {
    if ((await page.locator(ghostTextSelector).count()) === 0 && (await shows())) return;
  }
  throw new Failure(`Tab did not put the suggestion "${firstLine}" into the file`);
}

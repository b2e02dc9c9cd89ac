/**
 * What a person meets: a real VS Code with the packaged extension, a real browser, real code typed into real files, and
 * the time until there is grey text on the screen.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { launchWorkbench } from '../../scripts/lib/workbench.mjs';
import { readGhostClock, restartGhostClock, startGhostClock, type GhostTime } from './ghostClock.ts';
import { holeIn, typedFiles, type Hole } from './material.ts';

/** What typing in the editor brought. */
export interface EditorFigures {
  /** As VS Code reports them, one for each time a window was loaded, ms. */
  readonly activationMs: readonly number[];
  /** From the first key in a file just opened to grey text, ms; the first right after the model was loaded. */
  readonly coldMs: readonly number[];
  /** From the last key before a pause to grey text that was not there before, ms. */
  readonly warmMs: readonly number[];
  /** Pauses where the text already on the screen went on being right. */
  readonly typedThrough: number;
  /** Pauses that brought nothing, cold ones and warm ones. */
  readonly coldWithout: number;
  readonly warmWithout: number;
}

export interface EditorOptions {
  readonly vsix: string;
  /** The model's file. */
  readonly model: string;
  /** Grey text to be seen at warm pauses before typing ends. */
  readonly warmCount: number;
  /** How often the window is loaded again only to see how long activation takes. */
  readonly reloads: number;
  readonly say: (line: string) => void;
}

/** Word lists, brackets and indentation of VS Code's own would change what is typed. */
const settings = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
  'editor.minimap.enabled': false,
  'workbench.editor.enablePreview': false,
  'files.autoSave': 'off',
};

const itemSelector = '.statusbar-item[id^="paddock.paddock"]';
const loadLimitMs = 120_000;
/** A quick typist: 170 words a minute. */
const keyMs = 70;
/** Somebody who sees nothing for so long types on. */
const coldPatienceMs = 15_000;
const warmPatienceMs = 6_000;
/** Looking at a suggestion before typing on. */
const lookMs = 250;
/** Lines with so many characters have one pause in them, two. */
const fewestForOne = 12;
const fewestForTwo = 24;
/** Typing ends after so many times the pauses that are wanted, however few of them brought something. */
const mostPausesFactor = 2;
/** Keys of the first suggestion in a file. */
const coldKeys = 3;

/** Throws when VS Code, the extension or the model does not come up. */
export async function measureEditor(options: EditorOptions): Promise<EditorFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddock-bench-'));
  const holes = typedFiles.map(holeIn).sort((a, b) => a.lines.length - b.lines.length);
  const [first] = holes;
  if (first === undefined) throw new Error('There is no file to type in.');
  for (const hole of holes) {
    writeFileSync(path.join(folder, hole.name), hole.before + indentationOf(hole.lines[0]) + hole.after);
  }
  const workbench = await launchWorkbench({
    vsix: options.vsix,
    folder,
    openFile: { path: path.join(folder, first.name), ...cursorIn(first) },
    settings: { ...settings, 'paddock.local.modelPath': options.model },
  });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      await startGhostClock(page);
      await page.goto(workbench.url);
      return await measure({ page, holes, logs: workbench.dirs.logs }, options);
    } finally {
      await browser.close();
    }
  } finally {
    await workbench.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Opened {
  readonly page: Page;
  /** The first one's file is open, the cursor in the hole; the last one is the longest to type. */
  readonly holes: readonly Hole[];
  readonly logs: string;
}

async function measure({ page, holes, logs }: Opened, options: EditorOptions): Promise<EditorFigures> {
  await page.locator(itemSelector).waitFor({ timeout: loadLimitMs });
  await page.locator('.monaco-editor.focused').first().waitFor({ timeout: loadLimitMs });
  await untilLoaded(logs);
  const coldMs: number[] = [];
  for (const [index, hole] of holes.entries()) {
    if (index > 0) await openHole(page, hole);
    const typed = (hole.lines[0] ?? '').trimStart().slice(0, coldKeys);
    await restartGhostClock(page);
    await typeAndWait(page, typed, coldPatienceMs);
    const { sinceRestartMs } = await readGhostClock(page);
    options.say(`  ${hole.name}: ${sinceRestartMs === undefined ? 'nothing' : `${Math.round(sinceRestartMs)} ms`}`);
    if (sinceRestartMs !== undefined) coldMs.push(sinceRestartMs);
  }
  const longest = holes.at(-1);
  const warm = longest === undefined ? [] : await typeWithPauses(page, longest, options.warmCount);
  const shown = warm.flatMap(({ ms, wasTypedThrough }) => (ms === undefined || wasTypedThrough ? [] : [ms]));
  const activationMs = [await activationTime(page)];
  for (let reload = 0; reload < options.reloads; reload += 1) {
    await page.reload();
    await page.locator(itemSelector).waitFor({ timeout: loadLimitMs });
    activationMs.push(await activationTime(page));
  }
  return {
    activationMs,
    coldMs,
    warmMs: shown,
    typedThrough: warm.filter(({ wasTypedThrough }) => wasTypedThrough).length,
    coldWithout: holes.length - coldMs.length,
    warmWithout: warm.filter(({ ms }) => ms === undefined).length,
  };
}

/** Types the rest of the hole, with a pause in each line that is long enough, two in longer ones. */
async function typeWithPauses(page: Page, { lines }: Hole, count: number): Promise<GhostTime[]> {
  const pauses: GhostTime[] = [];
  const shown = (): number => pauses.filter(({ ms, wasTypedThrough }) => ms !== undefined && !wasTypedThrough).length;
  for (const [index, line] of lines.entries()) {
    const pieces = piecesOf(line.trimStart().slice(index === 0 ? coldKeys : 0), index);
    for (const piece of pieces.slice(0, -1)) {
      pauses.push(await typeAndWait(page, piece, warmPatienceMs));
      await sleep(lookMs);
    }
    await page.keyboard.type(pieces.at(-1) ?? '', { delay: keyMs });
    if (shown() >= count || pauses.length >= count * mostPausesFactor) break;
    await page.keyboard.press('Enter');
    // As one edit, as an editor's own indentation is.
    const indentation = indentationOf(lines[index + 1]);
    if (indentation !== '') await page.keyboard.insertText(indentation);
  }
  return pauses;
}

/** A line cut where its typist pauses: never at its ends, and at places that differ from line to line. */
function piecesOf(text: string, index: number): string[] {
  const count = text.length >= fewestForTwo ? 2 : text.length >= fewestForOne ? 1 : 0;
  const shift = ((index * 0.618) % 1) - 0.5;
  const cuts = Array.from({ length: count }, (_, cut) =>
    Math.round((text.length * (cut + 1 + shift / 2)) / (count + 1)),
  );
  return [0, ...cuts].map((start, piece) => text.slice(start, cuts[piece]));
}

/** Waits for grey text after the last key, but only so long. */
async function typeAndWait(page: Page, text: string, patienceMs: number): Promise<GhostTime> {
  await page.keyboard.type(text, { delay: keyMs });
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const time = await readGhostClock(page);
    if (time.ms !== undefined || performance.now() >= deadline) return time;
    await sleep(20);
  }
}

/** Opens the hole's file at its place by name, as people do. */
async function openHole(page: Page, hole: Hole): Promise<void> {
  const { line, column } = cursorIn(hole);
  await page.keyboard.press('Control+p');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill(`${hole.name}:${line}:${column}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: hole.name }).first().waitFor();
  await input.press('Enter');
  await page.locator(`.tab.active[data-resource-name="${hole.name}"]`).waitFor();
  await page.locator('.statusbar', { hasText: `Ln ${line}, Col ${column}` }).waitFor();
}

/** The time VS Code's own page "Running Extensions" shows: loading our code and our `activate`. */
async function activationTime(page: Page): Promise<number> {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill('>Developer: Show Running Extensions');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Show Running Extensions' }).first().click();
  const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Paddock' }).first();
  const text = await row.locator('.activation-time').innerText({ timeout: 30_000 });
  const ms = /(\d+)\s*ms/.exec(text)?.[1];
  if (ms === undefined) throw new Error(`VS Code shows "${text}" where our activation time should be.`);
  return Number(ms);
}

async function untilLoaded(logs: string): Promise<void> {
  for (const deadline = Date.now() + loadLimitMs; Date.now() < deadline; await sleep(30)) {
    if (logText(logs).includes('Engine ready')) return;
  }
  throw new Error(`The model was not loaded within ${loadLimitMs / 1000} s. The log says:\n${logText(logs)}`);
}

/** Everything our own log channel has written. */
function logText(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const ours = files.filter((file) => file.isFile() && file.parentPath.endsWith('paddock.paddock'));
  return ours.map((file) => readFileSync(path.join(file.parentPath, file.name), 'utf8')).join('\n');
}

/** The end of the empty line that the hole begins with, counted from 1. */
function cursorIn({ before, lines }: Hole): { readonly line: number; readonly column: number } {
  return { line: before.split('\n').length, column: indentationOf(lines[0]).length + 1 };
}

function indentationOf(line = ''): string {
  return line.slice(0, line.length - line.trimStart().length);
}

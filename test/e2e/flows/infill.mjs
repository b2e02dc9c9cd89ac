/** Flows with the model that sees both sides of the cursor, on the sample project; the README's pictures come from here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureModel } from '../../../scripts/lib/models.mjs';
import { until } from '../until.mjs';
import { themes } from './control.mjs';
import { basket, lens, startEdit } from './edits.mjs';

const repository = path.resolve(import.meta.dirname, '../../..');
/** A gigabyte is read from disk, then a prompt at some 40 tokens a second. */
const loadingMs = 120_000;

/** Typed between existing code; what is missing is known from the code above. */
const typed = 'return this.lines.reduce((sum, line) => sum + line.gr';

/** Nothing in them but what they are about: no marks under the unfinished line, no assistant of VS Code's own. */
const forPictures = {
  'chat.disableAIFeatures': true,
  'typescript.validate.enable': false,
  'editor.lightbulb.enabled': 'off',
  'editor.stickyScroll.enabled': false,
};

/** @type {import('../runner.mjs').Flow[]} */
export const infillFlows = [
  {
    name: 'a large model shows how far it is, fills in a line between existing code, and changes what is selected',
    run: fillIn,
    limitMs: 300_000,
  },
];

/** @param {import('../runner.mjs').Given} given */
async function fillIn({ stage: getStage, milestone }) {
  const stage = await getStage();
  const names = ['README.md', 'basket.ts', 'brewing.py', 'labels.js'];
  const sample = Object.fromEntries(
    names.map((name) => [name, readFileSync(path.join(repository, 'sample', name), 'utf8')]),
  );
  const window = await stage.openWindow({
    folder: stage.makeProject(sample, 'tea-shop'),
    settings: { ...forPictures, 'paddock.local.modelPath': await ensureModel('infill') },
  });
  await window.openFile('basket.ts');
  const isLoading = (/** @type {string} */ one) => /^qwen.* · loading \d+%$/i.test(one);
  const texts = await until(
    'the model to be loaded',
    async () => {
      const seen = await window.itemTexts();
      return seen.some(isLoading) && /^qwen.* · this computer/i.test(seen.at(-1) ?? '') && seen;
    },
    { withinMs: loadingMs, or: () => window.describe() },
  );
  assert.ok(texts.filter(isLoading).length >= 2, `how far it is, while it loads: ${texts.join(' / ')}`);

  const text = String(sample['basket.ts']);
  const line = text.split('\n').findIndex((one) => one.includes('Type here')) + 1;
  await window.goTo(line, 5);
  await window.press('Shift+End');
  await window.type(typed);
  const ghost = await window.untilGhost({ withinMs: loadingMs });
  for (const word of /** @type {const} */ (['light', 'dark'])) {
    await stage.setTheme(window, themes[word]);
    await milestone(window, `infill-${word}`);
  }
  const startedMs = Date.now();
  assert.equal(await window.ghost(), ghost, 'changing the theme leaves it there');
  await window.press('Tab');
  await window.expectSaved(text.replace(/\/\/ Type here.*/, () => typed + ghost));
  const intent = await until('the request in the ledger', () => stage.requestsAbout('basket.ts').at(-1));
  assert.ok(intent['atMs'] <= startedMs);
  assert.match(intent['modelName'], /^qwen/i);
  await window.untilItem(/^qwen.* · this computer · [\d.]+ tok\/s$/i);
  await window.hoverItem();
  await milestone(window, 'infill-hover');
  await window.leaveItem();
  await edit(window, milestone);
}

/**
 * Lets the model change a function in place. What it writes is its own; that it can be accepted, and taken back in one
 * step, is ours.
 * @param {import('../window.mjs').Window} window
 * @param {import('../runner.mjs').Given['milestone']} milestone
 */
async function edit(window, milestone) {
  await window.openNewFile('total.ts', basket);
  await startEdit(window, 'use for of');
  await lens(window, 'Accept( all \\d+)?').first().waitFor({ timeout: loadingMs });
  await window.untilStill();
  await milestone(window, 'edit-real-model');
  await window.press('Control+Enter');
  await window.page.locator('.tab.active.dirty[data-resource-name="total.ts"]').waitFor();
  await window.press('Control+s');
  const file = path.join(window.folder, 'total.ts');
  await until('the change to be saved', () => readFileSync(file, 'utf8') !== basket);
  await window.press('Control+z');
  await window.expectSaved(basket);
}

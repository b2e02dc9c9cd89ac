/** Flows of a person who looks at what was written down about their requests. */
import assert from 'node:assert/strict';
import { startScriptedServer } from '../../support/scriptedServer.ts';
import { until } from '../until.mjs';
import { themes } from './control.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const ledgerFlows = [
  {
    name: 'the ledger shows a request as it comes, filters, exports, verifies, comes back after a reload, and is deleted',
    run: lookAtLedger,
    limitMs: 300_000,
  },
];

const model = 'team-coder';

/** @param {import('../runner.mjs').Given} given */
async function lookAtLedger({ ownStage, milestone }) {
  const server = await startScriptedServer(asGeneric);
  try {
    const url = `http://127.0.0.1:${server.port}/v1`;
    const stage = await ownStage({ settings: { 'paddock.servers': [{ url, kind: 'generic', name: 'Team' }] } });
    const window = await stage.openWindow();
    await window.openNewFile('first.js', 'const one = 1;\n');
    await useTeamModel(window);
    await ask(stage, window, 'first.js');

    const page = await openFromItem(window);
    const rows = page.locator('.requests tbody tr:not(.record)', { hasText: model });
    await rows.first().waitFor();
    assert.match(await rows.first().innerText(), /Completion while typing\s+team-coder\s+127\.0\.0\.1:\d+/);
    assert.match(await page.locator('.figures').innerText(), /price unknown/);
    await followsTyping(stage, window, rows);
    await filtersAndOpens(page);
    await pictures(stage, window, milestone);
    await exports(window, page);
    await verifies(window, page);

    await window.page.reload();
    await window.whenReady();
    await frameOf(window).locator('.requests').first().waitFor({ timeout: 60_000 });
    await deletes(window, stage);
  } finally {
    server.dispose();
  }
}

/** @param {import('../window.mjs').Window} window */
async function useTeamModel(window) {
  await window.runCommand('Paddock: Switch Provider');
  await window.pick('Completions');
  await window.pick(model);
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: 'Agree' }).click();
  await window.untilItem(/may forward/);
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {string} name of the file that is shown
 */
async function ask(stage, window, name) {
  await window.page.locator('.editor-group-container .monaco-editor').first().click();
  await window.press('Control+End');
  await window.type('const two = ');
  await window.untilGhost();
  await stage.untilSettled(name);
}

/**
 * As a person finds it: from the item's menu.
 * @param {import('../window.mjs').Window} window
 */
async function openFromItem(window) {
  await window.clickItem();
  await window.pick('Open ledger');
  await window.page.locator('.tab.active', { hasText: 'Paddock Ledger' }).waitFor();
  const page = frameOf(window);
  await page.locator('h1', { hasText: 'Ledger' }).waitFor();
  return page;
}

/** @param {import('../window.mjs').Window} window */
function frameOf(window) {
  return window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}

/**
 * The page beside the document gets a row while one types.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {import('playwright-core').Locator} rows
 */
async function followsTyping(stage, window, rows) {
  const before = await rows.count();
  await window.runCommand('View: Move Editor into Right Group');
  await rows.first().waitFor();
  await ask(stage, window, 'first.js');
  await until('a row for what was typed', async () => (await rows.count()) > before);
}

/** @param {import('playwright-core').FrameLocator} page */
async function filtersAndOpens(page) {
  const rows = page.locator('.requests tbody tr:not(.record)');
  const route = page.getByRole('combobox', { name: 'route' });
  await route.selectOption({ label: 'this computer, may forward' });
  await until('only what may be passed on', async () => {
    const texts = await rows.allInnerTexts();
    return texts.length > 0 && texts.every((text) => text.includes('127.0.0.1'));
  });
  await page.getByRole('searchbox').fill('nobody has this name');
  await page.getByText('No request is like that.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await rows.filter({ hasText: model }).first().locator('.row-button').press('Enter');
  const record = page.locator('.record');
  await record.getByText('assumed: the other end may pass it on').waitFor();
  assert.match(await record.innerText(), /first\.js/);
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {import('../runner.mjs').Given['milestone']} milestone
 */
async function pictures(stage, window, milestone) {
  for (const [word, theme] of Object.entries(themes)) {
    await stage.setTheme(window, theme);
    await window.restPointer();
    await window.untilStill();
    await milestone(window, `ledger-beside-${word}`);
  }
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {import('playwright-core').FrameLocator} page
 */
async function exports(window, page) {
  await page.getByRole('button', { name: 'Export…' }).click();
  await window.pick('CSV');
  await window.pick('Leave them out');
  const input = window.quickInput('input').first();
  await until('a name to be proposed', async () => (await input.inputValue()).includes('paddock-ledger-'));
  const text = await window.saveAs('export.csv');
  assert.ok(text.includes(model) && text.includes('costUsd'), text.slice(0, 400));
  assert.ok(!text.includes('first.js'), 'names of files were to be left out');
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {import('playwright-core').FrameLocator} page
 */
async function verifies(window, page) {
  await page.getByRole('button', { name: 'Verify…' }).click();
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  const words = await dialog.innerText();
  assert.match(words, /The ledger is whole: \d+ lines follow from one another/);
  assert.match(words, /Lines may have been cut off the end/);
  await window.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {import('../stage.mjs').Stage} stage
 */
async function deletes(window, stage) {
  const page = frameOf(window);
  await page.getByRole('button', { name: 'Delete…' }).click();
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /What stays: one line that says when it was deleted/);
  await dialog.locator('.monaco-button', { hasText: /^Delete$/ }).click();
  await page.getByText('Nothing was asked of a model yet').waitFor();
  assert.deepEqual(stage.ledger(), []);
}

/**
 * @param {import('../../support/scriptedServer.ts').ScriptedRequest} request
 * @param {import('../../support/scriptedServer.ts').Reply} reply
 */
function asGeneric({ method, path: asked }, reply) {
  if (asked.endsWith('/models')) return reply.json(200, { data: [{ id: model, object: 'model' }] });
  if (method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
  const piece = (/** @type {string} */ text, /** @type {string | null} */ finish) => ({
    choices: [{ index: 0, text, delta: { content: text }, finish_reason: finish }],
  });
  const usage = { prompt_tokens: 60, completion_tokens: 3, total_tokens: 63 };
  return reply.sse([piece('42;', null), piece('', 'stop'), { choices: [], usage }, '[DONE]']);
}

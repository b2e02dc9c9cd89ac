/** Flows about edits: a selection changed by the model hunk by hunk, problems mended, commit messages written. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';
import { themes } from './control.mjs';

/** A window on a project with Git, answered by a script. @type {import('../runner.mjs').Scene} */
const scene = { open, close: (/** @type {Parts} */ { chat }) => chat.server.dispose() };

/** @type {import('../runner.mjs').Flow[]} */
export const editFlows = [
  {
    name: 'an edit of a selection is accepted hunk by hunk, undone in one step, and discarded by Escape',
    scene,
    run: edits,
  },
  { name: 'a problem is mended, and a change of its lines meanwhile drops the edit', scene, run: mends },
  { name: 'a code block of an answer goes to its place in a file, without a model', scene, run: applies },
  {
    name: 'a file that an answer names is asked for where several fit, and made where there is none',
    scene,
    run: finds,
  },
  { name: 'the commit message is written into the box of Source Control', scene, run: commits },
];

/** A function with a loop; its lines end as on Windows. */
export const basket = [
  'export function total(prices: number[]): number {',
  '  let sum = 0;',
  '  // Add them up.',
  '  for (let i = 0; i < prices.length; i++) {',
  '    sum += prices[i];',
  '  }',
  '  return sum;',
  '}',
  '',
].join('\r\n');

const answer = [
  'Sure! Here is the code:',
  '',
  '```typescript',
  'export function total(prices: readonly number[]): number {',
  '  let sum = 0;',
  '  // Add them up.',
  '  for (const price of prices) {',
  '    sum += price;',
  '  }',
  '  return sum;',
  '}',
  '```',
].join('\n');

const tab = '.tab.active[data-resource-name="basket.ts (Paddock edit)"]';

/**
 * @typedef {object} Parts
 * @property {import('../chatServer.mjs').ChatServer} chat
 * @property {import('../stage.mjs').Stage} stage
 * @property {import('../window.mjs').Window} window
 * @property {(...words: readonly string[]) => void} git run in the project
 */

/**
 * @param {import('../runner.mjs').Given} given
 * @returns {Promise<Parts>}
 */
async function open({ stage: getStage }) {
  const chat = await startChatServer(answer);
  try {
    const stage = await getStage();
    const folder = stage.makeProject({ 'basket.ts': basket });
    const git = (/** @type {readonly string[]} */ ...words) => void execFileSync('git', words, { cwd: folder });
    git('init', '--quiet');
    git('config', 'core.autocrlf', 'false');
    git('add', '.');
    git('-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'Begin');
    const settings = { ...settingsFor(chat), 'git.openRepositoryInParentFolders': 'never' };
    return { chat, stage, git, window: await stage.openWindow({ folder, settings }) };
  } catch (error) {
    chat.server.dispose();
    throw error;
  }
}

/**
 * The scene's window with nothing open in it, and a server that has been asked nothing.
 * @param {import('../runner.mjs').Given} given
 * @returns {Promise<Parts>}
 */
async function begin(given) {
  /** @type {Parts} */
  const parts = await given.scene();
  const { chat, window } = parts;
  Object.assign(chat, { answer, isHeld: false, status: 200, questions: [], push: undefined, done: undefined });
  if ((await window.page.locator('.tab').count()) > 0) await window.runCommand('View: Close All Editors');
  await window.page.locator('.tab').first().waitFor({ state: 'detached' });
  return parts;
}

/** @param {import('../runner.mjs').Given} given */
async function edits(given) {
  const { chat, stage, window } = await begin(given);
  const { page } = window;
  const file = path.join(window.folder, 'basket.ts');
  await window.openNewFile('basket.ts', basket);

  // The model writes; its first lines are there, the rest is not.
  chat.isHeld = true;
  await startEdit(window, 'take any array, and walk it with for of');
  await page.locator(tab).waitFor();
  await chat.send(answer.slice(0, answer.indexOf('  // Add')));
  await lens(window, 'Stop').waitFor();
  await page.locator('.view-lines', { hasText: 'readonly number[]' }).waitFor();
  await window.untilStill();
  await given.milestone(window, 'edit-streaming');
  // Escape: the connection closes, and nothing was ever touched.
  await window.press('Escape');
  await page.locator(tab).waitFor({ state: 'detached' });
  await until('the connection to close', () => chat.server.last.isClosed);
  await page.locator('.tab.active[data-resource-name="basket.ts"]:not(.dirty)').waitFor();
  assert.equal(readFileSync(file, 'utf8'), basket);

  // The whole answer: two hunks, of which the second is accepted and the first rejected.
  chat.isHeld = false;
  await startEdit(window, 'take any array, and walk it with for of');
  await lens(window, 'Accept all 2').waitFor();
  await window.untilStill();
  for (const [word, theme] of Object.entries(themes)) {
    await stage.setTheme(window, theme);
    await given.milestone(window, `edit-review-${word}`);
  }
  await stage.setTheme(window, themes.light);
  // Another start does nothing but bring it to the front.
  await window.openFile('basket.ts');
  await window.press('Control+k');
  await window.press('a');
  await page.locator(tab).waitFor();
  assert.equal(chat.questions.length, 2);
  await lens(window, 'Reject').first().click();
  await until('one hunk to be left', async () => (await lens(window, 'Accept').count()) === 1);
  await lens(window, 'Accept').click();
  await page.locator(tab).waitFor({ state: 'detached' });
  await page.locator('.tab.active.dirty[data-resource-name="basket.ts"]').waitFor();
  const accepted = basket
    .replace('for (let i = 0; i < prices.length; i++)', 'for (const price of prices)')
    .replace('prices[i]', 'price');
  await window.expectSaved(accepted);
  await hoverLine(window, 'sum += price;');
  await page.locator('.monaco-hover', { hasText: 'Paddock edit' }).waitFor();
  await given.milestone(window, 'edit-receipt');

  // One step back is all the way back.
  await window.press('Control+1');
  await window.press('Control+z');
  await window.expectSaved(basket);
  assert.ok(chat.questions.every((question) => question.includes('take any array')));

  // By keys alone, with the instruction from before.
  await window.press('Control+a');
  await window.press('Control+k');
  await window.press('a');
  const input = window.quickInput('input');
  await input.waitFor();
  await window.press('ArrowUp');
  await until('the earlier instruction', async () => (await input.inputValue()).startsWith('take any array'));
  await window.press('Enter');
  await lens(window, 'Accept all 2').waitFor();
  await window.press('Control+y');
  await until('one hunk to be left', async () => (await lens(window, 'Accept').count()) === 1);
  await window.press('Control+Backspace');
  await page.locator(tab).waitFor({ state: 'detached' });
  await window.expectSaved(basket.replace('prices: number', 'prices: readonly number'));
  await window.press('Control+z');
  await window.expectSaved(basket);

  // What was accepted before Escape does not count either.
  await startEdit(window, 'take any array, and walk it with for of');
  await lens(window, 'Accept all 2').waitFor();
  await window.press('Control+y');
  await until('one hunk to be left', async () => (await lens(window, 'Accept').count()) === 1);
  await window.press('Escape');
  await page.locator(tab).waitFor({ state: 'detached' });
  await page.locator('.tab.active[data-resource-name="basket.ts"]:not(.dirty)').waitFor();
  assert.equal(readFileSync(file, 'utf8'), basket);

  // An empty code block deletes the lines; talk changes nothing, and that is said.
  chat.answer = '```typescript\n```';
  await startEdit(window, 'delete it');
  await lens(window, 'Accept').click();
  await page.locator(tab).waitFor({ state: 'detached' });
  await window.expectSaved('');
  await window.press('Control+z');
  await window.expectSaved(basket);
  chat.answer = "I'm sorry, but I can't do that.";
  await startEdit(window, 'do that');
  await until('a word about it', async () => (await window.messages()).some((each) => each.includes('could stand in')));
  await page.locator(tab).waitFor({ state: 'detached' });
  assert.equal(readFileSync(file, 'utf8'), basket);
}

/** @param {import('../runner.mjs').Given} given */
async function mends(given) {
  const { chat, window } = await begin(given);
  const { page } = window;
  const broken = '{\n  "name": "basket"\n  "size": 3\n}\n';
  await window.openNewFile('basket.json', broken);
  await page.locator('.squiggly-error').first().waitFor();
  await window.goTo(3, 4);
  await page.locator('.lightBulbWidget').waitFor();
  await window.press('Control+.');
  const widget = page.locator('.action-widget');
  await widget.locator('.action', { hasText: 'Fix with Paddock' }).waitFor();
  await given.milestone(window, 'edit-lightbulb');
  assert.equal(chat.questions.length, 0, 'nothing is asked before it is picked');
  chat.answer = '```json\n{\n  "name": "basket",\n  "size": 3\n}\n```';
  await widget.locator('.action', { hasText: 'Fix with Paddock' }).click();
  await lens(window, 'Accept').waitFor();
  assert.ok(/Fix this problem/.test(chat.questions[0] ?? ''));

  // Somebody else changes these lines: the edit goes, and nothing of it stays.
  const others = broken.replace('3', '4');
  writeFileSync(path.join(window.folder, 'basket.json'), others);
  await page.locator('.tab.active[data-resource-name="basket.json"]').waitFor();
  await until('a word about it', async () => (await window.messages()).some((each) => each.includes('meanwhile')));
  await window.expectSaved(others);

  // Or the user says what should be done about it: the problem is what they start from.
  await page.locator('.squiggly-error').first().waitFor();
  await window.goTo(1, 1); // the bulb comes with a move
  await window.goTo(3, 4);
  await page.locator('.lightBulbWidget').waitFor();
  await window.press('Control+.');
  await widget.locator('.action', { hasText: 'Edit with Paddock…' }).click();
  const input = window.quickInput('input');
  await until('the problem', async () => (await input.inputValue()).startsWith('Fix this problem: '));
  assert.equal(chat.questions.length, 1, 'nothing is asked before Enter');
  await input.press('End');
  await window.type(' Keep the size.');
  chat.answer = '```json\n{\n  "name": "basket",\n  "size": 4\n}\n```';
  await window.press('Enter');
  await lens(window, 'Accept').click();
  await page.locator('.tab.active.dirty[data-resource-name="basket.json"]').waitFor();
  await window.expectSaved(others.replace('"basket"', '"basket",'));
  assert.match(chat.questions.at(-1) ?? '', /Fix this problem: .* Keep the size\./);
}

/** @param {import('../runner.mjs').Given} given */
async function applies(given) {
  const { chat, window } = await begin(given);
  chat.answer = answer.replace('readonly ', '').replace('sum = 0', 'sum: number = 0');
  const { page } = window;
  await window.openNewFile('basket.ts', basket);
  await window.runCommand('Paddock: Open Chat');
  const panel = await chatPanel(window);
  await panel.locator('textarea').fill('How would you write this?');
  await panel.locator('textarea').press('Enter');
  const apply = panel.getByRole('button', { name: /^Apply/ });
  await apply.waitFor();
  // The second click finds it open, and does nothing.
  await apply.dblclick();
  await lens(window, 'Accept all 2').waitFor();
  await apply.click();
  await window.untilStill();
  await given.milestone(window, 'edit-applied');
  // No checker of VS Code's takes the two versions laid over each other for a program.
  assert.equal(await page.locator('.editor-group-container.active .squiggly-error').count(), 0);
  assert.ok((await page.locator('[id="status.problems"]').innerText()).includes('0'));
  assert.equal(await page.locator('.tab[data-resource-name="basket.ts (Paddock edit)"]').count(), 1);
  await lens(window, 'Accept all 2').click();
  await page.locator(tab).waitFor({ state: 'detached' });
  const applied = basket
    .replace('sum = 0', 'sum: number = 0')
    .replace('for (let i = 0; i < prices.length; i++)', 'for (const price of prices)')
    .replace('prices[i]', 'price');
  await focusEditor(window);
  await window.expectSaved(applied);
  await window.press('Control+z');
  await window.expectSaved(basket);
  assert.equal(chat.questions.length, 1, 'applying asks no model');

  // Twice in the file: the user says where.
  await window.press('Control+a');
  await page.keyboard.insertText(`${basket}${basket}`.replaceAll('\r\n', '\n'));
  await apply.click();
  const listed = await window.listed();
  assert.ok(
    listed.some((row) => row.includes('Replace lines 1–8')),
    listed.join('\n'),
  );
  assert.ok(
    listed.some((row) => row.includes('New file')),
    listed.join('\n'),
  );
  await window.pick('Replace lines 9–16');
  await lens(window, 'Accept all 2').click();
  await page.locator(tab).waitFor({ state: 'detached' });
  await focusEditor(window);
  await window.expectSaved(`${basket}${applied}`);

  // Nowhere in the file: the cursor is offered, and nothing is replaced unasked.
  const other = 'one\ntwo\nthree\n';
  await window.press('Control+a');
  await page.keyboard.insertText(other);
  await window.press('Control+End');
  await apply.click();
  await window.quickInput('.quick-input-list .monaco-list-row', { hasText: 'Insert at the cursor' }).waitFor();
  assert.ok(!(await window.listed()).some((row) => row.includes('Replace')));
  await window.pick('Insert at the cursor, line 4');
  await lens(window, 'Accept').click();
  await page.locator(tab).waitFor({ state: 'detached' });
  await focusEditor(window);
  await until(
    'the code',
    async () => (await window.page.locator('.view-line', { hasText: 'sum: number = 0' }).count()) > 0,
  );
  await window.press('Control+s');
  await page.locator('.tab.active[data-resource-name="basket.ts"]:not(.dirty)').waitFor();
}

/** @param {import('../runner.mjs').Given} given */
async function finds(given) {
  const { chat, window } = await begin(given);
  const { page } = window;
  for (const name of ['one', 'two']) {
    mkdirSync(path.join(window.folder, name), { recursive: true });
    writeFileSync(path.join(window.folder, name, 'same.ts'), `export const where = '${name}';\n`);
  }
  chat.answer = '```typescript src/fresh.ts\nexport const fresh = 1;\n```\n\nSee same.ts:1.\n';
  const fresh = path.join(window.folder, 'src/fresh.ts');
  await window.runCommand('Paddock: Open Chat');
  const panel = await chatPanel(window);
  await panel.locator('textarea').fill('Where is it?');
  await panel.locator('textarea').press('Enter');

  await panel.getByTitle('Open same.ts').last().click();
  await window.pick('two');
  await page.locator('.tab.active[data-resource-name="same.ts"]').waitFor();
  await page.locator('.view-line', { hasText: "'two'" }).waitFor();

  await panel
    .getByRole('button', { name: /^Apply/ })
    .last()
    .click();
  const row = window.quickInput('.quick-input-list .monaco-list-row', { hasText: 'New file src/fresh.ts' });
  await row.waitFor();
  assert.ok(!existsSync(fresh), 'nothing is written before the user says so');
  await row.click();
  await page.locator('.tab.active[data-resource-name="fresh.ts"]').waitFor();
  assert.equal(readFileSync(fresh, 'utf8'), 'export const fresh = 1;\n');
}

/**
 * The chat's page: a frame within VS Code's frame for it.
 * @param {import('../window.mjs').Window} window
 */
async function chatPanel({ page }) {
  const outer = page.frameLocator('iframe.webview.ready');
  const inner = outer.frameLocator('#active-frame');
  await inner.locator('textarea').waitFor();
  return inner;
}

/** @param {import('../window.mjs').Window} window */
async function focusEditor(window) {
  await window.press('Control+1');
  await window.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
}

/** @param {import('../runner.mjs').Given} given */
async function commits(given) {
  const { chat, stage, window, git } = await begin(given);
  const startedMs = Date.now();
  writeFileSync(path.join(window.folder, 'basket.ts'), basket.replace('let sum = 0', 'let sum = 1'));
  writeFileSync(path.join(window.folder, 'README.md'), '# A basket\n');
  git('add', 'basket.ts');
  const { page } = window;
  await window.press('Control+Shift+g');
  const pressButton = async () => {
    const pane = page.locator('.pane', { has: page.locator('.pane-header[aria-label="Changes Section"]') });
    await pane.locator('.pane-header[aria-label="Changes Section"]').hover();
    await pane.getByRole('button', { name: 'Write Commit Message' }).click();
    await window.restPointer();
  };
  // Git looks a moment later.
  await page.locator('.scm-view .monaco-list-row', { hasText: 'Staged Changes' }).waitFor();
  const box = page.locator('.scm-input .view-lines, .scm-editor .view-lines').first();
  await box.click();
  await window.type('Draft');

  // It fails: what was typed is still there.
  chat.status = 400;
  await pressButton();
  await until('a word about it', async () => (await window.messages()).some((each) => each.includes('broken')));
  assert.equal(plain(await box.innerText()), 'Draft');

  chat.status = 200;
  chat.answer = '```\nStart counting at one\n```';
  await pressButton();
  await until('the message', async () => plain(await box.innerText()) === 'Start counting at one');
  await window.untilStill();
  await given.milestone(window, 'commit-message');
  const question = chat.questions.at(-1) ?? '';
  assert.ok(question.includes('let sum = 1') && question.includes('Draft'), question);
  assert.ok(!question.includes('A basket'), 'what is not staged is not told');
  const [request] = stage.requestsAbout('basket.ts', startedMs);
  assert.deepEqual(request?.['purpose'], { role: 'chat', initiator: 'user' });
}

/**
 * Selects everything and says what should change.
 * @param {import('../window.mjs').Window} window
 * @param {string} instruction
 */
export async function startEdit(window, instruction) {
  await window.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
  await window.press('Control+a');
  await window.runCommand('Paddock: Edit Selection');
  const input = window.quickInput('input');
  await window.quickInput('.quick-input-title', { hasText: 'Edit Selection' }).waitFor();
  await input.fill(instruction);
  await input.press('Enter');
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {string} words
 */
export function lens({ page }, words) {
  return page.locator('.codelens-decoration a', { hasText: new RegExp(`^\\s*${words}$`) });
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {string} text
 */
async function hoverLine({ page }, text) {
  const line = page
    .locator('.editor-group-container.active .view-line', { hasText: text })
    .locator('span > span')
    .last();
  await line.hover();
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll('\u00a0', ' ').trim();
}

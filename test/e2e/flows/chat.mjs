/** Flows of a person who talks with a model in the side panel; a server answers by a script. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ChatPanel } from '../chatPanel.mjs';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';
import { themes } from './control.mjs';

/** A window for flows that need nothing special. @returns {import('../runner.mjs').Scene} */
function plainChat() {
  return {
    open: (given) => openChat(given, { 'src/basket.ts': basket }),
    close: (/** @type {Parts} */ { chat }) => chat.server.dispose(),
  };
}
const [talking, working] = [plainChat(), plainChat()];

/** @type {import('../runner.mjs').Flow[]} */
export const chatFlows = [
  {
    name: 'the chat answers with a receipt, keeps what was stopped, and goes back to earlier versions',
    scene: talking,
    run: asks,
  },
  {
    name: 'conversations are named, found, pinned, exported, deleted and there again after a reload',
    scene: talking,
    run: keeps,
  },
  { name: 'code of a chat answer goes where it is wanted, and what it names opens', scene: working, run: usesCode },
  {
    name: 'what is dropped on the chat goes with the question, at the other side of the window too',
    scene: working,
    run: drops,
  },
  { name: 'a chat that cannot be answered says why, and what to press', scene: working, run: fails },
  { name: 'what goes with a chat question is named, sized, offered and held back', run: attaches, limitMs: 180_000 },
  { name: 'the chat is at home in light, dark and high contrast, narrow and wide', run: looks, limitMs: 180_000 },
];

const answer = [
  'The total is **wrong** for an empty basket:',
  '',
  '| case | result |',
  '| --- | --- |',
  '| empty | `NaN` |',
  '',
  '```ts src/basket.ts',
  'export function total(prices: readonly number[]): number {',
  '  return prices.reduce((sum, price) => sum + price, 0);',
  '}',
  '```',
  '',
  'See src/basket.ts:2 and [the manual](https://example.com/manual). ![](https://example.com/spy.png)',
  '',
].join('\n');

const basket = [
  'export function total(prices: readonly number[]): number {',
  '  return prices.reduce((sum, price) => sum + price);',
  '}',
  '',
].join('\n');

/**
 * @typedef {object} Parts
 * @property {import('../chatServer.mjs').ChatServer} chat
 * @property {ChatPanel} panel
 * @property {import('../window.mjs').Window} window
 * @property {import('../stage.mjs').Stage} stage
 */

/**
 * A window with the chat open, answered by a script.
 * @param {import('../runner.mjs').Given} given
 * @param {Readonly<Record<string, string>>} files
 * @param {(folder: string) => void} [prepare] before the window opens
 * @returns {Promise<Parts>}
 */
async function openChat({ stage: getStage }, files, prepare = () => undefined) {
  const chat = await startChatServer(answer);
  try {
    const stage = await getStage();
    const folder = stage.makeProject(files);
    prepare(folder);
    const window = await stage.openWindow({ folder, settings: settingsFor(chat) });
    return { chat, window, stage, panel: await new ChatPanel(window).open() };
  } catch (error) {
    chat.server.dispose();
    throw error;
  }
}

/**
 * The same for one flow alone.
 * @param {import('../runner.mjs').Given} given
 * @param {Readonly<Record<string, string>>} files
 * @param {(parts: Parts) => Promise<void>} use
 * @param {(folder: string) => void} [prepare]
 */
async function withChat(given, files, use, prepare) {
  const parts = await openChat(given, files, prepare);
  try {
    await use(parts);
  } finally {
    parts.chat.server.dispose();
  }
}

/**
 * The scene's window with a new conversation.
 * @param {import('../runner.mjs').Given} given
 * @returns {Promise<Parts>}
 */
async function beginChat(given) {
  /** @type {Parts} */
  const parts = await given.scene();
  const { chat, panel } = parts;
  Object.assign(chat, { answer, reasoning: '', isHeld: false, status: 200, push: undefined, done: undefined });
  await panel.begin();
  return parts;
}

/** @param {import('../runner.mjs').Given} given */
async function asks(given) {
  const { chat, panel, window } = await beginChat(given);
  const { page, frame } = panel;
  await given.milestone(window, 'chat-empty');
  // Before anything is sent it says where that would go.
  await panel.write('What is wrong');
  assert.match(await panel.untilFooter(/tokens → /), /^≈\d+ tokens → this computer/);
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('with the total?');
  assert.equal(await panel.field.inputValue(), 'What is wrong\nwith the total?');
  await page.keyboard.press('Enter');
  await panel.untilAnswer('wrong for an empty basket');
  await panel.untilEnded();
  // Up brings back what was just asked.
  await panel.field.click();
  await page.keyboard.press('ArrowUp');
  assert.equal(await panel.field.inputValue(), 'What is wrong\nwith the total?');
  await page.keyboard.press('Control+End');
  await page.keyboard.press('ArrowDown');
  assert.equal(await panel.field.inputValue(), '');
  assert.match(await panel.lastReceipt(), /^Receipt:\s*this computer.* · 300 in · 80 out · .*first token/);
  assert.equal(await frame.locator('.answer table').count(), 1);
  assert.equal(await frame.locator('.answer img').count(), 0);
  await frame.locator('.chat-title', { hasText: 'What is wrong' }).waitFor();
  await frame.locator('.receipt-line').last().click();
  const receipt = frame.locator('.receipt').last();
  await receipt.getByText('No files were sent').waitFor();
  await given.milestone(window, 'chat-receipt');
  await receipt.getByRole('button', { name: 'Show in the ledger' }).click();
  await untilLedgerShows(window, '300 → 80');
  await frame.locator('.receipt-line').last().click();

  // Stopped: what came stays, marked.
  chat.isHeld = true;
  await panel.send('And then?');
  await chat.send('The beginning of ');
  await panel.untilAnswer('The beginning of');
  await given.milestone(window, 'chat-streaming');
  await panel.press('Stop the answer');
  await panel.untilEnded();
  await until('the connection to close', () => chat.server.last.isClosed);
  await frame.locator('.ending', { hasText: 'topped' }).waitFor();
  assert.match(await panel.lastAnswer(), /The beginning of/);

  // Asked again: another version, and the first can be gone back to.
  chat.isHeld = false;
  chat.answer = 'Another answer.\n';
  await panel.press('Ask again');
  await panel.untilAnswer('Another answer.');
  await panel.untilEnded();
  await frame.getByRole('img', { name: 'Version 2 of 2' }).waitFor();
  await panel.press('Earlier version');
  await panel.untilAnswer('The beginning of');

  // An earlier question, edited: what followed is kept.
  chat.answer = 'An answer to the edited question.\n';
  const first = panel.turns.first();
  await panel.press('Edit and ask again', first);
  const edit = frame.getByRole('textbox', { name: 'Edit the question' });
  await edit.fill('What is right?');
  await panel.press('Ask again', first.locator('.question'));
  await panel.untilAnswer('An answer to the edited question.');
  await panel.untilEnded();
  await panel.expectTurns(1);
  await panel.press('Earlier version', panel.turns.first());
  await panel.expectTurns(2);

  // Deleted: the other version takes its place; and back.
  await panel.untilAnswer('Another answer.');
  await panel.press('Delete question and answer', panel.turns.last());
  await panel.untilAnswer('The beginning of');
  await panel.press('Undo');
  await panel.untilAnswer('Another answer.');
  assert.deepEqual(await window.messages(), []);
}

/**
 * The ledger's page opens with that one request found, and its record below it; closes the page.
 * @param {import('../window.mjs').Window} window
 * @param {string} tokens
 */
async function untilLedgerShows(window, tokens) {
  const { page } = window;
  await page.locator('.tab.active', { hasText: 'Paddock Ledger' }).waitFor();
  const shown = await until('the record of the request', async () => {
    for (const frame of page.frames()) {
      const record = frame.locator('.requests .record', { hasText: 'As it stands in the ledger' });
      // A page that is just being loaded is looked at again.
      if ((await record.count().catch(() => 0)) === 1) return frame.locator('.requests tbody tr:not(.record)');
    }
    return undefined;
  });
  assert.equal(await shown.count(), 1);
  assert.ok((await shown.innerText()).includes(tokens), await shown.innerText());
  await window.runCommand('View: Close Editor');
  await page.locator('.tab', { hasText: 'Paddock Ledger' }).waitFor({ state: 'detached' });
}

/** @param {import('../runner.mjs').Given} given */
async function drops(given) {
  const { chat, panel, window } = await beginChat(given);
  await window.openByName('basket.ts');
  await dragToChat(window, window.page.locator('.tab[data-resource-name="basket.ts"]'));
  await panel.untilChips(['basket.ts']);

  // A person moves the chat to where VS Code keeps its own.
  await window.runCommand('View: Move View');
  // Views of the primary side bar stand first: VS Code's own chat is at the other side.
  await window.quickInput('input').first().fill('Chat');
  await window.pick('Chat');
  await window.pick('New Secondary Side Bar Entry');
  await window.page.locator('.part.auxiliarybar .composite.title', { hasText: 'Chat' }).waitFor();
  await panel.whenReady();
  await panel.untilChips(['basket.ts']);
  await panel.ask('What is this?');
  assert.ok(
    (chat.questions.at(-1) ?? '').includes('let sum') || (chat.questions.at(-1) ?? '').includes('prices.reduce'),
  );
  await window.untilStill();
  await given.milestone(window, 'chat-secondary-side-bar');
}

/**
 * Drags something onto the chat as a person does, Shift held when it gets there: without it VS Code takes what is dropped
 * for itself.
 * @param {import('../window.mjs').Window} window
 * @param {import('playwright-core').Locator} what
 */
async function dragToChat({ page }, what) {
  const from = await what.boundingBox();
  const to = await page.locator('.part.sidebar').boundingBox();
  assert.ok(from && to);
  const [x, y] = [to.x + to.width / 2, to.y + to.height / 2];
  await page.mouse.move(from.x + 30, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 10, from.y + 60, { steps: 6 });
  await page.keyboard.down('Shift');
  await page.mouse.move(x, y, { steps: 6 });
  await page.mouse.move(x + 8, y + 8, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
}

/** @param {import('../runner.mjs').Given} given */
async function attaches(given) {
  const files = {
    'AGENTS.md': 'Use tabs.\n',
    '.paddock/prompts/release.md': '# Release notes\n\nWrite the release notes.\n',
    '.env': 'KEY=1\n',
    '.paddock/policy.json': '{ "version": 1, "neverSend": [".env"] }',
    'src/basket.ts': basket,
    'src/labels.ts': 'export const label = 1;\n',
  };
  const commit = (/** @type {string} */ folder) => {
    const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
    git('init');
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-m', 'One');
    writeFileSync(path.join(folder, 'src/labels.ts'), 'export const label = 2;\n');
  };
  const use = async (/** @type {any} */ { chat, panel, window }) => {
    const { page, frame } = panel;
    // Rules of the project: shown first, then used.
    await frame.getByText('What it says').click();
    await frame.getByText('Use tabs.').waitFor();
    await panel.press('Use it');
    await panel.untilChips(['AGENTS.md']);

    // By name.
    await panel.write('@file:bask');
    await panel.pick('basket.ts');
    await panel.untilChips(['AGENTS.md', 'basket.ts']);
    await page.keyboard.type('@diff');
    await panel.pick('diff');
    await panel.untilChips(['AGENTS.md', 'basket.ts', 'uncommitted changes']);
    await page.keyboard.type('@folder:sr');
    await panel.pick('src');
    await page.keyboard.type('@file:.env');
    await panel.pick('.env');
    await panel.untilChips(['AGENTS.md', 'basket.ts', 'uncommitted changes', 'src/', '.env']);
    await frame.locator('.chip-why', { hasText: 'policy.json' }).waitFor();
    await page.keyboard.type('What is this?');
    await until('every size', async () => (await frame.locator('.composer .chip-tokens').count()) === 4);
    await given.milestone(window, 'chat-context');
    await panel.press('Remove src/');

    // The selection is offered, and taken from the menu.
    await window.openByName('basket.ts');
    await window.press('Control+Home');
    await window.press('Shift+ArrowDown');
    await frame.locator('.chip.is-offered', { hasText: 'basket.ts:1' }).waitFor();
    await window.runCommand('Paddock: Add to Chat');
    await until('it to be attached', async () => (await panel.chips()).includes('basket.ts:1'));
    await until('it to be offered no more', async () => (await frame.locator('.chip.is-offered').count()) === 0);

    // A name in the code, which the language's own service finds.
    await panel.field.click();
    await page.keyboard.press('End');
    await page.keyboard.type(' @symbol:tot');
    await panel.pick('total');
    await until('the symbol', async () => (await panel.chips()).includes('total()'));

    await panel.ask('');
    const asked = chat.questions.at(-1);
    for (const part of ['Use tabs.', 'total(prices', 'label = 2', 'What is this?'])
      assert.ok(asked.includes(part), part);
    assert.ok(!asked.includes('KEY=1'));
    await frame.locator('.receipt-line').last().click();
    await frame.locator('.receipt-items', { hasText: 'src/basket.ts' }).waitFor();
    await frame.locator('.receipt-line').last().click();
    // The rules stay in the conversation and are not sent twice.
    await panel.untilChips(['AGENTS.md']);

    // A command of the folder: shown first.
    await panel.write('/rel');
    await panel.pick('/release');
    await page.keyboard.type('1.2');
    await page.keyboard.press('Enter');
    await frame.getByText('What it says').click();
    await frame.getByText('Write the release notes.').waitFor();
    await panel.press('Use it');
    await panel.field.click();
    await page.keyboard.press('Enter');
    await until('the prompt to be sent', () => chat.questions.at(-1).includes('Write the release notes.\\n\\n1.2'));
    await panel.untilEnded();

    // One of Paddock's own takes what is at hand.
    await panel.ask('/explain');
    assert.match(chat.questions.at(-1), /Explain this code/);
    assert.equal(await panel.turns.last().locator('.chip', { hasText: 'basket.ts:1' }).count(), 1);

    // Found in the workspace.
    await panel.write('where is the label @workspace');
    await panel.pick('workspace');
    await until('what was found', async () => (await panel.chips()).some((name) => name.startsWith('labels.ts:1')));
    assert.deepEqual(await window.messages(), []);
  };
  await withChat(given, files, use, commit);
}

/** @param {import('../runner.mjs').Given} given */
async function usesCode(given) {
  const { panel, window } = await beginChat(given);
  const { page, frame } = panel;
  await panel.ask('Mend it');
  const code = frame.locator('.code-block').last();

  // path:line opens the file there.
  await frame
    .getByRole('button', { name: 'src/basket.ts:2' })
    .or(frame.locator('.opens', { hasText: 'basket.ts:2' }))
    .first()
    .click();
  await page.locator('.tab.active[data-resource-name="basket.ts"]').waitFor();
  await until('line 2', async () => (await page.locator('.statusbar').innerText()).includes('Ln 2'));

  // Apply: a diff with accept and reject, one undo step.
  await panel.press('Apply to file', code);
  await page.locator('.tab.active', { hasText: 'basket.ts' }).waitFor();
  await page.locator('.codelens-decoration a', { hasText: 'Accept' }).first().click();
  await until('the change in the document', async () =>
    (await page.locator('.monaco-editor .view-lines').last().innerText())
      .replaceAll('\u00a0', ' ')
      .includes('price, 0'),
  );
  await page.locator('.tab.active.dirty[data-resource-name="basket.ts"]').waitFor();
  window.file = 'src/basket.ts';
  await window.press('Control+1');
  await window.expectSaved(basket.replace('+ price)', '+ price, 0)'));
  await window.press('Control+z');
  await window.expectSaved(basket);

  // A new file, and at the cursor.
  await panel.press('Open in a new file', code);
  await page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
  await page.keyboard.press('Control+End');
  await panel.press('Insert at cursor', code);
  await until('the code twice', async () => {
    const text = await page.locator('.editor-group-container.active .view-lines').innerText();
    return text.split('export').length === 3;
  });
  await page.keyboard.press('Control+Shift+Tab');

  // A page: only through VS Code's own question.
  await frame.getByRole('link', { name: 'the manual' }).click();
  const dialog = page.locator('.monaco-dialog-box', { hasText: 'https://example.com/manual' });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(await window.messages(), []);
}

/** @param {import('../runner.mjs').Given} given */
async function keeps(given) {
  const { chat, panel, window } = await beginChat(given);
  const { page, frame } = panel;
  chat.answer = 'About apples.\n';
  await panel.ask('What are apples?');
  await panel.press('New chat');
  await panel.expectTurns(0);
  chat.answer = 'About pears, and a word: quincunx.\n';
  await panel.ask('What are pears?');
  chat.answer = 'More of pears.\n';
  await panel.ask('And more?');

  // The list: search, rename, pin, export.
  const list = frame.locator('.threads');
  await frame.locator('.title-button').click();
  await list.locator('.thread', { hasText: 'What are apples?' }).waitFor();
  await list.getByRole('searchbox').or(list.locator('.search-field')).first().fill('quincunx');
  const hit = list.locator('.thread', { hasText: 'quincunx' });
  await hit.waitFor();
  assert.equal(await hit.count(), 1);
  await list.locator('.search-field').fill('');
  const apples = () => list.locator('.thread', { hasText: 'apples' });
  await panel.press('Rename (F2)', apples());
  const name = list.getByRole('textbox', { name: 'New name' });
  await name.fill('All about apples');
  await name.press('Enter');
  await list.locator('.thread', { hasText: 'All about apples' }).waitFor();
  await panel.press('Pin', apples());
  await until('it to be first', async () => (await list.locator('.thread').first().innerText()).includes('apples'));
  await given.milestone(window, 'chat-threads');
  await panel.press('Export as Markdown', apples());
  const markdown = await window.saveAs('export.md');
  assert.ok(markdown.startsWith('# All about apples') && markdown.includes('About apples.'), markdown);
  await panel.press('Export as JSON', apples());
  const exported = JSON.parse(await window.saveAs('export.json'));
  assert.deepEqual([exported.title, exported.turns[0].answer], ['All about apples', 'About apples.\n']);

  // Deleted, and back.
  await panel.press('Delete', apples());
  await until('it to be gone', async () => (await apples().count()) === 0);
  await panel.press('Undo');
  await frame.locator('.chat-title', { hasText: 'All about apples' }).waitFor();

  // Find in chat.
  await panel.field.click();
  await page.keyboard.press('Control+f');
  const find = frame.getByRole('textbox', { name: 'Find in this chat' }).or(frame.locator('.find input'));
  await find.first().fill('apples');
  await until('hits', async () => /\d/.test(await frame.locator('.find-count').innerText()));
  await page.keyboard.press('Escape');

  // Reloaded: the same conversation, the same draft, the same folder with it.
  await panel.write('A draft ');
  await until('the draft to be told', async () => (await panel.footer()).includes('tokens'));
  await page.keyboard.type('@folder:src');
  await panel.pick('src');
  await panel.untilChips(['src/']);
  await until('the folder to be kept', async () => /\bkind\W+folder\W+uri\b/.test(await window.keptOverReload()));
  await page.reload();
  await panel.whenReady();
  await panel.untilAnswer('About apples.');
  await until('the draft', async () => (await panel.field.inputValue()).startsWith('A draft '));
  await panel.untilChips(['src/']);
}

/** @param {import('../runner.mjs').Given} given */
async function fails(given) {
  const { chat, panel, window } = await beginChat(given);
  const { page, frame } = panel;
  chat.status = 500;
  await panel.send('Are you there?');
  const failure = frame.locator('.failure').last();
  await failure.waitFor({ timeout: 60_000 });
  // Whatever became of it, it was sent three times.
  await until('every try', async () => / · 3 tries$/.test(await panel.lastReceipt()));
  await frame.locator('.receipt-line').last().click();
  await until('a row for each', async () => (await frame.locator('.receipt').getByText('failed:').count()) === 3);
  await given.milestone(window, 'chat-failed');
  chat.status = 200;
  chat.answer = 'Here I am.\n';
  await panel.press('Switch model', failure);
  await window.quickInput('.quick-input-title', { hasText: 'Model for Chat' }).waitFor();
  await page.keyboard.press('Escape');
  await panel.press('Ask again');
  await panel.untilAnswer('Here I am.');

  // The pill opens the switcher for the chat, in the middle of it.
  await frame.locator('.pill').click();
  await window.quickInput('.quick-input-title', { hasText: 'Model for Chat' }).waitFor();
  await page.keyboard.press('Escape');

  // A rule comes: it says which, before anything is sent, and where it stands.
  mkdirSync(path.join(window.folder, '.paddock'));
  writeFileSync(path.join(window.folder, '.paddock', 'policy.json'), '{ "version": 1, "ceiling": "device" }');
  const asked = chat.questions.length;
  const blocked = frame.locator('.composer .failure');
  await blocked.filter({ hasText: 'policy.json' }).waitFor();
  await given.milestone(window, 'chat-blocked');
  await panel.press('Open the rules', blocked);
  await page.locator('.tab.active[data-resource-name="policy.json"]').waitFor();
  await panel.send('Are you still there?');
  await until('it to be put back', async () => (await panel.field.inputValue()) === 'Are you still there?');
  assert.equal(chat.questions.length, asked);
}

/** @param {import('../runner.mjs').Given} given */
async function looks(given) {
  await withChat(given, { 'src/basket.ts': basket }, async ({ chat, panel, window, stage }) => {
    const { page } = panel;
    chat.answer = answer.replace(/^See .*$/m, 'src/basket.ts:2 is the line to change.');
    await window.openByName('basket.ts');
    await window.press('Control+Home');
    await panel.open();
    await panel.write('@file:bask');
    await panel.pick('basket.ts');
    await panel.ask('Why is the total of an empty basket wrong?');
    chat.isHeld = true;
    await panel.send('How would a test of that look?');
    await chat.send('A test needs nothing but an empty list:\n\n```ts test/basket.test.ts\ntest("an empty');
    await panel.untilAnswer('nothing but an empty list');
    for (const [word, theme] of Object.entries(themes)) {
      await stage.setTheme(window, theme);
      await given.milestone(window, `chat-narrow-${word}`);
    }
    await widen(page, 260);
    await window.restPointer();
    await chat.send(' basket costs nothing", () => {\n  expect(total([])).toBe(0);\n});\n```\n');
    await chat.finish();
    await panel.untilEnded();
    for (const [word, theme] of Object.entries(themes)) {
      await stage.setTheme(window, theme);
      await given.milestone(window, `chat-wide-${word}`);
    }
    await stage.setTheme(window, themes.light);
    await panel.press('New chat');
    await window.untilStill();
    await given.milestone(window, 'chat-wide-empty');
  });
}

/**
 * Makes the side bar wider, by its edge.
 * @param {import('playwright-core').Page} page
 * @param {number} byPixels
 */
async function widen(page, byPixels) {
  const bar = await page.locator('.part.sidebar').boundingBox();
  assert.ok(bar);
  const [x, y] = [bar.x + bar.width, bar.y + bar.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + byPixels, y, { steps: 5 });
  await page.mouse.up();
}

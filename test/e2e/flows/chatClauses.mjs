/** Flows of a person who changes who answers in the middle of a chat, and says in many ways what it is about. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../../../scripts/lib/cache.mjs';
import { ChatPanel } from '../chatPanel.mjs';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const chatClauseFlows = [
  { name: 'another model answers from the middle of a chat on, also while one answers or loads', run: switches },
  { name: 'what a chat is about comes from menus, mentions and commands', run: names, limitMs: 180_000 },
];

const demo = 'SmolLM2-135M-Instruct';

/** @param {import('../runner.mjs').Given} given */
async function switches({ stage: getStage, milestone }) {
  const chat = await startChatServer('One answer.\n');
  const other = await startChatServer('Another answer.\n', { models: ['other-model'] });
  try {
    const stage = await getStage();
    const token = `gh${'p_'}${'aB3dE5fG7hJ9'.repeat(3)}`;
    const folder = stage.makeProject({
      'keys.ts': `export const token = '${token}';\n`,
      'long.txt': Array.from({ length: 2_000 }, (_, index) => `Line ${index} of a long text.\n`).join(''),
    });
    const settings = settingsFor(chat);
    settings['paddock.servers'].push(
      /** @type {any} */ ({ url: other.server.url, kind: 'generic', name: 'Other', price: { input: 3, output: 15 } }),
    );
    const window = await stage.openWindow({ folder, settings });
    const panel = await new ChatPanel(window).open();
    const { page, frame } = panel;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);

    // Thought first, then said; what was thought folds, and comes back when it is pressed.
    chat.reasoning = 'It has to be one.';
    await panel.ask('One?');
    const thought = frame.locator('.reasoning');
    await thought.getByText('Thought').waitFor();
    await thought.getByText('It has to be one.').waitFor({ state: 'hidden' });
    await thought.locator('summary').click();
    await thought.getByText('It has to be one.').waitFor();

    // Both are copied as they were written.
    await panel.press('Copy question');
    await paste(panel, 'One?');
    await panel.press('Copy answer');
    await paste(panel, 'One answer.');

    // While an answer streams: it goes on, and the next question is somebody else's.
    chat.isHeld = true;
    await panel.send('Two?');
    await chat.send('The first half, ');
    await panel.untilAnswer('The first half,');
    await pickModel(panel, 'other-model');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByRole('button', { name: 'Agree' }).click();
    await frame.locator('.pill', { hasText: 'other-model' }).waitFor();
    await chat.send('the second half.');
    await chat.finish();
    await panel.untilEnded();
    assert.equal((await panel.lastAnswer()).trim(), 'The first half, the second half.');
    assert.ok((await panel.lastReceipt()).includes(`127.0.0.1:${chat.server.port} `), await panel.lastReceipt());

    // The other one knows all of the conversation. It costs, and secrets are masked on the way there.
    await panel.write('@file:keys');
    await panel.pick('keys.ts');
    await page.keyboard.type('Three?');
    await panel.untilFooter(/^≈\d+ tokens → .*may forward.* \$0\.00\d/);
    await milestone(window, 'chat-switched');
    await panel.ask('');
    await panel.untilAnswer('Another answer.');
    const asked = other.questions.at(-1) ?? '';
    for (const part of ['One?', 'One answer.', 'the second half.', 'Three?']) assert.ok(asked.includes(part), part);
    assert.ok(!asked.includes(token) && !asked.includes('It has to be one.'), asked);
    assert.match(await panel.lastReceipt(), /\$0\.00\d+ \(.*\) · 1 secret masked/);
    await frame.locator('.receipt-line').last().click();
    await frame.locator('.receipt', { hasText: '1 secret masked before sending' }).waitFor();
    await frame.locator('.receipt-items tbody tr', { hasText: 'keys.ts' }).waitFor();

    // While a model loads: the question that waits for it goes to nobody else, the next one to who is picked.
    const before = stage.engines().map(({ pid }) => pid);
    await pickModel(panel, demo);
    await frame.locator('.pill', { hasText: demo }).waitFor();
    // Writing wakes its engine, which is held from then on.
    await panel.write('Four?');
    const engine = await until('its engine', () => stage.engines().find(({ pid }) => !before.includes(pid)));
    process.kill(engine.pid, 'SIGSTOP');
    try {
      await page.keyboard.press('Enter');
      await panel.expectTurns(4);
      await pickModel(panel, 'scripted');
      await frame.locator('.pill', { hasText: 'scripted' }).waitFor();
      // It is asked of nobody else; an engine that was quicker than the hand would still have to answer.
      const stop = frame.getByRole('button', { name: 'Stop the answer', exact: true });
      await stop.click({ timeout: 3_000 }).catch(() => undefined);
      await panel.untilEnded();
      assert.ok(![...chat.questions, ...other.questions].some((text) => text.includes('Four?')));

      chat.isHeld = false;
      // What does not fit is said before and after.
      await panel.write('@file:long');
      await panel.pick('long.txt');
      await page.keyboard.type('Five?');
      await frame.locator('.left-out li', { hasText: /long\.txt: only its first/ }).waitFor();
      await panel.ask('');
      await panel.untilAnswer('One answer.');
      assert.match(await panel.lastReceipt(), /shortened/);
      await frame.locator('.receipt-line').last().click();
      await frame.locator('.receipt').last().getByText('Not sent: it did not fit').waitFor();
      await frame.locator('.receipt-list li', { hasText: /long\.txt: only its first/ }).waitFor();
    } finally {
      // Nobody wants it any more: it may have ended.
      if (isAlive(engine.pid)) process.kill(engine.pid, 'SIGCONT');
    }
    await panel.expectTurns(5);
    assert.deepEqual(await window.messages(), []);
  } finally {
    chat.server.dispose();
    other.server.dispose();
  }
}

/**
 * Empties the field and puts into it what was copied.
 * @param {ChatPanel} panel
 * @param {string} text what that is
 */
async function paste(panel, text) {
  await panel.field.fill('');
  await panel.field.click();
  await panel.page.keyboard.press('Control+v');
  await until('what was copied', async () => (await panel.field.inputValue()).trim() === text, {
    or: () => panel.field.inputValue(),
  });
  await panel.field.fill('');
}

/**
 * Picks who answers, from the pill.
 * @param {ChatPanel} panel
 * @param {string} label
 */
async function pickModel({ window, frame }, label) {
  await frame.locator('.pill').click();
  await window.quickInput('.quick-input-title', { hasText: 'Model for Chat' }).waitFor();
  // A list that still fills in moves its rows.
  await until(
    'everything to have answered',
    async () => !/Looking for|Asking/.test((await window.listed()).join('\n')),
  );
  await window.quickInput(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).click();
}

/** @param {import('../runner.mjs').Given} given */
async function names({ stage: getStage, milestone }) {
  const chat = await startChatServer('```json\n{ "a": 1 }\n```\n');
  try {
    const stage = await getStage();
    const basket = 'export const first = 1;\nexport const second = 2;\n';
    const folder = stage.makeProject({
      'broken.json': '{\n  "a": 1\n  "b": 2\n}\n',
      'src/basket.ts': basket,
      'src/labels.ts': 'export const label = 1;\n',
    });
    const git = (/** @type {string[]} */ ...words) => execFileSync('git', words, { cwd: folder, stdio: 'ignore' });
    git('init');
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-m', 'One');
    writeFileSync(path.join(folder, 'src/labels.ts'), 'export const label = 2;\n');
    const window = await stage.openWindow({ folder, settings: settingsFor(chat) });
    const panel = await new ChatPanel(window).open();
    const { page, frame } = panel;

    // Enter takes what the input method offers; only the next one sends.
    const session = await page.context().newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await until('the composition', async () => (await panel.field.inputValue()) === 'にほん');
    // As the system tells it: the key is the method's own.
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', windowsVirtualKeyCode: 229 });
    await session.send('Input.insertText', { text: '日本' });
    await until('the word', async () => (await panel.field.inputValue()) === '日本');
    assert.equal(chat.questions.length, 0);
    await panel.ask('?');
    assert.ok(chat.questions[0]?.includes('日本?'));
    const code = frame.locator('.code-block').last();
    assert.equal(await code.locator('.code-language').innerText(), 'json');
    assert.ok((await code.locator('code [class^="hljs-"], code span[class]').count()) > 0);

    // From the explorer's menu, a file and a folder; from the editor's, what is selected there.
    await window.press('Control+Shift+e');
    await fromMenu(window, page.locator('.explorer-folders-view .monaco-list-row[aria-label^="broken.json"]'));
    await panel.untilChips(['broken.json']);
    await window.press('Control+Shift+e');
    await fromMenu(window, page.locator('.explorer-folders-view .monaco-list-row[aria-label^="src"]'));
    await panel.untilChips(['broken.json', 'src/']);
    for (const name of ['broken.json', 'src/']) await panel.press(`Remove ${name}`);
    await window.openByName('basket.ts');
    await window.press('Control+Home');
    await window.press('Shift+ArrowDown');
    await fromMenu(window, page.locator('.editor-group-container.active .view-line', { hasText: 'first' }));
    await panel.untilChips(['basket.ts:1']);

    // Only a part of it goes along.
    await panel.press('Change what is sent of basket.ts:1');
    await frame.getByRole('textbox', { name: 'What is sent of basket.ts:1' }).fill('const first = "edited";');
    await panel.press('Use this text');
    await panel.ask('And this?');
    assert.ok(chat.questions.at(-1)?.includes('const first = \\"edited\\";'));
    assert.ok(!chat.questions.at(-1)?.includes('export const first'));

    // By name: what is selected, and what is wrong.
    await panel.write('@sel');
    await panel.pick('selection');
    await panel.untilChips(['basket.ts:1']);
    await window.openByName('broken.json');
    await page.locator('.squiggly-error').first().waitFor();
    await panel.write('@prob');
    await panel.pick('problems');
    await panel.untilChips(['basket.ts:1', 'problems']);
    await milestone(window, 'chat-mentions');
    await panel.ask('What is that?');
    for (const part of ['export const first', 'broken.json:3: error']) {
      assert.ok(chat.questions.at(-1)?.includes(part), part);
    }

    // From the button's list: what cannot be picked says why, and files are found as their name is typed.
    await panel.press('Add context');
    const list = window.quickInput('.quick-input-list .monaco-list-row');
    await list.filter({ hasText: 'symbol' }).waitFor();
    await window.quickInput('input').first().fill('file:lab');
    await list.filter({ hasText: 'labels.ts' }).waitFor();
    await window.pick('labels.ts');
    await panel.untilChips(['labels.ts']);
    await panel.press('Remove labels.ts');

    // Commands say what is meant and take what is at hand.
    const commands = [
      ['/fix', 'Find what is wrong', 'broken.json:3: error'],
      ['/tests', 'Write tests for this code', 'broken.json'],
      ['/doc', 'Write documentation comments', 'broken.json'],
      ['/review', 'Review these changes', 'label = 2'],
      ['/commit', 'Write a commit message', 'label = 2'],
    ];
    for (const [command = '', words = '', attached = ''] of commands) {
      await panel.ask(command);
      const asked = JSON.stringify(JSON.parse(chat.questions.at(-1) ?? '[]').at(-1));
      for (const part of [words, attached]) assert.ok(asked.includes(part), `${command}: ${part} in ${asked}`);
    }
    assert.equal(readFileSync(path.join(folder, 'src/basket.ts'), 'utf8'), basket);
    assert.deepEqual(await window.messages(), []);
  } finally {
    chat.server.dispose();
  }
}

/**
 * Adds what is pointed at to the chat, from its menu.
 * @param {import('../window.mjs').Window} window
 * @param {import('playwright-core').Locator} where
 */
async function fromMenu({ page }, where) {
  await where.click({ button: 'right' });
  const item = page.locator('.monaco-menu .action-item', { hasText: 'Add to Chat' });
  await item.hover();
  // A menu takes no click in its first moments, which may be the end of the one that opened it.
  await page.locator('.monaco-menu .action-item.focused', { hasText: 'Add to Chat' }).waitFor();
  await page.keyboard.press('Enter');
  await item.waitFor({ state: 'detached' });
}

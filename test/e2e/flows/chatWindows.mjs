/** A flow of a person who goes on with a conversation in a second window, on another folder. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ChatPanel } from '../chatPanel.mjs';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const chatWindowFlows = [
  { name: 'a conversation goes on in a window on another folder, and loses nothing', run: goesOn, limitMs: 180_000 },
];

/** Asked in no other flow: the conversation is found by it. */
const question = 'What grows in the shop?';

/** @param {import('../runner.mjs').Given} given */
async function goesOn(given) {
  const chat = await startChatServer('Cherries grow there.\n');
  const stage = await given.stage();
  const chats = path.join(stage.workbench.dirs.globalStorage, 'paddock.paddock', 'chats');
  const damaged = path.join(chats, `${'c'.repeat(32)}-a.jsonl`);
  try {
    const settings = settingsFor(chat);
    const one = new ChatPanel(await stage.openWindow({ folder: stage.makeProject({}, 'shop'), settings }));
    await one.open();
    await one.ask(question);
    const journal = readdirSync(chats)
      .map((name) => path.join(chats, name))
      .find((file) => readFileSync(file, 'utf8').includes(question));
    assert.ok(journal);
    writeFileSync(damaged, 'x'.repeat(200));

    const folder = stage.makeProject({ 'AGENTS.md': 'Use tabs.\n' }, 'bank');
    const other = new ChatPanel(await stage.openWindow({ folder, settings }));
    await other.open();
    await agreeToRules(other);
    await openFromShop(given, other);
    await follow({ chat, one, other });
    await losesNothing({ chat, panel: one, journal });
  } finally {
    rmSync(damaged, { force: true });
    chat.server.dispose();
  }
}

/** A conversation of this folder has its rules. @param {ChatPanel} panel */
async function agreeToRules(panel) {
  await panel.frame.getByText('What it says').click();
  await panel.press('Use it');
  await panel.untilChips(['AGENTS.md']);
  assert.equal(await panel.frame.locator('.chip.is-offered').count(), 0);
}

/**
 * The list says where it began and what cannot be read; rules of this folder are offered in it.
 * @param {import('../runner.mjs').Given} given
 * @param {ChatPanel} panel
 */
async function openFromShop(given, panel) {
  const { frame } = panel;
  await frame.locator('.title-button').click();
  const row = frame.locator('.thread', { hasText: question });
  await row.getByText('in shop').waitFor();
  await frame.locator('.thread', { hasText: 'The files of this chat are damaged' }).waitFor();
  await given.milestone(panel.window, 'chat-other-workspace');
  await row.locator('.thread-open').click();
  await panel.untilAnswer('Cherries grow there.');
  await frame.locator('.chip.is-offered', { hasText: 'AGENTS.md' }).waitFor();
  await frame.locator('.chip-why', { hasText: 'began in “shop”' }).waitFor();
}

/**
 * What one window is answered is seen in the other while it comes; and nothing of the rules was sent.
 * @param {{ chat: import('../chatServer.mjs').ChatServer, one: ChatPanel, other: ChatPanel }} parts
 */
async function follow({ chat, one, other }) {
  chat.isHeld = true;
  await other.send('And pears?');
  await chat.send('Pears are ');
  await one.untilAnswer('Pears are');
  await one.frame.locator('.ending', { hasText: 'coming in another window' }).waitFor();
  await chat.send('green.');
  await one.untilAnswer('Pears are green.');
  await chat.finish();
  chat.isHeld = false;
  await one.frame.locator('.ending').waitFor({ state: 'detached' });
  assert.ok(!chat.questions.at(-1)?.includes('Use tabs.'));
  await other.untilEnded();
}

/**
 * What the disk does not take comes back, and can be asked when it does.
 * @param {{ chat: import('../chatServer.mjs').ChatServer, panel: ChatPanel, journal: string }} parts
 */
async function losesNothing({ chat, panel, journal }) {
  const asked = chat.questions.length;
  const written = readFileSync(journal);
  rmSync(journal);
  mkdirSync(journal);
  await panel.send('And plums?');
  await until('it to be put back', async () => (await panel.field.inputValue()) === 'And plums?');
  assert.equal(chat.questions.length, asked);
  rmdirSync(journal);
  writeFileSync(journal, written);
  chat.answer = 'Plums are blue.\n';
  await panel.field.press('Enter');
  await panel.untilAnswer('Plums are blue.');
  await panel.untilEnded();
  assert.equal(await panel.field.inputValue(), '');
  assert.equal(chat.questions.length, asked + 1);
  await panel.expectTurns(3);
}

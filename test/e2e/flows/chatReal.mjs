/** Flows of a person who talks with the demo model in Paddock's own engine. */
import assert from 'node:assert/strict';
import { settlementOf } from '../../support/ledgerFiles.mjs';
import { ChatPanel } from '../chatPanel.mjs';
import { beginning, temperatures } from '../documents.mjs';
import { until } from '../until.mjs';

/** Loading the model, reading, and answering on two busy cores. */
const answerMs = 120_000;

/** Some thousand tokens to read. */
const values = Array.from({ length: 100 }, (_, index) => `export const value${index} = ${index * 37};\n`).join('');

/** One window whose engine answers all of them. @type {import('../runner.mjs').Scene} */
const scene = {
  open: async ({ stage: getStage }) => {
    const stage = await getStage();
    const folder = stage.makeProject({ 'values.ts': values, 'scale.py': temperatures });
    return { stage, window: await stage.openWindow({ folder }) };
  },
};

/** @type {import('../runner.mjs').Flow[]} */
export const realChatFlows = [
  { name: 'the demo model answers in the chat with a receipt', scene, run: answers, limitMs: 180_000 },
  { name: 'an answer of the demo model that is stopped keeps its text', scene, run: stops, limitMs: 180_000 },
  { name: 'a second question to the demo model reuses what was read', scene, run: reuses, limitMs: 240_000 },
  { name: 'the chat shows how far the demo model has read', scene, run: reads, limitMs: 180_000 },
  { name: 'a reload brings back what the demo model answered', scene, run: restores, limitMs: 180_000 },
  { name: 'a completion comes while the demo model answers in the chat', scene, run: completes, limitMs: 240_000 },
];

/** @param {import('../runner.mjs').Given} given */
async function beginChat(given) {
  /** @type {{ stage: import('../stage.mjs').Stage, window: import('../window.mjs').Window }} */
  const { stage, window } = await given.scene();
  return { stage, window, panel: await new ChatPanel(window).begin() };
}

/** @param {import('../runner.mjs').Given} given */
async function answers(given) {
  const { window, panel } = await beginChat(given);
  await panel.write('What is the capital of France?');
  await panel.untilFooter(/tokens → this computer/);
  await panel.page.keyboard.press('Enter');
  await panel.untilAnswer(/\S/);
  await panel.untilEnded({ withinMs: answerMs });
  await until(
    'the receipt',
    async () => /\d+ in · .*\d+ out · .*tok\/s · first token/.test(await panel.lastReceipt()),
    {
      or: () => panel.lastReceipt(),
    },
  );
  const receipt = await panel.lastReceipt();
  assert.match(receipt, /this computer/);
  assert.doesNotMatch(receipt, /\$/);
  // The file of the weights may still have been read for the first answer.
  await until('the weights in the receipt', () => hasWeights(panel), { withinMs: answerMs });
  // The weights that answered, and how tokens were chosen.
  await panel.frame
    .locator('.receipt', { hasText: /temperature 0\.2, [^]*seed \d[^]*[0-9a-f]{16}/ })
    .last()
    .waitFor();
  await given.milestone(window, 'chat-real-receipt');
}

/**
 * Whether the last receipt, opened, names the weights by their hash; else asks once more.
 * @param {ChatPanel} panel
 */
async function hasWeights(panel) {
  await panel.frame.locator('.receipt-line').last().click();
  if (/[0-9a-f]{12}/.test(await panel.frame.locator('.receipt').last().innerText())) return true;
  await panel.press('Ask again');
  await panel.untilEnded({ withinMs: answerMs });
  return false;
}

/** @param {import('../runner.mjs').Given} given */
async function stops(given) {
  const { panel } = await beginChat(given);
  await panel.send('Write a long story about a llama that guards a paddock.');
  await until('some text', async () => (await panel.lastAnswer()).length > 20, { withinMs: answerMs });
  await panel.press('Stop the answer');
  const text = await panel.untilEnded();
  assert.ok(text.length > 20, text);
  await panel.frame.locator('.ending', { hasText: 'topped' }).waitFor();
  assert.match(await panel.lastReceipt(), /\d in .*· \d+ out/);
}

/** @param {import('../runner.mjs').Given} given */
async function reuses(given) {
  const { panel } = await beginChat(given);
  await panel.ask('Name a colour.', { withinMs: answerMs });
  await panel.ask('Name another colour.', { withinMs: answerMs });
  const receipt = await panel.lastReceipt();
  const [, tokens, reused] = /(\d+) in \((\d+) reused\)/.exec(receipt.replaceAll(',', '')) ?? [];
  assert.ok(Number(reused) > Number(tokens) / 2, receipt);
}

/** @param {import('../runner.mjs').Given} given */
async function reads(given) {
  const { window, panel } = await beginChat(given);
  await panel.write('@file:values');
  await panel.pick('values.ts');
  await panel.untilChips(['values.ts']);
  await panel.write('What is this?');
  const words = await panel.untilFooter(/tokens → this computer, .* to read/, { withinMs: answerMs });
  assert.match(words, /^\d/, 'counted by the model itself');
  await panel.page.keyboard.press('Enter');
  const progress = panel.frame.getByRole('progressbar', { name: 'Reading' });
  await progress.waitFor({ timeout: answerMs });
  await given.milestone(window, 'chat-real-reading');
  const read = async () => Number(await progress.getAttribute('value').catch(() => '0'));
  const first = await read();
  await until('more to be read', async () => (await read()) > first || (await progress.count()) === 0);
  await panel.press('Stop the answer').catch(() => undefined); // it may have ended by itself
  await panel.untilEnded({ withinMs: answerMs });
  assert.equal(await progress.count(), 0);
}

/** @param {import('../runner.mjs').Given} given */
async function completes(given) {
  const { stage, window, panel } = await beginChat(given);
  const startedMs = Date.now();
  await window.openByName('scale.py');
  await window.press('Control+Alt+p');
  await panel.send('Write a very long story about a llama that guards a paddock, with many chapters.');
  await until('the answer to stream', async () => (await panel.lastAnswer()).length > 20, { withinMs: answerMs });
  const sinceMs = Date.now();
  await window.press('Control+1');
  await window.type(beginning);
  await window.untilGhost({ withinMs: answerMs });
  const before = (await panel.lastAnswer()).length;
  const isComing = (await panel.frame.locator('.answer[aria-busy="true"]').count()) > 0;
  if (isComing) {
    await until('the answer to go on', async () => (await panel.lastAnswer()).length > before, { withinMs: answerMs });
  }
  const asked = stage.requestsAbout('scale.py', sinceMs);
  assert.ok(asked.length > 0);
  await panel.press('Stop the answer').catch(() => undefined); // it may have ended by itself
  await panel.untilEnded({ withinMs: answerMs });
  await until('the answer to be settled in the ledger', () => {
    const entries = stage.ledger();
    const chats = entries.filter(({ kind, purpose }) => kind === 'intent' && purpose.role === 'chat');
    const own = chats.find(({ atMs }) => atMs >= startedMs);
    return own !== undefined && settlementOf(entries, own['id']) !== undefined;
  });
}

/** @param {import('../runner.mjs').Given} given */
async function restores(given) {
  const { panel } = await beginChat(given);
  const text = await panel.ask('Name a river.', { withinMs: answerMs });
  assert.ok(text.trim() !== '');
  await panel.page.reload();
  await panel.whenReady();
  await until('the answer again', async () => (await panel.lastAnswer()) === text, { or: () => panel.text() });
  await panel.frame.locator('.chat-title', { hasText: 'Name a river' }).waitFor();
}

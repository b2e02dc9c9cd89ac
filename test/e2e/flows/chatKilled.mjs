/** Flows of a person whose editor dies while they ask. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../../scripts/lib/cache.mjs';
import { ChatPanel } from '../chatPanel.mjs';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { isSoak } from '../runner.mjs';
import { until } from '../until.mjs';

const deaths = isSoak ? 20 : 5;
/** What streamed is on disk within a second; a busy machine is given more. */
const longestUnwrittenMs = 1_500;
const said = 'Words that were there for more than a second.';

/** @type {import('../runner.mjs').Flow[]} */
export const killedChatFlows = [
  {
    name: 'no question is lost when the extension host is killed, nor what an answer has said',
    run: survives,
    limitMs: deaths * 70_000,
  },
];

/** @param {import('../runner.mjs').Given} given */
async function survives({ ownStage }) {
  const chat = await startChatServer('');
  try {
    const stage = await ownStage({ settings: settingsFor(chat) });
    const window = await stage.openWindow();
    const panel = await new ChatPanel(window).open();
    chat.isHeld = true;
    /** @type {string[]} */
    const sent = [];
    for (let death = 0; death < deaths; death += 1) {
      const question = `Question number ${death}?`;
      await panel.send(question);
      sent.push(question);
      if (death === deaths - 1) {
        await until('the question at the server', () => chat.questions.some((each) => each.includes(question)));
        await chat.send(`${said}\n`);
        await panel.untilAnswer(said);
        await sleep(longestUnwrittenMs);
      } else {
        // From before it can be on disk to well into the answer.
        await sleep(Math.random() * 300);
        if (death % 2 === 1) await chat.send('Some words. ').catch(() => undefined); // it died before it was asked
      }
      const hosts = stage.extensionHosts();
      assert.ok(hosts.length > 0);
      // One that a window before the reload had may be ending by itself.
      for (const { pid } of hosts) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await until('the question to be written, by the extension or by VS Code', () =>
        isWritten(question, { stage, window }),
      );
      await panel.page.reload();
      await panel.whenReady();
      await until(
        'every question, in the conversation or where it was typed',
        async () => {
          const shown = `${await panel.text()}\n${await panel.field.inputValue()}`;
          return sent.every((each) => shown.includes(each));
        },
        { or: async () => `${await panel.text()}\nin the composer: ${await panel.field.inputValue()}` },
      );
      // What came back into the composer is asked from there next.
      if ((await panel.field.inputValue()) !== '') {
        await panel.field.fill('');
        sent.pop();
      }
      await until('nothing to be coming', async () => (await panel.frame.locator('[aria-busy="true"]').count()) === 0);
    }
    await panel.untilAnswer(said);
    assert.match(await panel.text(), /interrupted/i);
    assert.ok(sent.length > 0, 'no question came as far as the disk');
  } finally {
    chat.server.dispose();
  }
}

/**
 * Whether it is in what VS Code keeps over a reload, or in a conversation which that names.
 * @param {string} question
 * @param {{ stage: import('../stage.mjs').Stage, window: import('../window.mjs').Window }} where
 */
async function isWritten(question, { stage, window }) {
  const kept = await window.keptOverReload();
  if (kept.includes(question)) return true;
  const journal = stage.writtenFiles().find(({ file, text }) => file.endsWith('.jsonl') && text.includes(question));
  const [conversationId = ''] = path.basename(journal?.file ?? '').split('-');
  return journal !== undefined && kept.includes(conversationId);
}

/** A flow about Paddock's models in the hands of other extensions. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const sharingFlows = [
  { name: 'another extension uses the model through VS Code, once the user agreed', run: share },
];

const caller = path.resolve(import.meta.dirname, '../fixtures/caller');

/** @param {import('../runner.mjs').Given} given */
async function share({ ownStage, milestone }) {
  const chat = await startChatServer('It is\n42.');
  try {
    const stage = await ownStage({ settings: settingsFor(chat) });
    const window = await stage.openWindow({ extensionDevelopmentPath: caller });
    const { page } = window;
    const dialog = page.locator('.monaco-dialog-box');
    const press = (/** @type {string} */ label) => dialog.getByRole('button', { name: label, exact: true }).click();
    /** @param {number} call which, from 1 */
    const untilShown = (call) =>
      until(`what came of call ${call}`, async () => {
        const lines = await page.locator('.editor-group-container.active .view-line').allInnerTexts();
        const [first, ...rest] = lines.map((line) => line.replaceAll('\u00a0', ' '));
        return first === `call ${call}` ? rest.join('\n') : undefined;
      });

    await window.runCommand('Caller: Ask');
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /paddock-test\.caller wants to ask the model/);
    assert.equal(chat.questions.length, 0, 'nothing is asked before the user agreed');
    await window.untilStill();
    await milestone(window, 'sharing');
    await press('Allow');
    const answered = await untilShown(1);
    assert.match(answered, /^scripted\npieces: It is\n?\|42\./);
    assert.match(answered, /tokens: \d+/);
    const asked = () => stage.ledger().filter(({ kind, purpose }) => kind === 'intent' && purpose?.role === 'chat');
    assert.deepEqual(
      asked().map(({ purpose, extension }) => [purpose.initiator, extension]),
      [['extension', 'paddock-test.caller']],
    );

    // The question is asked once; leaving closes the connection.
    chat.isHeld = true;
    await window.runCommand('Caller: Ask and Leave');
    await chat.send('It is');
    await until('the connection to close', () => chat.server.last.isClosed);
    assert.match(await untilShown(2), /pieces: It is/);
    assert.equal(await dialog.count(), 0);
    chat.isHeld = false;

    // What was allowed can be taken back; then it is asked again, and a no is a no.
    await window.runCommand('Paddock: Manage Consents');
    await window.pick('Other extensions');
    await press('Take Back');
    await window.press('Escape');
    await window.runCommand('Caller: Ask');
    await press('Don’t Allow');
    assert.match(await untilShown(3), /NoPermissions/);
    await window.runCommand('Caller: Ask');
    assert.match(await untilShown(4), /NoPermissions/);
    assert.equal(chat.questions.length, 2);
  } finally {
    chat.server.dispose();
  }
}

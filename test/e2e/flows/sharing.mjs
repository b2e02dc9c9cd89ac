/** A flow about Paddock's models in the hands of other extensions. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { settingsFor, startChatServer } from '../chatServer.mjs';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const sharingFlows = [
  { name: 'another extension uses the model and its tools through VS Code, once the user agreed', run: share },
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

    const takeBack = async () => {
      await window.runCommand('Paddock: Manage Consents');
      await window.pick('Other extensions');
      await press('Take Back');
      await window.press('Escape');
    };

    // Closed, the question does not come back by itself.
    await window.runCommand('Caller: Ask');
    await dialog.waitFor();
    await window.press('Escape');
    assert.match(await untilShown(1), /NoPermissions/);
    await window.runCommand('Caller: Ask');
    assert.match(await untilShown(2), /NoPermissions/);
    assert.equal(await dialog.count(), 0);
    await takeBack();

    await window.runCommand('Caller: Ask');
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /paddock-test\.caller wants to ask the model/);
    assert.equal(chat.questions.length, 0, 'nothing is asked before the user agreed');
    await window.untilStill();
    await milestone(window, 'sharing');
    await press('Allow');
    const answered = await untilShown(3);
    assert.match(answered, /^scripted\npieces: It is\n?\|42\./);
    assert.match(answered, /tokens: \d+/);
    const intents = () => stage.ledger().filter(({ kind, purpose }) => kind === 'intent' && purpose?.role === 'chat');
    assert.deepEqual(
      intents().map(({ purpose, extension }) => [purpose.initiator, extension]),
      [['extension', 'paddock-test.caller']],
    );

    // The question is asked once; leaving closes the connection.
    chat.isHeld = true;
    await window.runCommand('Caller: Ask and Leave');
    await chat.send('It is');
    await until('the connection to close', () => chat.server.last.isClosed);
    assert.match(await untilShown(4), /pieces: It is/);
    assert.equal(await dialog.count(), 0);

    // As many at once as it may have are asked, and the others are told why not.
    const before = chat.questions.length;
    await window.runCommand('Caller: Crowd In');
    await until('four questions', () => chat.questions.length - before === 4);
    await window.runCommand('Paddock: Stop Running Requests');
    assert.match(await untilShown(5), /^(Blocked: .*has 4 requests running already.*\s*){2}$/);
    chat.isHeld = false;

    // A tool is called by the model, run by the extension, and what came of it answered.
    chat.call = { name: 'multiply', arguments: '{"first":6,"second":7}' };
    await window.runCommand('Caller: Use a Tool');
    assert.match(await untilShown(6), /^called: multiply \{"first":6,"second":7\}\nanswer: It is\n?\s*42\.$/);
    const [wanted, told] = chat.server.requests.filter(({ method }) => method === 'POST').slice(-2);
    assert.equal(wanted?.json['tool_choice'], 'required');
    assert.deepEqual(told?.json['messages'], [
      { role: 'user', content: 'What is 6 times 7?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'multiply', arguments: chat.call.arguments } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: '42' },
    ]);

    // What was allowed can be taken back; then it is asked again, and a no is a no.
    const asked = chat.questions.length;
    await takeBack();
    await window.runCommand('Caller: Ask');
    await press('Don’t Allow');
    assert.match(await untilShown(7), /NoPermissions/);
    assert.equal(chat.questions.length, asked);
  } finally {
    chat.server.dispose();
  }
}

/** Flows about windows and folders: trust, reload, two at once, a neighbour that offers completions too. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { beginning, temperatures } from '../documents.mjs';
import { plainWindow } from '../runner.mjs';
import { never, until } from '../until.mjs';

const neighbour = path.join(import.meta.dirname, '..', 'fixtures', 'neighbour');

/** @type {import('../runner.mjs').Flow[]} */
export const plainWindowFlows = [
  { name: 'a reloaded window suggests again and leaves no engine behind', scene: plainWindow, run: reload },
  { name: 'two windows suggest, and closing one leaves the other alone', scene: plainWindow, run: twoWindows },
  { name: 'an engine ends when its extension host is killed', scene: plainWindow, run: killExtensionHost },
];

/** @type {import('../runner.mjs').Flow[]} */
export const windowFlows = [
  { name: 'in Restricted Mode suggestions come and the settings of the folder do not count', run: restricted },
  { name: 'another extension offers inline completions too and is named', run: besideNeighbour },
];

/** @param {import('../runner.mjs').Given} given */
async function restricted({ stage: getStage, milestone }) {
  const stage = await getStage();
  const trust = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
  const ofFolder = JSON.stringify({ 'paddock.completion.enabled': false });
  const window = await stage.openWindow({
    folder: stage.makeProject({ '.vscode/settings.json': ofFolder }),
    settings: { ...trust, 'security.workspace.trust.banner': 'never' },
  });
  await window.page.locator('.statusbar-item[id="status.workspaceTrust"]').waitFor();
  await window.openNewFile('restricted.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await window.untilItem(/this computer/);
  await milestone(window, 'restricted');

  await window.runCommand('Workspaces: Manage Workspace Trust');
  await window.page.locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' }).first().click();
  await window.untilItem(/completions off/);
}

/** @param {import('../runner.mjs').Given} given */
async function reload({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('reload.py', temperatures);
  const [before] = await stage.untilEngines(1);
  await window.page.reload();
  await window.whenReady();
  await window.openFile('reload.py');
  await window.press('Control+End');
  await window.type(beginning);
  await window.untilGhost();
  const [after] = await stage.untilEngines(1);
  assert.notEqual(after?.pid, before?.pid);
}

/** @param {import('../runner.mjs').Given} given */
async function twoWindows({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const first = await sharedWindow();
  const second = await stage.openWindow();
  await Promise.all([first.openNewFile('first.py', temperatures), second.openNewFile('second.py', temperatures)]);
  await Promise.all([first.type(beginning), second.type(beginning)]);
  await Promise.all([first.untilGhost(), second.untilGhost()]);
  await stage.untilEngines(2);
  await second.close();
  await stage.untilEngines(1);
  await first.press('Tab');
  await first.type('\n    return ');
  await first.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function killExtensionHost({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await until('other windows to be gone', () => stage.extensionHosts().length === 1);
  await window.openNewFile('host.py', temperatures);
  const [engine] = await stage.untilEngines(1);
  const [host] = stage.extensionHosts();
  assert.ok(engine && host);
  assert.equal(engine.parentPid, host.pid);
  process.kill(host.pid, 'SIGKILL');
  await until('its engine to end', () => stage.engines().every(({ pid }) => pid !== engine.pid), { withinMs: 10_000 });
}

/** @param {import('../runner.mjs').Given} given */
async function besideNeighbour({ stage: getStage, milestone }) {
  const stage = await getStage();
  const window = await stage.openWindow({ extensionDevelopmentPath: neighbour });
  const offered = window.page.locator('.statusbar-item[id^="rjmacarthy.twinny"]');
  await offered.waitFor();
  const message = await until(
    'the offer to look at its setting',
    async () => (await window.hasNews()) && window.messages(),
  );
  assert.match(message.join('\n'), /twinny/);
  await window.openNewFile('both.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await until('Paddock to have asked its model', () => stage.requestsAbout('both.py').length > 0);
  await until('the neighbour to have been asked', async () => /asked [1-9]/.test(await offered.innerText()));
  assert.match(await window.hoverItem(), /Also offering inline completions here: twinny/);
  await milestone(window, 'beside-neighbour');
  await window.leaveItem();

  await window.page.reload();
  await window.whenReady();
  await window.untilItem(/this computer/);
  await never('the offer again', () => window.hasNews(), 2_000);
}

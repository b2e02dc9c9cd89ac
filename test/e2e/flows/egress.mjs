/** Flows about where code may go: a proxy that the user's settings name, and workspaces that want it elsewhere. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ScriptedProxy } from '../../support/proxyServer.ts';
import { hostileWorkspaces, writeWorkspace } from '../../support/hostileWorkspaces.ts';
import { startScriptedServer } from '../../support/scriptedServer.ts';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const egressFlows = [
  {
    name: 'a server behind the proxy of the settings is asked through it, once the user agreed',
    run: throughProxy,
  },
  {
    name: 'workspaces that want the code or the key elsewhere reach nobody',
    run: hostile,
    limitMs: 300_000,
  },
];

/** A name that only the proxy can resolve. */
const far = 'far.paddock.test';
const answer = '42;';

/** @param {import('../runner.mjs').Given} given */
async function throughProxy({ ownStage, milestone }) {
  const server = await startScriptedServer(asGeneric);
  const proxy = new ScriptedProxy();
  await proxy.listen();
  try {
    const url = `http://${far}:${server.port}/v1`;
    const stage = await ownStage({
      settings: { 'http.proxy': proxy.url, 'paddock.servers': [{ url, kind: 'generic', name: 'Far away' }] },
    });
    const window = await stage.openWindow();
    await window.openNewFile('far.js', 'const one = 1;\n');
    await window.runCommand('Paddock: Switch Provider');
    await window.pick('Completions');
    await window.pick('qwen2.5-coder-far');
    const dialog = window.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const words = await dialog.innerText();
    for (const expected of [url.replace('/v1', ''), 'internet', 'code around the cursor'])
      assert.ok(words.includes(expected), words);
    assert.equal(server.requests.filter(({ method }) => method === 'POST').length, 0, 'nothing was sent before');
    await window.untilStill();
    await milestone(window, 'consent');
    await dialog.locator('.monaco-button', { hasText: 'Agree' }).click();
    await window.untilItem(/^Code: internet: far\.paddock\.test:\d+ · Chat: this computer/);

    await window.page.locator('.editor-group-container.active .monaco-editor').first().click();
    await window.press('Control+End');
    await window.type('const two = ');
    assert.equal(await window.untilGhost(), answer);
    await stage.untilSettled('far.js');
    await milestone(window, 'proxied-ghost');
    const [request] = stage.requestsAbout('far.js');
    assert.deepEqual(
      { kind: request?.['route'].kind, evidence: request?.['route'].evidence, host: request?.['route'].host },
      { kind: 'internet', evidence: 'assumed', host: `${far}:${server.port}` },
    );
    assert.ok(proxy.requests.length > 0);
    assert.equal(
      proxy.requests.length,
      server.requests.length,
      'everything came by the proxy, and nothing else went there',
    );
    assert.ok(server.requests.every(({ headers }) => headers['authorization'] === undefined));
  } finally {
    proxy.dispose();
    server.dispose();
  }
}

/**
 * Each window is opened as the user would open the workspace; then they type. Their own server, which holds its weights,
 * is chosen in their settings.
 * @param {import('../runner.mjs').Given} given
 */
async function hostile({ ownStage }) {
  const attacker = await startScriptedServer(asGeneric);
  const own = await startScriptedServer(asLlamaServer);
  const addresses = { attacker: attacker.url, own: own.url };
  const booted = hostileWorkspaces.filter(({ isBooted }) => isBooted);
  assert.ok(booted.length >= 6);
  try {
    const quiet = booted.filter(({ environment }) => environment === undefined);
    const stage = await ownStage({ settings: settingsOf(own) });
    for (const workspace of quiet) await typeIn(stage, workspace, { addresses, own });
    for (const workspace of booted.filter(({ environment }) => environment !== undefined)) {
      const { environment } = writeWorkspace(workspace, emptyFolder(stage), addresses);
      const launched = await ownStage({ settings: settingsOf(own), env: environment });
      await typeIn(launched, workspace, { addresses, own });
    }
    assert.deepEqual({ ...attacker.tally }, { requests: 0, connections: 0, receivedBodyBytes: 0, sentBodyBytes: 0 });
    assert.ok(own.requests.every(({ headers }) => headers['authorization'] === undefined));
  } finally {
    attacker.dispose();
    own.dispose();
  }
}

/** @param {import('../../support/scriptedServer.ts').ScriptedServer} own */
function settingsOf(own) {
  return {
    'paddock.completion.model': `${own.url}#mine`,
    'paddock.chat.model': `${own.url}#mine`,
    'paddock.servers': [{ url: own.url, kind: 'llamaServer', name: 'Mine' }],
    'security.workspace.trust.startupPrompt': 'never',
    'security.workspace.trust.banner': 'never',
  };
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../../support/hostileWorkspaces.ts').HostileWorkspace} workspace
 * @param {{ addresses: import('../../support/hostileWorkspaces.ts').Addresses,
 *   own: import('../../support/scriptedServer.ts').ScriptedServer }} servers
 */
async function typeIn(stage, workspace, { addresses, own }) {
  const { open } = writeWorkspace(workspace, emptyFolder(stage), addresses);
  // The word tells this window's questions from a late one of the window before, which may still be closing.
  const word = `word${++words}`;
  const isAsked = () => own.requests.some(({ method, body }) => method === 'POST' && body.includes(word));
  const settings = { 'security.workspace.trust.enabled': !workspace.isTrusted };
  const window = await stage.openWindow({ folder: open, settings });
  await window.openByName('main.js');
  await window.type(`let ${word} = `);
  if (workspace.outcome === 'served') {
    await until(`${workspace.id} to be answered by the user's own server`, isAsked);
  } else {
    await window.untilItem(/^Not sent/).catch((error) => assert.fail(`${workspace.id}: ${String(error)}`));
    assert.ok(!isAsked(), workspace.id);
  }
  await window.close();
}

let folders = 0;
let words = 0;

/** @param {import('../stage.mjs').Stage} stage */
function emptyFolder(stage) {
  const folder = path.join(stage.folder, `hostile ${++folders}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {import('../../support/scriptedServer.ts').ScriptedRequest} request
 * @param {import('../../support/scriptedServer.ts').Reply} reply
 */
function asGeneric({ method, path: asked }, reply) {
  if (asked.endsWith('/models')) return reply.json(200, { data: [{ id: 'qwen2.5-coder-far', object: 'model' }] });
  if (method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
  const piece = (/** @type {string} */ text, /** @type {string | null} */ finish) => ({
    choices: [{ index: 0, text, delta: { content: text }, finish_reason: finish }],
  });
  return reply.sse([piece(answer, null), piece('', 'stop'), '[DONE]']);
}

/**
 * @param {import('../../support/scriptedServer.ts').ScriptedRequest} request
 * @param {import('../../support/scriptedServer.ts').Reply} reply
 */
function asLlamaServer({ method, path: asked }, reply) {
  if (asked === '/props') return reply.json(200, { default_generation_settings: { n_ctx: 4096 }, build_info: 'b1' });
  if (method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
  return reply.sse([
    { content: answer, stop: false },
    { content: '', stop: true, stop_type: 'eos', tokens_predicted: 2, tokens_evaluated: 9 },
  ]);
}

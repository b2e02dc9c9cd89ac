/** Flows of a person who lets another model answer, by hand and from the palette. */
import assert from 'node:assert/strict';
import { isAlive } from '../../../scripts/lib/cache.mjs';
import { startLlamaServer } from '../../../scripts/lib/llamaServer.mjs';
import { ensureModel } from '../../../scripts/lib/models.mjs';
import { settlementOf } from '../../support/ledgerFiles.mjs';
import { beginning, temperatures } from '../documents.mjs';
import { until } from '../until.mjs';
import { themes } from './control.mjs';

/** A gigabyte is read from disk, then a prompt at some 40 tokens a second. */
const serverMs = 120_000;
/** Without this VS Code itself drops what is being asked for as soon as a list takes the focus. */
const keepsOnBlur = { 'editor.inlineSuggest.keepOnBlur': true };
const demo = 'SmolLM2-135M-Instruct';

/** @type {import('../runner.mjs').Flow[]} */
export const switchingFlows = [
  {
    name: 'switching completions to a llama-server and back cancels nothing that streams',
    run: switchWhileStreaming,
    limitMs: 480_000,
  },
];

/** @param {import('../runner.mjs').Given} given */
async function switchWhileStreaming({ ownStage, milestone }) {
  const server = await startLlamaServer({ model: await ensureModel('infill'), threads: 2 });
  assert.ok('url' in server, `no llama-server: ${JSON.stringify(server)}`);
  try {
    const stage = await ownStage({ settings: keepsOnBlur });
    const window = await stage.openWindow();
    await askedOf(stage, window, { name: 'before.py', kind: 'inProcess' });

    await addServer(window, server.port, (name) => milestone(window, name));
    const fromHere = await whileEngineStreams(stage, window, () => switchTo(window, '· My llama-server ·'));
    await window.untilItem(/^qwen2\.5-coder.* · this computer \(llama-server\)/i);
    await endsWell(stage, fromHere, 'inProcess');
    await pictures(stage, window, milestone);

    await askedOf(stage, window, { name: 'server.py', kind: 'loopback' });
    await milestone(window, 'switch-ghost-of-server');
    const fromServer = await whileServerStreams(stage, window, () => switchTo(window, demo));
    await window.untilItem(/^Code: this computer · Chat: this computer \(llama-server\)/);
    await endsWell(stage, fromServer, 'loopback');
    await askedOf(stage, window, { name: 'after.py', kind: 'inProcess' });
    assert.deepEqual(await window.messages(), []);
  } finally {
    await server.stop();
  }
}

/**
 * Adds the server from the palette and lets it answer the chat, so that it is there to be switched to.
 * @param {import('../window.mjs').Window} window
 * @param {number} port
 * @param {(name: string) => Promise<void>} milestone
 */
async function addServer(window, port, milestone) {
  await window.runCommand('Paddock: Add Server');
  await window.pick('A server by its address');
  await fill(window, /The address of/, 'ftp://nowhere');
  await window.quickInput('.quick-input-message', { hasText: 'http, https or unix' }).waitFor();
  await milestone('add-server-refused');
  await fill(window, /http, https or unix/, `127.0.0.1:${port}`);
  await window.quickInput('.quick-input-message', { hasText: /The address of/ }).waitFor();
  await window.press('Enter');
  await fill(window, /What shall it be called/, 'My llama-server');
  await window.press('Enter');
  await window.pick('Chat');
  await window.pick('qwen2.5-coder');
}

/**
 * Fills the box that says something in.
 * @param {import('../window.mjs').Window} window
 * @param {RegExp} message
 * @param {string} text
 */
async function fill(window, message, text) {
  await window.quickInput('.quick-input-message', { hasText: message }).waitFor();
  await window.quickInput('input').first().fill(text);
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {string} words in the line of a model
 */
async function switchTo(window, words) {
  await window.runCommand('Paddock: Switch Provider');
  await window.pick('Completions');
  await untilFilledIn(window); // a list that moves is hard to click
  await window.pick(words);
}

/**
 * Asks for a completion in a new document, and knows afterwards who was asked.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {{ name: string, kind: string }} wanted
 */
async function askedOf(stage, window, { name, kind }) {
  await window.openNewFile(name, temperatures);
  await window.type(beginning);
  await window.untilGhost({ withinMs: serverMs });
  await stage.untilSettled(name);
  const kinds = stage.requestsAbout(name).map(({ route }) => route.kind);
  assert.deepEqual([...new Set(kinds)], [kind], `who was asked about ${name}`);
}

/**
 * Holds the engine in the middle of a request while something is done.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {() => Promise<void>} act
 * @returns {Promise<string>} the request's id
 */
async function whileEngineStreams(stage, window, act) {
  const [engine] = await stage.untilEngines(1);
  assert.ok(engine);
  await window.openNewFile('streaming.py', temperatures);
  const release = hold(engine.pid);
  try {
    const id = await runningRequest(stage, window, 'streaming.py');
    await act();
    assert.equal(settlementOf(stage.ledger(), id), undefined, 'it still runs after the switch');
    return id;
  } finally {
    release();
  }
}

/**
 * Stops a process but for a breath each second: an engine that answers nobody for eight seconds is taken for one that
 * hangs, and ended. In a breath it gets no further than a few tokens.
 * @param {number} pid
 * @returns {() => void} lets it go on
 */
function hold(pid) {
  const send = (/** @type {NodeJS.Signals} */ signal) => isAlive(pid) && process.kill(pid, signal);
  const stop = () => send('SIGSTOP');
  /** @type {NodeJS.Timeout | undefined} */
  let breath;
  stop();
  const breathing = setInterval(() => {
    send('SIGCONT');
    breath = setTimeout(stop, 30);
  }, 1_000);
  return () => {
    clearInterval(breathing);
    clearTimeout(breath);
    send('SIGCONT');
  };
}

/**
 * The same with the server, which takes long enough by itself to read a prompt it has not seen.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {() => Promise<void>} act
 */
async function whileServerStreams(stage, window, act) {
  await window.openNewFile('reading.py', `${temperatures}${unseen}`);
  const id = await runningRequest(stage, window, 'reading.py');
  await act();
  assert.equal(settlementOf(stage.ledger(), id), undefined, 'it still runs after the switch');
  return id;
}

/** Some 900 tokens that no server has read before. */
const unseen = Array.from(
  { length: 40 },
  (_, index) =>
    `def scale_${index}(value: float) -> float:\n    return value * ${index * 37 + 11} / ${index + 3}\n\n\n`,
).join('');

/**
 * Types what a model goes on with, and waits until that is asked for.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {string} name
 * @returns {Promise<string>}
 */
async function runningRequest(stage, window, name) {
  await window.type(beginning);
  const running = () => {
    const entries = stage.ledger();
    // One that typing left behind may not be settled as long as the engine is held.
    return stage.requestsAbout(name).findLast(({ id }) => settlementOf(entries, id) === undefined)?.id;
  };
  let before = await until(`a request about ${name}`, running);
  // The newest keystroke's request is the one that stays.
  await until('typing to be over', async () => {
    const now = running();
    const isSame = now === before;
    before = now ?? before;
    await new Promise((resolve) => setTimeout(resolve, 600));
    return isSame && running() === before;
  });
  return before;
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {string} id
 * @param {string} kind of the route it went
 */
async function endsWell(stage, id, kind) {
  const settled = () => settlementOf(stage.ledger(), id);
  const settlement = await until('the request from before the switch to end', settled, { withinMs: serverMs });
  assert.ok(['finished', 'enough'].includes(settlement['outcome']), JSON.stringify(settlement));
  assert.ok(settlement['usage']?.completionTokens > 0, JSON.stringify(settlement));
  const intent = stage.ledger().find((entry) => entry['kind'] === 'intent' && entry['id'] === id);
  assert.equal(intent?.['route'].kind, kind);
}

/**
 * Every list in two themes.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {import('../runner.mjs').Given['milestone']} milestone
 */
async function pictures(stage, window, milestone) {
  for (const [word, theme] of Object.entries({ light: themes.light, dark: themes.dark })) {
    await stage.setTheme(window, theme);
    await window.runCommand('Paddock: Switch Provider');
    await window.listed();
    await window.restPointer();
    await window.untilStill();
    await milestone(window, `switch-roles-${word}`);
    await window.pick('Completions');
    await untilFilledIn(window);
    const lines = (await window.listed()).join('\n');
    assert.match(lines, /in use for completions|in use/);
    assert.match(lines, /My llama-server/);
    await milestone(window, `switch-models-${word}`);
    await window.quickInput('input').first().fill('open');
    await window.untilStill();
    await milestone(window, `switch-filtered-${word}`);
    await window.press('Escape');
    await window.runCommand('Paddock: Add Server');
    await window.listed();
    await window.restPointer();
    await window.untilStill();
    await milestone(window, `add-server-${word}`);
    await window.press('Escape');
  }
}

/** @param {import('../window.mjs').Window} window */
async function untilFilledIn(window) {
  await window.quickInput('.quick-input-title', { hasText: 'Model for' }).waitFor();
  await until('everything to have answered', async () => {
    const lines = (await window.listed()).join('\n');
    return !/Looking for|Asking/.test(lines);
  });
  await window.untilStill();
}

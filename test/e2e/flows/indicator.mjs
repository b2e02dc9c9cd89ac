/** Flows of a person who looks at the status bar while requests go to the engine, to a server here and to a closed API. */
import assert from 'node:assert/strict';
import { ScriptedProxy } from '../../support/proxyServer.ts';
import { startScriptedServer } from '../../support/scriptedServer.ts';
import { beginning, temperatures } from '../documents.mjs';
import { until } from '../until.mjs';
import { themes } from './control.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const indicatorFlows = [
  {
    name: 'the item says where requests go and what they cost, from the engine to a closed API',
    run: follows,
    limitMs: 300_000,
  },
];

/**
 * The vendor's own name, which only the proxy can resolve here: by its host Paddock knows who is asked, whose prices
 * count, and whose terms hold.
 */
const vendor = 'api.openai.com';
const answer = '42;';
/** The engine's model. */
const demo = 'SmolLM2-135M-Instruct';
/** Three thousand tokens at $100 a million and four hundred at $300: 42 cents. */
const price = { 'gpt-x': { input: 100, output: 300 } };
const usage = { prompt_tokens: 3_000, completion_tokens: 400, total_tokens: 3_400 };

/** @param {import('../runner.mjs').Given} given */
async function follows(given) {
  const here = await startScriptedServer(asLlamaServer);
  const gate = /** @type {{ open: () => void, passed: Promise<void> }} */ (makeGate());
  const closed = await startScriptedServer(asClosed(gate));
  const proxy = new ScriptedProxy();
  await proxy.listen();
  try {
    const stage = await given.ownStage({
      settings: {
        'http.proxy': proxy.url,
        'http.noProxy': ['127.0.0.1'],
        'paddock.servers': [
          { url: here.url, kind: 'llamaServer', name: 'Mine' },
          // The vendor's own card would want a key, which plain HTTP gets from nobody.
          { url: `http://${vendor}:${closed.port}/v1`, kind: 'generic' },
        ],
        'paddock.cost.prices': price,
        'paddock.cost.budgets': { perDay: { usd: 10, kind: 'soft' }, perMonth: { usd: 50, kind: 'soft' } },
      },
    });
    const window = await stage.openWindow();
    const scene = { ...given, stage, window };
    await atTheEngine(scene);
    await atAServerHere(scene, here);
    await atAClosedApi(scene, closed, gate);
  } finally {
    proxy.dispose();
    here.dispose();
    closed.dispose();
  }
}

/**
 * @typedef {import('../runner.mjs').Given & { stage: import('../stage.mjs').Stage,
 *   window: import('../window.mjs').Window }} Scene
 */

/** @param {Scene} scene */
async function atTheEngine({ stage, window, milestone }) {
  await askTheEngine(window, stage, 'here.py');
  await window.untilItem(/ · this computer · [\d.]+ tok\/s$/);
  const text = await window.hoverItem();
  assert.match(text, /stays on this computer/);
  assert.match(text, /0 bytes left this computer today/);
  assert.doesNotMatch(text, /\$\d+\.\d/);
  await milestone(window, 'indicator-engine');
  await window.leaveItem();
}

/**
 * @param {Scene} scene
 * @param {import('../../support/scriptedServer.ts').ScriptedServer} here
 */
async function atAServerHere({ stage, window, milestone }, here) {
  await switchTo(window, 'mine');
  await window.untilItem(/^mine · this computer \(llama-server\)/);
  await askAbout(window, 'server.js');
  await stage.untilSettled('server.js');
  assert.ok(here.requests.some(({ method, body }) => method === 'POST' && body.includes('const server')));
  await window.untilItem(/^mine · this computer \(llama-server\) · \d+ tok\/s$/);
  const text = await window.hoverItem();
  assert.match(text, /llama-server at 127\.0\.0\.1:\d+ on this computer\. What runs there said itself/);
  // The list of models asked the closed API for its own.
  assert.match(text, /1 request, none with a body, left this computer today/);
  assert.match(text, /list of models\s+api\.openai\.com/);
  assert.doesNotMatch(text, /\$\d+\.\d/);
  await milestone(window, 'indicator-server');
  await window.leaveItem();
}

/**
 * @param {Scene} scene
 * @param {import('../../support/scriptedServer.ts').ScriptedServer} closed
 * @param {{ open: () => void }} gate
 */
async function atAClosedApi({ stage, window, milestone }, closed, gate) {
  await switchTo(window, 'gpt-x');
  await window.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Agree' }).click();
  await window.untilItem(/^gpt-x · OpenAI$/);
  const asking = askAbout(window, 'closed.js');
  await window.untilItem(/^[\d.]+k? tokens → api\.openai\.com:\d+/);
  assert.match((await window.item()).name, /^Paddock: sending about [\d,]+ tokens to api\.openai\.com:\d+/);
  await milestone(window, 'indicator-sending');
  gate.open();
  await asking;
  await stage.untilSettled('closed.js');
  const asked = closed.requests.filter(({ method }) => method === 'POST');
  assert.ok(asked.length > 0 && asked.every(({ body }) => body.includes('gpt-x')));
  const words = (await window.untilItem(/^gpt-x · OpenAI · .*\$\d+\.\d\d today$/)).replace('gpt-x · OpenAI · ', '');
  assertPaid(stage, words);
  assert.equal((await window.item()).name, `Paddock: gpt-x, internet: OpenAI, ${words}`);
  await window.runCommand("Paddock: Show a Provider's Terms");
  await window.quickInput('.quick-input-title', { hasText: 'What OpenAI says' }).waitFor();
  assert.match((await window.listed()).join('\n'), /Data controls in the OpenAI platform/);
  await window.restPointer();
  await window.untilStill();
  await milestone(window, 'terms');
  await window.press('Escape');
  await switchTo(window, demo, 'Completions');
  await askTheEngine(window, stage, 'again.py');
  await window.untilItem(new RegExp(`^Code: this computer · Chat: OpenAI ${escaped(words)}$`));
  for (const [word, theme] of Object.entries(themes)) await look({ stage, window, milestone }, { word, theme, words });
  await stage.setTheme(window, themes.dark);
  assert.deepEqual(await window.messages(), []);
}

/**
 * @param {Pick<Scene, 'stage' | 'window' | 'milestone'>} scene
 * @param {{ word: string, theme: string, words: string }} shown
 */
async function look({ stage, window, milestone }, { word, theme, words }) {
  await stage.setTheme(window, theme);
  const text = await window.hoverItem();
  assert.match(text, /Goes to OpenAI at api\.openai\.com:\d+ on the internet/);
  assert.match(text, /Terms of OpenAI/);
  assert.match(text, new RegExp(`Today\\s+${escaped(words.replace(' today', ''))} \\(`));
  assert.match(text, /left this computer today/);
  assert.match(text, /of \$10 today/);
  assert.match(text, /Price table of 20\d\d-/);
  assert.match(text, /Switch · *This Computer Only · *Ledger · *Budgets/);
  assert.match(text, /Completions · SmolLM2-135M-Instruct · this computer/);
  assert.match(text, /Chat · gpt-x · OpenAI/);
  assert.doesNotMatch(text, /\$0\.00(?!\d)|\$\(|\\|undefined|NaN/);
  const box = await window.itemHover().boundingBox();
  assert.ok(box !== null && box.y >= 0 && box.height < 700, `the hover fits: ${JSON.stringify(box)}`);
  await milestone(window, `indicator-${word}`);
  await window.leaveItem();
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {import('../stage.mjs').Stage} stage
 * @param {string} name of a new file
 */
async function askTheEngine(window, stage, name) {
  await window.openNewFile(name, temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await stage.untilSettled(name);
}

/**
 * What the item says was paid is what the ledger has; a request that typing replaced makes it "at least".
 * @param {import('../stage.mjs').Stage} stage
 * @param {string} words
 */
function assertPaid(stage, words) {
  const settlements = stage.ledger().filter(({ kind, cost }) => kind === 'settlement' && cost?.nanoUsd !== undefined);
  const paid = settlements.reduce((sum, { cost }) => sum + cost.nanoUsd, 0) / 1e9;
  const said = Number(/\$([\d.]+) today$/.exec(words)?.[1]);
  assert.ok(paid >= 0.42 && Math.abs(said - paid) <= 0.01, `it says ${words}, the ledger has ${paid}`);
  const isWhole = settlements.every(({ outcome }) => outcome === 'finished');
  assert.equal(/^\$/.test(words), isWhole, `${words}: ${JSON.stringify(settlements)}`);
}

/** @param {string} text for a regular expression */
function escaped(text) {
  return text.replace(/[$.()]/g, '\\$&');
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {string} model
 * @param {string} [role] as the list has it
 */
async function switchTo(window, model, role = 'Both') {
  await window.runCommand('Paddock: Switch Provider');
  await window.pick(role);
  await window.quickInput('.quick-input-title', { hasText: 'Model for' }).waitFor();
  await window.untilStill();
  await window.pick(model);
}

/**
 * Types in a new file and waits for the grey text.
 * @param {import('../window.mjs').Window} window
 * @param {string} name
 */
async function askAbout(window, name) {
  await window.openNewFile(name, 'const one = 1;\n');
  await window.type(`const ${name.split('.')[0]} = `);
  await until('the answer', async () => (await window.ghost()) === answer, { withinMs: 45_000 });
}

/** Holds answers back until it is opened. */
function makeGate() {
  let open = () => {};
  const passed = new Promise((resolve) => (open = () => resolve(undefined)));
  return { open, passed };
}

/**
 * @param {import('../../support/scriptedServer.ts').ScriptedRequest} request
 * @param {import('../../support/scriptedServer.ts').Reply} reply
 */
function asLlamaServer({ method, path: asked }, reply) {
  if (asked === '/props') return reply.json(200, { default_generation_settings: { n_ctx: 4096 }, build_info: 'b1' });
  if (asked.endsWith('/models')) return reply.json(200, { data: [{ id: 'mine', object: 'model' }] });
  if (method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
  const timings = { prompt_n: 9, prompt_ms: 20, prompt_per_second: 450, predicted_n: 2, predicted_ms: 50 };
  return reply.sse([
    { content: answer, stop: false },
    {
      ...{ content: '', stop: true, stop_type: 'eos', tokens_predicted: 2, tokens_evaluated: 9 },
      timings: { ...timings, predicted_per_second: 40 },
    },
  ]);
}

/** @param {{ passed: Promise<void> }} gate */
function asClosed({ passed }) {
  /**
   * @param {import('../../support/scriptedServer.ts').ScriptedRequest} request
   * @param {import('../../support/scriptedServer.ts').Reply} reply
   */
  return async ({ method, path: asked }, reply) => {
    if (asked.endsWith('/models')) return reply.json(200, { data: [{ id: 'gpt-x', object: 'model' }] });
    if (method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
    await passed;
    const piece = (/** @type {object} */ more) => ({ model: 'gpt-x', ...more });
    return reply.sse([
      piece({ choices: [{ index: 0, delta: { content: answer }, finish_reason: null }] }),
      piece({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      piece({ choices: [], usage }),
      '[DONE]',
    ]);
  };
}

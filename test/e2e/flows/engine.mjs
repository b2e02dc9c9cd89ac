/** Flows in which something is wrong with the engine or its model, or it is just starting. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureModel } from '../../../scripts/lib/models.mjs';
import { beginning, temperatures } from '../documents.mjs';
import { isSoak, plainWindow } from '../runner.mjs';
import { never, until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const killedEngineFlows = [
  {
    name: 'a killed engine comes back, and so do suggestions',
    scene: plainWindow,
    run: killMidStream,
    limitMs: 300_000,
    soakLimitMs: 1_800_000,
  },
  {
    name: 'an engine that crashes again and again stays away until it is told to start',
    scene: plainWindow,
    run: killTooOften,
  },
];

/** @type {import('../runner.mjs').Flow[]} */
export const engineFlows = [
  { name: 'without a model the item asks for one and nothing pops up', run: startWithoutModel },
  { name: 'a damaged model is said once, and choosing a good one heals without a reload', run: healDamagedModel },
];

/** @param {import('../runner.mjs').Given} given */
async function killMidStream({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  const wanted = isSoak ? 30 : 2;
  let kills = 0;
  // The engine also reads ahead, and a kill that met only that shows nothing.
  for (let met = 0; met < wanted; met = requestsKilled(stage)) {
    assert.ok(kills < 3 * wanted, `only ${met} of ${kills} kills met a request`);
    if (kills % 10 === 9) removeKillFiles(window.folder);
    await openAndGetSuggestion(window, `kill${++kills}.py`);
    const hosts = stage.extensionHosts().map(({ pid }) => pid);
    const killed = await killWhileWorking(stage, window);
    await until('another engine', () => stage.engines().length === 1 && stage.engines()[0]?.pid !== killed);
    await window.untilItem(/this computer/);
    await openAndGetSuggestion(window, `kill${kills}again.py`);
    assert.deepEqual(await window.messages(), [], 'nobody has to be told of what mends itself');
    const hostsNow = stage.extensionHosts().map(({ pid }) => pid);
    assert.deepEqual(hostsNow, hosts, 'the extension host is the same');
    await restartEngine(stage, window); // as if there had been no crash: three in five minutes end it
  }
  console.log(`figure: e2e killed the engine ${kills} times, ${requestsKilled(stage)} requests met`);
}

/**
 * Takes them out of the explorer, which shows only so many.
 * @param {string} folder
 */
function removeKillFiles(folder) {
  for (const name of readdirSync(folder)) if (/^kill\d+/.test(name)) rmSync(path.join(folder, name));
}

/** @param {import('../runner.mjs').Given} given */
async function killTooOften({ stage: getStage, milestone, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await openAndGetSuggestion(window, 'often.py');
  for (let kill = 1; kill <= 3; kill++) {
    const [engine] = await stage.untilEngines(1);
    assert.ok(engine);
    process.kill(engine.pid, 'SIGKILL');
    if (kill < 3) await until('another engine', () => stage.engines().some(({ pid }) => pid !== engine.pid));
  }
  await window.untilItem(/not running/);
  const [message, ...others] = await until('a message', async () => (await window.hasNews()) && window.messages());
  assert.deepEqual(others, []);
  assert.match(message ?? '', /crashed 3 times/);
  assert.match(message ?? '', /Restart engine/);
  await milestone(window, 'crashed-too-often');
  await never('a fourth engine', () => stage.engines()[0], 3_000);

  await window.pressButton('Restart engine');
  await window.untilItem(/this computer/);
  await openAndGetSuggestion(window, 'oftenAgain.py');
}

/**
 * @param {import('../window.mjs').Window} window
 * @param {string} name
 */
async function openAndGetSuggestion(window, name) {
  await window.openNewFile(name, temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await window.press('Escape');
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 */
async function restartEngine(stage, window) {
  const [before] = await stage.untilEngines(1);
  await window.runCommand('Paddock: Restart Engine');
  await until('another engine', () => stage.engines().length === 1 && stage.engines()[0]?.pid !== before?.pid);
}

/**
 * Types something that starts a request and kills the engine as soon as it is seen working on it.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @returns {Promise<number>} the process that was killed
 */
async function killWhileWorking(stage, window) {
  const [engine] = await stage.untilEngines(1);
  assert.ok(engine);
  await window.type('\n\n\ndef kelvin_to_fahrenheit(kelvin: float) -> float:\n    """');
  const restingTicks = cpuTicks(engine.pid);
  await window.type('Qwx'); // nothing a model suggests: what is known already would be shown without the engine
  await until('the engine to work', () => cpuTicks(engine.pid) >= restingTicks + 4, { withinMs: 10_000 });
  process.kill(engine.pid, 'SIGKILL');
  return engine.pid;
}

/**
 * Requests about the flow's files that failed, as the ledger has it.
 * @param {import('../stage.mjs').Stage} stage
 */
function requestsKilled(stage) {
  const entries = stage.ledger();
  const ids = entries
    .filter(({ items, purpose }) => purpose?.initiator !== 'ahead' && /\/kill\d+\.py$/.test(items?.[0]?.uri))
    .map(({ id }) => id);
  return entries.filter(({ id, outcome }) => outcome === 'failed' && ids.includes(id)).length;
}

/** @param {number} pid */
function cpuTicks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // utime and stime, fields 14 and 15 of proc_pid_stat(5), counted from the state after the name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** @param {import('../runner.mjs').Given} given */
async function startWithoutModel({ stage: getStage, milestone }) {
  const stage = await getStage();
  const window = await stage.openWindow({ settings: { 'paddock.local.modelPath': '' } });
  await window.untilItem(/^Paddock: choose model$/);
  await window.openNewFile('none.py', temperatures);
  await window.type(beginning);
  await never('a message nobody asked for', () => window.hasNews(), 2_500);
  assert.equal(await window.ghost(), undefined);
  assert.deepEqual(stage.engines(), []);
  await milestone(window, 'no-model');

  await window.clickItem();
  const offered = await window.listed();
  assert.ok(
    offered.some((label) => label.includes('Browse')),
    `offered: ${offered.join(' / ')}`,
  );
  await milestone(window, 'choose-model');
  await window.pick('Browse');
  await window.enterPath(await ensureModel('demo'), 'Use this model');
  await window.untilItem(/^SmolLM2.* · this computer/);
  await window.type(' ');
  await window.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function healDamagedModel({ stage: getStage, milestone }) {
  const stage = await getStage();
  const damaged = path.join(stage.folder, 'damaged model é.gguf');
  writeFileSync(damaged, firstBytes(await ensureModel('demo'), 20_000_000));
  const window = await stage.openWindow({ settings: { 'paddock.local.modelPath': damaged } });
  await window.openNewFile('heal.py', temperatures);
  await window.untilItem(/not running/);
  const [message, ...others] = await until('a message', async () => (await window.hasNews()) && window.messages());
  assert.deepEqual(others, []);
  assert.match(message ?? '', /damaged model é.*Choose model|Choose model.*damaged model é/s);
  await milestone(window, 'damaged-model');
  await window.type(beginning);
  await never('grey text', () => window.ghost(), 2_000);
  assert.equal((await window.messages()).length, 1);

  await window.pressButton('Choose model');
  await window.pick('Browse');
  await window.enterPath(await ensureModel('demo'), 'Use this model');
  await window.untilItem(/^SmolLM2.* · this computer/);
  await window.type(' ');
  await window.untilGhost();
}

/**
 * @param {string} file
 * @param {number} count
 */
function firstBytes(file, count) {
  const bytes = Buffer.alloc(count);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, count, 0);
  closeSync(descriptor);
  return bytes;
}

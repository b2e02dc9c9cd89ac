/** Flows in which something is wrong with the engine or its model, or it is just starting. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureModel } from '../../../scripts/lib/models.mjs';
import { beginning, temperatures } from '../documents.mjs';
import { isSoak } from '../runner.mjs';
import { never, until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const engineFlows = [
  {
    name: 'a killed engine comes back, and so do suggestions',
    run: killMidStream,
    limitMs: 180_000,
    soakLimitMs: 1_800_000,
  },
  { name: 'without a model the item asks for one and nothing pops up', run: startWithoutModel },
  { name: 'a damaged model is said once, and choosing a good one heals without a reload', run: healDamagedModel },
];

/** @param {import('../runner.mjs').Given} given */
async function killMidStream({ stage: getStage }) {
  const stage = await getStage();
  const window = await stage.sharedWindow();
  await window.openNewFile('kill.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  const hosts = stage.extensionHosts().map(({ pid }) => pid);
  const startedMs = Date.now();
  const kills = isSoak ? 30 : 2;
  for (let kill = 1; kill <= kills; kill++) {
    await killWhileWorking(stage, window, kill);
    await window.openNewFile(`kill${kill}.py`, temperatures);
    await window.type(beginning);
    await window.untilGhost();
    await window.press('Escape');
  }
  const failed = stage
    .ledger()
    .filter((entry) => entry['atMs'] >= startedMs && entry['kind'] === 'settlement' && entry['outcome'] === 'failed');
  console.log(`figure: e2e killed the engine ${kills} times, ${failed.length} of them in a request`);
  assert.ok(failed.length >= 1, 'no kill met a request');
  assert.ok((await window.messages()).length <= 1, `messages: ${(await window.messages()).join(' / ')}`);

  assert.deepEqual(
    stage.extensionHosts().map(({ pid }) => pid),
    hosts,
    'the extension host is the same',
  );
  const [engineBefore] = stage.engines().map(({ pid }) => pid);
  await window.runCommand('Paddock: Show Menu');
  await window.pick('Restart engine');
  await until('another engine', () => stage.engines().length === 1 && stage.engines()[0]?.pid !== engineBefore);
}

/**
 * Types something that starts a request and kills the engine as soon as it is seen working on it.
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 * @param {number} number
 */
async function killWhileWorking(stage, window, number) {
  const [engine] = await until('an engine', () => stage.engines().length === 1 && stage.engines());
  assert.ok(engine);
  await window.type(`\n\n\ndef kelvin_to_fahrenheit_${number}(kelvin: float) -> float:\n    """`);
  const restingTicks = cpuTicks(engine.pid);
  await window.type('Qwx'); // nothing a model suggests: what is known already would be shown without the engine
  await until('the engine to work', () => cpuTicks(engine.pid) >= restingTicks + 4, { withinMs: 10_000 });
  process.kill(engine.pid, 'SIGKILL');
  await until('another engine', () => {
    const now = stage.engines();
    return now.length === 1 && now[0]?.pid !== engine.pid;
  });
  await window.untilItem(/this computer/);
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
  await stage.closeSharedWindow();
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
  await window.enterPath(await ensureModel('demo'));
  await window.untilItem(/^SmolLM2.* · this computer/);
  await window.type(' ');
  await window.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function healDamagedModel({ stage: getStage, milestone }) {
  const stage = await getStage();
  await stage.closeSharedWindow();
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
  await window.enterPath(await ensureModel('demo'));
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

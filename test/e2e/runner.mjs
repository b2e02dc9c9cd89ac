/** Runs flows one after the other: each with its own time limit, a picture when it fails, one line of outcome. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const repository = path.resolve(import.meta.dirname, '../..');

/** Where pictures go: milestones, and what the windows showed when a flow failed. */
export const screenshotFolder = path.join(repository, 'out', 'screenshots');

/** `npm run soak` repeats what can be repeated. */
export const isSoak = process.env['PADDOCK_SOAK'] === '1';

/**
 * @typedef {object} Flow
 * @property {string} name a sentence about what a person sees
 * @property {number} [limitMs] default two minutes
 * @property {number} [soakLimitMs] the limit with PADDOCK_SOAK=1
 * @property {Scene} [scene]
 * @property {(given: Given) => Promise<void>} run
 */

/**
 * What flows in a row share besides the server, because opening a window costs more than most flows: made by the first of
 * them, ended after the last, and after one that failed.
 * @typedef {object} Scene
 * @property {(given: Given) => Promise<any>} open
 * @property {(parts: any) => void} [close] its windows are closed without it
 */

/**
 * A window that flows share which need nothing special.
 * @type {Scene}
 */
export const plainWindow = { open: async ({ stage }) => (await stage()).openWindow() };

/**
 * @typedef {object} Given
 * @property {() => Promise<import('./stage.mjs').Stage>} stage the shared server; launched by the first flow that asks
 * @property {(options: object) => Promise<import('./stage.mjs').Stage>} ownStage a server for this flow alone
 * @property {() => Promise<any>} scene the parts of the flow's scene; made by the first flow that asks
 * @property {() => Promise<import('./window.mjs').Window>} sharedWindow the same of a flow whose scene is {@link plainWindow}
 * @property {(window: import('./window.mjs').Window, name: string) => Promise<void>} milestone saves a picture
 */

const usualLimitMs = 120_000;

/**
 * @param {readonly Flow[]} flows
 * @param {(options?: object) => Promise<import('./stage.mjs').Stage>} launch
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runFlows(flows, launch) {
  mkdirSync(screenshotFolder, { recursive: true });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** @type {import('./stage.mjs').Stage | undefined} */
  let shared;
  /** @type {{ readonly parts: any } | undefined} */
  let scene;
  for (const [index, flow] of flows.entries()) {
    /** @type {import('./stage.mjs').Stage[]} */
    const own = [];
    const startedMs = Date.now();
    const given = {
      stage: async () => (shared ??= await launch()),
      sharedWindow: () => given.scene(),
      scene: async () => (scene ??= { parts: await flow.scene?.open(given) }).parts,
      ownStage: async (/** @type {object} */ options) => {
        const stage = await launch(options);
        own.push(stage);
        return stage;
      },
      milestone: (/** @type {import('./window.mjs').Window} */ window, /** @type {string} */ name) =>
        window.screenshot(path.join(screenshotFolder, `${name}.png`)),
    };
    const error = await outcomeOf(flow, given);
    if (error !== undefined) await photograph(flow, shared ? [shared, ...own] : own);
    const goesOn = scene !== undefined && error === undefined && flows[index + 1]?.scene === flow.scene;
    if (scene !== undefined && !goesOn) {
      flow.scene?.close?.(scene.parts);
      scene = undefined;
    }
    const endError = await endOf(own, shared, { hasFailed: error !== undefined, goesOn });
    const why = error ?? endError;
    counts[why === undefined ? 'passed' : 'failed'] += 1;
    console.log(`  ${why === undefined ? 'ok    ' : 'FAILED'} ${flow.name} (${seconds(startedMs)})`);
    if (why !== undefined) console.log(indent(why instanceof Error ? (why.stack ?? why.message) : String(why)));
  }
  const lastError = await shared?.close().then(
    () => undefined,
    (/** @type {unknown} */ error) => error,
  );
  counts[lastError === undefined ? 'passed' : 'failed'] += 1;
  console.log(`  ${lastError === undefined ? 'ok    ' : 'FAILED'} nothing is left running when the server stops`);
  if (lastError !== undefined) console.log(indent(String(lastError)));
  return counts;
}

/**
 * @param {Flow} flow
 * @param {Given} given
 * @returns {Promise<unknown>} what was thrown; `undefined`: it passed
 */
async function outcomeOf(flow, given) {
  const limitMs = isSoak ? (flow.soakLimitMs ?? flow.limitMs ?? usualLimitMs) : (flow.limitMs ?? usualLimitMs);
  const timer = new AbortController();
  const tooLate = sleep(limitMs, undefined, { signal: timer.signal }).then(
    () => new Error(`not done within ${limitMs / 1000} s`),
    () => undefined, // it was done in time
  );
  const done = flow.run(given).then(
    () => undefined,
    (/** @type {unknown} */ error) => error ?? new Error('thrown without a reason'),
  );
  const outcome = await Promise.race([done, tooLate]);
  timer.abort();
  return outcome;
}

/**
 * @param {Flow} flow
 * @param {readonly import('./stage.mjs').Stage[]} stages
 */
async function photograph(flow, stages) {
  const windows = stages.flatMap((stage) => stage.windows).filter((window) => !window.page.isClosed());
  for (const [index, window] of windows.entries()) {
    const name = `failed ${flow.name} ${index + 1}.png`.replaceAll(/[^\w.]+/g, '-');
    await window.screenshot(path.join(screenshotFolder, name)).then(
      () => console.log(`         see out/screenshots/${name}`),
      (error) => console.log(`         no picture: ${String(error).split('\n')[0]}`),
    );
  }
}

/**
 * Clears the stage for the next flow.
 * @param {readonly import('./stage.mjs').Stage[]} own
 * @param {import('./stage.mjs').Stage | undefined} shared
 * @param {{ hasFailed: boolean, goesOn: boolean }} outcome `goesOn`: the next flow is of the same scene
 */
async function endOf(own, shared, { hasFailed, goesOn }) {
  try {
    for (const stage of own) await stage.close();
    for (const window of shared?.windows ?? []) if (!hasFailed) window.checkPage();
    if (!goesOn) await shared?.closeWindows();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @param {number} sinceMs */
function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, '         ');
}

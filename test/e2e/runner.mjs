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
 * @property {(given: Given) => Promise<void>} run
 */

/**
 * @typedef {object} Given
 * @property {() => Promise<import('./stage.mjs').Stage>} stage the shared server; launched by the first flow that asks
 * @property {(options: object) => Promise<import('./stage.mjs').Stage>} ownStage a server for this flow alone
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
  for (const flow of flows) {
    /** @type {import('./stage.mjs').Stage[]} */
    const own = [];
    const startedMs = Date.now();
    const error = await outcomeOf(flow, {
      stage: async () => (shared ??= await launch()),
      ownStage: async (options) => {
        const stage = await launch(options);
        own.push(stage);
        return stage;
      },
      milestone: (window, name) => window.screenshot(path.join(screenshotFolder, `${name}.png`)),
    });
    if (error !== undefined) await photograph(flow, shared ? [shared, ...own] : own);
    const endError = await endOf(own, shared, error !== undefined);
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
 * Clears the stage for the next flow. After a failure the shared window goes too: nobody knows what state it is in.
 * @param {readonly import('./stage.mjs').Stage[]} own
 * @param {import('./stage.mjs').Stage | undefined} shared
 * @param {boolean} hasFailed
 */
async function endOf(own, shared, hasFailed) {
  try {
    for (const stage of own) await stage.close();
    for (const window of shared?.windows ?? []) if (!hasFailed) window.checkPage();
    await shared?.closeOtherWindows();
    if (hasFailed) await shared?.closeSharedWindow();
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

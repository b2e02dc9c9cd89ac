/** Every wait of the end-to-end tests passes through here: for a condition, never for a span of time alone. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;
/** Generous on purpose: a wait ends when its condition holds, and two busy cores can be very slow. */
const usualMs = 30_000;
/** Who looks only after longer than this was held up, like everything else on the machine, and has not waited. */
const longestLookMs = 10_000;

/**
 * The first value of `look` that is neither `undefined` nor `false`.
 * @template T
 * @param {string} what the condition, for the message: "waited 30 s for ..."
 * @param {() => T | undefined | false | Promise<T | undefined | false>} look
 * @param {{ withinMs?: number, or?: () => unknown }} [options] `or`: more to say when it did not come true
 * @returns {Promise<T>}
 */
export async function until(what, look, { withinMs = usualMs, or } = {}) {
  let waitedMs = 0;
  for (let lookedMs = performance.now(); ; await sleep(pollMs)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const nowMs = performance.now();
    waitedMs += Math.min(nowMs - lookedMs, longestLookMs);
    lookedMs = nowMs;
    if (waitedMs < withinMs) continue;
    const more = or ? `; ${String(await or())}` : '';
    assert.fail(`waited ${withinMs / 1000} s for ${what}${more}`);
  }
}

/**
 * Fails as soon as `look` finds something; the one kind of wait that has to take its whole time.
 * @param {string} what must not happen
 * @param {() => unknown | Promise<unknown>} look
 * @param {number} durationMs
 */
export async function never(what, look, durationMs) {
  for (const deadline = Date.now() + durationMs; Date.now() < deadline; await sleep(pollMs)) {
    const found = await look();
    assert.ok(found === undefined || found === false, `${what}: ${JSON.stringify(found)}`);
  }
}

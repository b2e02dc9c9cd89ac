/** What Paddock wrote down about its requests is read here, from the files a user would find. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The ledger gathers local entries for 200 ms before it writes them; this long after a request they must be there. */
export const writtenWithinMs = 1_000;

/**
 * Every entry of every window, in the order of their times.
 * @param {string} globalStorage VS Code's folder for extensions' files
 * @returns {Record<string, any>[]}
 */
export function readLedger(globalStorage) {
  // The chain says of itself what happened to it.
  return linesIn(globalStorage, ({ kind }) => kind === 'intent' || kind === 'settlement');
}

/**
 * What every window noted of suggestions that were offered and taken, in the order of their times.
 * @param {string} globalStorage
 */
export function readStatistics(globalStorage) {
  return linesIn(globalStorage, ({ kind }) => kind === 'offered' || kind === 'accepted' || kind === 'judged');
}

/**
 * The intents of all requests that somebody waits for; the engine's reading ahead is not among them.
 * @param {string} globalStorage
 */
export function readRequests(globalStorage) {
  const isRequest = (/** @type {Record<string, any>} */ entry) =>
    entry['kind'] === 'intent' && entry['purpose']['initiator'] !== 'ahead';
  return readLedger(globalStorage).filter(isRequest);
}

/**
 * The settlement of an intent.
 * @param {readonly Record<string, any>[]} entries
 * @param {string} id
 */
export function settlementOf(entries, id) {
  return entries.find((entry) => entry['kind'] === 'settlement' && entry['id'] === id);
}

/**
 * @param {string} globalStorage
 * @param {(record: Record<string, any>) => boolean} isWanted
 * @returns {Record<string, any>[]}
 */
function linesIn(globalStorage, isWanted) {
  const folder = path.join(globalStorage, 'paddock.paddock', 'ledger');
  const records = filesIn(folder).flatMap((name) => linesOf(path.join(folder, name)));
  return records.filter(isWanted).sort((first, second) => first['atMs'] - second['atMs']);
}

/** @param {string} folder */
function filesIn(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  } catch {
    // Nothing was asked of any model yet.
    return [];
  }
}

/**
 * @param {string} file
 * @returns {Record<string, any>[]}
 */
function linesOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last line break is being written just now.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** Bytes of one web address pass through here onto the disk, going on where an interrupted attempt stopped. */
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from './failure.mjs';

/**
 * Whether an address answers at all, within a short time.
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<boolean>}
 */
export async function isReachable(url, timeoutMs) {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
    return response.ok;
  } catch {
    // Unreachable is the answer asked for; the reason does not matter.
    return false;
  }
}

/**
 * @typedef {object} DownloadOptions
 * @property {number} totalBytes the size it must have in the end
 * @property {(doneBytes: number) => void} [onProgress] called with the bytes on disk so far
 * @property {number} [stallMs] an attempt that brings no byte for this long fails; default 30 seconds
 */

/**
 * Fetches `url` into `partPath`, appending to what is already there. The caller checks the hash and renames.
 * @param {string} url
 * @param {string} partPath
 * @param {DownloadOptions} options
 * @throws {Failure} when the server refuses, stalls or ends early; what arrived stays for the next attempt
 */
export async function download(url, partPath, options) {
  await mkdir(path.dirname(partPath), { recursive: true });
  const haveBytes = await sizeOf(partPath);
  if (haveBytes === options.totalBytes) return;
  const startAt = haveBytes < options.totalBytes ? haveBytes : 0;
  const controller = new AbortController();
  const stall = stallTimer(options.stallMs ?? 30_000, () =>
    controller.abort(new Failure(`${new URL(url).host} sent nothing for a while`)),
  );
  try {
    const response = await request(url, startAt, controller.signal);
    const doneBytes = response.status === 206 ? startAt : 0;
    await save(response, partPath, { ...options, doneBytes, onBytes: stall.restart });
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    stall.stop();
  }
  const gotBytes = await sizeOf(partPath);
  if (gotBytes !== options.totalBytes) {
    throw new Failure(`${url} gave ${gotBytes} of ${options.totalBytes} bytes`);
  }
}

/**
 * @param {string} url
 * @param {number} startAt
 * @param {AbortSignal} signal
 */
async function request(url, startAt, signal) {
  const headers = startAt > 0 ? { range: `bytes=${startAt}-` } : {};
  const response = await fetch(url, { headers, signal });
  if (!response.ok || !response.body) throw new Failure(`${url} answered ${response.status}`);
  return response;
}

/**
 * Each piece is written before the next is asked for, so that a connection that breaks takes nothing with it.
 * @param {Response} response
 * @param {string} partPath
 * @param {DownloadOptions & { doneBytes: number, onBytes: () => void }} options
 */
async function save(response, partPath, options) {
  let doneBytes = options.doneBytes;
  const body = /** @type {import('node:stream/web').ReadableStream<Uint8Array>} */ (response.body);
  const file = await open(partPath, doneBytes > 0 ? 'a' : 'w');
  try {
    for await (const piece of body) {
      options.onBytes();
      await file.appendFile(piece);
      doneBytes += piece.length;
      options.onProgress?.(doneBytes);
    }
  } finally {
    await file.close();
  }
}

/** @param {string} filePath */
async function sizeOf(filePath) {
  return (await stat(filePath).catch(() => undefined))?.size ?? 0;
}

/**
 * @param {number} afterMs
 * @param {() => void} onStall
 */
function stallTimer(afterMs, onStall) {
  const timer = setTimeout(onStall, afterMs);
  return {
    restart() {
      timer.refresh();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** The end of the parent passes through here: the engine never outlives the editor that started it. */
import { Worker } from 'node:worker_threads';

/** Runs on a thread of its own, so that it notices while a native call holds the main one. */
const watch = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  try {
    process.kill(workerData.parent, 0);
    if (process.platform === 'win32' || process.ppid === workerData.parent) return;
  } catch (error) {
    if (error.code === 'EPERM') return;
  }
  process.kill(process.pid, 'SIGKILL');
}, 500);
`;

/**
 * Kills this process when its parent is gone. `disconnect` does the same, but is only heard while the main thread is
 * free; starting a GPU may hold it for good. Ends with the function it gives back.
 */
export function watchParent(): () => void {
  const worker = new Worker(watch, { eval: true, execArgv: [], workerData: { parent: process.ppid } });
  worker.unref();
  return () => void worker.terminate();
}

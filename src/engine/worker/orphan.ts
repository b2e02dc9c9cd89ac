/** The end of the parent passes through here: the engine never outlives the editor that started it. */
import { Worker } from 'node:worker_threads';

/**
 * Kills this process when its parent is gone. `disconnect` does the same, but is only heard while the main thread is
 * free; starting a GPU may hold it for good. Ends with the function it gives back.
 */
export function watchParent(): () => void {
  const worker = new Worker(`(${endWithParent.toString()})(${process.ppid});`, { eval: true, execArgv: [] });
  worker.unref();
  return () => void worker.terminate();
}

/**
 * Runs on a thread of its own, so that it notices while a native call holds the main one. Only its text gets there: it
 * must use nothing of this file. It sleeps without a timer, until it is terminated.
 */
function endWithParent(parent: number): void {
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  const isThere = (): boolean => {
    try {
      process.kill(parent, 0);
      return process.platform === 'win32' || process.ppid === parent;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  };
  while (isThere()) Atomics.wait(sleeping, 0, 0, 500);
  process.kill(process.pid, 'SIGKILL');
}

/** How much of the processor everybody else uses is measured here. */
import os from 'node:os';

/** Counts from now on; call what it gives back for the share of all cores that other processes used since, 0..1. */
export function watchOtherWork(): () => number {
  const before = sample();
  return () => {
    const now = sample();
    const totalMs = now.totalMs - before.totalMs;
    const othersMs = now.busyMs - before.busyMs - (now.ownMs - before.ownMs);
    return totalMs <= 0 ? 0 : Math.min(1, Math.max(0, othersMs / totalMs));
  };
}

function sample(): { readonly totalMs: number; readonly busyMs: number; readonly ownMs: number } {
  let totalMs = 0;
  let idleMs = 0;
  for (const { times } of os.cpus()) {
    totalMs += times.user + times.nice + times.sys + times.idle + times.irq;
    idleMs += times.idle;
  }
  const own = process.cpuUsage();
  return { totalMs, busyMs: totalMs - idleMs, ownMs: (own.user + own.system) / 1000 };
}

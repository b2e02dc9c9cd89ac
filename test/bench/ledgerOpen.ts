/** A window's process that opens a ledger (its folder is the argument), and says how long that took and what it holds. */
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';

const [, , folder = '', now = ''] = process.argv;
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };
const clock = { ...systemClock, now: () => Number(now) };
const startedMs = performance.now();
const ledger = new Ledger({ files: journalFolder(folder, 'opening'), clock, log });
const { today, month } = ledger;
const openMs = performance.now() - startedMs;
const { requests } = [...ledger.days.values()].reduce((sum, day) => ({ requests: sum.requests + day.requests }), {
  requests: 0,
});
const isPartial = today.isPartial || month.isPartial;
console.log(JSON.stringify({ openMs, requests, isPartial, rssBytes: process.memoryUsage.rss() }));
ledger.dispose();

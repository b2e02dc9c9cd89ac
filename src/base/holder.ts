/** "Is the process that wrote this still there?" is answered here. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * A process, as `pid.start.place`: its number, when it was started (clock ticks since the computer's start, `x` where
 * the system does not say) and a short hash of the machine, its start and the space its numbers count in. Numbers are
 * used again, start times within one place are not; and no wall clock is in it, which anybody may set.
 */
export type Holder = string;

/**
 * `unsure`: a process with that number runs, but nobody can tell whether it is the one that is meant; or it ran on
 * another computer, before this one's start, or in another container.
 */
export type HolderState = 'running' | 'gone' | 'unsure';

/** This process. */
export const thisHolder: Holder = [process.pid, statOf(process.pid)?.start ?? 'x', placeName()].join('.');

/** Whether a process runs. Asks the system each time. */
export function stateOf(holder: Holder): HolderState {
  const [pid, start, place] = holder.split('.');
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0 || place !== thisHolder.split('.')[2]) return 'unsure';
  if (!hasProcess(number)) return 'gone';
  const stat = statOf(number);
  if (stat === undefined || start === 'x') return 'unsure';
  return stat.start === start && !stat.hasEnded ? 'running' : 'gone';
}

/** Whether the number is in use, by whomever. */
function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: it is somebody else's
  }
}

/** Linux: `/proc/PID/stat`, proc(5). `undefined`: another system, or it does not say. */
function statOf(pid: number): { readonly start: string; readonly hasEnded: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, and may have blanks and brackets in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    // A killed process keeps its number until its parent has asked how it ended.
    return start === undefined ? undefined : { start, hasEnded: state === 'Z' || state === 'X' };
  } catch {
    return undefined; // no such file system, or the process has just gone: its number will say so next time
  }
}

function placeName(): string {
  const boot = saidBy(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  const numbers = saidBy(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update([hostname(), boot, numbers].join('\n')).digest('hex').slice(0, 12);
}

function saidBy(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // not Linux: the name of the machine has to do
  }
}

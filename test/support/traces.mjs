/** What strace wrote passes through here and comes out as processes and the connections they tried to open. */

/**
 * @typedef {object} TracedProcess
 * @property {number} pid
 * @property {string} program its command line as far as strace shows it; that of its parent where it never ran another
 */

/**
 * The processes whose command line holds `mark`, all processes they started, and every attempt of these to reach
 * anything but a Unix socket. Threads count for the process they belong to.
 * @param {string} trace the output of `strace -f` of connect, send and process calls
 * @param {string} mark
 * @returns {{ processes: TracedProcess[], connections: string[] }}
 */
export function connectionsBelow(trace, mark) {
  /** Thread to process; a thread that is not here is a process's first. @type {Map<number, number>} */
  const processOf = new Map();
  /** @type {Map<number, number>} */
  const parentOf = new Map();
  /** @type {Map<number, string>} */
  const programOf = new Map();
  /** @type {{ pid: number, call: string }[]} */
  const calls = [];
  for (const { thread, call } of wholeCalls(trace)) {
    const pid = processOf.get(thread) ?? thread;
    const child = /^(?:clone3?|v?fork)\(.*\) = (\d+)/.exec(call);
    if (child && call.includes('CLONE_THREAD')) processOf.set(Number(child[1]), pid);
    else if (child) parentOf.set(Number(child[1]), pid);
    else if (call.startsWith('execve(') && / = 0$/.test(call)) programOf.set(pid, call);
    else calls.push({ pid, call });
  }
  const isBelow = (/** @type {number} */ pid) => {
    for (let one = /** @type {number | undefined} */ (pid); one !== undefined; one = parentOf.get(one)) {
      if (programOf.get(one)?.includes(mark)) return true;
    }
    return false;
  };
  const pids = new Set([...programOf.keys(), ...parentOf.keys()].filter(isBelow));
  return {
    processes: [...pids].map((pid) => ({ pid, program: programOf.get(pid) ?? '' })),
    connections: calls
      .filter(({ pid, call }) => pids.has(pid) && isOutside(call))
      .map(({ pid, call }) => `${pid} ${call}`),
  };
}

/**
 * Joins calls that strace wrote in two halves because another thread came in between.
 * @param {string} trace
 */
function* wholeCalls(trace) {
  /** @type {Map<number, string>} */
  const begun = new Map();
  for (const line of trace.split('\n')) {
    const [, id, text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (id === undefined) continue;
    const thread = Number(id);
    if (text.endsWith(' <unfinished ...>')) {
      begun.set(thread, text.slice(0, -' <unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (!resumed) yield { thread, call: text };
    else {
      yield { thread, call: `${begun.get(thread) ?? ''}${resumed[1]}` };
      begun.delete(thread);
    }
  }
  // What never came back was tried all the same.
  for (const [thread, call] of begun) yield { thread, call };
}

/** @param {string} call */
function isOutside(call) {
  if (/^connect\(/.test(call)) return !/sa_family=AF_UNIX/.test(call);
  return /^send(to|msg|mmsg)\(/.test(call) && /sa_family=AF_INET6?/.test(call);
}

import { describe, expect, it } from 'vitest';
import { connectionsBelow } from './traces.mjs';

const inet = '{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16';

/** A server (10) starts an extension host (20) with a thread (21), which starts an engine (30) with a thread (31). */
const story = [
  '10 execve("/node", ["node", "server-main.js"], 0x1 /* 30 vars */) = 0',
  '10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 20',
  '20 execve("/node", ["node", "bootstrap-fork", "--type=extensionHost"], 0x1 /* 37 vars */) = 0',
  '20 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SETTLS, stack=0x7f} <unfinished ...>',
  '10 connect(9, {sa_family=AF_INET, sin_port=htons(1)}, 16) = 0',
  '20 <... clone3 resumed> => {parent_tid=[21]}, 88) = 21',
  '20 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 30',
  '30 execve("/node", ["node", "worker.mjs"], 0x1 /* 37 vars */) = 0',
  '30 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SETTLS, stack=0x7f} => {parent_tid=[31]}, 88) = 31',
  '21 connect(3, {sa_family=AF_UNIX, sun_path="/run/nscd"}, 110) = -1 ENOENT (No such file or directory)',
];

const found = (...lines: string[]) => connectionsBelow([...story, ...lines].join('\n'), '--type=extensionHost');

describe('a trace', () => {
  it('has the extension host and what it started, not the server, and Unix sockets are no connections', () => {
    const { processes, connections } = found();
    expect(processes.map(({ pid }) => pid)).toEqual([20, 30]);
    expect(connections).toEqual([]);
  });

  it.each([
    ['of the extension host', `20 connect(5, ${inet}) = 0`],
    ['of one of its threads', `21 connect(5, ${inet}) = -1 ENETUNREACH (Network is unreachable)`],
    ['of a thread of the engine', `31 connect(5, ${inet}) = -1 EINPROGRESS (Operation now in progress)`],
    ['that never came back', `30 connect(5, ${inet} <unfinished ...>`],
    ['without a connection', `30 sendto(5, "x", 1, 0, ${inet}) = 1`],
  ])('shows a connection %s', (_, line) => {
    expect(found(line).connections).toHaveLength(1);
  });

  it('shows a connection whose line was cut in two', () => {
    const halves = [`31 connect(5, ${inet} <unfinished ...>`, '31 <... connect resumed>) = -1 EINPROGRESS'];
    expect(found(...halves).connections).toHaveLength(1);
  });
});

/** Trees of processes that end as a whole, whatever happens to the one who started them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { descendantsOf, listProcesses, startTree } from '../../scripts/lib/processes.mjs';

/** Starts a grandchild in a session of its own and an orphan, as terminals and engines do. */
const family = `
  const { spawn } = require('node:child_process');
  const forever = ['-e', 'setInterval(() => {}, 1000)'];
  const pids = [spawn(process.execPath, forever).pid, spawn(process.execPath, forever, { detached: true }).pid];
  console.log('pids ' + [process.pid, ...pids].join(' '));
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
`;

describe('a tree of processes', () => {
  it('ends as a whole when it is stopped', async () => {
    const lines: string[] = [];
    const tree = await startTree([process.execPath, '-e', family], { onLine: (line) => lines.push(line) });
    const pids = await vi.waitFor(() => pidsIn(lines), { timeout: 5_000 });
    expect(
      descendantsOf(tree.pid)
        .map((one) => one.pid)
        .sort(),
    ).toEqual(pids.slice(1).sort());
    await tree.stop();
    expect(running(pids)).toEqual([]);
    await tree.stop();
  });

  it('ends as a whole when its starter is killed, and its folder goes too', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddock-tree-test-'));
    const processes = pathToFileURL(path.resolve('scripts/lib/processes.mjs')).href;
    const script = `
      import { startTree } from '${processes}';
      const tree = [process.execPath, '-e', ${JSON.stringify(family)}];
      await startTree(tree, { removeAfter: ${JSON.stringify(folder)}, onLine: (line) => console.log(line) });
    `;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    starter.stdout.on('data', (data: Buffer) => lines.push(...data.toString().split('\n')));
    const pids = await vi.waitFor(() => pidsIn(lines), { timeout: 5_000 });
    starter.kill('SIGKILL');
    await vi.waitFor(() => expect(running(pids)).toEqual([]), { timeout: 5_000 });
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 5_000 });
  });

  it('tells how the program ended by itself', async () => {
    const tree = await startTree([process.execPath, '-e', 'console.log("bye"); process.exitCode = 3']);
    expect(await tree.exited).toBe(3);
    expect(tree.output()).toBe('bye\n');
  });

  it('of a program that does not exist ends at once', async () => {
    const tree = await startTree(['/no/such/program']);
    expect(await tree.exited).toBe(127);
    expect(tree.output()).toContain('ENOENT');
  });
});

function pidsIn(lines: readonly string[]): number[] {
  const line = lines.find((one) => one.startsWith('pids '));
  if (!line) throw new Error('not there yet');
  return line.split(' ').slice(1).map(Number);
}

function running(pids: readonly number[]): number[] {
  return listProcesses()
    .map((one) => one.pid)
    .filter((pid) => pids.includes(pid));
}

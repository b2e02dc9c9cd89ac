import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { forkEngine, type ChildExit } from '../../src/engine/child.ts';
import type { FromEngine } from '../../src/engine/messages.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LogLines } from '../support/log.ts';
import { isAlive, until } from '../support/realEngine.ts';

/** Forks a script as if it were the engine. */
function forked(script: string) {
  const file = path.join(temporaryFolder(), 'worker.mjs');
  fs.writeFileSync(file, script);
  const log = new LogLines();
  const child = forkEngine(file, log);
  const messages: FromEngine[] = [];
  child.onMessage((message) => messages.push(message));
  const exit = new Promise<ChildExit>((resolve) => child.onExit(resolve));
  return { child, messages, exit, log };
}

test('the child hears and speaks', async () => {
  const { child, messages, exit } = forked(`
    process.on('message', ({ id }) => process.send({ type: 'pong', id }, () => process.exit(3)));
  `);
  child.send({ type: 'ping', id: 7 });
  expect(await exit).toMatchObject({ code: 3, signal: undefined, startError: undefined });
  expect(messages).toEqual([{ type: 'pong', id: 7 }]);
  child.send({ type: 'ping', id: 8 }); // to nobody, and nothing happens
});

test('its environment and options are free of what would change the library or slip in code', async () => {
  process.env.NODE_LLAMA_CPP_GPU = 'cuda';
  process.env.NODE_OPTIONS = '--no-warnings';
  try {
    const { exit } = forked(`
      const names = Object.keys(process.env).filter((name) => /^NODE_(OPTIONS|LLAMA)/.test(name));
      console.error(JSON.stringify([names, process.execArgv, typeof process.env.PATH]));
    `);
    expect((await exit).errorLines).toEqual(['[[],[],"string"]']);
  } finally {
    delete process.env.NODE_LLAMA_CPP_GPU;
    delete process.env.NODE_OPTIONS;
  }
});

test('what it writes goes to the log, and its last error lines are kept', async () => {
  const { exit, log } = forked(`
    console.log('said');
    for (let line = 1; line <= 30; line += 1) console.error('line ' + line);
  `);
  const { errorLines } = await exit;
  expect(errorLines).toHaveLength(20);
  expect(errorLines.at(-1)).toBe('line 30');
  expect(log.lines).toContain('debug: engine: said');
  expect(log.lines).toContain('warn: engine: line 30');
});

test('a message of another kind is announced as such', async () => {
  const { child, exit } = forked(`process.send({ type: 'surprise' }, () => process.exit());`);
  let count = 0;
  child.onNonsense(() => (count += 1));
  await exit;
  expect(count).toBe(1);
});

test('it runs as plain Node also where the editor is Electron', async () => {
  const { exit } = forked('console.error(process.env.ELECTRON_RUN_AS_NODE);');
  expect((await exit).errorLines).toEqual(['1']);
});

test('a start that fails at once is announced as an end', async () => {
  const child = forkEngine('/no\0where/worker.mjs', new LogLines()); // refused by Node before any process is made
  const exits: ChildExit[] = [];
  child.onExit((exit) => exits.push(exit));
  child.send({ type: 'bye' });
  child.kill();
  await until(() => exits.length > 0, 5_000, 'its end is announced');
  expect(exits).toHaveLength(1);
  expect(exits[0]?.startError).toContain('null bytes');
});

test('a killed child ends by a signal', async () => {
  const { child, exit } = forked(`setInterval(() => undefined, 1000);`);
  child.kill();
  child.kill();
  expect(await exit).toMatchObject({ code: undefined, signal: 'SIGKILL' });
});

test('a file that is not there is told apart by its error lines', async () => {
  const child = forkEngine(path.join(temporaryFolder(), 'gone.mjs'), new LogLines());
  const { errorLines } = await new Promise<ChildExit>((resolve) => child.onExit(resolve));
  expect(errorLines.join('\n')).toContain('MODULE_NOT_FOUND');
});

test('a process whose main thread is held by native code still ends with its parent', async () => {
  const orphan = pathToFileURL(path.resolve(import.meta.dirname, '../../src/engine/worker/orphan.ts')).href;
  const held = `
    const { watchParent } = await import(${JSON.stringify(orphan)});
    watchParent();
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  `;
  const parentScript = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(held)}], { stdio: ['ignore', 'inherit', 'inherit'] });
  `;
  const parent = spawn(process.execPath, ['-e', parentScript], { stdio: ['ignore', 'pipe', 'inherit'] });
  const id = await new Promise<number>((resolve) => parent.stdout.on('data', (text) => resolve(Number(text))));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isAlive(id)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(id), 5_000, 'the orphan has ended');
});

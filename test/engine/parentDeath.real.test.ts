import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ensureModel } from '../../scripts/lib/models.mjs';
import type { ToEngine } from '../../src/engine/messages.ts';
import { isAlive, until, workerFile } from '../support/realEngine.ts';

/** A parent that loads the demo model in an engine, gives it a long prompt to read and says its process id. */
function parentScript(file: string, order: 'load' | 'read'): string {
  const child = pathToFileURL(path.resolve(import.meta.dirname, '../../src/engine/child.ts')).href;
  const load: ToEngine = {
    type: 'load',
    file,
    contextTokens: 4096,
    sequences: 1,
    chatContextTokens: 4096,
    chatIdleMs: 60_000,
    device: 'cpu',
  };
  return `
    const { forkEngine } = await import(${JSON.stringify(child)});
    const quiet = () => undefined;
    const engine = forkEngine(${JSON.stringify(workerFile())}, { debug: quiet, info: quiet, warn: quiet, error: quiet });
    let id;
    engine.onMessage((message) => {
      if (message.type === 'hello') id = message.pid;
      if (message.type === 'hello') engine.send(${JSON.stringify(load)});
      if (message.type === 'opened') engine.send({ type: 'threads', plan: { prefill: 1, decode: 1 } });
      if (message.type === 'opened' && ${order === 'load'}) console.log(id);
      if (message.type !== 'loaded') return;
      const window = { head: 'let x = 1;\\n'.repeat(500), suffix: '' };
      engine.send({ type: 'readAhead', id: 1, window, line: '' });
      console.log(id);
    });
  `;
}

test.each(['load', 'read'] as const)('an engine that is to %s when its parent is killed ends soon', async (order) => {
  const script = parentScript(await ensureModel('demo'), order);
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const id = await new Promise<number>((resolve) => parent.stdout.on('data', (text) => resolve(Number(text))));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(isAlive(id)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(id), 3_000, 'the engine has ended');
});

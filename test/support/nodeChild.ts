import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/**
 * A process of its own that runs a script; TypeScript is fine. It is gone after the test.
 * @param mostFileBlocks files may have so many blocks of 512 bytes: for a disk that is full. Not on Windows.
 */
export function startNode(script: string, { mostFileBlocks }: { mostFileBlocks?: number } = {}): ChildProcess {
  const node = [process.execPath, '--input-type=module-typescript', '-e', script];
  // Without the trap the system would end the process where a real disk lets it go on with an error.
  const limited = ['sh', '-c', `trap '' XFSZ; ulimit -f ${mostFileBlocks}; exec "$@"`, 'sh', ...node];
  const [command = '', ...commandLine] = mostFileBlocks === undefined ? node : limited;
  const child = spawn(command, commandLine, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The specifier under which a script imports one of our sources: `source('base/lock.ts')`. */
export function source(name: string): string {
  return JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href);
}

/** Resolves with what it printed when it has ended; rejects when it failed. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let printed = '';
  child.stdout?.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`the process ended with ${code ?? signal}; it printed: ${printed}`);
  return printed;
}

/** Resolves when the process has printed something. */
export async function firstWord(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
}

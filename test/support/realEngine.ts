/** Engines with real models, for the tests in which the model matters. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureModel } from '../../scripts/lib/models.mjs';
import { systemClock } from '../../src/base/clock.ts';
import { forkEngine, type EngineChild } from '../../src/engine/child.ts';
import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { ThreadPlan } from '../../src/engine/messages.ts';
import type { Chunk, InfillRequest, Usage } from '../../src/models/model.ts';
import { LogLines } from './log.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The engine's bundle; built when it is missing or older than its sources. */
export function workerFile(): string {
  const file = path.join(root, 'dist/engine/worker.mjs');
  const folders = ['base', 'models', 'engine'].map((room) => path.join(root, 'src', room));
  const sources = folders.flatMap((folder) =>
    fs.globSync('**/*.ts', { cwd: folder }).map((name) => path.join(folder, name)),
  );
  const newest = Math.max(...sources.map((source) => fs.statSync(source).mtimeMs));
  const built = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built < newest) execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root });
  return file;
}

/** An engine, its processes' ids and its log. Dispose the engine. */
export interface RealEngine {
  readonly engine: Engine;
  /** Ids of all its processes so far, oldest first. */
  readonly processIds: number[];
  readonly log: LogLines;
}

/** An engine of one of the test models, or of any file. Nothing is started yet. */
export async function realEngine(
  model: { readonly name: 'demo' | 'infill' } | { readonly file: string },
  options: Partial<EngineOptions> = {},
): Promise<RealEngine> {
  const file = 'file' in model ? model.file : await ensureModel(model.name);
  const worker = workerFile();
  const log = new LogLines();
  const processIds: number[] = [];
  const plans = new Map<string, ThreadPlan>();
  const engine = new Engine({
    file,
    options: { device: 'auto', ...options },
    spawn: () => noting(forkEngine(worker, log), processIds),
    clock: systemClock,
    log,
    threads: { get: (key) => plans.get(key), set: (key, plan) => void plans.set(key, plan) },
  });
  return { engine, processIds, log };
}

function noting(child: EngineChild, processIds: number[]): EngineChild {
  child.onMessage((message) => {
    if (message.type === 'hello') processIds.push(message.pid);
  });
  return child;
}

/** What came back for one request. */
export interface Answer {
  readonly text: string;
  readonly end: Extract<Chunk, { kind: 'end' }> | undefined;
  /** The last counts. */
  readonly usage: Usage | undefined;
  /** Prompt tokens that were evaluated. */
  readonly evaluatedTokens: number;
}

/** Asks and reads to the end. */
export async function answerTo(
  engine: Engine,
  request: Partial<InfillRequest>,
  {
    signal = new AbortController().signal,
    onText = (_text: string): void => undefined,
    onUsage = (_usage: Usage): void => undefined,
  } = {},
): Promise<Answer> {
  const whole: InfillRequest = {
    kind: 'infill',
    document: 'file:///test.ts',
    windows: [{ head: '', suffix: '' }],
    line: '',
    maxTokens: 16,
    patienceMs: 60_000,
    ...request,
  };
  let text = '';
  let end: Answer['end'];
  let usage: Usage | undefined;
  const count = (counted: Usage): void => {
    usage = counted;
    onUsage(counted);
  };
  for await (const chunk of engine.infill(whole, count, signal)) {
    if (chunk.kind === 'end') end = chunk;
    if (chunk.kind !== 'text') continue;
    text += chunk.text;
    onText(chunk.text);
  }
  const evaluatedTokens = (usage?.promptTokens ?? 0) - (usage?.cachedTokens ?? 0);
  return { text, end, usage, evaluatedTokens };
}

/** Whether a process is there. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false; // no such process, which is the answer
  }
}

/** Waits until it is true; throws after `limitMs`. */
export async function until(isTrue: () => boolean, limitMs: number, what: string): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`After ${limitMs} ms still not: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

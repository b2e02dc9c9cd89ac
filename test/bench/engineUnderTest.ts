/** The product's engine as it is packaged, started outside VS Code: its own class over its own bundle. */
import path from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { forkEngine } from '../../src/engine/child.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineFacts, ThreadPlan } from '../../src/engine/messages.ts';
import type { InfillRequest, InfillWindow, Speed, StopReason, Usage } from '../../src/models/model.ts';
import { buildBundles, layOutBinaries } from '../../esbuild.mjs';
import { binariesOf } from '../../scripts/lib/binaries.mjs';
import { thisTarget } from '../../scripts/lib/targets.mjs';

const repository = path.resolve(import.meta.dirname, '../..');

/** The settings' default. */
export const contextTokens = 2048;

/** Builds the bundles as they are packaged, into a folder nobody else writes to; gives back the worker's file. */
export async function buildWorker(): Promise<string> {
  const outDir = path.join(repository, 'dist/bench');
  await buildBundles({ outDir, production: true });
  layOutBinaries({ engineDir: path.join(outDir, 'engine'), packages: await binariesOf(thisTarget()) });
  return path.join(outDir, 'engine/worker.mjs');
}

/** A started engine, and how long that took. */
export interface StartedEngine {
  readonly engine: Engine;
  readonly facts: EngineFacts;
  /** From the order to start to a library that is ready to load a model. */
  readonly startMs: number;
  /** From there to a model that answers: weights, context, and finding the thread counts. */
  readonly loadMs: number;
}

/**
 * Starts it on the CPU, as on a machine that knows nothing of this model yet. Throws the failure that the engine ends
 * in, with what it wrote.
 */
export async function startEngine(workerFile: string, file: string): Promise<StartedEngine> {
  const lines: string[] = [];
  const log = logInto(lines);
  const plans = new Map<string, ThreadPlan>();
  const engine = new Engine({
    file,
    options: { device: 'cpu', contextTokens },
    spawn: () => forkEngine(workerFile, log),
    clock: { ...systemClock, schedule: keepingAlive },
    log,
    threads: { get: (key) => plans.get(key), set: (key, plan) => void plans.set(key, plan) },
  });
  const startMs = performance.now();
  const facts = await ready(engine).catch((cause: unknown) => {
    throw new Error(['The engine did not start.', ...lines].join('\n'), { cause });
  });
  const tookMs = performance.now() - startMs;
  const libraryMs = tookMs - facts.loadMs + facts.libraryStartMs;
  return { engine, facts, startMs: libraryMs, loadMs: tookMs - libraryMs };
}

/** What became of one request. */
export interface Answered {
  readonly reason: StopReason;
  readonly usage: Usage;
  readonly speed: Speed;
  readonly text: string;
  /** By the reader's clock: to the first text, and from there to the end. */
  readonly firstTextMs: number;
  readonly restMs: number;
}

/** Sends a request and reads its answer to the end. */
export async function answered(engine: Engine, request: InfillRequest): Promise<Answered> {
  const startMs = performance.now();
  let firstMs: number | undefined;
  let text = '';
  for await (const chunk of engine.infill(request, () => undefined, new AbortController().signal)) {
    if (chunk.kind === 'text') {
      firstMs ??= performance.now();
      text += chunk.text;
      continue;
    }
    if (chunk.kind !== 'end' || chunk.usage === undefined) continue;
    const { reason, usage, speed } = chunk;
    const endMs = performance.now();
    return {
      reason,
      usage,
      speed,
      text,
      firstTextMs: (firstMs ?? endMs) - startMs,
      restMs: endMs - (firstMs ?? endMs),
    };
  }
  throw new Error('The engine ended an answer without its end.');
}

/** Asks for text at the end of a window, from nothing else. */
export function requestFor(window: InfillWindow, maxTokens: number): InfillRequest {
  return { kind: 'infill', document: 'bench:/window', windows: [window], line: '', maxTokens, patienceMs: 0 };
}

function ready(engine: Engine): Promise<EngineFacts> {
  return new Promise((resolve, reject) => {
    engine.onDidChangeState((state) => {
      if (state.kind === 'ready') resolve(state.facts);
      if (state.kind === 'failed') reject(state.failure);
    });
    engine.start();
  });
}

/** In VS Code something else keeps the process alive. */
function keepingAlive(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

function logInto(lines: string[]): Log {
  const keep = (line: string): void => void lines.push(line);
  return { debug: keep, info: keep, warn: keep, error: keep };
}

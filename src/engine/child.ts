/** The engine's process passes through here: fork, messages, kill. Nobody else starts a process. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { Emitter, type Event } from '../base/emitter.ts';
import type { Log } from '../base/log.ts';
import { parseFromEngine, type FromEngine, type ToEngine } from './messages.ts';

/** A running engine as the editor's side sees it: a stream of messages each way, and an end. */
export interface EngineChild {
  /** Messages to a child that has ended are dropped; its end is announced. */
  send(message: ToEngine): void;
  readonly onMessage: Event<FromEngine>;
  /** It said something that is no message of ours. */
  readonly onNonsense: Event<void>;
  /** Fires once. */
  readonly onExit: Event<ChildExit>;
  /** Ends it at once. Calling it twice is safe. */
  kill(): void;
}

/** How a child ended. */
export interface ChildExit {
  /** `undefined`: ended by a signal, or never started. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** Why it never started, a sentence. */
  readonly startError: string | undefined;
  /** The last lines it wrote to its error output. */
  readonly errorLines: readonly string[];
}

const keptErrorLines = 20;

/** Forks the engine's bundle. A failure to start is announced by `onExit`, like any other end. */
export function forkEngine(workerFile: string, log: Log): EngineChild {
  try {
    return heard(forked(workerFile), log);
  } catch (error) {
    return neverStarted(error instanceof Error ? error.message : String(error));
  }
}

function forked(workerFile: string): ChildProcess {
  return fork(workerFile, [], {
    execArgv: [],
    // Inside a desktop editor the program that is forked is Electron, which is Node only when told to be.
    env: { ...scrubbed(process.env), ELECTRON_RUN_AS_NODE: '1' },
    cwd: path.dirname(workerFile), // so that no folder of the user's is held open
    serialization: 'json',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

function heard(child: ChildProcess, log: Log): EngineChild {
  const messages = new Emitter<FromEngine>();
  const nonsense = new Emitter<void>();
  const errorLines: string[] = [];
  onLines(child.stdout, (line) => log.debug(`engine: ${line}`));
  onLines(child.stderr, (line) => {
    log.warn(`engine: ${line}`);
    errorLines.push(line);
    if (errorLines.length > keptErrorLines) errorLines.shift();
  });
  child.on('message', (value) => {
    const message = parseFromEngine(value);
    if (message === undefined) nonsense.fire();
    else messages.fire(message);
  });
  return {
    onMessage: messages.event,
    onNonsense: nonsense.event,
    onExit: endOf(child, errorLines),
    // An error here means that the child is ending, which `onExit` announces.
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** What Node refused to start (most reasons it tells later, some at once). Ends as soon as somebody can have heard. */
function neverStarted(startError: string): EngineChild {
  const ends = new Emitter<ChildExit>();
  queueMicrotask(() => ends.fire({ code: undefined, signal: undefined, startError, errorLines: [] }));
  return {
    onMessage: new Emitter<FromEngine>().event,
    onNonsense: new Emitter<void>().event,
    onExit: ends.event,
    send: () => undefined,
    kill: () => undefined,
  };
}

/** The environment without what would change the library's behaviour or slip options into the child's Node. */
export function scrubbed(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isUnwanted = (name: string): boolean => /^(NODE_OPTIONS$|NODE_LLAMA_CPP_)/i.test(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isUnwanted(name)));
}

function endOf(child: ChildProcess, errorLines: readonly string[]): Event<ChildExit> {
  const ends = new Emitter<ChildExit>();
  let hasEnded = false;
  const end = (exit: Omit<ChildExit, 'errorLines'>): void => {
    if (hasEnded) return;
    hasEnded = true;
    ends.fire({ ...exit, errorLines: [...errorLines] });
    ends.dispose();
  };
  child.on('error', (error) => {
    if (child.pid === undefined) end({ code: undefined, signal: undefined, startError: error.message });
  });
  // `close` rather than `exit`: the last lines have been read by then.
  child.on('close', (code, signal) =>
    end({ code: code ?? undefined, signal: signal ?? undefined, startError: undefined }),
  );
  return ends.event;
}

function onLines(stream: NodeJS.ReadableStream | null, hear: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') hear(line);
  });
  stream?.on('end', () => {
    if (rest.trim() !== '') hear(rest);
  });
}

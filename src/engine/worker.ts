/** The engine's own process: orders come in from the editor's side, tokens go out. Nobody imports it. */
import { systemClock } from '../base/clock.ts';
import { asFailure, type Failure } from '../base/failure.ts';
import {
  parseToEngine,
  protocolVersion,
  type EndReason,
  type FromEngine,
  type ThreadPlan,
  type ToEngine,
} from './messages.ts';
import { Chat } from './worker/chat.ts';
import { GpuFailed } from './worker/device.ts';
import { ErrorLines } from './worker/errorLines.ts';
import { Reader } from './worker/infill.ts';
import { loadModel, type LoadedModel } from './worker/load.ts';
import { Scheduler, type Outcome, type Rank, type Work } from './worker/scheduler.ts';
import { Tally } from './worker/tally.ts';

const errorLines = new ErrorLines((text) => void process.stderr.write(text));
hearConsole();
/** After a completion was asked for, another one may come at any moment for so long. */
const typingMs = 10_000;

const threadsAnswer = Promise.withResolvers<ThreadPlan | undefined>();
let engine: Loaded | undefined;
let lastInfillMs = -Infinity;

interface Loaded {
  readonly loaded: LoadedModel;
  readonly reader: Reader;
  readonly chat: Chat;
  readonly scheduler: Scheduler<EndReason>;
}

process.on('disconnect', leave);
process.on('message', (value) => {
  const message = parseToEngine(value);
  if (message === undefined) throw new Error('The editor sent a message this engine does not know.');
  obey(message);
});
tell({ type: 'hello', protocol: protocolVersion, pid: process.pid });

function obey(message: ToEngine): void {
  switch (message.type) {
    case 'hello':
      if (message.protocol !== protocolVersion) throw new Error('The editor speaks another version of the protocol.');
      return;
    case 'load':
      return void load(message);
    case 'threads':
      return threadsAnswer.resolve(message.plan);
    case 'infill':
      return infill(message);
    case 'chat':
      return chat(message);
    case 'count':
      return void count(message);
    case 'readAhead':
      return readAhead(message);
    case 'cancel':
      return engine?.scheduler.cancel(message.id);
    case 'ping':
      return tell({ type: 'pong', id: message.id });
    case 'bye':
      return leave();
  }
}

async function load(order: Extract<ToEngine, { type: 'load' }>): Promise<void> {
  try {
    const loaded = await loadModel({ order, tell, knownThreads: threadsAnswer.promise, errorLines });
    engine = loadedWith(loaded, order);
    tell({ type: 'loaded', facts: loaded.facts, areThreadsTrusted: loaded.areThreadsTrusted });
  } catch (error) {
    if (error instanceof GpuFailed) {
      return tell({ type: 'gpuFailed', reason: error.message, wasFound: error.wasFound });
    }
    const { kind, message } = asFailure(error, 'modelInvalid');
    tell({ type: 'loadFailed', kind, message });
  }
}

function loadedWith(loaded: LoadedModel, order: Extract<ToEngine, { type: 'load' }>): Loaded {
  const scheduler = new Scheduler<EndReason>(order.sequences, () => systemClock.monotonicMs());
  const chat = new Chat(loaded, {
    idleMs: order.chatIdleMs,
    isTyping: () => systemClock.monotonicMs() - lastInfillMs < typingMs,
    // In line with the conversations: none of them must lose its memory while it is worked on.
    whenIdle: () => scheduler.add({ id: 0, rank: 'chat', work: chat.rest(), onEnd: didRest }),
  });
  return { loaded, reader: new Reader(loaded), chat, scheduler };
}

function didRest(outcome: Outcome<EndReason>): void {
  if (outcome.kind === 'failed') throw outcome.error;
}

function infill({ id, request }: Extract<ToEngine, { type: 'infill' }>): void {
  if (engine === undefined) return notLoaded(id);
  lastInfillMs = systemClock.monotonicMs();
  const tally = new Tally(() => systemClock.monotonicMs());
  const emit = (text: string): void => tell({ type: 'text', id, text, report: tally.report() });
  run(id, 'foreground', { work: engine.reader.infill(request, tally, emit), tally });
}

function chat({ id, request }: Extract<ToEngine, { type: 'chat' }>): void {
  if (engine === undefined) return notLoaded(id);
  const tally = new Tally(() => systemClock.monotonicMs());
  const work = engine.chat.answer(request, tally, (news) => tell({ ...news, id, report: tally.report() }));
  run(id, 'chat', { work, tally });
}

async function count({ id, request }: Extract<ToEngine, { type: 'count' }>): Promise<void> {
  if (engine === undefined) return notLoaded(id);
  try {
    tell({ type: 'counted', id, ...(await engine.chat.count(request)) });
  } catch (error) {
    // Nothing was evaluated, so whatever it was, the context is in order.
    failed(id, asFailure(error, 'requestInvalid'));
  }
}

function readAhead({ id, window, line }: Extract<ToEngine, { type: 'readAhead' }>): void {
  if (engine === undefined) return notLoaded(id);
  engine.scheduler.cancelBackground();
  const tally = new Tally(() => systemClock.monotonicMs());
  run(id, 'background', { work: engine.reader.readAhead(window, line, tally), tally });
}

function run(id: number, rank: Rank, { work, tally }: { readonly work: Work<EndReason>; readonly tally: Tally }): void {
  engine?.scheduler.add({ id, rank, work, onEnd: (outcome) => ended(id, outcome, tally) });
}

function ended(id: number, outcome: Outcome<EndReason>, tally: Tally): void {
  if (outcome.kind === 'failed') return failed(id, asFailure(outcome.error, 'engineCrashed', 'restartEngine'));
  const reason = outcome.kind === 'cancelled' ? 'cancelled' : outcome.result;
  tell({ type: 'end', id, reason, report: tally.report() });
  if (engine === undefined) return;
  const { prefillTokPerS, decodeTokPerS } = engine.loaded.pace;
  tell({ type: 'speed', prefillTokPerS, decodeTokPerS });
}

function failed(id: number, { kind, message, action, facts }: Failure): void {
  // After a failed evaluation nobody knows what the context holds; a new process does.
  const leaveToo = kind === 'engineCrashed' ? () => process.exit(1) : () => undefined;
  process.send?.({ type: 'failed', id, kind, message, action, facts } satisfies FromEngine, leaveToo);
}

function notLoaded(id: number): void {
  const message = 'The engine has no model loaded.';
  tell({ type: 'failed', id, kind: 'requestInvalid', message, action: 'restartEngine' });
}

function tell(message: FromEngine): void {
  // A channel that is closed means that the parent is gone, which `disconnect` tells.
  process.send?.(message, () => undefined);
}

/** Ends at once: nothing here needs saving, and native clean-up has crashed on some GPUs. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** What the library writes to the console is taken for trouble too: some of its reasons go nowhere else. */
function hearConsole(): void {
  const hear = (...parts: unknown[]): void =>
    errorLines.add(
      parts.map((part) => (part instanceof Error ? (part.stack ?? part.message) : String(part))).join(' '),
    );
  Object.assign(globalThis.console, { log: hear, info: hear, warn: hear, error: hear });
}

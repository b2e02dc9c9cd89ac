import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/base/failure.ts';
import { Engine, type EngineOptions, type EngineState } from '../../src/engine/engine.ts';
import { protocolVersion, type ThreadPlan } from '../../src/engine/messages.ts';
import type { ChatRequest, Chunk, InfillRequest, ReadAheadRequest, Usage } from '../../src/models/model.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { facts, FakeEngineChild, report } from '../support/fakeEngineChild.ts';
import { LogLines } from '../support/log.ts';

const request: InfillRequest = {
  kind: 'infill',
  document: 'file:///a.ts',
  windows: [{ head: 'a\n', suffix: '\nb\n' }],
  line: 'con',
  maxTokens: 8,
  patienceMs: 1000,
};

/** An engine whose children the test plays. */
function setUp(options: EngineOptions = { device: 'cpu' }) {
  const clock = new FakeClock();
  const log = new LogLines();
  const children: FakeEngineChild[] = [];
  const plans = new Map<string, ThreadPlan>();
  const states: EngineState[] = [];
  const engine = new Engine({
    file: '/models/a.gguf',
    options,
    spawn: () => {
      const child = new FakeEngineChild();
      children.push(child);
      return child;
    },
    clock,
    log,
    threads: { get: (key) => plans.get(key), set: (key, plan) => void plans.set(key, plan) },
  });
  engine.onDidChangeState((state) => states.push(state));
  const child = (index = children.length - 1): FakeEngineChild => {
    const found = children[index];
    if (found === undefined) throw new Error(`No child ${index}.`);
    return found;
  };
  return { engine, clock, log, children, child, plans, states };
}

/** Reads a whole stream in the background. */
function reading(engine: Engine, signal = new AbortController().signal) {
  const chunks: Chunk[] = [];
  const counts: Usage[] = [];
  const result = (async () => {
    for await (const chunk of engine.infill(request, (usage) => counts.push(usage), signal)) chunks.push(chunk);
  })();
  const ended = result.then(
    () => undefined,
    (error: unknown) => error as Failure,
  );
  return { chunks, counts, ended };
}

describe('starting', () => {
  test('nothing is started before something is asked', () => {
    const { children, engine } = setUp();
    expect(children).toHaveLength(0);
    expect(engine.state).toEqual({ kind: 'stopped' });
  });

  test('the first request starts the engine, waits for it, and is sent once it is ready', async () => {
    const { engine, child, states } = setUp();
    const { chunks, ended } = reading(engine);
    await settle();
    expect(child().told('infill')).toHaveLength(0);
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'opened', fileBytes: 1000, threadsKey: 'k' });
    child().says({ type: 'loading', progress: 0.5 });
    child().says({ type: 'loaded', facts, areThreadsTrusted: true });
    await settle();
    const [sent] = child().told('infill');
    expect(sent?.request).toEqual(request);
    const id = sent?.id ?? 0;
    child().says({ type: 'text', id, text: 'st', report: report(1) });
    child().says({ type: 'end', id, reason: 'maxTokens', report: report(2) });
    expect(await ended).toBeUndefined();
    expect(chunks).toEqual([
      { kind: 'text', text: 'st' },
      { kind: 'end', reason: 'maxTokens', usage: report(2).usage, speed: report(2).speed },
    ]);
    expect(states.map(({ kind }) => kind)).toEqual(['starting', 'starting', 'ready']);
    engine.dispose();
  });

  test('a child of another version is refused with the reason', async () => {
    const { engine, child } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().says({ type: 'hello', protocol: 99, pid: 1 });
    expect(await ended).toMatchObject({ kind: 'engineMissing', message: 'The engine is of another version.' });
    expect(child().isKilled).toBe(true);
    expect(child().told('load')).toHaveLength(0);
  });

  test('a message that is none of ours ends the child', async () => {
    const { engine, child } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().saysNonsense();
    expect(await ended).toMatchObject({ kind: 'engineMissing' });
  });

  test('a file that cannot be loaded is not tried again by itself, only by restart', async () => {
    const { engine, clock, child, children } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'loadFailed', kind: 'modelInvalid', message: '"a.gguf" is empty.' });
    expect(await ended).toMatchObject({ kind: 'modelInvalid', action: 'chooseModel', message: '"a.gguf" is empty.' });
    await clock.advance(60_000);
    expect(await reading(engine).ended).toMatchObject({ kind: 'modelInvalid' });
    expect(children).toHaveLength(1);
    engine.restart();
    child().loads();
    expect(engine.state.kind).toBe('ready');
  });

  test('a start that does not get on is ended; a large file is given a second for each 100 MB more', async () => {
    const { engine, clock, child } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'opened', fileBytes: 1_000_000_000, threadsKey: 'k' });
    await clock.advance(39_900);
    expect(child().isKilled).toBe(false);
    await clock.advance(200);
    expect(child(0).isKilled).toBe(true);
    expect(engine.state).toMatchObject({ kind: 'failed', failure: { kind: 'engineTimeout' } });
    engine.dispose();
    expect(await ended).toMatchObject({ kind: 'aborted' });
  });

  test('a slow disk is given the same time again whenever it gets on, and not when it only says so', async () => {
    const { engine, clock, child } = setUp();
    engine.start();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'opened', fileBytes: 1_000_000_000, threadsKey: 'k' });
    for (const progress of [0.1, 0.2, 0.3, 0.4]) {
      await clock.advance(39_000);
      child().says({ type: 'loading', progress });
    }
    expect(engine.state).toEqual({ kind: 'starting', progress: 0.4 });
    await clock.advance(30_000);
    child().says({ type: 'loading', progress: 0.4 });
    await clock.advance(10_001);
    expect(child(0).isKilled).toBe(true);
    expect(engine.state).toMatchObject({
      kind: 'failed',
      failure: { kind: 'engineTimeout', message: 'The engine did not get on with loading for 40 s.' },
    });
    engine.dispose();
  });

  test('a child whose files are missing is not tried again: only installing helps', async () => {
    for (const line of ["  code: 'MODULE_NOT_FOUND',", 'Error [ERR_MODULE_NOT_FOUND]: Cannot find module']) {
      const { engine, clock, child, children } = setUp();
      engine.start();
      child().ends({ code: 1, signal: undefined, errorLines: [line, 'Node.js v24.1.0'] });
      expect(engine.state).toMatchObject({
        kind: 'failed',
        retryInMs: undefined,
        failure: { kind: 'engineMissing', message: 'Files of the engine are missing. Install Paddock again.' },
      });
      await clock.advance(60_000);
      expect(children).toHaveLength(1);
    }
  });

  test('many requests, stopped ones and readings ahead start one child', async () => {
    const { engine, clock, child, children } = setUp();
    const window = { head: 'a\n', suffix: '' };
    const ended: Promise<unknown>[] = [];
    for (let key = 0; key < 20; key += 1) {
      const stop = new AbortController();
      ended.push(reading(engine, stop.signal).ended);
      const ahead = { kind: 'readAhead', document: 'd', window, line: '' } as const;
      ended.push(engine.readAhead(ahead, () => undefined, stop.signal).catch((error: unknown) => error));
      await clock.advance(100);
      if (key === 5) child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
      if (key === 10) child().says({ type: 'loading', progress: 0.5 });
      stop.abort();
    }
    for (const end of await Promise.all(ended)) expect(end).toMatchObject({ kind: 'aborted' });
    child().loads();
    expect(engine.state.kind).toBe('ready');
    expect(children).toHaveLength(1);
    expect(child().told('infill')).toHaveLength(0);
    engine.dispose();
  });

  test.each(['restart', 'dispose'] as const)('%s while the start is announced leaves no child behind', (order) => {
    const { engine, children } = setUp();
    const listening = engine.onDidChangeState(() => {
      listening.dispose();
      engine[order]();
    });
    engine.start();
    expect(children.filter(({ isKilled }) => !isKilled)).toHaveLength(order === 'restart' ? 1 : 0);
    engine.dispose();
    expect(children.filter(({ isKilled }) => !isKilled)).toHaveLength(0);
  });

  test('a child that cannot be started says so and is not retried', async () => {
    const { engine, child } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().ends({ signal: undefined, startError: 'spawn ENOENT' });
    expect(await ended).toMatchObject({ kind: 'engineMissing' });
    expect(engine.state).toMatchObject({ kind: 'failed', retryInMs: undefined });
  });

  test('a processor without the instructions is told apart from a crash', async () => {
    const { engine, child } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().ends({ signal: 'SIGILL' });
    expect(await ended).toMatchObject({ kind: 'cpuUnsupported' });
  });

  test('thread counts are remembered and sent with the next start', async () => {
    const { engine, child, plans } = setUp();
    engine.start();
    child().loads();
    expect(child().told('threads')).toEqual([{ type: 'threads', plan: undefined }]);
    expect(plans.get('this machine')).toEqual({ prefill: 2, decode: 1 });
    engine.restart();
    child().loads();
    expect(child().told('threads')).toEqual([{ type: 'threads', plan: { prefill: 2, decode: 1 } }]);
    engine.dispose();
  });
});

test('thread counts that were measured while much else ran are not remembered', () => {
  const { engine, child, plans } = setUp();
  engine.start();
  child().loads({}, false);
  expect(plans.size).toBe(0);
  engine.dispose();
});

describe('a conversation', () => {
  const conversation: ChatRequest = {
    kind: 'chat',
    messages: [{ role: 'user', text: 'Why?' }],
    temperature: 0.5,
    items: [{ uri: 'file:///a.ts', bytes: 3 }],
  };

  /** Asks an engine that is ready, and gives back the id its child was told. */
  function talking(signal = new AbortController().signal) {
    const all = setUp();
    all.engine.start();
    all.child().loads();
    const chunks: Chunk[] = [];
    const counts: Usage[] = [];
    const ended = (async () => {
      const stream = all.engine.chat(conversation, (usage) => counts.push(usage), signal);
      for await (const chunk of stream) chunks.push(chunk);
    })().catch((error: unknown) => error as Failure);
    const told = async (): Promise<number> => {
      await settle();
      return all.child().told('chat')[0]?.id ?? 0;
    };
    return { ...all, chunks, counts, ended, told };
  }

  test('streams how far it is read, what is thought and what is said, with the counts of each', async () => {
    const { child, chunks, counts, ended, told } = talking();
    const id = await told();
    child().says({ type: 'reading', id, readTokens: 4, totalTokens: 9, report: report(0) });
    child().says({ type: 'reasoning', id, text: 'Hm.', report: report(1) });
    child().says({ type: 'text', id, text: 'So.', report: report(2) });
    child().says({ type: 'end', id, reason: 'endOfText', report: report(3) });
    expect(await ended).toBeUndefined();
    expect(chunks).toEqual([
      { kind: 'reading', readTokens: 4, totalTokens: 9 },
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'text', text: 'So.' },
      { kind: 'end', reason: 'endOfText', usage: report(3).usage, speed: report(3).speed },
    ]);
    expect(counts.map(({ completionTokens }) => completionTokens)).toEqual([0, 1, 2, 3]);
  });

  test('is told to the child without what is for the ledger only', async () => {
    const { child, engine, told } = talking();
    await told();
    const { messages, temperature } = conversation;
    expect(
      child()
        .told('chat')
        .map(({ request: order }) => order),
    ).toEqual([{ messages, temperature }]);
    expect(child().told('load')).toMatchObject([{ chatContextTokens: 8192, chatIdleMs: 600_000 }]);
    engine.dispose();
  });

  test('that is too long fails with both numbers, and the engine goes on', async () => {
    const { child, engine, ended, told } = talking();
    const id = await told();
    const facts = { usedTokens: 9000, limitTokens: 8128 };
    child().says({ type: 'failed', id, kind: 'contextTooLong', message: 'Too long.', facts });
    expect(await ended).toMatchObject({ kind: 'contextTooLong', message: 'Too long.', facts, action: undefined });
    expect(engine.state.kind).toBe('ready');
    engine.dispose();
  });

  test('that is stopped while it is read ends with its last counts and says nothing more', async () => {
    const stop = new AbortController();
    const { child, engine, chunks, counts, ended, told } = talking(stop.signal);
    const id = await told();
    stop.abort();
    expect(child().told('cancel')).toEqual([{ type: 'cancel', id }]);
    child().says({ type: 'reading', id, readTokens: 4, totalTokens: 9, report: report(0) });
    child().says({ type: 'end', id, reason: 'cancelled', report: report(0) });
    expect(await ended).toMatchObject({ kind: 'aborted' });
    expect(chunks).toEqual([]);
    expect(counts).toHaveLength(2);
    engine.dispose();
  });

  test('that runs when the engine crashes fails and is not asked again', async () => {
    const { clock, child, engine, ended, told } = talking();
    await told();
    child().ends();
    expect(await ended).toMatchObject({ kind: 'engineCrashed', action: 'restartEngine' });
    await clock.advance(1_000);
    child().loads();
    await settle();
    expect(child().told('chat')).toEqual([]);
    engine.dispose();
  });
});

describe('counting a conversation', () => {
  const conversation: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text: 'Why?' }], items: [] };
  const { signal } = new AbortController();

  test('starts no engine', async () => {
    const { engine, clock } = setUp();
    expect(await engine.count(conversation, signal)).toBeUndefined();
    expect([engine.state.kind, clock.waiting]).toEqual(['stopped', 0]);
    engine.dispose();
  });

  test('gives what the child counts, or why it cannot', async () => {
    const { engine, child } = setUp();
    engine.start();
    child().loads();
    const counted = engine.count(conversation, signal);
    const refused = engine.count(conversation, signal);
    await settle();
    const [first, second] = child().told('count');
    expect(first?.request).toEqual({ messages: conversation.messages });
    child().says({ type: 'failed', id: second?.id ?? 0, kind: 'modelUnsupported', message: 'It cannot chat.' });
    child().says({ type: 'counted', id: first?.id ?? 0, tokens: 12, heldTokens: 5 });
    expect(await counted).toEqual({ tokens: 12, heldTokens: 5 });
    await expect(refused).rejects.toMatchObject({ kind: 'modelUnsupported' });
    engine.dispose();
  });

  test('ends with the wish for it, and with the child', async () => {
    const { engine, child } = setUp();
    engine.start();
    child().loads();
    const stop = new AbortController();
    const stopped = engine.count(conversation, stop.signal);
    const crashed = engine.count(conversation, signal);
    const ends = Promise.allSettled([stopped, crashed]);
    await settle();
    stop.abort();
    child().ends();
    expect(await ends).toMatchObject([{ reason: { kind: 'aborted' } }, { reason: { kind: 'engineCrashed' } }]);
    engine.dispose();
  });
});

describe('stopping a request', () => {
  test('while the engine starts: at once, and the engine goes on starting', async () => {
    const { engine, child } = setUp();
    const stop = new AbortController();
    const { ended } = reading(engine, stop.signal);
    await settle();
    stop.abort();
    expect(await ended).toMatchObject({ kind: 'aborted' });
    child().loads();
    expect(engine.state.kind).toBe('ready');
    expect(child().told('infill')).toHaveLength(0);
  });

  test('while it runs: it is cancelled, its text stops, and its last counts arrive before it ends', async () => {
    const { engine, child } = setUp();
    const stop = new AbortController();
    const { ended, chunks, counts } = reading(engine, stop.signal);
    await settle();
    child().loads();
    await settle();
    const id = child().told('infill')[0]?.id ?? 0;
    child().says({ type: 'text', id, text: 'st', report: report(1) });
    await settle();
    stop.abort();
    expect(child().told('cancel')).toEqual([{ type: 'cancel', id }]);
    child().says({ type: 'text', id, text: ' x', report: report(2) });
    child().says({ type: 'end', id, reason: 'cancelled', report: report(2) });
    expect(await ended).toMatchObject({ kind: 'aborted' });
    expect(chunks).toEqual([{ kind: 'text', text: 'st' }]);
    expect(counts.at(-1)?.completionTokens).toBe(2);
  });

  test('leaving the loop early cancels, waits for nothing, and keeps the counts of the last text', async () => {
    const { engine, child } = setUp();
    const counts: Usage[] = [];
    engine.start();
    child().loads();
    const stream = engine.infill(request, (usage) => counts.push(usage), new AbortController().signal);
    const first = stream.next();
    await settle();
    const id = child().told('infill')[0]?.id ?? 0;
    child().says({ type: 'text', id, text: 'st', report: report(1) });
    await first;
    await stream.return();
    expect(child().told('cancel')).toEqual([{ type: 'cancel', id }]);
    expect(counts).toHaveLength(1);
    child().says({ type: 'end', id, reason: 'cancelled', report: report(2) });
    expect(counts.at(-1)?.completionTokens).toBe(2);
  });

  test('between the engine being ready and the request being sent: nothing is sent', async () => {
    const { engine, child } = setUp();
    engine.start();
    child().loads();
    const stop = new AbortController();
    const { ended } = reading(engine, stop.signal);
    stop.abort();
    expect(await ended).toMatchObject({ kind: 'aborted' });
    expect(child().told('infill')).toHaveLength(0);
  });

  test('a signal that aborted before asks nothing', async () => {
    const { engine, children } = setUp();
    expect(await reading(engine, AbortSignal.abort()).ended).toMatchObject({ kind: 'aborted' });
    expect(children).toHaveLength(0);
  });
});

describe('crashes', () => {
  /** An engine that is ready. */
  function ready(options?: EngineOptions) {
    const all = setUp(options);
    all.engine.start();
    all.child().loads();
    return all;
  }

  test('the running request fails with the last line of the log and is never sent again', async () => {
    const { engine, clock, child, children } = ready();
    const { ended } = reading(engine);
    await settle();
    child().ends({ errorLines: ['GGML_ASSERT(x) failed'] });
    expect(await ended).toMatchObject({
      kind: 'engineCrashed',
      action: 'restartEngine',
      message: 'The engine crashed (SIGSEGV): GGML_ASSERT(x) failed',
    });
    await clock.advance(1000);
    expect(children).toHaveLength(2);
    child().loads();
    await settle();
    expect(child().told('infill')).toHaveLength(0);
    expect(child().told('readAhead')).toHaveLength(0);
  });

  test('it starts again by itself, later each time, and a request waits for it', async () => {
    const { engine, clock, child, children } = ready();
    child().ends();
    expect(engine.state).toMatchObject({ kind: 'failed', attempts: 1 });
    const { ended, chunks } = reading(engine);
    await clock.advance(499);
    expect(children).toHaveLength(1);
    await clock.advance(101);
    expect(children).toHaveLength(2);
    child().ends();
    await clock.advance(999);
    expect(children).toHaveLength(2);
    await clock.advance(201);
    expect(children).toHaveLength(3);
    child().loads();
    await settle();
    const id = child().told('infill')[0]?.id ?? 0;
    child().says({ type: 'end', id, reason: 'endOfText', report: report(0) });
    expect(await ended).toBeUndefined();
    expect(chunks).toHaveLength(1);
  });

  test('three crashes in five minutes stop it until it is restarted', async () => {
    const { engine, clock, child, children } = ready();
    for (let crash = 1; crash < 3; crash += 1) {
      child().ends();
      await clock.advance(5_000);
      child().loads();
      await clock.advance(60_000);
    }
    child().ends();
    await clock.advance(600_000);
    expect(children).toHaveLength(3);
    expect(engine.state).toMatchObject({ kind: 'failed', retryInMs: undefined, failure: { action: 'restartEngine' } });
    expect(await reading(engine).ended).toMatchObject({ kind: 'engineCrashed' });
    engine.restart();
    child().loads();
    expect(engine.state.kind).toBe('ready');
    child().ends();
    expect(engine.state).toMatchObject({ kind: 'failed', attempts: 1 });
  });

  test('crashes far apart do not add up', async () => {
    const { engine, clock, child } = ready();
    for (let crash = 1; crash < 6; crash += 1) {
      child().ends();
      await clock.advance(10_000);
      child().loads();
      await clock.advance(3 * 60_000);
    }
    expect(engine.state.kind).toBe('ready');
  });

  test('a child that stops answering is killed after three missed pings', async () => {
    const { engine, clock, child } = ready();
    const { ended } = reading(engine);
    child().isStuck = true;
    await clock.advance(6_500);
    expect(child(0).told('ping')).toHaveLength(3);
    expect(child(0).isKilled).toBe(false);
    await clock.advance(2_000);
    expect(child(0).isKilled).toBe(true);
    expect(await ended).toMatchObject({ kind: 'engineTimeout', message: 'The engine stopped answering.' });
  });

  test('any message counts as an answer', async () => {
    const { engine, clock, child } = ready();
    child().isStuck = true;
    for (let tick = 0; tick < 20; tick += 1) {
      await clock.advance(2_000);
      child().says({ type: 'speed', prefillTokPerS: 50 + tick, decodeTokPerS: 10 });
    }
    expect(engine.state).toMatchObject({ kind: 'ready', facts: { prefillTokPerS: 69 } });
  });
});

describe('a GPU', () => {
  test('that does not start in time is given up for the CPU, in a new process, with the reason', async () => {
    const { engine, clock, child, children, log } = setUp({ device: 'auto', gpuStartLimitMs: 5_000 });
    engine.start();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'opened', fileBytes: 1000, threadsKey: 'k' });
    child().says({ type: 'gpuStarting', api: 'Vulkan' });
    await clock.advance(5_001);
    expect(children).toHaveLength(2);
    expect(child(0).isKilled).toBe(true);
    child().says({ type: 'hello', protocol: protocolVersion, pid: 2 });
    const cpuReason = 'The GPU did not start within 5 s (Vulkan).';
    expect(child().told('load')[0]).toMatchObject({ device: 'cpu', cpuReason });
    child().loads();
    expect(engine.state.kind).toBe('ready');
    expect(log.lines.filter((line) => line.includes(cpuReason))).toHaveLength(1);
  });

  test('that says it cannot start, or crashes while starting, is given up at once and is no crash', () => {
    for (const give of [
      (child: FakeEngineChild) => child.says({ type: 'gpuFailed', reason: 'It is broken.', wasFound: true }),
      (child: FakeEngineChild) => child.ends(),
    ]) {
      const { engine, child, children } = setUp({ device: 'gpu' });
      engine.start();
      child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
      child().says({ type: 'gpuStarting', api: 'Vulkan' });
      give(child());
      expect(children).toHaveLength(2);
      expect(engine.state.kind).toBe('starting');
      engine.dispose();
    }
  });

  test.each([
    ['gpu', false, 'told'],
    ['gpu', true, 'told'],
    ['auto', true, 'told'],
    ['auto', false, 'not told'],
  ] as const)('asked for as "%s" that cannot be used (found: %s) is %s', (device, wasFound, told) => {
    const { engine, child, log } = setUp({ device });
    const reason = wasFound ? 'It is broken.' : 'No GPU was found.';
    engine.start();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'gpuFailed', reason, wasFound });
    child().says({ type: 'hello', protocol: protocolVersion, pid: 2 });
    expect(child().told('load')[0]).toMatchObject({ device: 'cpu', cpuReason: reason });
    child().loads();
    expect(engine.gpuFailed).toBe(told === 'told' ? reason : undefined);
    expect(log.lines).toContain(`${told === 'told' ? 'warn' : 'info'}: The CPU is used: ${reason}`);
    engine.dispose();
  });

  test('on which a ready engine crashes is not used again until a restart asks for it', async () => {
    const { engine, clock, child } = setUp({ device: 'auto' });
    engine.start();
    child().loads({ device: 'Some GPU', gpuLayers: 10 });
    child().ends();
    await clock.advance(1000);
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    expect(child().told('load')[0]?.device).toBe('cpu');
    engine.restart();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    expect(child().told('load')[0]?.device).toBe('auto');
  });

  test('that was found in time is not given up later', async () => {
    const { engine, clock, child, children } = setUp({ device: 'auto', gpuStartLimitMs: 5_000 });
    engine.start();
    child().says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    child().says({ type: 'gpuStarting', api: 'Metal' });
    child().says({ type: 'device', name: 'Some GPU', isGpu: true });
    await clock.advance(10_000);
    expect(children).toHaveLength(1);
    engine.dispose();
  });
});

describe('reading ahead', () => {
  const ahead = (head: string): ReadAheadRequest => ({
    kind: 'readAhead',
    document: 'd',
    window: { head, suffix: '' },
    line: 'x',
  });
  test('ends with its counts when all is read, and as stopped when a newer one takes its place', async () => {
    const { engine, child } = setUp();
    engine.start();
    child().loads();
    const counts: number[] = [];
    const count = ({ promptTokens }: Usage): void => void counts.push(promptTokens);
    const first = engine.readAhead(ahead('1\n'), count, new AbortController().signal);
    const second = engine.readAhead(ahead('2\n'), count, new AbortController().signal);
    await settle();
    const [one, two] = child().told('readAhead');
    expect([one?.window.head, two?.window.head]).toEqual(['1\n', '2\n']);
    child().says({ type: 'end', id: one?.id ?? 0, reason: 'cancelled', report: report(0) });
    child().says({ type: 'end', id: two?.id ?? 0, reason: 'read', report: report(0) });
    await expect(first).rejects.toMatchObject({ kind: 'aborted' });
    await second;
    expect(counts).toEqual([report(0).usage.promptTokens, report(0).usage.promptTokens]);
    engine.dispose();
  });

  test('is cancelled by its signal, fails with the engine, and does not start one', async () => {
    const { engine, child, children } = setUp();
    const stopped = engine.readAhead(ahead(''), () => undefined, new AbortController().signal);
    await expect(stopped).rejects.toMatchObject({ kind: 'aborted' });
    expect(children).toHaveLength(0);
    engine.start();
    child().loads();
    const controller = new AbortController();
    const running = engine.readAhead(ahead(''), () => undefined, controller.signal);
    await settle();
    controller.abort();
    expect(child().told('cancel')).toHaveLength(1);
    child().ends({ signal: 'SIGKILL' });
    await expect(running).rejects.toMatchObject({ kind: 'engineCrashed' });
    engine.dispose();
  });
});

describe('the end', () => {
  test('leaves no child, no timer and no listener, and stops what waits', async () => {
    for (const isLoaded of [false, true]) {
      const { engine, clock, child } = setUp();
      const { ended } = reading(engine);
      await settle();
      if (isLoaded) child().loads();
      await settle();
      engine.dispose();
      engine.dispose();
      expect(await ended).toMatchObject({ kind: 'aborted' });
      expect(child().isKilled).toBe(true);
      expect(child().listeners).toBe(0);
      expect(clock.waiting).toBe(0);
      expect(await reading(engine).ended).toMatchObject({ kind: 'aborted' });
      engine.restart();
      engine.start();
      expect(engine.state.kind).toBe('stopped');
    }
  });

  test('a wait for the next try ends too', async () => {
    const { engine, clock, child, children } = setUp();
    const { ended } = reading(engine);
    await settle();
    child().ends();
    engine.dispose();
    expect(await ended).toMatchObject({ kind: 'aborted' });
    await clock.advance(60_000);
    expect(children).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });
});

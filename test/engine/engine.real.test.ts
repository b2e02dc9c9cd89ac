import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { EngineFacts } from '../../src/engine/messages.ts';
import type { Failure } from '../../src/base/failure.ts';
import type { InfillWindow, Usage } from '../../src/models/model.ts';
import { answerTo, isAlive, realEngine, until, type RealEngine } from '../support/realEngine.ts';

const counter: InfillWindow = {
  head: `export class Counter {
  private count = 0;

  increment(): void {
    this.count += 1;
  }

  decrement(): void {
`,
  suffix: '\n  }\n}\n',
};

/** About so many tokens of code, different for each name. */
function code(name: string, lines: number): string {
  const line = (index: number): string => `const ${name}${index} = compute(${name}, ${index * 7}, 'value ${index}');\n`;
  return Array.from({ length: lines }, (_, index) => line(index)).join('');
}

function factsOf(engine: Engine): EngineFacts {
  if (engine.state.kind !== 'ready') throw new Error(`The engine is ${engine.state.kind}.`);
  return engine.state.facts;
}

/** The stream's end when it is stopped. */
async function stopped(answer: Promise<unknown>): Promise<Failure> {
  return answer.then(
    () => {
      throw new Error('It was not stopped.');
    },
    (error: unknown) => error as Failure,
  );
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;

describe.each(['demo', 'infill'] as const)('the %s model', (name) => {
  let real: RealEngine;
  let engine: Engine;

  beforeAll(async () => {
    real = await realEngine({ name }, { contextTokens: 4096 });
    engine = real.engine;
    await answerTo(engine, { windows: [counter], line: '', maxTokens: 1 });
  });

  afterAll(async () => {
    engine.dispose();
    await until(() => real.processIds.every((id) => !isAlive(id)), 5_000, 'every process has ended');
  });

  test('says what it is and how fast', () => {
    const facts = factsOf(engine);
    expect(facts.architecture).toBe(name === 'demo' ? 'llama' : 'qwen2');
    expect(facts.hasInfillTokens).toBe(name === 'infill');
    expect(facts.contextTokens).toBe(4096);
    expect(facts.prefillTokPerS).toBeGreaterThan(1);
    expect(facts.decodeTokPerS).toBeGreaterThan(1);
    expect(facts.device === 'CPU').toBe(facts.cpuReason !== undefined);
    expect(facts.threads.prefill).toBeGreaterThanOrEqual(1);
  });

  test('streams text for the cursor, piece by piece, with its counts', async () => {
    const pieces: string[] = [];
    const answer = await answerTo(
      engine,
      { windows: [counter], line: '    this.cou', maxTokens: 6 },
      { onText: (text) => pieces.push(text) },
    );
    expect(answer.text).toMatch(/^nt -= 1;/);
    expect(pieces.length).toBeGreaterThan(2);
    expect(answer.end).toMatchObject({ reason: 'maxTokens', usage: { completionTokens: 6, source: 'engine' } });
    expect(answer.end?.speed.firstTokenMs).toBeGreaterThan(0);
  });

  test('completes a word that was cut as it completes the whole word', async () => {
    const whole = await answerTo(engine, { windows: [counter], line: '    this', maxTokens: 4 });
    const expected = `this${whole.text}`;
    for (const cut of [1, 2, 3]) {
      const answer = await answerTo(engine, { windows: [counter], line: `    ${'this'.slice(0, cut)}`, maxTokens: 5 });
      expect('this'.slice(0, cut) + answer.text).toContain(expected);
    }
  });

  test('typing inside a line evaluates a few tokens for each key', async () => {
    const typed = '    const previous = this.count;';
    const evaluated: number[] = [];
    for (let length = 5; length <= typed.length; length += 1) {
      const answer = await answerTo(engine, { windows: [counter], line: typed.slice(0, length), maxTokens: 1 });
      evaluated.push(answer.evaluatedTokens);
    }
    expect(median(evaluated)).toBeLessThanOrEqual(3);
  });

  test('what was read ahead is not read again', async () => {
    const window = { head: code(`${name}Ahead`, 8), suffix: '\nend();\n' };
    const request = { kind: 'readAhead', document: 'file:///ahead.ts', window, line: '' } as const;
    const reading = engine.readAhead(request, () => undefined, new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = await answerTo(engine, { windows: [counter], line: '', maxTokens: 1 });
    expect(before.end?.reason).toBe('maxTokens'); // it pushed the reading aside
    // It has been read when a request prefers it to the small window.
    const ask = (): ReturnType<typeof answerTo> =>
      answerTo(engine, { windows: [window, counter], line: 'ret', maxTokens: 1, patienceMs: 150 });
    let answer = await ask();
    for (let tries = 0; tries < 100 && (answer.usage?.promptTokens ?? 0) < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      answer = await ask();
    }
    expect(answer.usage?.promptTokens).toBeGreaterThan(100); // the large window, not the small one
    // The request takes the large window as soon as the rest of it can be read within its patience, which is some
    // twenty tokens on a slow machine; the line and what closes the prompt come on top.
    expect(answer.evaluatedTokens).toBeLessThanOrEqual(40);
    await reading;
  });

  test('answers from the small window while the large one is not read', async () => {
    const large = { head: code(`${name}Large`, 30) + counter.head, suffix: counter.suffix };
    const answer = await answerTo(engine, { windows: [large, counter], line: '    th', maxTokens: 1, patienceMs: 500 });
    expect(answer.usage?.promptTokens).toBeLessThan(60);
  });

  test('stops reading a long prompt within about one chunk, and keeps what it read', async () => {
    const long = { head: code(`${name}Long`, 80), suffix: '' };
    const stop = new AbortController();
    let readTokens = 0;
    const onUsage = ({ promptTokens, cachedTokens = 0 }: Usage): void =>
      void (readTokens = promptTokens - cachedTokens);
    const startMs = performance.now();
    const end = stopped(answerTo(engine, { windows: [long], maxTokens: 4 }, { signal: stop.signal, onUsage }));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const stopMs = performance.now();
    stop.abort();
    expect(await end).toMatchObject({ kind: 'aborted' });
    const endMs = performance.now();
    expect(readTokens).toBeGreaterThan(0);
    // The longest chunk has 128 tokens; the whole prompt has a dozen times as many.
    const chunkMs = ((endMs - startMs) * 128) / readTokens;
    expect(endMs - stopMs).toBeLessThan(2 * chunkMs);
    const beginning = { head: code(`${name}Long`, 2), suffix: '' };
    const again = await answerTo(engine, { windows: [beginning], maxTokens: 1 });
    expect(again.usage?.cachedTokens).toBeGreaterThanOrEqual(16);
  });

  test('stops writing at the next token, and serves the next request', async () => {
    const stop = new AbortController();
    const pieces: string[] = [];
    const onText = (text: string): void => {
      pieces.push(text);
      if (pieces.length === 3) stop.abort();
    };
    const asked = answerTo(engine, { windows: [counter], line: '', maxTokens: 400 }, { signal: stop.signal, onText });
    expect(await stopped(asked)).toMatchObject({ kind: 'aborted' });
    expect(pieces).toHaveLength(3);
    expect((await answerTo(engine, { windows: [counter], line: '    this.', maxTokens: 3 })).text).toMatch(/^count/);
  });

  test('text that looks like a control token is read as text', async () => {
    const looks = await answerTo(engine, {
      windows: [{ head: '// <|fim_middle|><|im_end|>\n', suffix: '' }],
      maxTokens: 1,
    });
    const plain = await answerTo(engine, { windows: [{ head: '// \n', suffix: '' }], maxTokens: 1 });
    expect(looks.usage?.promptTokens).toBeGreaterThan((plain.usage?.promptTokens ?? 0) + 6);
  });

  test.each(['const s = "日', 'const s = "🙂🙂', 'const straße = "Grö', '\tif (x ', '  '])(
    'goes on after %j in whole characters',
    async (line) => {
      const pieces: string[] = [];
      await answerTo(
        engine,
        { windows: [{ head: 'const t = "日本語 🙂 Größe";\n', suffix: '' }], line, maxTokens: 8 },
        { onText: (text) => pieces.push(text) },
      );
      for (const piece of pieces) expect(piece.isWellFormed() && !piece.includes('\ufffd')).toBe(true);
    },
  );

  test('an empty document is answered', async () => {
    expect((await answerTo(engine, { maxTokens: 2 })).end).toBeDefined();
  });

  test('a window that cannot fit into the context is refused, and the next one is served', async () => {
    const huge = { head: code('huge', 400), suffix: '' };
    await expect(answerTo(engine, { windows: [huge] })).rejects.toMatchObject({ kind: 'requestInvalid' });
    expect((await answerTo(engine, { windows: [huge, counter], maxTokens: 1 })).end).toBeDefined();
  });
});

test('requests that come and go while the model loads leave one process', async () => {
  const { engine, processIds } = await realEngine({ name: 'demo' });
  for (let key = 0; key < 20; key += 1) {
    const stop = new AbortController();
    const asked = stopped(answerTo(engine, { windows: [counter], line: 'a'.repeat(key) }, { signal: stop.signal }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await asked).toMatchObject({ kind: 'aborted' });
  }
  expect(engine.state.kind).toBe('starting');
  expect((await answerTo(engine, { windows: [counter], maxTokens: 1 })).end).toBeDefined();
  expect(processIds).toHaveLength(1);
  engine.dispose();
  await until(() => processIds.every((id) => !isAlive(id)), 5_000, 'the process has ended');
});

test.each(['gpu', 'auto'] as const)(
  'asked for "%s", it tells why no GPU is used if somebody would miss one',
  async (device) => {
    const { engine } = await realEngine({ name: 'demo' }, { device });
    expect((await answerTo(engine, { windows: [counter], maxTokens: 1 })).end).toBeDefined();
    const facts = factsOf(engine);
    const isTold = facts.device === 'CPU' && (device === 'gpu' || facts.cpuReason !== 'No GPU was found.');
    expect(engine.gpuFailed).toBe(isTold ? facts.cpuReason : undefined);
    engine.dispose();
  },
);

describe('an engine that is killed', () => {
  test('while loading starts again, and the request that waits is served', async () => {
    const { engine, processIds } = await realEngine({ name: 'demo' });
    const asked = answerTo(engine, { windows: [counter], maxTokens: 2 });
    await until(() => processIds.length === 1, 10_000, 'a process is there');
    process.kill(processIds[0] ?? 0, 'SIGKILL');
    expect((await asked).end).toBeDefined();
    expect(processIds).toHaveLength(2);
    engine.dispose();
  });

  test('while writing fails the request with the reason, and the next one is served', async () => {
    const { engine, processIds } = await realEngine({ name: 'demo' });
    const onText = (): void => void process.kill(processIds[0] ?? 0, 'SIGKILL');
    const asked = answerTo(engine, { windows: [counter], maxTokens: 400 }, { onText });
    await expect(asked).rejects.toMatchObject({ kind: 'engineCrashed', action: 'restartEngine' });
    expect((await answerTo(engine, { windows: [counter], maxTokens: 2 })).end).toBeDefined();
    engine.dispose();
    await until(() => processIds.every((id) => !isAlive(id)), 5_000, 'every process has ended');
  });
});

/**
 * The same library and the same binaries as the engine's, without anything of ours around them: one context, one
 * sequence, the library's own defaults, a plain loop over its `evaluate`. A process of its own; see bare.ts.
 */
import os from 'node:os';
import {
  getLlama,
  LlamaLogLevel,
  type Llama,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { promptFor, type Tokenizer } from '../../src/engine/worker/layout.ts';
import { vocabularyOf } from '../../src/engine/worker/vocabulary.ts';
import type { BareOrder, BareRun, BareWindow } from './bare.ts';

interface Bare {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly tokenizer: Tokenizer;
}

let loaded: Promise<Bare> | undefined;
process.on('message', (order: BareOrder) => void answer(order));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function answer(order: BareOrder): Promise<void> {
  try {
    process.send?.({ value: await obey(order) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function obey(order: BareOrder): Promise<unknown> {
  loaded ??= order.type === 'load' ? load(order) : undefined;
  const bare = await loaded;
  if (bare === undefined) throw new Error('The bare loop has no model loaded.');
  switch (order.type) {
    case 'load':
      return true;
    case 'cut':
      return cut(bare, order);
    case 'run':
      return run(bare, order);
  }
}

async function load({ file, contextTokens }: Extract<BareOrder, { type: 'load' }>): Promise<Bare> {
  const cores = os.availableParallelism();
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    maxThreads: cores,
  });
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
  const context = await model.createContext({ contextSize: contextTokens, threads: cores });
  return { llama, model, sequence: context.getSequence(), tokenizer: tokenizerOf(model) };
}

function tokenizerOf(model: LlamaModel): Tokenizer {
  const ggml = model.fileInfo.metadata.tokenizer.ggml;
  const vocabulary = vocabularyOf({ model: ggml.model, tokens: ggml.tokens, types: ggml.token_type });
  const { bos, infill, shouldPrependBosToken } = model.tokens;
  const { prefix, suffix, middle } = infill;
  return {
    tokenize: (text) => model.tokenize(text, false, 'trimLeadingSpace'),
    bytesOf: (token) => vocabulary?.bytesOf(token),
    infill: prefix === null || suffix === null || middle === null ? undefined : { prefix, suffix, middle },
    start: shouldPrependBosToken && bos !== null ? [bos] : [],
    fallbackStart: bos ?? 0,
  };
}

/** The most whole lines from the text's start that make a prompt of at most so many tokens. */
function cut({ tokenizer }: Bare, { text, tokens: most }: Extract<BareOrder, { type: 'cut' }>): BareWindow {
  const lines = text.split('\n');
  const headOf = (count: number): string => lines.slice(0, count).join('\n') + '\n';
  const tokensOf = (count: number): number => promptOf(tokenizer, headOf(count)).length;
  let fits = 1;
  let tooMany = lines.length;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (tokensOf(middle) <= most) fits = middle;
    else tooMany = middle;
  }
  return { head: headOf(fits), tokens: tokensOf(fits) };
}

/** The very tokens that the engine reads for a request with this head, no suffix and an empty line. */
function promptOf(tokenizer: Tokenizer, head: string): readonly number[] {
  return promptFor(tokenizer, { head, suffix: '' }, '').tokens;
}

/** Reads the head, or goes on from where it was read already, and writes so many tokens. */
async function run(bare: Bare, order: Extract<BareOrder, { type: 'run' }>): Promise<BareRun> {
  const { llama, sequence, tokenizer } = bare;
  const prompt = promptOf(tokenizer, order.head) as Token[];
  const read = order.isRead ? prompt.slice(0, -1) : [];
  await sequence.eraseContextTokenRanges([{ start: read.length, end: sequence.nextTokenIndex }]);
  const tokens = sequence.evaluate(prompt.slice(read.length), { temperature: 0, yieldEogToken: true });
  llama.maxThreads = prompt.length - read.length > 1 ? order.threads.prefill : order.threads.decode;
  const startMs = performance.now();
  await tokens.next();
  const readMs = performance.now();
  llama.maxThreads = order.threads.decode;
  for (let written = 0; written < order.writeTokens; written += 1) await tokens.next();
  const endMs = performance.now();
  await tokens.return();
  return {
    readTokens: prompt.length - read.length,
    readMs: readMs - startMs,
    writeTokens: order.writeTokens,
    writeMs: endMs - readMs,
  };
}

/** A weights file becomes a model that can read and write: everything that can go wrong on the way is told apart. */
import os from 'node:os';
import path from 'node:path';
import {
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { systemClock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import type { EngineFacts, FromEngine, ThreadPlan, ToEngine } from '../messages.ts';
import { startLibrary, type StartedLibrary } from './device.ts';
import type { ErrorLines } from './errorLines.ts';
import type { InfillTokens, Tokenizer } from './layout.ts';
import { loadFailure } from './loadFailure.ts';
import { watchOtherWork } from './otherWork.ts';
import { checkMemory, checkModelFile, freeMemory, type ModelFile } from './modelFile.ts';
import { watchParent } from './orphan.ts';
import { Pace } from './pace.ts';
import { remembering } from './remembering.ts';
import { measureThreads, trialTokens, trusted, type ThreadFindings } from './threads.ts';
import { ThreadUse } from './threadUse.ts';
import { vocabularyOf, type Vocabulary } from './vocabulary.ts';

/** A model in memory with its contexts. */
export interface LoadedModel {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly sequences: readonly LlamaContextSequence[];
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer;
  readonly threads: ThreadUse;
  readonly pace: Pace;
  /** What was measured right after loading. */
  readonly findings: ThreadFindings;
  readonly isGpu: boolean;
  /** The source of the file's chat template; `undefined`: it has none. */
  readonly chatTemplate: string | undefined;
  /** Tokens one sequence can hold. */
  readonly contextTokens: number;
  readonly facts: EngineFacts;
  /** The thread counts were measured while little else ran, and hold for the next start. */
  readonly areThreadsTrusted: boolean;
}

/** What loading needs from its process. */
export interface LoadNeeds {
  readonly order: Order;
  readonly tell: (message: FromEngine) => void;
  /** Settles once `opened` has been answered. */
  readonly knownThreads: Promise<ThreadPlan | undefined>;
  /** Error lines of the library; grows while loading. */
  readonly errorLines: ErrorLines;
}

type Order = Extract<ToEngine, { type: 'load' }>;

const progressEveryMs = 200;
const measureLimitMs = 1000;
const cachedTexts = 16;

/** Throws `Failure` for the file and the machine, `GpuFailed` for the GPU. */
export async function loadModel(needs: LoadNeeds): Promise<LoadedModel> {
  const { file } = needs.order;
  const startMs = systemClock.monotonicMs();
  const found = await checkModelFile(file);
  needs.tell({ type: 'opened', fileBytes: found.bytes, threadsKey: found.threadsKey });
  const library = await startedLibrary(needs);
  const libraryStartMs = systemClock.monotonicMs() - startMs;
  needs.tell({ type: 'device', name: library.name, isGpu: library.isGpu });
  if (!library.isGpu) checkMemory(file, found.bytes, freeMemory());
  try {
    return await loaded({ needs, library, found, startMs, libraryStartMs });
  } catch (error) {
    throw await explained(needs, error);
  }
}

async function startedLibrary(needs: LoadNeeds): Promise<StartedLibrary> {
  const stopWatching = needs.order.device === 'cpu' ? undefined : watchParent();
  try {
    return await startLibrary({
      device: needs.order.device,
      cpuReason: needs.order.cpuReason,
      cores: os.availableParallelism(),
      onErrorLine: (line) => needs.errorLines.add(line),
      onGpuStart: (api) => needs.tell({ type: 'gpuStarting', api }),
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'GpuFailed') throw error;
    throw await explained(needs, error);
  } finally {
    stopWatching?.();
  }
}

/** The failure with its reason. Waits a moment first: the library hands its log lines on a little later. */
async function explained(needs: LoadNeeds, error: unknown): Promise<Failure> {
  await new Promise<void>((resolve) => void systemClock.schedule(20, resolve));
  return loadFailure({ file: needs.order.file, error, log: needs.errorLines.kept, availableBytes: freeMemory() });
}

interface Loading {
  readonly needs: LoadNeeds;
  readonly library: StartedLibrary;
  readonly found: ModelFile;
  readonly startMs: number;
  readonly libraryStartMs: number;
}

async function loaded(loading: Loading): Promise<LoadedModel> {
  const { needs, library, found } = loading;
  const { order, tell } = needs;
  const contextSize = order.contextTokens;
  const model = await weights(library, order, tell);
  const vocabulary = vocabularyFor(model, order.file);
  const context = await model.createContext({
    contextSize,
    sequences: order.sequences,
    batchSize: library.isGpu ? 512 : 256,
    threads: os.availableParallelism(),
    swaFullCache: true, // a kept reading is cut back at any place
    failedCreationRemedy: false,
  });
  const sequences = Array.from({ length: order.sequences }, () => context.getSequence());
  const tokenizer = tokenizerFor(model, vocabulary);
  const { findings, isTrusted } = await measured(library.llama, sequences[0], await needs.knownThreads, tokenizer);
  const pace = new Pace(findings, library.isGpu);
  const threads = new ThreadUse(findings, () => systemClock.monotonicMs());
  const base = { llama: library.llama, model, sequences, vocabulary, tokenizer, threads, pace };
  return {
    ...base,
    findings,
    isGpu: library.isGpu,
    chatTemplate: chatTemplateOf(model),
    areThreadsTrusted: isTrusted,
    contextTokens: contextSize,
    facts: factsOf(loading, { model, context, findings }, tokenizer, found),
  };
}

/**
 * On a GPU that is too small for all layers, as many as leave room for a conversation, which would find none later;
 * where that cannot be, as many as leave room for completions.
 */
async function weights(library: StartedLibrary, order: Order, tell: LoadNeeds['tell']): Promise<LlamaModel> {
  const load = (contextSize: number): Promise<LlamaModel> =>
    library.llama.loadModel({
      modelPath: order.file,
      gpuLayers: library.isGpu ? { fitContext: { contextSize } } : 0,
      onLoadProgress: throttled((progress) => tell({ type: 'loading', progress })),
    });
  const completionTokens = order.contextTokens * order.sequences;
  if (!library.isGpu) return load(completionTokens);
  return load(completionTokens + order.chatContextTokens).catch((error: unknown) => {
    if (error instanceof InsufficientMemoryError) return load(completionTokens);
    throw error;
  });
}

function factsOf(
  { needs, library, startMs, libraryStartMs }: Loading,
  { model, findings }: { model: LlamaModel; context: LlamaContext; findings: ThreadFindings },
  tokenizer: Tokenizer,
  found: ModelFile,
): EngineFacts {
  const general = model.fileInfo.metadata.general;
  return {
    modelName: cleanName(general.name) ?? path.basename(needs.order.file, '.gguf'),
    architecture: general.architecture,
    hasInfillTokens: tokenizer.infill !== undefined,
    contextTokens: needs.order.contextTokens,
    hasChatTemplate: chatTemplateOf(model) !== undefined,
    chatContextTokens: Math.min(model.trainContextSize, needs.order.chatContextTokens),
    device: library.name,
    cpuReason: library.cpuReason,
    gpuLayers: model.gpuLayers,
    totalLayers: model.fileInsights.totalLayers,
    threads: findings.plan,
    prefillTokPerS: findings.prefillTokPerS,
    decodeTokPerS: findings.decodeTokPerS,
    fileBytes: found.bytes,
    loadMs: Math.round(systemClock.monotonicMs() - startMs),
    libraryStartMs: Math.round(libraryStartMs),
  };
}

function chatTemplateOf(model: LlamaModel): string | undefined {
  const source = model.fileInfo.metadata.tokenizer.chat_template;
  return source === undefined || source.trim() === '' ? undefined : source;
}

/** The name a model was published under, without the packaging's words. `undefined`: it has none. */
function cleanName(name: string | undefined): string | undefined {
  const clean = name
    ?.replace(/[_\s]+/g, ' ')
    .replace(/[- ]?gguf$/i, '')
    .trim();
  return clean === '' ? undefined : clean?.slice(0, 60);
}

function vocabularyFor(model: LlamaModel, file: string): Vocabulary {
  const ggml = model.fileInfo.metadata.tokenizer.ggml;
  const vocabulary = vocabularyOf({ model: ggml.model, tokens: ggml.tokens, types: ggml.token_type });
  if (vocabulary !== undefined) return vocabulary;
  const message = `"${path.basename(file)}" splits text in a way this engine does not know ("${ggml.model}").`;
  throw new Failure('modelUnsupported', message, { action: 'chooseModel' });
}

function tokenizerFor(model: LlamaModel, vocabulary: Vocabulary): Tokenizer {
  const { bos, eos, nl } = model.tokens;
  const start = model.tokens.shouldPrependBosToken && bos !== null ? [bos] : [];
  return {
    tokenize: remembering(cachedTexts, (text) => model.tokenize(text, false, 'trimLeadingSpace')),
    bytesOf: (token) => vocabulary.bytesOf(token),
    infill: infillTokens(model),
    start,
    fallbackStart: bos ?? eos ?? nl ?? 0,
  };
}

function infillTokens(model: LlamaModel): InfillTokens | undefined {
  const { prefix, suffix, middle } = model.tokens.infill;
  return prefix === null || suffix === null || middle === null ? undefined : { prefix, suffix, middle };
}

async function measured(
  llama: Llama,
  sequence: LlamaContextSequence | undefined,
  known: ThreadPlan | undefined,
  tokenizer: Tokenizer,
): Promise<ReturnType<typeof trusted>> {
  if (sequence === undefined) throw new Error('A context needs a sequence.');
  const token = tokenizer.fallbackStart as Token;
  const timed = async (threads: number, tokens: readonly Token[]): Promise<number> => {
    llama.maxThreads = threads;
    const startMs = systemClock.monotonicMs();
    await sequence.evaluateWithoutGeneratingNewTokens([...tokens]);
    return systemClock.monotonicMs() - startMs;
  };
  const text = Array.from({ length: trialTokens }, () => token);
  const cores = os.availableParallelism();
  const otherWork = watchOtherWork();
  const findings = await measureThreads(
    { read: (threads) => timed(threads, text), write: (threads) => timed(threads, [token]) },
    { cores, known, limitMs: measureLimitMs, nowMs: () => systemClock.monotonicMs() },
  );
  await sequence.clearHistory();
  return known ? { findings, isTrusted: true } : trusted(findings, { otherWork: otherWork(), cores });
}

/** Passes on the first call and then at most one each `progressEveryMs`. */
function throttled(tell: (progress: number) => void): (progress: number) => void {
  let lastMs = -Infinity;
  return (progress) => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - lastMs < progressEveryMs) return;
    lastMs = nowMs;
    tell(progress);
  };
}

/**
 * `npm run bench -- first-light`: from the size of the package to the time between a key and grey text on the screen.
 *
 * What a person feels (loading, keys, cold, cancel, tokens per key) is taken with the infill model, the one real use
 * has; the demo model's figures stand in the text. A part that fails is said, its figures are `null` and the exit code is 1.
 */
import os from 'node:os';
import { median, rounded, summaryOf, type Summary } from './statistics.ts';
import { Bare } from './bare.ts';
import { measureCancelling } from './cancelling.ts';
import { measureEditor } from './editor.ts';
import { buildWorker, contextTokens, startEngine } from './engineUnderTest.ts';
import { replayKeystrokes } from './keystrokes.ts';
import { measureSizes } from './sizes.ts';
import { compared, measureSpeeds, type Comparison, type SpeedPlan, type Speeds } from './speeds.ts';
import { Pace } from '../../src/engine/worker/pace.ts';
import { reasonOf } from '../../scripts/lib/failure.mjs';
import { ensureModel, modelSources } from '../../scripts/lib/models.mjs';
import { thisTarget } from '../../scripts/lib/targets.mjs';
import { packageTarget } from '../../scripts/package.mjs';
import type { BenchOptions, BenchOutcome } from './outcome.ts';

type ModelName = 'demo' | 'infill';
type Figures = Record<string, unknown>;

/** The aims, on two shared cores. */
const aims = {
  activationMs: 50,
  hostBundleBytes: 500_000,
  vsixBytes: 60_000_000,
  shareOfBare: 0.97,
  cancelMs: 150,
  tokensPerKeystroke: 3,
  coldGhostMs: 2000,
};

/** Pairs that are further apart than this say nothing about a share of 0.97. */
const mostUncertainty = 0.15;

/** The infill model's depth is the view the product reads (256 + 64 tokens); the demo model can afford more. */
const speedPlans: Readonly<Record<ModelName, SpeedPlan>> = {
  demo: { depth: 768, writeTokens: 48, rounds: 3, rewrites: 2 },
  infill: { depth: 320, writeTokens: 24, rounds: 3, rewrites: 1 },
};
const quickSpeedPlans: Readonly<Record<ModelName, SpeedPlan>> = {
  demo: { depth: 256, writeTokens: 24, rounds: 1, rewrites: 1 },
  infill: { depth: 128, writeTokens: 12, rounds: 1, rewrites: 0 },
};
const counts = { engineStarts: 3, cancels: 30, keystrokes: 200, warmPauses: 20, reloads: 2 };
const quickCounts: typeof counts = { engineStarts: 1, cancels: 8, keystrokes: 40, warmPauses: 6, reloads: 0 };

/** Runs all parts, or those asked for. Never throws for a part. */
export async function firstLight(options: BenchOptions): Promise<BenchOutcome> {
  const bench = new FirstLight(options);
  await bench.run();
  return { figures: bench.figures, hasFailed: bench.hasFailed };
}

class FirstLight {
  hasFailed = false;
  /** In the order they are printed; `null` until measured. */
  readonly figures: Figures = {
    activationMs: null,
    hostBundleBytes: null,
    lazyBundleBytes: null,
    engineBundleBytes: null,
    vsixBytes: null,
    engineStartMs: null,
    modelLoadMs: null,
    demo: null,
    infill: null,
    keystrokeToGhostMs: null,
    coldGhostMs: null,
    cancelToIdleMs: null,
    promptTokensPerKeystroke: null,
  };
  private readonly options: BenchOptions;
  private readonly startTimesMs: number[] = [];

  constructor(options: BenchOptions) {
    this.options = options;
  }

  async run(): Promise<void> {
    const { only } = this.options;
    await this.part('package', () => this.measurePackage());
    if (only !== 'editor') {
      for (const name of ['demo', 'infill'] as const) await this.part(`${name} engine`, () => this.measureEngine(name));
    }
    if (only !== 'engine') await this.part('editor', () => this.measureInEditor());
  }

  private get counts(): typeof counts {
    return this.options.isQuick ? quickCounts : counts;
  }

  /** A part's failure is told, and the others go on. */
  private async part(name: string, work: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    say(`${name} (${load()})`);
    try {
      await work();
      say(`  ${Math.round((performance.now() - startMs) / 1000)} s`);
    } catch (error) {
      this.hasFailed = true;
      say(`  FAILED: ${reasonOf(error)}`);
    }
  }

  private async measurePackage(): Promise<void> {
    const sizes = await measureSizes(await packageTarget(thisTarget()));
    Object.assign(this.figures, sizes);
    say(`  VSIX ${megabytes(sizes.vsixBytes)} ${versus(sizes.vsixBytes, aims.vsixBytes, megabytes)}`);
    say(
      `  host bundle ${kilobytes(sizes.hostBundleBytes)} ${versus(sizes.hostBundleBytes, aims.hostBundleBytes, kilobytes)}`,
    );
    say(`  read later ${kilobytes(sizes.lazyBundleBytes)}, engine bundle ${kilobytes(sizes.engineBundleBytes)}`);
  }

  private async measureEngine(name: ModelName): Promise<void> {
    const file = await ensureModel(name, { onProgress: () => undefined });
    const worker = await buildWorker();
    await this.measureStarts(name, worker, file);
    const { engine, facts } = await startEngine(worker, file);
    try {
      const plan = (this.options.isQuick ? quickSpeedPlans : speedPlans)[name];
      say(`  ${modelSources[name].title}: threads ${facts.threads.prefill} to read, ${facts.threads.decode} to write`);
      const speeds = await measureSpeeds({ engine, file, threads: facts.threads }, plan);
      this.figures[name] = figuresOf(speeds);
      saySpeeds(speeds);
      const bare = await Bare.start(file, contextTokens);
      try {
        const cancelling = summaryOf(await measureCancelling(engine, bare, this.counts.cancels));
        const chunkTokens = engine.state.kind === 'ready' ? new Pace(engine.state.facts, false).chunkTokens : undefined;
        say(
          `  cancel in a 2,000-token prompt: ${milliseconds(cancelling)} (aim: p95 ${aims.cancelMs} ms, or one chunk`,
        );
        say(`    of about ${chunkTokens ?? '?'} tokens)`);
        if (name === 'infill') this.figures.cancelToIdleMs = roundedSummary(cancelling);
      } finally {
        bare.dispose();
      }
      const { evaluated, lineBreaks } = await replayKeystrokes(engine, this.counts.keystrokes);
      const tokens = summaryOf(evaluated);
      say(`  prompt tokens read per key: ${tokensWords(tokens)} (aim: median ${aims.tokensPerKeystroke})`);
      say(`    of these, keys that began a line: ${tokensWords(summaryOf(lineBreaks))}`);
      if (name === 'infill') this.figures.promptTokensPerKeystroke = roundedSummary(tokens);
    } finally {
      engine.dispose();
    }
  }

  /** Starts and ends the engine a few times; the first one may find the file out of the disk's cache. */
  private async measureStarts(name: ModelName, worker: string, file: string): Promise<void> {
    const loadMs: number[] = [];
    const times = name === 'demo' ? this.counts.engineStarts : 1;
    for (let start = 0; start < times; start += 1) {
      const started = await startEngine(worker, file);
      started.engine.dispose();
      this.startTimesMs.push(started.startMs);
      loadMs.push(started.loadMs);
    }
    say(`  engine ready for a model after ${this.startTimesMs.map(Math.round).join(', ')} ms`);
    say(`  model loaded after another ${loadMs.map(Math.round).join(', ')} ms (with measuring threads)`);
    this.figures.engineStartMs = nullable(median(this.startTimesMs));
    if (name === 'infill') this.figures.modelLoadMs = nullable(median(loadMs));
  }

  private async measureInEditor(): Promise<void> {
    const vsix = await packageTarget(thisTarget());
    const model = await ensureModel('infill', { onProgress: () => undefined });
    const { warmPauses, reloads } = this.counts;
    const found = await measureEditor({ vsix, model, warmCount: warmPauses, reloads, say });
    const activationMs = median(found.activationMs);
    this.figures.activationMs = nullable(activationMs);
    say(`  activation as VS Code reports it: ${found.activationMs.join(', ')} ms (aim: ${aims.activationMs})`);
    const coldMs = median(found.coldMs);
    this.figures.coldGhostMs = nullable(coldMs);
    say(`  cold, from the first key: ${found.coldMs.map(Math.round).join(', ')} ms (aim: about ${aims.coldGhostMs})`);
    const warm = summaryOf(found.warmMs);
    this.figures.keystrokeToGhostMs = roundedSummary(warm);
    say(`  warm, from the last key before a pause: ${milliseconds(warm)}`);
    say(
      `    beside these, ${found.typedThrough} pauses typed through a suggestion, ${found.warmWithout} brought nothing`,
    );
    if (coldMs === undefined) throw new Error('No file just opened brought a suggestion.');
    if (warm === undefined) throw new Error('No pause while typing brought a suggestion.');
  }
}

function say(line: string): void {
  console.log(line);
}

/** How busy the machine is: what everything below has to be read with. */
function load(): string {
  return `load ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores`;
}

function figuresOf({ product, bare, llamaBench, threads, depth }: Speeds): Figures {
  return {
    prefillTokPerS: nullable(median(product.prefill)),
    decodeTokPerS: nullable(median(product.decode)),
    barePrefillTokPerS: nullable(median(bare.prefill)),
    bareDecodeTokPerS: nullable(median(bare.decode)),
    llamaBenchPrefillTokPerS: nullable(median(llamaBench.prefill)),
    llamaBenchDecodeTokPerS: nullable(median(llamaBench.decode)),
    threads,
    depth,
  };
}

function saySpeeds({ product, caller, bare, llamaBench, llamaBenchMissing, depth }: Speeds): void {
  for (const kind of ['prefill', 'decode'] as const) {
    say(`  ${kind} at ${depth} tokens: product ${perSecond(product[kind])},`);
    say(`    by the caller's clock ${perSecond(caller[kind])},`);
    say(`    bare loop ${perSecond(bare[kind])}, llama-bench ${perSecond(llamaBench[kind])}`);
    say(`    product / bare: ${shareWords(compared(product[kind], bare[kind]))}`);
  }
  if (llamaBenchMissing !== undefined) say(`  llama-bench cannot be had: ${llamaBenchMissing}`);
}

function shareWords(comparison: Comparison | undefined): string {
  if (comparison === undefined) return 'unknown';
  const { ratio, uncertainty } = comparison;
  const share = `${ratio.toFixed(3)} ± ${uncertainty.toFixed(3)}`;
  if (uncertainty > mostUncertainty)
    return `${share} (aim: ${aims.shareOfBare}; TOO NOISY to say: something else was running)`;
  return `${share} (aim: ${aims.shareOfBare}, ${ratio >= aims.shareOfBare ? 'reached' : 'NOT reached'})`;
}

function perSecond(samples: readonly number[]): string {
  const middle = median(samples);
  if (middle === undefined) return 'unknown';
  return `${middle.toFixed(1)} tok/s [${samples.map((sample) => sample.toFixed(0)).join(' ')}]`;
}

function milliseconds(summary: Summary | undefined): string {
  if (summary === undefined) return 'unknown';
  return `median ${Math.round(summary.median)} ms, p95 ${Math.round(summary.p95)} ms, n ${summary.n}`;
}

function tokensWords(summary: Summary | undefined): string {
  return summary === undefined ? 'none' : `median ${summary.median}, p95 ${summary.p95}, n ${summary.n}`;
}

function versus(value: number, aim: number, words: (value: number) => string): string {
  return `(aim: ${words(aim)}, ${value <= aim ? 'reached' : 'NOT reached'})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(0)} kB`;
}

/** Unknown is `null` in JSON, never 0. */
function nullable(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function roundedSummary(summary: Summary | undefined): Summary | null {
  return summary === undefined ? null : { ...summary, median: rounded(summary.median), p95: rounded(summary.p95) };
}

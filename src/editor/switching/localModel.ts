/** The model files in use on this computer and their engines: what was chosen in, an engine to ask out. */
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Failure } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { EngineChild } from '../../engine/child.ts';
import { Engine, type EngineState } from '../../engine/engine.ts';
import { Engines } from '../../engine/engines.ts';
import type { ThreadMemory } from '../../engine/run.ts';
import type { EmbeddedModel, Model, Provider } from '../../models/model.ts';
import { embeddedProvider } from '../../providers/embedded.ts';
import { embeddedModel } from '../../weights/embedded.ts';
import type { LiveSettings } from '../settings.ts';

/** What an engine is made from. */
export interface LocalModelNeeds {
  readonly settings: LiveSettings;
  /** The files wanted now, for completions before those for chat; not asked before a model is. */
  readonly files: () => readonly string[];
  readonly spawn: () => EngineChild;
  readonly clock: Clock;
  readonly log: Log;
  readonly threads: ThreadMemory;
}

/** One engine per file that a role is set to; roles with the same file share one. */
export class LocalModel implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly readied = this.store.add(new Emitter<{ readonly gpuFailed: string | undefined }>());
  private readonly failed = this.store.add(new Emitter<Failure>());
  private readonly engines: Engines;
  private readonly files: () => readonly string[];
  private readonly ready = new Set<string>();
  /** How many answers stream from each file's engine. */
  private readonly streaming = new Map<string, number>();

  /** Fires after the files in use or the state of an engine changed. */
  readonly onDidChange = this.changed.event;
  /** Fires after a model was loaded. `gpuFailed`: why it runs on the CPU although a GPU was tried. */
  readonly onDidBecomeReady = this.readied.event;
  /** Fires after an engine gave up; one that starts again by itself is not told. */
  readonly onDidFail = this.failed.event;

  constructor({ settings, files, ...needs }: LocalModelNeeds) {
    this.files = files;
    this.engines = this.store.add(
      new Engines((file) => {
        const { 'local.device': device, 'local.contextTokens': contextTokens } = settings.now;
        return new Engine({ ...needs, file, options: { device, contextTokens } });
      }),
    );
    this.store.add(
      this.engines.onDidChangeState(({ file, state }) => {
        if (this.files().includes(file)) this.tell(file, state);
      }),
    );
    this.store.add(
      settings.onDidChange(({ before, now }) => {
        const keys = ['local.device', 'local.contextTokens'] as const;
        if (keys.some((key) => before[key] !== now[key])) this.startOver();
      }),
    );
  }

  /** The model of a file; `undefined` for an empty path. */
  readonly modelOf = (file: string): EmbeddedModel | undefined => {
    const state = this.engines.stateOf(file);
    return embeddedModel(file, state.kind === 'ready' ? state.facts.modelName : undefined);
  };

  /** How the engine of a file is. */
  stateOf(file: string): EngineState {
    return this.engines.stateOf(file);
  }

  /** How fast its engine reads, as measured; `undefined`: it is not loaded, or no engine's. */
  readTokPerS(model: Model): number | undefined {
    const state = model.provider === 'embedded' ? this.stateOf(model.file) : undefined;
    return state?.kind === 'ready' ? state.facts.prefillTokPerS : undefined;
  }

  /** Asks the engine that holds a model. Once nobody wants its file any more, the engine ends with its last answer. */
  providerOf({ file }: EmbeddedModel): Provider {
    const provider = embeddedProvider(this.engines.of(file));
    const count = (change: number): void => {
      this.streaming.set(file, (this.streaming.get(file) ?? 0) + change);
      if (change < 0 && !this.files().includes(file)) this.follow();
    };
    return {
      ...provider,
      async *stream(...question) {
        count(1);
        try {
          yield* provider.stream(...question);
        } finally {
          count(-1);
        }
      },
    };
  }

  /** Starts loading a file that is in use, if it never was. */
  wake(file: string): void {
    if (this.files().includes(file)) this.engines.of(file).start();
  }

  /** Starts the engines of all files in use afresh; without one nothing happens. */
  restart(): void {
    for (const file of this.files()) this.engines.of(file).restart();
  }

  /** Told after other files may be in use: ends the engines that nobody wants and nobody listens to. */
  readonly follow = (): void => {
    const files = this.files();
    for (const file of this.ready) if (!files.includes(file)) this.ready.delete(file);
    const busy = [...this.streaming].flatMap(([file, count]) => (count > 0 ? [file] : []));
    this.engines.keepOnly([...files, ...busy]);
    this.changed.fire();
  };

  dispose(): void {
    this.store.dispose();
  }

  /** Engines are made with what was set; the new ones start when a window needs them. */
  private startOver(): void {
    this.ready.clear();
    this.engines.keepOnly([]);
    this.changed.fire();
  }

  private tell(file: string, state: EngineState): void {
    const isNew = state.kind === 'ready' && !this.ready.has(file);
    if (state.kind === 'ready') this.ready.add(file);
    else this.ready.delete(file);
    this.changed.fire();
    if (isNew) this.readied.fire({ gpuFailed: this.engines.of(file).gpuFailed });
    if (state.kind === 'failed' && state.retryInMs === undefined) this.failed.fire(state.failure);
  }
}

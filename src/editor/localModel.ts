/** The model file the user chose and its engine: settings in, an engine to ask out. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import type { Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { CompletionModel } from '../completion/pace.ts';
import type { EngineChild } from '../engine/child.ts';
import { Engine, type EngineState } from '../engine/engine.ts';
import { Engines } from '../engine/engines.ts';
import type { ThreadMemory } from '../engine/run.ts';
import type { EmbeddedModel } from '../models/model.ts';
import { embeddedModel } from '../weights/embedded.ts';
import type { LiveSettings, Settings } from './settings.ts';

/** What an engine is made from. */
export interface LocalModelNeeds {
  readonly settings: LiveSettings;
  readonly spawn: () => EngineChild;
  readonly clock: Clock;
  readonly log: Log;
  readonly threads: ThreadMemory;
}

/** Follows the settings: another file ends the old engine, another device or context starts it anew. */
export class LocalModel implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly readied = this.store.add(new Emitter<{ readonly gpuFailed: string | undefined }>());
  private readonly failed = this.store.add(new Emitter<Failure>());
  private readonly engines: Engines;
  private readonly settings: LiveSettings;
  private wasReady = false;

  /** Fires after the chosen model or the state of its engine changed. */
  readonly onDidChange = this.changed.event;
  /** Fires after the model was loaded. `gpuFailed`: why it runs on the CPU although a GPU was tried. */
  readonly onDidBecomeReady = this.readied.event;
  /** Fires after its engine gave up; one that starts again by itself is not told. */
  readonly onDidFail = this.failed.event;

  constructor({ settings, ...needs }: LocalModelNeeds) {
    this.settings = settings;
    this.engines = this.store.add(
      new Engines((file) => {
        const { 'local.device': device, 'local.contextTokens': contextTokens } = settings.now;
        return new Engine({ ...needs, file, options: { device, contextTokens } });
      }),
    );
    this.store.add(
      this.engines.onDidChangeState(({ file, state }) => {
        if (file === this.file) this.tell(state);
      }),
    );
    this.store.add(settings.onDidChange(({ before, now }) => this.follow(before, now)));
  }

  /** The chosen model; `undefined`: none is. */
  get model(): EmbeddedModel | undefined {
    const { state } = this;
    return embeddedModel(this.file, state.kind === 'ready' ? state.facts.modelName : undefined);
  }

  /** How its engine is. */
  get state(): EngineState {
    return this.engines.stateOf(this.file);
  }

  /** The engine that holds a model. */
  engineOf({ file }: EmbeddedModel): Engine {
    return this.engines.of(file);
  }

  /** What completions have to know of the model; `undefined` until it is loaded. */
  get completionModel(): CompletionModel | undefined {
    const { state, model } = this;
    return state.kind === 'ready' && model !== undefined ? { ...state.facts, id: model.id } : undefined;
  }

  /** Starts loading the chosen model, if it never was. */
  wake(): void {
    if (this.file !== '') this.engines.of(this.file).start();
  }

  /** Starts the engine afresh; without a model nothing happens. */
  restart(): void {
    if (this.file !== '') this.engines.of(this.file).restart();
  }

  dispose(): void {
    this.store.dispose();
  }

  private get file(): string {
    return this.settings.now['local.modelPath'];
  }

  /** What no longer fits the settings ends; the new engine starts when a window needs it. */
  private follow(before: Settings, now: Settings): void {
    const keys = ['local.modelPath', 'local.device', 'local.contextTokens'] as const;
    if (keys.every((key) => before[key] === now[key])) return;
    this.engines.keepOnly([]);
    this.tell(this.state);
  }

  private tell(state: EngineState): void {
    const isNew = !this.wasReady;
    this.wasReady = state.kind === 'ready';
    this.changed.fire();
    if (state.kind === 'ready' && isNew) this.readied.fire({ gpuFailed: this.engines.of(this.file).gpuFailed });
    if (state.kind === 'failed' && state.retryInMs === undefined) this.failed.fire(state.failure);
  }
}

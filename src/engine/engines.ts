/** "The engine of this file" passes through here: one child process per model file in use. */
import { Emitter } from '../base/emitter.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { Engine, EngineState } from './engine.ts';

/** The engines of one window. */
export class Engines implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<{ readonly file: string; readonly state: EngineState }>());
  private readonly engines = new Map<string, Engine>();
  private readonly create: (file: string) => Engine;

  /** Fires after the state of any engine changed. */
  readonly onDidChangeState = this.changed.event;

  constructor(create: (file: string) => Engine) {
    this.create = create;
  }

  /** The engine of a file, made when first asked for; it starts when it is first used. */
  of(file: string): Engine {
    const known = this.engines.get(file);
    if (known !== undefined) return known;
    const engine = this.store.add(this.create(file));
    engine.onDidChangeState((state) => this.changed.fire({ file, state }));
    this.engines.set(file, engine);
    return engine;
  }

  /** How the engine of a file is; one that was never asked for is stopped. */
  stateOf(file: string): EngineState {
    return this.engines.get(file)?.state ?? { kind: 'stopped' };
  }

  /** Ends every engine but those of the given files. */
  keepOnly(files: readonly string[]): void {
    for (const [file, engine] of [...this.engines]) {
      if (files.includes(file)) continue;
      this.engines.delete(file);
      this.store.release(engine);
    }
  }

  dispose(): void {
    this.engines.clear();
    this.store.dispose();
  }
}

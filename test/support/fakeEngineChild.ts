/** The engine's process as a test plays it: says what the test says, keeps what it is told. */
import { Emitter, type Event } from '../../src/base/emitter.ts';
import { onEnd } from '../../src/base/store.ts';
import type { ChildExit, EngineChild } from '../../src/engine/child.ts';
import {
  protocolVersion,
  type EngineFacts,
  type FromEngine,
  type ToEngine,
  type WorkReport,
} from '../../src/engine/messages.ts';

export class FakeEngineChild implements EngineChild {
  readonly heard: ToEngine[] = [];
  isKilled = false;
  /** It hears and does not answer. */
  isStuck = false;
  private readonly messages = new Emitter<FromEngine>();
  private readonly nonsense = new Emitter<void>();
  private readonly exits = new Emitter<ChildExit>();
  readonly onMessage = this.counted(this.messages);
  readonly onNonsense = this.counted(this.nonsense);
  readonly onExit = this.counted(this.exits);
  /** How many listeners are there. */
  listeners = 0;

  send(message: ToEngine): void {
    if (this.isKilled) return;
    this.heard.push(message);
    if (message.type === 'ping' && !this.isStuck) this.says({ type: 'pong', id: message.id });
  }

  kill(): void {
    this.isKilled = true;
  }

  says(message: FromEngine): void {
    this.messages.fire(message);
  }

  saysNonsense(): void {
    this.nonsense.fire();
  }

  ends(exit: Partial<ChildExit> = {}): void {
    this.exits.fire({ code: undefined, signal: 'SIGSEGV', startError: undefined, errorLines: [], ...exit });
  }

  /** Everything up to `loaded`. */
  loads(changes: Partial<EngineFacts> = {}, areThreadsTrusted = true): void {
    this.says({ type: 'hello', protocol: protocolVersion, pid: 1 });
    this.says({ type: 'opened', fileBytes: 1000, threadsKey: 'this machine' });
    this.says({ type: 'device', name: changes.device ?? 'CPU', isGpu: (changes.gpuLayers ?? 0) > 0 });
    this.says({ type: 'loaded', facts: { ...facts, ...changes }, areThreadsTrusted });
  }

  /** The messages of one type that it was told. */
  told<T extends ToEngine['type']>(type: T): Extract<ToEngine, { type: T }>[] {
    return this.heard.filter((message): message is Extract<ToEngine, { type: T }> => message.type === type);
  }

  private counted<T>(emitter: Emitter<T>): Event<T> {
    return (listener) => {
      this.listeners += 1;
      const listening = emitter.event(listener);
      return onEnd(() => {
        this.listeners -= 1;
        listening.dispose();
      });
    };
  }
}

/** What the fake says it has loaded. */
export const facts: EngineFacts = {
  modelName: 'Test',
  architecture: 'llama',
  hasInfillTokens: true,
  contextTokens: 2048,
  hasChatTemplate: true,
  chatContextTokens: 8192,
  device: 'CPU',
  gpuLayers: 0,
  totalLayers: 10,
  threads: { prefill: 2, decode: 1 },
  prefillTokPerS: 100,
  decodeTokPerS: 20,
  fileBytes: 1000,
  loadMs: 10,
  libraryStartMs: 5,
};

/** Counts as an engine reports them. */
export function report(completionTokens: number): WorkReport {
  return {
    usage: { promptTokens: 40, cachedTokens: 38, completionTokens, source: 'engine' },
    speed: { firstTokenMs: 10, prefillTokPerS: 100, decodeTokPerS: 20 },
    window: 0,
  };
}

import { Failure } from '../../src/base/failure.ts';
import type { Ask, Chunk, InfillRequest, ModelRequest, Purpose, StopReason } from '../../src/models/model.ts';

/** A model that says what the test tells it to, when the test tells it to. */
export class ScriptedAsk {
  /** Every request so far, oldest first. */
  readonly calls: ScriptedCall[] = [];
  /** Called with each new request, for models that answer by themselves. */
  onCall: (call: ScriptedCall) => void = () => undefined;

  readonly ask: Ask = (purpose, request, signal) => {
    const call = new ScriptedCall(purpose, request, signal);
    call.open(`request ${this.calls.length + 1}`);
    this.calls.push(call);
    this.onCall(call);
    return call.stream();
  };

  /** The newest request. */
  get last(): ScriptedCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('nothing was asked');
    return call;
  }

  /** How many requests run now. */
  get running(): number {
    return this.calls.filter((call) => call.isRunning).length;
  }
}

/** One request to a scripted model. */
export class ScriptedCall {
  readonly purpose: Purpose;
  readonly request: InfillRequest;
  readonly signal: AbortSignal;
  /** The reader left or aborted, or the answer ended. */
  isOver = false;
  private isStarted = false;
  private readonly said: (Chunk | Error)[] = [];
  private wake = (): void => undefined;

  constructor(purpose: Purpose, request: ModelRequest, signal: AbortSignal) {
    this.purpose = purpose;
    if (request.kind !== 'infill') throw new Error('only infill is scripted');
    this.request = request;
    this.signal = signal;
    signal.addEventListener('abort', () => this.say(new Failure('aborted', 'Stopped.')));
  }

  get isRunning(): boolean {
    return this.isStarted && !this.isOver && !this.signal.aborted;
  }

  /** Its id in the ledger; a second time where it was tried again. */
  open(requestId: string): void {
    this.say({ kind: 'opened', requestId });
  }

  write(text: string): void {
    this.say({ kind: 'text', text });
  }

  end(reason: StopReason = 'endOfText'): void {
    const usage = { promptTokens: 10, cachedTokens: 0, completionTokens: 3, source: 'engine' } as const;
    const speed = { firstTokenMs: 1, prefillTokPerS: 100, decodeTokPerS: 10 };
    this.say({ kind: 'end', reason, usage, speed });
  }

  fail(error: Error): void {
    this.say(error);
  }

  async *stream(): AsyncGenerator<Chunk> {
    this.isStarted = true;
    try {
      for (;;) {
        const next = this.signal.aborted ? new Failure('aborted', 'Stopped.') : this.said.shift();
        if (next instanceof Error) throw next;
        if (next === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
        else yield next;
        if (next?.kind === 'end') return;
      }
    } finally {
      this.isOver = true;
    }
  }

  private say(chunk: Chunk | Error): void {
    this.said.push(chunk);
    this.wake();
  }
}

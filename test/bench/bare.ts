/** Orders to the bare loop's process, and its answers, pass through here. */
import { fork, type ChildProcess } from 'node:child_process';
import { scrubbed } from '../../src/engine/child.ts';
import type { ThreadPlan } from '../../src/engine/messages.ts';

/** What the bare loop can be told. */
export type BareOrder =
  | { readonly type: 'load'; readonly file: string; readonly contextTokens: number }
  /** Answered with a `BareWindow`. */
  | { readonly type: 'cut'; readonly text: string; readonly tokens: number }
  /** Answered with a `BareRun`. */
  | {
      readonly type: 'run';
      readonly head: string;
      /** The run before read the same head: all but its last token is there already. */
      readonly isRead: boolean;
      readonly writeTokens: number;
      readonly threads: ThreadPlan;
    };

/** The beginning of a text, and how many tokens the engine's prompt made of it has. */
export interface BareWindow {
  readonly head: string;
  readonly tokens: number;
}

/** One run: the first token that is written counts as reading, as it does in the engine's own report. */
export interface BareRun {
  readonly readTokens: number;
  readonly readMs: number;
  readonly writeTokens: number;
  readonly writeMs: number;
}

/** A process with the bare loop in it. It ends with `dispose`, or with this process. */
export class Bare {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Starts the process and loads the model. */
  static async start(file: string, contextTokens: number): Promise<Bare> {
    const child = fork(new URL('./bareLoop.ts', import.meta.url), [], { execArgv: [], env: scrubbed(process.env) });
    const bare = new Bare(child);
    await bare.ask({ type: 'load', file, contextTokens });
    return bare;
  }

  async cut(text: string, tokens: number): Promise<BareWindow> {
    return (await this.ask({ type: 'cut', text, tokens })) as BareWindow;
  }

  async run(order: Omit<Extract<BareOrder, { type: 'run' }>, 'type'>): Promise<BareRun> {
    return (await this.ask({ type: 'run', ...order })) as BareRun;
  }

  dispose(): void {
    this.child.kill('SIGKILL');
  }

  /** One order at a time. */
  private ask(order: BareOrder): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('The bare loop ended.'));
      this.child.once('exit', onExit);
      this.child.once('message', (answer: { value?: unknown; error?: string }) => {
        this.child.off('exit', onExit);
        if (answer.error === undefined) resolve(answer.value);
        else reject(new Error(`The bare loop failed: ${answer.error}`));
      });
      this.child.send(order);
    });
  }
}

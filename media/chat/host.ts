/** The way to the host: what is said to it, and the little that is kept here over a reload. */
import type { FromWebview } from '../../src/chat/protocol.ts';

/** What VS Code keeps for the page. Everything else is the host's and comes again with `state`. */
export interface Kept {
  /** What the composer held, and in which conversation. */
  readonly draft?: { readonly threadId: string; readonly text: string };
  /** The question that was sent behind that turn and has not come back yet: the host may die before it has it. */
  readonly sent?: { readonly threadId: string; readonly text: string; readonly behind: string | undefined };
  /** What is being made of earlier questions, by the turn's id. */
  readonly edits?: Readonly<Record<string, { readonly text: string; readonly keptIds: readonly string[] }>>;
  /** What is being made of a chip's text; after a reload of the window the chip has its name, but another id. */
  readonly chipText?: {
    readonly threadId: string;
    readonly chipId: string;
    readonly name: string;
    readonly text: string;
  };
  /** Where the conversation was scrolled to. Absent: to its end. */
  readonly scroll?: { readonly threadId: string; readonly turnId: string; readonly offset: number };
}

export interface Host {
  say(message: FromWebview): void;
  readonly kept: Kept;
  /** Keeps this beside what is kept already. */
  keep(change: Kept): void;
  /** Keeps this and nothing else. */
  replace(kept: Kept): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** May be called once in a page. */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  let kept = (api.getState() ?? {}) as Kept;
  const replace = (now: Kept): void => {
    kept = now;
    api.setState(now);
  };
  return {
    say: (message) => api.postMessage(message),
    get kept() {
      return kept;
    },
    keep: (change) => replace({ ...kept, ...change }),
    replace,
  };
}

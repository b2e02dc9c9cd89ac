/** What may be asked, of whom, and what comes back: the seam every feature and every provider talks through. */

/** The two jobs a model is picked for. */
export type Role = 'completion' | 'chat';

/** How a model can be asked to fill in text: it has infill tokens, or it can only continue a prefix. */
export type InfillDialect = 'tokens' | 'prefixOnly';

/** One model that can be asked. */
export interface Model {
  /** Stable id, unique among providers: `embedded:/abs/path.gguf`. */
  readonly id: string;
  /** Short name for people: `SmolLM2 135M Instruct`. */
  readonly name: string;
  readonly provider: 'embedded';
  /** Absolute path of the GGUF file. */
  readonly file: string;
}

/** A view of one document around the cursor's line. Ends at line boundaries on both sides. */
export interface InfillWindow {
  /** Whole lines before `line`, ending with a line break unless empty. */
  readonly head: string;
  /** Text after the cursor, to a whole line's end; empty at the end of the document. */
  readonly suffix: string;
  /**
   * Set where the head ends a few lines above the cursor's: those lines and the cursor line's text before the cursor,
   * to be used in place of the request's `line`. It makes the view one that was read before those lines were typed.
   */
  readonly line?: string;
}

/** Asks for the text at the cursor. */
export interface InfillRequest {
  readonly kind: 'infill';
  /** The document's URI, for the ledger; never sent to a model. */
  readonly document: string;
  /**
   * One to four windows, best first. The provider answers from the first that it can have read within
   * `patienceMs`, else from the one that takes it the least time. All end at the cursor.
   */
  readonly windows: readonly InfillWindow[];
  /** The cursor line's text before the cursor; no line break. */
  readonly line: string;
  /** At most this many tokens come back; > 0. */
  readonly maxTokens: number;
  /** How long reading the prompt may take for a better window to be preferred, in ms. */
  readonly patienceMs: number;
}

export type ModelRequest = InfillRequest;

/** Asks a model to read a window while nobody waits, so that the next request finds it read. Nothing comes back. */
export interface ReadAheadRequest {
  readonly kind: 'readAhead';
  /** The document's URI, for the ledger; never sent to a model. */
  readonly document: string;
  readonly window: InfillWindow;
  /** The cursor line's text before the cursor; no line break. */
  readonly line: string;
}

/** Tokens counted by whoever evaluated them. */
export interface Usage {
  /** Tokens of the whole prompt, reused ones included. */
  readonly promptTokens: number;
  /** Of these, how many had been read before and were not evaluated again. `undefined`: not told. */
  readonly cachedTokens: number | undefined;
  readonly completionTokens: number;
  /** Who counted. */
  readonly source: 'engine' | 'provider' | 'estimate';
}

/** How fast one request was. `undefined`: nothing to measure (no token evaluated, or stopped before). */
export interface Speed {
  /** From the request's start to its first text, ms. */
  readonly firstTokenMs: number | undefined;
  /** Prompt tokens evaluated per second. */
  readonly prefillTokPerS: number | undefined;
  /** Tokens generated per second after the first. */
  readonly decodeTokPerS: number | undefined;
}

/** Why a provider stopped by itself. */
export type StopReason = 'endOfText' | 'maxTokens';

/** What streams back: text pieces, then exactly one `end` unless the reader leaves or the signal aborts. */
export type Chunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly reason: StopReason; readonly usage: Usage; readonly speed: Speed };

/**
 * Called while a request runs, so that one that ends early still has its counts. The last call holds. A model that is
 * stopped may have evaluated one chunk or token more than was told, so the counts of such a request are "at least".
 */
export type OnProgress = (usage: Usage, speed: Speed) => void;

/** Speaks to one kind of server or engine. */
export interface Provider {
  /**
   * Streams the answer. Leaving the loop early or aborting stops the work within one prefill chunk or token, and waits
   * for nothing. Throws `Failure`.
   */
  stream(request: ModelRequest, onProgress: OnProgress, signal: AbortSignal): AsyncIterable<Chunk>;
  /**
   * Reads ahead; only providers whose model runs in this computer's own engine have it. A newer one takes its place.
   * Resolves when all of it is read. Throws `Failure`: `aborted` when stopped or replaced.
   */
  readAhead?(request: ReadAheadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<void>;
}

/** Why something is asked; recorded with every request. */
export interface Purpose {
  readonly role: Role;
  /** The user pressed something; Paddock asked by itself while the user typed; it read ahead while nobody waited. */
  readonly initiator: 'user' | 'automatic' | 'ahead';
}

/** The one road to a model, as features are given it. Throws `Failure`; leaving early is safe. */
export type Ask = (purpose: Purpose, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Chunk>;

/** Reads ahead with the model picked for completions, where that can; an earlier reading ends. Never throws. */
export type ReadAhead = (request: ReadAheadRequest) => void;

/** "How many tokens is that?" is answered here where nobody can count them: by what the model's server counted before. */

/** Tokens that nobody counted. */
export interface TokenEstimate {
  readonly tokens: number;
  /** Hardly ever more than this. */
  readonly mostTokens: number;
}

/** Text that is asked, as it is measured. */
export interface TextSize {
  /** UTF-8. */
  readonly bytes: number;
  /** Texts that are sent with a mark of who said them. */
  readonly messages: number;
}

/** What was learned of one model. */
export interface TokenRatio {
  readonly bytesPerToken: number;
  /** By how much estimates were off, as a share of what was counted, newer ones counting more. */
  readonly error: number;
  /** So many counts it is learned from. */
  readonly samples: number;
}

/** Keeps a few numbers over restarts. */
export interface RatioStore {
  get(): unknown;
  set(ratios: Readonly<Record<string, TokenRatio>>): void;
}

/** Between code (3) and English prose (4.5), as common tokenizers have it. */
const usualBytesPerToken = 3.6;
/** Code full of signs, or scripts of three bytes a character: no common text has fewer bytes in a token. */
const fewestBytesPerToken = 2;
const tokensPerMessage = 4;
/** Less text says more about a server's own words around it than about its tokenizer. */
const leastTeachingBytes = 400;
const mostModels = 50;
/** How much the newest count weighs. */
const newestShare = 0.2;
/** So many counts are needed before they say how far off an estimate may be. */
const enoughSamples = 5;

/** Learns from what servers count how many bytes a token has. */
export class TokenEstimator {
  private readonly store: RatioStore;
  private readonly ratios: Map<string, TokenRatio>;

  constructor(store: RatioStore) {
    this.store = store;
    this.ratios = new Map(Object.entries(read(store.get())));
  }

  /** What was learned of a model; `undefined`: nothing yet. */
  ratioOf(modelId: string): TokenRatio | undefined {
    return this.ratios.get(modelId);
  }

  estimate(modelId: string, { bytes, messages }: TextSize): TokenEstimate {
    const ratio = this.ratios.get(modelId);
    const marks = tokensPerMessage * messages;
    const tokens = Math.ceil(bytes / (ratio?.bytesPerToken ?? usualBytesPerToken)) + marks;
    const isKnown = ratio !== undefined && ratio.samples >= enoughSamples;
    const most = Math.ceil(bytes / fewestBytesPerToken) + 4 * marks;
    const mostTokens = isKnown ? Math.min(most, Math.ceil(tokens * (1.1 + 3 * ratio.error)) + marks) : most;
    return { tokens, mostTokens: Math.max(tokens, mostTokens) };
  }

  /** The model's server counted the prompt. */
  learn(modelId: string, size: TextSize, promptTokens: number): void {
    const textTokens = promptTokens - tokensPerMessage * size.messages;
    if (size.bytes < leastTeachingBytes || !(textTokens > 0)) return;
    const bytesPerToken = size.bytes / textTokens;
    if (bytesPerToken < 0.5 || bytesPerToken > 20) return; // it counted something else
    const error = Math.abs(this.estimate(modelId, size).tokens - promptTokens) / promptTokens;
    const before = this.ratios.get(modelId);
    const mix = (old: number, fresh: number): number => old + (fresh - old) * newestShare;
    const after = before && {
      bytesPerToken: mix(before.bytesPerToken, bytesPerToken),
      error: mix(before.error, error),
      samples: before.samples + 1,
    };
    this.ratios.delete(modelId); // the newest stand last
    this.ratios.set(modelId, after ?? { bytesPerToken, error, samples: 1 });
    const [oldest] = this.ratios.keys();
    if (this.ratios.size > mostModels && oldest !== undefined) this.ratios.delete(oldest);
    this.store.set(Object.fromEntries(this.ratios));
  }
}

/** What was kept; entries that cannot be true are left out. */
function read(stored: unknown): Record<string, TokenRatio> {
  const entries = Object.entries((stored ?? {}) as Record<string, Partial<TokenRatio> | undefined>);
  return Object.fromEntries(
    entries.flatMap(([modelId, ratio]) => {
      const { bytesPerToken = 0, error = -1, samples = 0 } = ratio ?? {};
      const isOne = bytesPerToken >= 0.5 && bytesPerToken <= 20 && error >= 0 && error < 100 && samples > 0;
      return isOne ? [[modelId, { bytesPerToken, error, samples }]] : [];
    }),
  );
}

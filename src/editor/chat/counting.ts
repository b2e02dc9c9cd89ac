/** "How many tokens is that?" is answered here for the chat's model: by its own tokenizer where that runs, else roughly. */
import { estimateFactor, remembered, type Budget, type Count } from '../../chat/budget.ts';
import type { TokenEstimator } from '../../ledger/estimate.ts';
import type { ChatRequest, Model, Provider } from '../../models/model.ts';
import type { ChatModel } from './chatModel.ts';

/** What is counted with. */
export interface CountingNeeds {
  readonly estimator: Pick<TokenEstimator, 'estimate'>;
  readonly providerOf: (model: Model) => Provider;
}

/** Counts texts for whichever model is asked; texts that were counted are not counted again. */
export class Counting {
  private readonly needs: CountingNeeds;
  /** By the model's id. */
  private readonly exact = new Map<string, Count>();

  constructor(needs: CountingNeeds) {
    this.needs = needs;
  }

  /** Roughly, at once. */
  readonly about = (model: Model | undefined, text: string): number =>
    this.needs.estimator.estimate(model?.id ?? '', { bytes: Buffer.byteLength(text), messages: 0 }).tokens;

  /** As well as that is known now. */
  of(chosen: ChatModel | undefined, texts: readonly string[]): Promise<readonly number[]> {
    return chosen === undefined
      ? Promise.resolve(texts.map((text) => this.about(undefined, text)))
      : this.budgetOf(chosen).count(texts);
  }

  /** What fits, and who says so. */
  readonly budgetOf = ({ model, contextTokens }: ChatModel): Budget => {
    const isExact = model.provider === 'embedded' && contextTokens !== undefined;
    return { contextTokens, isExact, count: isExact ? this.exactFor(model) : this.roughlyFor(model) };
  };

  private roughlyFor(model: Model): Count {
    return (texts) => Promise.resolve(texts.map((text) => this.about(model, text)));
  }

  private exactFor(model: Model): Count {
    const known = this.exact.get(model.id);
    if (known !== undefined) return known;
    const counted = remembered(async (texts) => {
      // A message of nothing has the template's marks and what it says by itself: the rest is the text's.
      const [bare = 0, ...all] = await Promise.all(['', ...texts].map((text) => this.countMessage(model, text)));
      return all.map((tokens) => Math.max(0, tokens - bare));
    });
    // Where the engine has just ended an estimate stands in, with room for one that is too low; it is not remembered.
    const count: Count = (texts) =>
      counted(texts).catch(() => texts.map((text) => Math.ceil(this.about(model, text) * estimateFactor)));
    this.exact.set(model.id, count);
    return count;
  }

  /** Of a conversation with one message. Throws where it cannot be counted. */
  private async countMessage(model: Model, text: string): Promise<number> {
    const request: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text }], items: [] };
    const counted = await this.needs.providerOf(model).count?.(request, neverAborted);
    if (counted === undefined) throw new Error('nobody counts');
    return counted.tokens;
  }
}

const neverAborted = new AbortController().signal;

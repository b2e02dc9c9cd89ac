/** Questions are asked here, and their answers followed to the end, whichever conversation is shown meanwhile. */
import type { Clock } from '../../base/clock.ts';
import { asFailure, type Failure } from '../../base/failure.ts';
import type { Disposable } from '../../base/store.ts';
import type { Budget } from '../../chat/budget.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Question } from '../../chat/event.ts';
import { reply, type ReplyEvent, type ReplyNeeds } from '../../chat/reply.ts';
import type { Ask } from '../../models/model.ts';
import type { ChatModel } from './chatModel.ts';
import type { Desk } from './desk.ts';
import type { Unawaited } from './unawaited.ts';

/** What asking needs. */
export interface AnsweringNeeds {
  readonly desk: Desk;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly receiptOf: ReplyNeeds['receiptOf'];
  readonly model: () => ChatModel | undefined;
  readonly budgetOf: (model: ChatModel) => Budget;
  /** Starts what runs the model, if that is here, and resolves when it runs. Throws `Failure`. */
  readonly whenReady: (signal: AbortSignal) => Promise<void>;
  /** How fast prompts are read now, tokens per second; `undefined`: nobody knows. */
  readonly prefillTokPerS: () => number | undefined;
  /** What cannot be shown in the turn: the disk failed. */
  readonly onFailure: (failure: Failure) => void;
  readonly unawaited: Unawaited;
}

/** What is asked, and after which turn. */
export interface Place {
  readonly conversation: Conversation;
  readonly question: Question;
  readonly parentId: string | undefined;
}

/** The answers that are coming in this window. */
export class Answering implements Disposable {
  private readonly needs: AnsweringNeeds;
  /** By the conversation: one answer at a time in each. */
  private readonly running = new Map<string, AbortController>();

  constructor(needs: AnsweringNeeds) {
    this.needs = needs;
  }

  isAnswering(threadId: string): boolean {
    return this.running.has(threadId);
  }

  /**
   * Asks, and resolves when the answer has ended; what fails is shown. Does nothing while another answer comes in the
   * same conversation, or where no model is chosen.
   * @param onAsked called once the question is on disk.
   */
  async answer({ conversation, question, parentId }: Place, onAsked: () => void = () => undefined): Promise<void> {
    const { needs } = this;
    const chosen = needs.model();
    if (chosen === undefined || this.isAnswering(conversation.id)) return;
    const controller = new AbortController();
    this.running.set(conversation.id, controller);
    needs.desk.setAnswering(conversation.id, true);
    const { id, name } = chosen.model;
    const order = {
      ...{ conversation, question, parentId, model: { id, name } },
      ...{ budget: needs.budgetOf(chosen), isSmallModel: chosen.isSmall },
      whenReady: (signal: AbortSignal) => this.whenReady(chosen, signal),
    };
    let turnId: string | undefined;
    try {
      for await (const event of reply(order, needs, controller.signal)) {
        if (turnId === undefined) onAsked();
        turnId = event.turnId;
        this.draw(conversation, event);
      }
    } catch (error) {
      needs.onFailure(asFailure(error, 'unexpected', 'showLog'));
      // The event that says so did not come, but it has ended.
      if (turnId !== undefined) this.draw(conversation, { kind: 'turn', turnId });
    } finally {
      this.running.delete(conversation.id);
      needs.desk.setAnswering(conversation.id, false);
      needs.unawaited(needs.desk.drawThreads());
    }
  }

  /** Ends the answer that is coming in a conversation; what has come is kept. */
  stop(threadId: string): void {
    this.running.get(threadId)?.abort();
  }

  /** Ends all of them. */
  dispose(): void {
    for (const controller of this.running.values()) controller.abort();
  }

  private async whenReady(chosen: ChatModel, signal: AbortSignal) {
    await this.needs.whenReady(signal);
    const now = this.needs.model();
    // The question is for the model that was chosen when it was asked, and so is what fits.
    const model = now?.model.id === chosen.model.id ? now : chosen;
    return { budget: this.needs.budgetOf(model), isSmallModel: model.isSmall };
  }

  private draw(conversation: Conversation, event: ReplyEvent): void {
    const { desk, prefillTokPerS } = this.needs;
    const { turnId } = event;
    switch (event.kind) {
      case 'reading': {
        const { readTokens, totalTokens } = event;
        const tokPerS = prefillTokPerS();
        const left = tokPerS === undefined ? {} : { secondsLeft: (totalTokens - readTokens) / tokPerS };
        return desk.drawReading(conversation, turnId, { readTokens, totalTokens, ...left });
      }
      case 'delta':
        desk.drawReading(conversation, turnId, undefined);
        return desk.drawDelta(conversation, turnId, event);
      case 'turn':
        desk.drawReading(conversation, turnId, undefined);
        desk.drawTurn(conversation, turnId);
        return this.needs.unawaited(desk.drawThreads());
    }
  }
}

/** The same, telling somebody of every request that fails. */
export function noting(ask: Ask, note: (failure: Failure) => void): Ask {
  return async function* (purpose, request, signal) {
    try {
      yield* ask(purpose, request, signal);
    } catch (error) {
      note(asFailure(error, 'unexpected', 'showLog'));
      throw error;
    }
  };
}

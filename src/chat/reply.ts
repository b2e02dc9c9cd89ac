/** A question becomes an answer here: written down, made a prompt, asked, streamed, and ended with its receipt. */
import type { Clock } from '../base/clock.ts';
import { asFailure, type Failure } from '../base/failure.ts';
import type { Ask, Purpose, StopReason } from '../models/model.ts';
import type { Conversation } from './conversation.ts';
import type { AskedModel, Ended, Question } from './event.ts';
import { joined } from './joining.ts';
import { promptFor, type PromptOrder } from './prompt.ts';
import type { AnswerEnding, FailureView, Receipt } from './protocol.ts';
import { Runaway, type Kept } from './runaway.ts';

/** What is asked, and where in the conversation. */
export interface ReplyOrder extends Omit<PromptOrder, 'branch'> {
  readonly conversation: Conversation;
  readonly question: Question;
  /** The turn it follows; `undefined`: it is the first. */
  readonly parentId: string | undefined;
  readonly model: AskedModel;
  /**
   * What the model can hold, where that is known only once it runs; asked after the question is written down, and holds
   * in the place of what the order says. What it throws ends the answer.
   */
  readonly whenReady?: (signal: AbortSignal) => Promise<Pick<PromptOrder, 'budget' | 'isSmallModel'>>;
}

export interface ReplyNeeds {
  readonly ask: Ask;
  readonly clock: Clock;
  /** What the ledger says of a request after it ended, tried so often; `undefined`: nothing. */
  readonly receiptOf: (requestIds: readonly string[]) => Omit<Receipt, 'leftOut'> | undefined;
}

/** What there is to draw. */
export type ReplyEvent =
  /** The turn has changed as a whole: it is there, or it has ended. */
  | { readonly kind: 'turn'; readonly turnId: string }
  /** Added to its answer; at most one per frame. */
  | { readonly kind: 'delta'; readonly turnId: string; readonly text: string; readonly reasoning: string }
  | { readonly kind: 'reading'; readonly turnId: string; readonly readTokens: number; readonly totalTokens: number };

/**
 * Asks, and tells what there is to draw; the question is on disk before the first event. What fails is told in the turn.
 * Aborting and leaving early both end the answer as stopped and keep what has come.
 * @throws Failure `diskFailed` when the question or the answer's end cannot be written.
 */
export async function* reply(
  order: ReplyOrder,
  needs: ReplyNeeds,
  signal: AbortSignal,
): AsyncGenerator<ReplyEvent, void, void> {
  const { conversation, question, model, parentId } = order;
  const { id: turnId } = conversation.ask(question, model, parentId);
  let ended: Ended = { ending: 'stopped' };
  try {
    yield { kind: 'turn', turnId };
    const ready = { ...order, ...(await order.whenReady?.(signal)) };
    const prompt = await promptFor({ ...ready, branch: conversation.branchTo(turnId) });
    conversation.didSend(turnId, prompt.sent);
    const stop = new AbortController();
    const purpose: Purpose = { role: 'chat', initiator: 'user', modelId: model.id };
    const chunks = needs.ask(purpose, prompt.request, AbortSignal.any([signal, stop.signal]));
    const pieces = joined(chunks, needs.clock, () => stop.abort());
    ended = yield* answer({ conversation, turnId, pieces, watch: ready.isSmallModel ? newWatch() : undefined });
  } catch (error) {
    ended = endedBy(asFailure(error, 'unexpected', 'showLog'));
  } finally {
    conversation.end(turnId, { ...ended, ...receiptFor(conversation, turnId, needs) });
  }
  yield { kind: 'turn', turnId };
}

/** A question again, beside its turn. `undefined`: there is no such turn. */
export function askedAgain(
  conversation: Conversation,
  turnId: string,
): Pick<ReplyOrder, 'question' | 'parentId'> | undefined {
  const turn = conversation.turn(turnId);
  return turn && { question: turn.question, parentId: conversation.parentOf(turnId) };
}

interface Answering {
  readonly conversation: Conversation;
  readonly turnId: string;
  readonly pieces: ReturnType<typeof joined>;
  /** Absent: the model is trusted to know when to stop. */
  readonly watch: Watch | undefined;
}

/** Small models go in circles in their answers and, those that think, before these. */
type Watch = Readonly<Record<'text' | 'reasoning', Runaway>>;

const newWatch = (): Watch => ({ text: new Runaway(), reasoning: new Runaway() });

/** Streams the pieces into the conversation and to the reader; says how it ended. Throws what the asking throws. */
async function* answer(answering: Answering): AsyncGenerator<ReplyEvent, Ended, void> {
  const { conversation, turnId, pieces, watch } = answering;
  const say = (text: string, reasoning: string): ReplyEvent => {
    conversation.say(turnId, text, reasoning);
    return { kind: 'delta', turnId, text, reasoning };
  };
  for await (const piece of pieces) {
    switch (piece.kind) {
      case 'opened':
        conversation.didOpen(turnId, piece.requestId);
        break;
      case 'toolCall': // the chat offers no tools
        break;
      case 'reading':
        yield { ...piece, turnId };
        break;
      case 'said': {
        const { text, reasoning, ended } = watch === undefined ? { ...piece, ended: undefined } : kept(watch, piece);
        if (text !== '' || reasoning !== '') yield say(text, reasoning);
        if (ended !== undefined) return ended;
        break;
      }
      case 'end': {
        const [text, reasoning] = [watch?.text.rest() ?? '', watch?.reasoning.rest() ?? ''];
        if (text !== '' || reasoning !== '') yield say(text, reasoning);
        return { ending: endings[piece.reason] };
      }
    }
  }
  return { ending: 'cut' };
}

const endings: Readonly<Record<StopReason, AnswerEnding>> = {
  endOfText: 'finished',
  maxTokens: 'maxTokens',
  cut: 'cut',
  filtered: 'filtered',
};

/** What is worth keeping of what was said, and how that ends the answer; `undefined`: it goes on. */
function kept(watch: Watch, piece: { readonly text: string; readonly reasoning: string }) {
  const reasoning = watch.reasoning.push(piece.reasoning);
  if (reasoning.end !== undefined) {
    return { text: '', reasoning: reasoning.text, ended: endedAt(reasoning.end, 'keptReasoningChars') };
  }
  // Where it answers, it has ended its thinking.
  const rest = piece.text === '' ? '' : watch.reasoning.rest();
  const { text, end } = watch.text.push(piece.text);
  return { text, reasoning: reasoning.text + rest, ended: end && endedAt(end, 'keptChars') };
}

function endedAt(end: NonNullable<Kept['end']>, keptOf: 'keptChars' | 'keptReasoningChars'): Ended {
  return end.kind === 'looped' ? { ending: 'looped', [keptOf]: end.keptChars } : { ending: 'finished' };
}

function endedBy(failure: Failure): Ended {
  return failure.kind === 'aborted' ? { ending: 'stopped' } : { ending: 'failed', failure: shown(failure) };
}

/** Where there is nothing better to press, asking again may help. */
function shown({ message, action, kind }: Failure): FailureView {
  if (action !== undefined) return { message, action };
  return kind === 'denied' || kind === 'requestInvalid' ? { message } : { message, action: 'retry' };
}

function receiptFor(conversation: Conversation, turnId: string, { receiptOf }: ReplyNeeds): Pick<Ended, 'receipt'> {
  const turn = conversation.turn(turnId);
  const receipt = receiptOf(turn?.requestIds ?? []);
  return receipt === undefined ? {} : { receipt: { ...receipt, leftOut: turn?.sent?.leftOut ?? [] } };
}

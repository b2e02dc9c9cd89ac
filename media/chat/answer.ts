/** One answer: what it thought, what it says, how it ended, what it took. */
import { html, nothing, type TemplateResult } from 'lit';
import type { AnswerView, FailureView, FromWebview, ReadingView, TurnView } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { receiptDetails } from './receipt.ts';
import { receiptLine } from './receiptWords.ts';
import { actionWords, count, endingWords, seconds } from './words.ts';

export interface AnswerState {
  readonly isReceiptOpen: boolean;
  /** `undefined`: nobody pressed it; open while only reasoning has come. */
  readonly isReasoningOpen: boolean | undefined;
}

export interface AnswerActions {
  readonly say: (message: FromWebview) => void;
  readonly threadId: string;
  readonly change: (change: Partial<AnswerState>) => void;
  /** Told which button has copied something. */
  readonly copied: (button: HTMLElement) => void;
  /** Asks again, unless an answer is coming. */
  readonly regenerate: () => void;
}

/** The nodes that hold the Markdown; they draw themselves. */
export interface AnswerParts {
  readonly text: Element;
  readonly reasoning: Element;
}

interface Drawn {
  readonly turn: TurnView;
  readonly state: AnswerState;
  readonly parts: AnswerParts;
  readonly actions: AnswerActions;
}

export function answerOf(drawn: Drawn): TemplateResult {
  const { turn, parts, actions } = drawn;
  const { answer } = turn;
  const isComing = answer.state === 'waiting' || answer.state === 'streaming';
  return html`<div class="answer" aria-busy=${isComing}>
    <h2 class="unseen">Answer by ${answer.modelName}</h2>
    ${reasoningOf(drawn)} ${parts.text} ${answer.state === 'waiting' ? waiting(answer) : nothing}
    ${answer.state === 'streaming' && answer.text === '' && answer.reasoning === '' ? waiting(answer) : nothing}
    ${ending(answer)} ${answer.failure === undefined ? nothing : failureOf(answer.failure, turn.id, actions)}
    ${isComing ? nothing : footer(drawn)}
  </div>`;
}

/** A failure or a block: a sentence and at most one button. */
export function failureOf(
  { message, action }: FailureView,
  turnId: string | undefined,
  { say, threadId }: Pick<AnswerActions, 'say' | 'threadId'>,
): TemplateResult {
  const press = (): void => {
    if (action !== undefined) say({ type: 'runAction', action, threadId, ...(turnId !== undefined && { turnId }) });
  };
  return html`<div class="failure" role="group" aria-label="Problem">
    ${icon('error')}
    <span class="failure-text">${message}</span>
    ${action === undefined ? nothing : html`<button class="button is-secondary" @click=${press}>${actionWords[action]}</button>`}
  </div>`;
}

function reasoningOf({ turn, state, parts, actions }: Drawn): TemplateResult | typeof nothing {
  const { answer } = turn;
  if (answer.reasoning === '') return nothing;
  const isThinking = answer.state === 'streaming' && answer.text === '';
  const isOpen = state.isReasoningOpen ?? isThinking;
  // Pressed, or opened by find: whoever did it, it stays so.
  const note = ({ currentTarget }: Event): void => {
    const { open } = currentTarget as HTMLDetailsElement;
    if (open !== isOpen) actions.change({ isReasoningOpen: open });
  };
  return html`<details class="reasoning" ?open=${isOpen} @toggle=${note}>
    <summary>
      ${icon(isOpen ? 'chevron-down' : 'chevron-right')}<span class=${isThinking ? 'is-working' : ''}
        >${isThinking ? 'Thinking' : 'Thought'}</span
      >
    </summary>
    ${parts.reasoning}
  </details>`;
}

/** Nothing has come yet: how far the prompt was read, where that is known. */
function waiting({ reading }: AnswerView): TemplateResult {
  return html`<div class="waiting">
    <span class="is-working">${reading === undefined ? 'Working' : readingWords(reading)}</span>
    ${
      reading === undefined
        ? nothing
        : html`<progress aria-label="Reading" max=${reading.totalTokens} .value=${reading.readTokens}></progress>`
    }
  </div>`;
}

function readingWords({ readTokens, totalTokens, secondsLeft }: ReadingView): string {
  const left = secondsLeft === undefined ? '' : `, about ${seconds(secondsLeft)} left`;
  return `Reading ${count(readTokens)} of ${count(totalTokens)} tokens${left}`;
}

function ending({ state }: AnswerView): TemplateResult | typeof nothing {
  if (state === 'waiting' || state === 'streaming') return nothing;
  const words = state === 'elsewhere' ? 'The answer is coming in another window.' : endingWords[state];
  return words === undefined ? nothing : html`<p class="ending">${icon('info')} ${words}</p>`;
}

function footer(drawn: Drawn): TemplateResult {
  const { turn, actions } = drawn;
  const { receipt, text } = turn.answer;
  const copy = (event: Event): void => {
    actions.say({ type: 'copyTurn', threadId: actions.threadId, turnId: turn.id, part: 'answer' });
    actions.copied(event.currentTarget as HTMLElement);
  };
  return html`<div class="answer-foot">
      ${receipt === undefined ? nothing : receiptButton(drawn, receiptLine(receipt))}
      <span class="tools" role="group" aria-label="Answer actions">
        ${text === '' ? nothing : tool('Copy answer', 'copy', copy)}
        ${turn.answer.state === 'elsewhere' ? nothing : tool('Ask again', 'refresh', actions.regenerate)}
      </span>
    </div>
    ${receiptBox(drawn)}`;
}

function tool(label: string, name: 'copy' | 'refresh', press: (event: Event) => void): TemplateResult {
  return html`<button class="icon-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
}

function receiptButton({ turn, state, actions }: Drawn, line: string): TemplateResult {
  const toggle = (): void => actions.change({ isReceiptOpen: !state.isReceiptOpen });
  return html`<button
    class="receipt-line"
    title="What was sent, and what it took"
    aria-expanded=${state.isReceiptOpen}
    aria-controls="receipt-${turn.id}"
    @click=${toggle}
  >
    <span class="unseen">Receipt: </span>${line}
  </button>`;
}

function receiptBox({ turn, state, actions }: Drawn): TemplateResult | typeof nothing {
  const { receipt } = turn.answer;
  if (receipt === undefined) return nothing;
  const open = (): void => actions.say({ type: 'showReceipt', threadId: actions.threadId, turnId: turn.id });
  return html`<div class="receipt" id="receipt-${turn.id}" ?hidden=${!state.isReceiptOpen}>
    ${state.isReceiptOpen ? receiptDetails(receipt, open) : nothing}
  </div>`;
}

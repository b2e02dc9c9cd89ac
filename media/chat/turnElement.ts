/** One turn on the page. Only the turn whose data changed draws itself again. */
import { html, render } from 'lit';
import type { TurnView } from '../../src/chat/protocol.ts';
import { answerOf, type AnswerState } from './answer.ts';
import type { Host } from './host.ts';
import type { CodeAction } from './markdown/codeBlock.ts';
import { MarkdownView } from './markdown/markdownView.ts';
import type { CodePiece } from './markdown/piece.ts';
import { questionOf, type QuestionState } from './question.ts';
import { tick } from './tick.ts';

/** What a turn needs of the page around it. */
export interface TurnNeeds {
  readonly host: Host;
  readonly threadId: () => string;
  readonly tell: (words: string) => void;
  /** True when no answer is coming; else says so and is false. */
  readonly isFree: () => boolean;
}

/** Rough heights, in pixels, until a turn was drawn once. */
const emptyHeight = 120;
const heightPerCharacter = 0.3;
const copiedWords = 'Copied.';

export class TurnElement {
  readonly element = document.createElement('article');
  private readonly needs: TurnNeeds;
  private readonly text: MarkdownView;
  private readonly reasoning: MarkdownView;
  private turn: TurnView;
  private state: QuestionState & AnswerState = {
    edit: undefined,
    isWhole: false,
    isReceiptOpen: false,
    isReasoningOpen: undefined,
  };
  private isFilled = false;

  /** Empty at first; `fill` draws it. */
  constructor(turn: TurnView, needs: TurnNeeds) {
    this.turn = turn;
    this.needs = needs;
    const kept = needs.host.kept.edits?.[turn.id];
    if (kept !== undefined) this.state = { ...this.state, edit: { ...kept, keptIds: new Set(kept.keptIds) } };
    const onCode = (action: CodeAction, code: Pick<CodePiece, 'text' | 'language' | 'path'>): void =>
      this.actOnCode(action, code);
    this.text = new MarkdownView(onCode);
    this.reasoning = new MarkdownView(onCode);
    this.element.className = 'turn';
    this.element.dataset['turn'] = turn.id;
    this.element.tabIndex = -1;
    this.element.setAttribute('aria-label', labelOf(turn));
    const height = emptyHeight + (turn.question.text.length + turn.answer.text.length) * heightPerCharacter;
    // Until it is drawn it takes the room it will most likely take, in view or not.
    this.element.style.containIntrinsicBlockSize = `auto ${Math.round(height)}px`;
    this.element.style.minBlockSize = `${Math.round(height)}px`;
  }

  /** Its data, as last shown. */
  get shown(): TurnView {
    return this.turn;
  }

  get isDrawn(): boolean {
    return this.isFilled;
  }

  /** Draws the turn if it has not been drawn yet. */
  fill(): void {
    if (!this.isFilled) this.draw();
  }

  /** Shows new data; gives back false when it has to be called again with the next frame. */
  update(turn: TurnView): boolean {
    const isSame = this.turn === turn;
    this.turn = turn;
    if (!this.isFilled) return true;
    if (isSame) return this.drawText();
    this.element.setAttribute('aria-label', labelOf(turn));
    return this.draw();
  }

  private draw(): boolean {
    this.isFilled = true;
    this.element.style.minBlockSize = '';
    const isDone = this.drawText();
    const { host } = this.needs;
    const common = {
      say: host.say,
      threadId: this.needs.threadId(),
      change: (change: Partial<QuestionState & AnswerState>) => this.change(change),
      copied: (button: HTMLElement) => this.noteCopied(button),
    };
    const resend = (text: string, attachmentIds: readonly string[]): boolean => {
      if (!this.needs.isFree()) return false;
      host.say({ type: 'resend', threadId: common.threadId, turnId: this.turn.id, text, attachmentIds });
      return true;
    };
    const regenerate = (): void => {
      if (this.needs.isFree()) host.say({ type: 'regenerate', threadId: common.threadId, turnId: this.turn.id });
    };
    const parts = { text: this.text.element, reasoning: this.reasoning.element };
    render(
      html`${questionOf(this.turn, this.state, { ...common, resend })}
      ${answerOf({ turn: this.turn, state: this.state, parts, actions: { ...common, regenerate } })}`,
      this.element,
    );
    return isDone;
  }

  private drawText(): boolean {
    const { state, text, reasoning } = this.turn.answer;
    const isComing = state === 'waiting' || state === 'streaming';
    const isThought = this.reasoning.show(reasoning, isComing && text === '');
    return this.text.show(text, isComing || state === 'elsewhere') && isThought;
  }

  private change(change: Partial<QuestionState & AnswerState>): void {
    const wasEditing = this.state.edit !== undefined;
    this.state = { ...this.state, ...change };
    if ('edit' in change) this.keepEdit();
    this.draw();
    const isEditing = this.state.edit !== undefined;
    if (wasEditing === isEditing) return;
    const field = this.element.querySelector<HTMLTextAreaElement>('.edit-field');
    if (field === null) this.element.querySelector<HTMLElement>('.edit-question')?.focus();
    else {
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
    }
  }

  private noteCopied(button: HTMLElement): void {
    tick(button);
    this.needs.tell(copiedWords);
  }

  /** The page may be thrown away at any time. */
  private keepEdit(): void {
    const { host } = this.needs;
    const { edit } = this.state;
    const { [this.turn.id]: _, ...others } = host.kept.edits ?? {};
    const own = edit && { [this.turn.id]: { text: edit.text, keptIds: [...edit.keptIds] } };
    host.keep({ edits: { ...others, ...own } });
  }

  private actOnCode(action: CodeAction, { text, language, path }: Pick<CodePiece, 'text' | 'language' | 'path'>): void {
    if (action === 'copy') {
      this.needs.tell(copiedWords);
      return this.needs.host.say({ type: 'copy', text });
    }
    this.needs.host.say({ type: action, text, language, ...(path !== undefined && { path }) });
  }
}

/** How a screen reader names the turn: by the beginning of its question. */
function labelOf({ question }: TurnView): string {
  const line = question.text.trim().replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

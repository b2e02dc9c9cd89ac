/** Where questions are written: the field, what goes with them, who is asked, and what it will take. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { ComposerView, ModelPill, Suggestion } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { failureOf } from './answer.ts';
import { ChipEditor } from './chipEditor.ts';
import { chipList } from './chips.ts';
import { isStopKey, stopKey } from './commandKey.ts';
import { Completion } from './completion.ts';
import type { Host } from './host.ts';
import { isComposingKey, isSendKey } from './keys.ts';
import { present, stepped } from './past.ts';
import { leftOutWords } from './receiptWords.ts';
import { reviewOf } from './review.ts';
import { exposureIcons } from './words.ts';

/** What is drawn, besides the text: that stays in the field. */
export interface ComposerState {
  readonly threadId: string;
  readonly composer: ComposerView;
  /** An answer is coming in the conversation. */
  readonly isAnswering: boolean;
  /** The newest turn of what is shown; `undefined`: there is none. */
  readonly lastTurnId: string | undefined;
  readonly history: readonly string[];
}

export interface ComposerNeeds {
  readonly host: Host;
  readonly tell: (words: string) => void;
  /** Says something that is seen and heard. */
  readonly note: (words: string) => void;
  /** True when no answer is coming; else says so, to be seen and heard, and is false. */
  readonly isFree: () => boolean;
}

const draftPauseMs = 300;
/** From here on it is worth saying how full the model's context is. */
const notableFill = 0.5;

export class Composer {
  private readonly root: HTMLElement;
  private readonly needs: ComposerNeeds;
  private readonly field = document.createElement('textarea');
  private readonly completion: Completion;
  private readonly chipEditor: ChipEditor;
  private state: ComposerState | undefined;
  private past = present;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, needs: ComposerNeeds) {
    this.root = root;
    this.needs = needs;
    this.completion = new Completion({
      host: needs.host,
      field: () => this.field,
      onDidChange: () => this.noteText(),
      flushDraft: () => this.flushDraft(),
      tell: needs.tell,
      note: needs.note,
    });
    this.chipEditor = new ChipEditor(needs.host, () => this.focus());
    this.prepareField();
  }

  show(state: ComposerState): void {
    const isAnother = this.state !== undefined && this.state.threadId !== state.threadId;
    if (isAnother) {
      this.flushDraft();
      this.completion.close();
      this.chipEditor.hide();
    }
    this.state = state;
    this.chipEditor.restore(state.threadId, state.composer.chips);
    this.draw();
  }

  /** Puts a draft into the field without telling the host, who knows it. */
  load(text: string): void {
    clearTimeout(this.draftTimer);
    this.field.value = text;
    this.past = present;
    this.completion.close();
    this.draw();
  }

  /** Puts text into the field that the host may not have, and tells it. */
  restore(text: string): void {
    this.load(text);
    this.noteText();
    this.flushDraft();
  }

  fill(text: string, how: 'replace' | 'append'): void {
    const before = how === 'append' ? this.field.value : '';
    this.field.value = before === '' || /\s$/.test(before) ? before + text : `${before} ${text}`;
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    this.noteText();
    this.flushDraft();
    this.focus();
  }

  focus(): void {
    this.field.focus();
  }

  showSuggestions(request: number, suggestions: readonly Suggestion[]): void {
    this.completion.show(request, suggestions);
  }

  editChip(chipId: string, text: string): void {
    const { state } = this;
    const chip = state?.composer.chips.find(({ id }) => id === chipId);
    if (state !== undefined && chip !== undefined) this.chipEditor.open(state.threadId, chip, text);
  }

  /** Tells the host the draft now instead of a moment later: what comes next is about another thread. */
  flushDraft(): void {
    if (this.draftTimer === undefined || this.state === undefined) return;
    clearTimeout(this.draftTimer);
    this.draftTimer = undefined;
    this.needs.host.say({ type: 'draft', threadId: this.state.threadId, text: this.field.value });
  }

  private prepareField(): void {
    const { field } = this;
    field.className = 'composer-field';
    field.rows = 1;
    field.placeholder = 'Ask, or type @ or /';
    field.setAttribute('aria-label', 'Question');
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-controls', 'suggestion-list');
    field.addEventListener('input', () => {
      this.past = present;
      this.noteText();
    });
    field.addEventListener('click', () => this.completion.follow());
    field.addEventListener('blur', () => this.completion.close());
    field.addEventListener('keyup', ({ key }) => {
      if (/^(Arrow(Left|Right)|Home|End)$/.test(key)) this.completion.follow();
    });
    field.addEventListener('keydown', (event) => this.press(event));
    this.completion.element.id = 'suggestion-list';
  }

  private press(event: KeyboardEvent): void {
    if (isComposingKey(event)) return;
    if (this.completion.press(event)) return event.preventDefault();
    const { key } = event;
    if (isSendKey(event)) {
      event.preventDefault();
      this.send();
    } else if (isStopKey(event)) {
      event.preventDefault();
      this.stop();
    } else if (key === 'ArrowUp' || key === 'ArrowDown') this.goBack(event);
  }

  /** Up brings back earlier questions where the cursor is at the start of the text; Down undoes that at its end. */
  private goBack(event: KeyboardEvent): void {
    const { field, state } = this;
    if (state === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const isBack = event.key === 'ArrowUp';
    const isTravelling = this.past !== present;
    const isAtEdge = isBack
      ? field.selectionEnd === 0 || isTravelling
      : isTravelling && field.selectionStart === field.value.length;
    const step = isAtEdge
      ? stepped(this.past, isBack ? 'back' : 'forward', { history: state.history, text: field.value })
      : undefined;
    if (step === undefined) return;
    event.preventDefault();
    field.value = step.text;
    const cursor = isBack ? 0 : step.text.length;
    field.setSelectionRange(cursor, cursor);
    this.noteText();
    this.past = step.past.index === -1 ? present : step.past;
  }

  private send(): void {
    const { state } = this;
    const text = this.field.value;
    if (state === undefined || text.trim() === '' || !this.needs.isFree()) return;
    if (state.composer.blocked !== undefined) return this.needs.tell(state.composer.blocked.message);
    this.needs.host.say({ type: 'send', threadId: state.threadId, text });
    this.load('');
    const { draft: _, ...kept } = this.needs.host.kept;
    this.needs.host.replace({ ...kept, sent: { threadId: state.threadId, text, behind: state.lastTurnId } });
  }

  private stop(): void {
    const { state } = this;
    if (state?.isAnswering === true) this.needs.host.say({ type: 'stop', threadId: state.threadId });
  }

  private noteText(): void {
    const { state, field } = this;
    this.completion.follow();
    this.draw();
    if (state === undefined) return;
    this.needs.host.keep({ draft: { threadId: state.threadId, text: field.value } });
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.flushDraft(), draftPauseMs);
  }

  private draw(): void {
    const { state } = this;
    if (state === undefined) return;
    const { composer, threadId } = state;
    const { say } = this.needs.host;
    const [review] = composer.reviews;
    render(
      html`${review === undefined ? nothing : reviewOf(review, say)} ${this.chipEditor.element}
        ${composer.blocked === undefined ? nothing : failureOf(composer.blocked, undefined, { say, threadId })}
        <div class="input-anchor">
          ${this.completion.element}
          <div class="input-box">
            ${chipList(composer.chips, say)} ${this.field}
            <div class="input-tools">
              <button
                class="icon-button"
                title="Add context"
                aria-label="Add context"
                @click=${() => say({ type: 'pickContext' })}
              >
                ${icon('mention')}
              </button>
              ${modelPill(composer.model, () => say({ type: 'switchModel' }))}
              <span class="spring"></span>
              ${this.sendButton(state)}
            </div>
          </div>
        </div>
        ${footer(composer)}`,
      this.root,
    );
  }

  private sendButton({ isAnswering, composer }: ComposerState): TemplateResult {
    if (isAnswering) {
      return html`<button
        class="icon-button send-button"
        title=${`Stop (${stopKey()})`}
        aria-label="Stop the answer"
        @click=${() => this.stop()}
      >
        ${icon('debug-stop')}
      </button>`;
    }
    const cannotSend = this.field.value.trim() === '' || composer.blocked !== undefined;
    return html`<button
      class="icon-button send-button"
      title="Send (Enter)"
      aria-label="Send"
      aria-disabled=${cannotSend}
      @click=${() => this.send()}
    >
      ${icon('arrow-up')}
    </button>`;
  }
}

function modelPill(model: ModelPill | undefined, press: () => void): TemplateResult {
  const label = model === undefined ? 'Choose a model' : `Model: ${model.name}, ${model.routeWords}. Switch`;
  return html`<button class="pill" title=${label} aria-label=${label} @click=${press}>
    ${icon(model === undefined ? 'warning' : exposureIcons[model.exposure])}
    <span class="pill-name">${model?.name ?? 'Choose a model'}</span>${icon('chevron-down')}
  </button>`;
}

function footer({ footer: words, footerHover, fill, leftOut }: ComposerView): TemplateResult {
  const share = fill === undefined || fill.limitTokens === 0 ? 0 : fill.usedTokens / fill.limitTokens;
  return html`<div class="composer-foot">
      <span class="estimate" title=${footerHover}>${words}</span>
      ${share < notableFill ? nothing : html`<span class="fill">${Math.round(share * 100)}% of its context</span>`}
    </div>
    ${
      leftOut.length === 0
        ? nothing
        : html`<ul class="left-out" aria-label="Does not fit">
            ${leftOut.map((each) => html`<li>${icon('warning')} ${leftOutWords(each)}</li>`)}
          </ul>`
    }`;
}

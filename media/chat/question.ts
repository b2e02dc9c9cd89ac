/** One question as it was asked, and the field in which it is edited and asked again. */
import { html, nothing, type TemplateResult } from 'lit';
import type { AttachmentView, FromWebview, TurnView } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { isComposingKey, isSendKey } from './keys.ts';
import { attachmentIcons, plural, shortCount } from './words.ts';

/** What is shown of a question besides the question. */
export interface QuestionState {
  /** What is being made of it; `keptIds`: the attachments that go with it again. */
  readonly edit: { readonly text: string; readonly keptIds: ReadonlySet<string> } | undefined;
  /** A long question is shown in full. */
  readonly isWhole: boolean;
}

export interface QuestionActions {
  readonly say: (message: FromWebview) => void;
  readonly threadId: string;
  readonly change: (change: Partial<QuestionState>) => void;
  /** Told which button has copied something. */
  readonly copied: (button: HTMLElement) => void;
  /** Asks the edited question; false: not now. */
  readonly resend: (text: string, attachmentIds: readonly string[]) => boolean;
}

const longLines = 12;
const longCharacters = 1_200;

export function questionOf(turn: TurnView, state: QuestionState, actions: QuestionActions): TemplateResult {
  return html`<div class="question">
    <h2 class="unseen">You asked</h2>
    ${state.edit === undefined ? shown(turn, state, actions) : editing(turn, state.edit, actions)}
  </div>`;
}

function shown(turn: TurnView, { isWhole }: QuestionState, actions: QuestionActions): TemplateResult {
  const { text, attachments } = turn.question;
  const isLong = text.length > longCharacters || text.split('\n').length > longLines;
  const toggle = (): void => actions.change({ isWhole: !isWhole });
  return html`<div class="bubble">
      <div class="question-text ${isLong && !isWhole ? 'is-folded' : ''}">${withCommand(text)}</div>
      ${isLong ? html`<button class="link" @click=${toggle}>${isWhole ? 'Show less' : 'Show all of it'}</button>` : nothing}
      ${attachments.length === 0 ? nothing : attachmentList(turn, actions)}
    </div>
    <div class="turn-tools">${tools(turn, actions)} ${versions(turn, actions)}</div>`;
}

/** The `/` command a question begins with, drawn as one. */
function withCommand(text: string): TemplateResult | string {
  const command = /^\/[\w-]+(?=\s|$)/.exec(text)?.[0];
  return command === undefined
    ? text
    : html`<span class="slash-command">${command}</span>${text.slice(command.length)}`;
}

function attachmentList(turn: TurnView, { say, threadId }: QuestionActions): TemplateResult {
  return html`<ul class="chips" aria-label="Attachments">
    ${turn.question.attachments.map((each) => {
      const open = (): void => say({ type: 'openAttachment', threadId, turnId: turn.id, attachmentId: each.id });
      return html`<li class="chip">
        <button class="chip-name" title="Open ${each.name}" @click=${open}>${attachmentWords(each)}</button>
      </li>`;
    })}
  </ul>`;
}

function attachmentWords({ kind, name, tokens }: AttachmentView): TemplateResult {
  return html`${icon(attachmentIcons[kind])}<span class="chip-text">${name}</span>
    <span class="chip-tokens" title=${plural(tokens, 'token')}>${shortCount(tokens)}</span>`;
}

/** `‹ 2/3 ›`: what stood here before, and since. */
function versions(turn: TurnView, { say, threadId }: QuestionActions): TemplateResult | typeof nothing {
  const all = turn.versions;
  if (all.length < 2) return nothing;
  const index = all.indexOf(turn.id);
  const go = (step: number) => (): void => {
    const turnId = all[index + step];
    if (turnId !== undefined) say({ type: 'showVersion', threadId, turnId });
  };
  return html`<span class="versions" role="group" aria-label="Versions">
    <button
      class="icon-button"
      title="Earlier version"
      aria-label="Earlier version"
      ?disabled=${index <= 0}
      @click=${go(-1)}
    >
      ${icon('chevron-left')}
    </button>
    <span aria-label="Version ${index + 1} of ${all.length}" role="img">${index + 1}/${all.length}</span>
    <button
      class="icon-button"
      title="Later version"
      aria-label="Later version"
      ?disabled=${index >= all.length - 1}
      @click=${go(1)}
    >
      ${icon('chevron-right')}
    </button>
  </span>`;
}

function tools(turn: TurnView, { say, threadId, change, copied }: QuestionActions): TemplateResult {
  const { text, attachments } = turn.question;
  const edit = (): void => change({ edit: { text, keptIds: new Set(attachments.map(({ id }) => id)) } });
  const inTurn = { threadId, turnId: turn.id };
  const copy = (event: Event): void => {
    say({ type: 'copyTurn', ...inTurn, part: 'question' });
    copied(event.currentTarget as HTMLElement);
  };
  return html`<span class="tools" role="group" aria-label="Question actions">
    <button class="icon-button edit-question" title="Edit and ask again" aria-label="Edit and ask again" @click=${edit}>
      ${icon('edit')}
    </button>
    <button class="icon-button" title="Copy question" aria-label="Copy question" @click=${copy}>${icon('copy')}</button>
    <button
      class="icon-button"
      title="Delete question and answer"
      aria-label="Delete question and answer"
      @click=${() => say({ type: 'deleteTurn', ...inTurn })}
    >
      ${icon('trash')}
    </button>
  </span>`;
}

type Edit = NonNullable<QuestionState['edit']>;

function editing(turn: TurnView, edit: Edit, actions: QuestionActions): TemplateResult {
  const { text, keptIds } = edit;
  const kept = turn.question.attachments.filter(({ id }) => keptIds.has(id));
  const cancel = (): void => actions.change({ edit: undefined });
  const send = (field: HTMLTextAreaElement): void => {
    if (field.value.trim() !== '' && actions.resend(field.value, [...keptIds])) cancel();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !isComposingKey(event)) cancel();
    else if (isSendKey(event)) send(event.currentTarget as HTMLTextAreaElement);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const type = (event: Event): void =>
    actions.change({ edit: { ...edit, text: (event.currentTarget as HTMLTextAreaElement).value } });
  const ask = (event: Event): void => {
    const field = (event.currentTarget as Element).closest('.question')?.querySelector('textarea');
    if (field) send(field);
  };
  return html`<div class="input-box">
    ${kept.length === 0 ? nothing : keptList(kept, edit, actions)}
    <textarea
      class="edit-field"
      aria-label="Edit the question"
      rows="1"
      .value=${text}
      @input=${type}
      @keydown=${press}
    ></textarea>
    <div class="input-tools">
      <span class="quiet">What followed is kept as another version</span>
      <button class="button is-secondary" @click=${cancel}>Cancel</button>
      <button class="button" @click=${ask}>Ask again</button>
    </div>
  </div>`;
}

function keptList(kept: readonly AttachmentView[], edit: Edit, { change }: QuestionActions): TemplateResult {
  const remove = (id: string) => (): void =>
    change({ edit: { ...edit, keptIds: new Set([...edit.keptIds].filter((each) => each !== id)) } });
  return html`<ul class="chips" aria-label="Attachments">
    ${kept.map(
      (each) =>
        html`<li class="chip">
          <span class="chip-name">${attachmentWords(each)}</span>
          <button class="chip-button" title="Remove" aria-label="Remove ${each.name}" @click=${remove(each.id)}>
            ${icon('close')}
          </button>
        </li>`,
    )}
  </ul>`;
}

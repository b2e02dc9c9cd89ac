/** The page: what stands where, and who is told what the host says. */
import { html, nothing, render } from 'lit';
import type { ChatState, ThreadView, ToWebview } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { Announcer } from './announce.ts';
import { folded, isAnswering } from './chatState.ts';
import { withCommandKey } from './commandKey.ts';
import { Composer } from './composer.ts';
import { acceptDrops } from './drop.ts';
import { emptyState } from './emptyState.ts';
import { Find } from './find.ts';
import { keepFocus } from './focusKeeper.ts';
import type { Host } from './host.ts';
import type { Opening } from './markdown/draw.ts';
import { Notice } from './notice.ts';
import { ThreadList } from './threadList.ts';
import { Transcript } from './transcript.ts';
import { endingWords } from './words.ts';

const scrollPauseMs = 200;

export class ChatPage {
  private readonly host: Host;
  private readonly head = part('header', 'chat-head');
  private readonly find: Find;
  private readonly empty = part('div', 'empty-place');
  private readonly transcript: Transcript;
  private readonly toEnd = document.createElement('button');
  private readonly composer: Composer;
  private readonly threads: ThreadList;
  private readonly notice: Notice;
  private readonly announcer = new Announcer();
  /** Everything but the list of threads, which is drawn over it. */
  private readonly behind = part('div', 'chat');
  private state: ChatState | undefined;
  private scrollTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, host: Host) {
    this.host = host;
    const [scroller, composer, threads] = [part('div', 'transcript'), part('div', 'composer'), part('div', 'threads')];
    const [find, notices, shade] = [part('div', 'find'), part('div', 'notices'), part('div', 'drop-shade')];
    const tell = (words: string): void => this.announcer.tell(words);
    const focusComposer = (): void => this.composer.focus();
    this.transcript = new Transcript(scroller, {
      ...{ host, tell },
      threadId: () => this.state?.thread.id ?? '',
      isFree: () => this.isFree(),
      open: (opening) => this.open(opening),
      onDidScroll: (isAtEnd) => this.noteScroll(isAtEnd),
    });
    this.composer = new Composer(composer, {
      ...{ host, tell, isFree: () => this.isFree() },
      note: (words) => this.notice.show(words),
    });
    this.threads = new ThreadList(threads, {
      host,
      onWillOpen: () => this.composer.flushDraft(),
      onDidChangeOpen: (isOpen) => this.noteThreads(isOpen),
    });
    this.find = new Find(find, { places: () => this.transcript.fillAll(), leave: focusComposer });
    this.notice = new Notice(notices, host);
    prepare({ find, scroller, notices, shade, toEnd: this.toEnd });
    this.toEnd.addEventListener('click', () => this.transcript.scrollToEnd());
    acceptDrops(shade, (uris) => this.drop(uris));
    document.addEventListener('keydown', (event) => this.press(event));
    const middle = part('div', 'middle');
    middle.append(find, scroller, this.empty, this.toEnd);
    this.behind.append(this.head, middle, composer);
    const stack = part('div', 'stack');
    stack.append(this.behind, threads);
    // Below both: what is said while the list is open is for whoever has the list open.
    root.append(stack, notices, shade, this.announcer.element);
    keepFocus(root, () => (this.threads.isOpen ? this.threads.focus() : this.composer.focus()));
  }

  receive(message: ToWebview): void {
    if (message.type === 'state') return this.load(message.state);
    if (this.state === undefined) return;
    const before = this.state;
    this.state = folded(before, message);
    if (this.state !== before) this.draw();
    this.announce(before, this.state);
    this.answer(message);
  }

  private load(state: ChatState): void {
    const before = this.state;
    this.state = before === undefined ? state : folded(before, { type: 'state', state });
    this.draw();
    if (before?.thread.id === state.thread.id) {
      this.announce(before, this.state);
      if (state.thread.showTurnId !== undefined) this.transcript.showTurn(state.thread.showTurnId);
      return;
    }
    this.composer.load(state.draft);
    // Only the first time may the page know better: it was thrown away before it could tell.
    if (before === undefined) this.restoreUnheard(state);
    else if (state.thread.showTurnId === undefined) this.composer.focus();
  }

  /** What was typed or sent in this conversation and the host may never have had, and what the host could not tell. */
  private restoreUnheard({ thread, draft, sending, givenBack }: ChatState): void {
    const { draft: kept, sent, ...others } = this.host.kept;
    const typed = kept?.threadId === thread.id ? kept.text : undefined;
    const isOnItsWay = sent?.text === sending;
    const isLost = sent?.threadId === thread.id && sent.behind === thread.turns.at(-1)?.id && !isOnItsWay;
    if (typed === undefined && !isLost && givenBack === undefined) return;
    const texts = [typed ?? (isLost ? '' : draft)];
    for (const text of [isLost ? sent.text : undefined, givenBack]) {
      if (text !== undefined && !texts.some((each) => each.includes(text))) texts.push(text);
    }
    if (isLost) this.host.replace(others);
    this.composer.restore(texts.filter((each) => each.trim() !== '').join(' '));
  }

  /** A question that is drawn is the host's again. */
  private forgetSent(thread: ThreadView): void {
    const { sent } = this.host.kept;
    if (sent?.threadId === thread.id && sent.behind !== thread.turns.at(-1)?.id) this.forgetLastSent();
  }

  private forgetLastSent(): void {
    const { sent: _, ...kept } = this.host.kept;
    this.host.replace(kept);
  }

  /** What is no part of the state. */
  private answer(message: ToWebview): void {
    switch (message.type) {
      case 'suggestions':
        return this.composer.showSuggestions(message.request, message.suggestions);
      case 'searchResults':
        return this.threads.showHits(message.request, message.hits, message.isDone);
      case 'chipText':
        return this.composer.editChip(message.chipId, message.text);
      case 'fill':
        this.forgetLastSent();
        return this.composer.fill(message.text, 'append');
      case 'focus':
        this.threads.close();
        return this.composer.focus();
      case 'notice':
        return this.notice.show(message.text, message.button);
      case 'state':
      case 'turn':
      case 'delta':
      case 'reading':
      case 'threads':
      case 'composer':
        return;
    }
  }

  private draw(): void {
    const { state, host } = this;
    if (state === undefined) return;
    const { thread, composer } = state;
    this.drawHead(state);
    this.transcript.show(thread, host.kept.scroll);
    const actions = {
      fill: (text: string) => this.composer.fill(text, 'replace'),
      switchModel: () => host.say({ type: 'switchModel' }),
      pickContext: () => host.say({ type: 'pickContext' }),
    };
    this.empty.hidden = thread.turns.length > 0;
    render(thread.turns.length === 0 ? emptyState(composer.model, actions) : nothing, this.empty);
    const { history } = state;
    const lastTurnId = thread.turns.at(-1)?.id;
    this.composer.show({ threadId: thread.id, composer, isAnswering: isAnswering(state), lastTurnId, history });
    this.forgetSent(thread);
    this.threads.show(state.threads, thread.id);
    this.find.refresh();
  }

  private drawHead({ thread }: ChatState): void {
    const button = (label: string, name: 'add' | 'search', press: () => void) =>
      html`<button class="icon-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
    render(
      html`<h1 class="chat-title">
          <button class="title-button" title="All chats" aria-haspopup="dialog" @click=${() => this.threads.open()}>
            ${icon('history')}<span class="title-text">${thread.title}</span>
            <span class="unseen">, show all chats</span>
          </button>
        </h1>
        ${button(`Find in this chat (${withCommandKey('F')})`, 'search', () => this.find.open())}
        ${button('New chat', 'add', () => {
          this.composer.flushDraft();
          this.host.say({ type: 'newThread' });
        })}`,
      this.head,
    );
  }

  /** Reads out what came in the answer that is coming, and how it ended. */
  private announce(before: ChatState, now: ChatState): void {
    const known = new Map(before.thread.turns.map((turn) => [turn.id, turn]));
    for (const { id, answer } of now.thread.turns) {
      const earlier = known.get(id)?.answer;
      if (earlier === answer || (earlier !== undefined && isOver(earlier.state) && isOver(answer.state))) continue;
      if (earlier === undefined && isOver(answer.state)) continue;
      this.announcer.follow(id, answer.text, isOver(answer.state));
      if (!isOver(answer.state)) continue;
      const words = answer.failure?.message ?? (answer.state === 'finished' ? 'Answer finished.' : '');
      const ending =
        answer.state === 'elsewhere' || answer.state === 'waiting' || answer.state === 'streaming'
          ? ''
          : endingWords[answer.state];
      this.announcer.tell(words === '' ? (ending ?? '') : words);
    }
  }

  private isFree(): boolean {
    if (this.state === undefined || !isAnswering(this.state)) return true;
    this.notice.show('An answer is still coming. Stop it first.');
    return false;
  }

  private open(opening: Opening): void {
    if ('url' in opening) return this.host.say({ type: 'openLink', url: opening.url });
    const { path, line, column } = opening.place;
    const where = { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
    this.host.say({ type: 'openFile', path, ...where });
  }

  private drop(uris: readonly string[]): void {
    if (uris.length > 0) this.host.say({ type: 'dropUris', uris });
    else this.notice.show('VS Code did not say what was dropped. Type @ to add files instead.');
  }

  private noteScroll(isAtEnd: boolean): void {
    this.toEnd.hidden = isAtEnd;
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => this.keepScroll(), scrollPauseMs);
  }

  private keepScroll(): void {
    const { position } = this.transcript;
    const threadId = this.state?.thread.id;
    if (threadId === undefined) return;
    const { scroll: _, ...kept } = this.host.kept;
    this.host.replace(position === undefined ? kept : { ...kept, scroll: { threadId, ...position } });
  }

  private noteThreads(isOpen: boolean): void {
    this.behind.inert = isOpen;
    if (!isOpen) this.composer.focus();
  }

  private press(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.threads.close();
    this.find.open();
  }
}

function isOver(state: ChatState['thread']['turns'][number]['answer']['state']): boolean {
  return state !== 'waiting' && state !== 'streaming';
}

function part(tag: 'div' | 'header', className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

interface Parts {
  readonly find: HTMLElement;
  readonly scroller: HTMLElement;
  readonly notices: HTMLElement;
  readonly shade: HTMLElement;
  readonly toEnd: HTMLButtonElement;
}

function prepare({ find, scroller, notices, shade, toEnd }: Parts): void {
  find.setAttribute('role', 'search');
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', 'Conversation');
  scroller.tabIndex = 0;
  notices.setAttribute('role', 'status');
  shade.hidden = true;
  shade.textContent = 'Drop files to add them to the question';
  toEnd.className = 'to-end button is-secondary';
  toEnd.hidden = true;
  toEnd.title = 'To the end';
  toEnd.setAttribute('aria-label', 'To the end of the conversation');
  render(icon('arrow-down'), toEnd);
}

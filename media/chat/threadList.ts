/** All conversations: searched, opened, renamed, pinned, exported, deleted. Drawn over the conversation. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { SearchHit, ThreadHead } from '../../src/chat/protocol.ts';
import { icon, type IconName } from '../shared/icon.ts';
import type { Host } from './host.ts';
import { isComposingKey } from './keys.ts';
import { ago, plural } from './words.ts';

export interface ThreadListNeeds {
  readonly host: Host;
  /** Called before another conversation is opened. */
  readonly onWillOpen: () => void;
  readonly onDidChangeOpen: (isOpen: boolean) => void;
}

const searchPauseMs = 200;

export class ThreadList {
  private readonly element: HTMLElement;
  private readonly needs: ThreadListNeeds;
  private threads: readonly ThreadHead[] = [];
  private currentId = '';
  private isShown = false;
  private query = '';
  private request = 0;
  private found: { readonly hits: readonly SearchHit[]; readonly isDone: boolean } | undefined;
  private renamingId: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement, needs: ThreadListNeeds) {
    this.element = element;
    this.needs = needs;
    element.hidden = true;
    element.setAttribute('role', 'dialog');
    element.setAttribute('aria-label', 'All chats');
    element.addEventListener('keydown', (event) => this.press(event));
  }

  get isOpen(): boolean {
    return this.isShown;
  }

  show(threads: readonly ThreadHead[], currentId: string): void {
    const isOther = currentId !== this.currentId;
    this.threads = threads;
    this.currentId = currentId;
    if (this.isShown && isOther) this.close();
    else if (this.isShown) this.draw();
  }

  open(): void {
    this.isShown = true;
    this.element.hidden = false;
    this.draw();
    this.focus();
    this.needs.onDidChangeOpen(true);
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('.search-field')?.focus();
  }

  close(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.element.hidden = true;
    this.renamingId = undefined;
    this.search('');
    this.needs.onDidChangeOpen(false);
  }

  showHits(request: number, hits: readonly SearchHit[], isDone: boolean): void {
    if (request !== this.request || this.query === '') return;
    this.found = { hits, isDone };
    this.draw();
  }

  private search(query: string): void {
    const isEnding = query.trim() === '' && this.query !== '';
    this.query = query.trim();
    clearTimeout(this.timer);
    this.request += 1;
    const { request } = this;
    this.found = undefined;
    if (this.query === '') {
      if (isEnding) this.needs.host.say({ type: 'searchThreads', request, query: '' });
      return;
    }
    const ask = (): void => this.needs.host.say({ type: 'searchThreads', request, query: this.query.slice(0, 1_000) });
    this.timer = setTimeout(ask, searchPauseMs);
  }

  private openThread(threadId: string, turnId?: string): void {
    this.needs.onWillOpen();
    if (threadId !== this.currentId || turnId !== undefined) {
      this.needs.host.say({ type: 'openThread', threadId, ...(turnId !== undefined && { turnId }) });
    }
    this.close();
  }

  /** Up and Down go from row to row, F2 renames, Delete deletes, Escape leaves. */
  private press(event: KeyboardEvent): void {
    const { key, target } = event;
    if (isComposingKey(event) || !(target instanceof HTMLElement)) return;
    const row = target.closest<HTMLElement>('.thread:not(.is-unreadable)')?.dataset['thread'];
    const isInField = target instanceof HTMLInputElement;
    if (key === 'Escape') this.close();
    else if (key === 'ArrowDown' || key === 'ArrowUp') this.moveRow(target, key === 'ArrowDown' ? 1 : -1);
    else if (key === 'F2' && row !== undefined) this.rename(row);
    else if (key === 'Delete' && row !== undefined && !isInField) this.remove(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveRow(from: HTMLElement, by: number): void {
    const rows = [...this.element.querySelectorAll<HTMLElement>('.thread-open')];
    const own = from.closest('.thread')?.querySelector('.thread-open');
    const index = rows.findIndex((each) => each === own);
    const next = rows[index + by];
    if (next !== undefined) next.focus();
    else if (by < 0) this.focus();
  }

  private rename(threadId: string | undefined): void {
    this.renamingId = threadId;
    this.draw();
    const field = this.element.querySelector<HTMLInputElement>('.rename-field');
    field?.focus();
    field?.select();
  }

  private remove(threadId: string): void {
    const rows = this.threads.map(({ id }) => id);
    const next = rows[rows.indexOf(threadId) + 1] ?? rows[rows.indexOf(threadId) - 1];
    this.needs.host.say({ type: 'deleteThread', threadId });
    if (next !== undefined) this.focusRow(next);
  }

  private focusRow(threadId: string): void {
    this.element.querySelector<HTMLElement>(`${rowOf(threadId)} .thread-open`)?.focus();
  }

  /** Rows are drawn anew by their place: the keyboard goes with its conversation, not with the place. */
  private draw(): void {
    const held = this.heldControl();
    this.drawRows();
    if (held === undefined) return;
    const control = controlsOf(this.element.querySelector(rowOf(held.threadId)))[held.index];
    if (control !== document.activeElement) control?.focus();
  }

  /** Which control of which conversation the keyboard is on; `undefined`: none. */
  private heldControl(): { readonly threadId: string; readonly index: number } | undefined {
    const { activeElement } = document;
    const row = this.element.contains(activeElement) ? activeElement?.closest<HTMLElement>('[data-thread]') : null;
    const threadId = row?.dataset['thread'];
    return threadId === undefined
      ? undefined
      : { threadId, index: controlsOf(row).findIndex((each) => each === activeElement) };
  }

  private drawRows(): void {
    const type = (event: Event): void => {
      this.search((event.currentTarget as HTMLInputElement).value);
      this.draw();
    };
    render(
      html`<div class="threads-head">
          <h2>Chats</h2>
          ${iconButton('New chat', 'add', () => this.startNew())}
          ${iconButton('Close the list', 'close', () => this.close())}
        </div>
        <input
          class="field search-field"
          type="text"
          placeholder="Search all chats"
          aria-label="Search all chats"
          .value=${this.query}
          @input=${type}
        />
        <div class="threads-body">${this.query === '' ? this.list() : this.results()}</div>`,
      this.element,
    );
  }

  private startNew(): void {
    this.needs.onWillOpen();
    this.needs.host.say({ type: 'newThread' });
    this.close();
  }

  private list(): TemplateResult {
    if (this.threads.length === 0) return html`<p class="quiet">No chats yet.</p>`;
    const pinned = this.threads.filter(({ isPinned }) => isPinned);
    const others = this.threads.filter(({ isPinned }) => !isPinned);
    return html`${this.group('Pinned', pinned)} ${this.group(pinned.length > 0 ? 'Other chats' : 'All chats', others)}`;
  }

  private group(title: string, threads: readonly ThreadHead[]): TemplateResult | typeof nothing {
    if (threads.length === 0) return nothing;
    return html`<h3 class="threads-title">${title}</h3>
      <ul class="thread-list" aria-label=${title}>
        ${threads.map((each) => this.row(each))}
      </ul>`;
  }

  private row(thread: ThreadHead): TemplateResult {
    const { id, title, unreadableBecause } = thread;
    const isCurrent = id === this.currentId;
    if (unreadableBecause !== undefined) return unreadableRow(thread, unreadableBecause);
    return html`<li class="thread ${isCurrent ? 'is-current' : ''}" data-thread=${id}>
      ${this.renamingId === id ? this.renameField(thread) : this.rowButton(thread, isCurrent)}
      <span class="thread-tools tools" role="group" aria-label="Actions for ${title}">${this.rowTools(thread)}</span>
    </li>`;
  }

  private rowButton(thread: ThreadHead, isCurrent: boolean): TemplateResult {
    const { id, title, changedMs, turnCount, isAnswering, workspaceName } = thread;
    const where = workspaceName === undefined ? '' : ` · in ${workspaceName}`;
    const details = `${ago(changedMs, Date.now())} · ${plural(turnCount, 'question')}${where}`;
    return html`<button class="thread-open" aria-current=${isCurrent} @click=${() => this.openThread(id)}>
      <span class="thread-title">${title}</span>
      <span class="thread-details"
        >${isAnswering ? html`${icon('loading', 'is-turning')}<span class="unseen">answering</span>` : nothing}
        ${details}</span
      >
    </button>`;
  }

  private rowTools({ id, isPinned }: ThreadHead): readonly TemplateResult[] {
    const { say } = this.needs.host;
    return [
      iconButton(isPinned ? 'Unpin' : 'Pin', isPinned ? 'pinned' : 'pin', () =>
        say({ type: 'pinThread', threadId: id, isPinned: !isPinned }),
      ),
      iconButton('Rename (F2)', 'edit', () => this.rename(id)),
      iconButton('Export as Markdown', 'export', () => say({ type: 'exportThread', threadId: id, format: 'markdown' })),
      iconButton('Export as JSON', 'code', () => say({ type: 'exportThread', threadId: id, format: 'json' })),
      iconButton('Delete', 'trash', () => this.remove(id)),
    ];
  }

  private renameField({ id, title }: ThreadHead): TemplateResult {
    const end = (field: HTMLInputElement, isKept: boolean): void => {
      if (this.renamingId !== id) return; // it was left with a key, and now loses the keyboard for that
      const name = field.value.trim();
      if (isKept && name !== '' && name !== title) {
        this.needs.host.say({ type: 'renameThread', threadId: id, title: name.slice(0, 200) });
      }
      this.rename(undefined);
    };
    const press = (event: KeyboardEvent): void => {
      if (isComposingKey(event) || (event.key !== 'Enter' && event.key !== 'Escape')) return;
      event.preventDefault();
      event.stopPropagation();
      end(event.currentTarget as HTMLInputElement, event.key === 'Enter');
      this.focusRow(id); // left in another way, the keyboard goes where that way leads
    };
    return html`<input
      class="field rename-field"
      type="text"
      maxlength="60"
      aria-label="New name"
      .value=${title}
      @keydown=${press}
      @blur=${(event: Event) => end(event.currentTarget as HTMLInputElement, true)}
    />`;
  }

  private results(): TemplateResult {
    const { found } = this;
    if (found === undefined) return html`<p class="quiet" role="status">Searching…</p>`;
    const { hits, isDone } = found;
    return html`<p class="quiet" role="status">
        ${hits.length === 0 && isDone ? 'Nothing found.' : `${plural(hits.length, 'place')}${isDone ? '' : ', searching…'}`}
      </p>
      <ul class="thread-list" aria-label="Found">
        ${hits.map(
          (hit) =>
            html`<li class="thread">
              <button class="thread-open" @click=${() => this.openThread(hit.threadId, hit.turnId)}>
                <span class="thread-title">${hit.title}</span>
                <span class="thread-details">${ago(hit.atMs, Date.now())}</span>
                <span class="hit-snippet">${marked(hit)}</span>
              </button>
            </li>`,
        )}
      </ul>`;
  }
}

function rowOf(threadId: string): string {
  return `[data-thread="${CSS.escape(threadId)}"]`;
}

function controlsOf(row: Element | null | undefined): readonly HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>('button, input') ?? [])];
}

/** Nothing can be done with it but to know that it is there; the keyboard gets to it like to the others. */
function unreadableRow({ id, title }: ThreadHead, why: string): TemplateResult {
  return html`<li class="thread is-unreadable" data-thread=${id}>
    <button class="thread-open" aria-disabled="true">
      <span class="thread-title">${title}</span>
      <span class="hit-snippet">${icon('warning')} ${why}</span>
    </button>
  </li>`;
}

/** The snippet with what was found marked. */
function marked({ snippet, marks }: SearchHit): readonly (TemplateResult | string)[] {
  const parts: (TemplateResult | string)[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(snippet.slice(at, start), html`<mark>${snippet.slice(start, end)}</mark>`);
    at = end;
  }
  return [...parts, snippet.slice(at)];
}

function iconButton(label: string, name: IconName, press: () => void): TemplateResult {
  return html`<button class="icon-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
}

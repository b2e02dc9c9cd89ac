/** One code block of an answer: its language, what can be done with it, and its text, coloured when there is time. */
import { html, render, type TemplateResult } from 'lit';
import { icon, type IconName } from '../../shared/icon.ts';
import { tick } from '../tick.ts';
import { coloured, readGrammar } from './highlight.ts';
import type { CodePiece } from './piece.ts';

/** What can be done with a code block. */
export type CodeAction = 'applyCode' | 'insertCode' | 'newFile' | 'copy';

/** Told which button was pressed, and the code as it is at that moment. */
export type OnCodeAction = (action: CodeAction, code: Pick<CodePiece, 'text' | 'language' | 'path'>) => void;

/** Colours are put on again after at most a tenth of the time that colouring takes. */
const shareOfTime = 10;
/** Colouring that takes longer than this, in milliseconds, waits until the page has nothing else to do. */
const quickMs = 4;
/** How long it waits at most. */
const longestWaitMs = 500;

const buttons: readonly { readonly action: CodeAction; readonly label: string; readonly icon: IconName }[] = [
  { action: 'applyCode', label: 'Apply to file', icon: 'git-compare' },
  { action: 'insertCode', label: 'Insert at cursor', icon: 'insert' },
  { action: 'newFile', label: 'Open in a new file', icon: 'new-file' },
  { action: 'copy', label: 'Copy', icon: 'copy' },
];

/** The nodes of one code block; while it grows, only its text changes. */
export class CodeBlockView {
  readonly element = document.createElement('div');
  private readonly head = document.createElement('div');
  private readonly scroll = document.createElement('pre');
  private readonly code = document.createElement('code');
  private readonly onAction: OnCodeAction;
  private piece: CodePiece;
  /** How much of the text the coloured nodes hold. */
  private colouredLength = 0;
  /** How long colouring took the last time; at first it is not known. */
  private tookMs = Infinity;
  private colourAgainMs = 0;
  private isWaiting = false;

  constructor(piece: CodePiece, onAction: OnCodeAction) {
    this.piece = piece;
    this.onAction = onAction;
    this.element.className = 'code-block';
    this.head.className = 'code-head';
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute('role', 'group');
    this.scroll.append(this.code);
    this.element.append(this.head, this.scroll);
    this.code.textContent = piece.text;
    this.drawHead();
    this.colour();
  }

  update(piece: CodePiece): void {
    const before = this.piece;
    if (before === piece) return;
    this.piece = piece;
    if (before.language !== piece.language || before.path !== piece.path) this.drawHead();
    if (before.text === piece.text && before.isFinished === piece.isFinished) return;
    const grew = piece.text.startsWith(before.text) && before.language === piece.language;
    if (grew) this.code.append(piece.text.slice(before.text.length));
    else this.code.textContent = piece.text;
    if (!grew) this.colouredLength = 0;
    this.colour();
  }

  private drawHead(): void {
    const { language, path } = this.piece;
    this.scroll.setAttribute('aria-label', language === '' ? 'Code' : `Code: ${language}`);
    render(
      html`<span class="code-language">${language}</span>
        ${path === undefined ? '' : html`<span class="code-path" title=${path}>${path}</span>`}
        <span class="code-actions">${buttons.map((button) => this.button(button))}</span>`,
      this.head,
    );
  }

  private button({ action, label, icon: name }: (typeof buttons)[number]): TemplateResult {
    const press = (event: Event): void => {
      this.onAction(action, this.piece);
      if (action === 'copy') tick(event.currentTarget as HTMLElement);
    };
    return html`<button class="icon-button" title=${label} aria-label=${label} @click=${press}>${icon(name)}</button>`;
  }

  /** At once where that is quick, as was seen the last time; while code comes, rarely where it is not. */
  private colour(): void {
    const { text, isFinished, language } = this.piece;
    if (language === '' || text.length === this.colouredLength || this.isWaiting) return;
    const waitMs = isFinished ? 0 : Math.max(0, this.colourAgainMs - performance.now());
    if (waitMs === 0 && this.tookMs <= quickMs) return this.colourNow();
    this.isWaiting = true;
    const run = (): void => {
      this.isWaiting = false;
      this.colourNow();
    };
    setTimeout(() => colourLater(run), waitMs);
  }

  private colourNow(): void {
    const startedMs = performance.now();
    const { text, language } = this.piece;
    const nodes = coloured(text, language);
    if (nodes !== undefined) {
      replaceFromFirstChange(this.code, nodes);
      this.colouredLength = text.length;
    }
    const endedMs = performance.now();
    this.tookMs = endedMs - startedMs;
    this.colourAgainMs = endedMs + this.tookMs * shareOfTime;
  }
}

/** Leaves the nodes alone that stay as they are: what is selected in them stays selected. */
function replaceFromFirstChange(parent: Element, nodes: DocumentFragment): void {
  let node = parent.firstChild;
  while (node !== null && nodes.firstChild !== null && node.isEqualNode(nodes.firstChild)) {
    nodes.firstChild.remove();
    node = node.nextSibling;
  }
  while (node !== null) {
    const next: ChildNode | null = node.nextSibling;
    node.remove();
    node = next;
  }
  parent.append(nodes);
}

const waiting: (() => void)[] = [];

/** Runs when nothing else wants to, after the grammars were read, one part at a time. */
function colourLater(run: () => void): void {
  if (waiting.push(run) === 1) requestIdleCallback(colourSome, { timeout: longestWaitMs });
}

function colourSome(deadline: IdleDeadline): void {
  do if (!readGrammar()) waiting.shift()?.();
  while (waiting.length > 0 && deadline.timeRemaining() > quickMs);
  if (waiting.length > 0) requestIdleCallback(colourSome, { timeout: longestWaitMs });
}

/**
 * Pieces become nodes here, and nodes that are there already are changed as little as it takes. Nothing is made from
 * markup: elements come by their name from a fixed list, and what the model wrote only ever becomes text.
 */
import { CodeBlockView, type OnCodeAction } from './codeBlock.ts';
import type { Piece, Place } from './piece.ts';

/** What pressing a node in an answer opens. */
export type Opening = { readonly url: string } | { readonly place: Place };

type ElementPiece = Extract<Piece, { kind: 'element' }>;

const drawn = new WeakMap<Node, Piece>();
const codeBlocks = new WeakMap<Node, CodeBlockView>();
const openings = new WeakMap<Node, Opening>();

/** What a node of an answer, or one around it, opens. */
export function openingOf(node: Element): Opening | undefined {
  const around = node.closest('.opens');
  return around === null ? undefined : openings.get(around);
}

/** Makes the children of a node those pieces. */
export function drawPieces(parent: Element, pieces: readonly Piece[], onAction: OnCodeAction): void {
  let node = parent.firstChild;
  for (const piece of pieces) {
    if (node !== null && redraw(node, piece, onAction)) {
      node = node.nextSibling;
      continue;
    }
    const fresh = make(piece, onAction);
    drawn.set(fresh, piece);
    if (node === null) parent.append(fresh);
    else parent.replaceChild(fresh, node);
    node = fresh.nextSibling;
  }
  while (node !== null) {
    const next: ChildNode | null = node.nextSibling;
    node.remove();
    node = next;
  }
}

/** True when the node shows the piece now; false when it cannot, and another has to take its place. */
function redraw(node: ChildNode, piece: Piece, onAction: OnCodeAction): boolean {
  const before = drawn.get(node);
  if (before === piece) return true;
  if (before === undefined || !isAlike(before, piece)) return false;
  drawn.set(node, piece);
  switch (piece.kind) {
    case 'text':
      if (node instanceof Text && node.data !== piece.text) grow(node, piece.text);
      return true;
    case 'codeBlock':
      codeBlocks.get(node)?.update(piece);
      return true;
    case 'task':
      return true;
    case 'link':
    case 'place':
      openings.set(node, openingFor(piece));
      describe(node as HTMLElement, piece);
      break;
    case 'element':
      align(node as Element, piece);
      break;
    case 'heading':
      break;
  }
  drawPieces(bodyOf(node as Element), piece.pieces, onAction);
  return true;
}

function isAlike(a: Piece, b: Piece): boolean {
  if (a.kind === 'element' && b.kind === 'element') {
    return a.tag === b.tag && a.start === b.start;
  }
  if (a.kind === 'heading' && b.kind === 'heading') return a.level === b.level && a.size === b.size;
  if (a.kind === 'task' && b.kind === 'task') return a.isDone === b.isDone;
  return a.kind === b.kind;
}

/** Adds what came: a selection in what was there stays. */
function grow(node: Text, text: string): void {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.length));
  else node.data = text;
}

function make(piece: Piece, onAction: OnCodeAction): ChildNode {
  switch (piece.kind) {
    case 'text':
      return document.createTextNode(piece.text);
    case 'codeBlock': {
      const view = new CodeBlockView(piece, onAction);
      codeBlocks.set(view.element, view);
      return view.element;
    }
    case 'task':
      return taskMark(piece.isDone);
    case 'link':
    case 'place': {
      const span = document.createElement('span');
      span.tabIndex = 0;
      openings.set(span, openingFor(piece));
      describe(span, piece);
      drawPieces(span, piece.pieces, onAction);
      return span;
    }
    case 'heading': {
      const heading = document.createElement(`h${piece.level}`);
      heading.className = `size-${piece.size}`;
      drawPieces(heading, piece.pieces, onAction);
      return heading;
    }
    case 'element':
      return makeElement(piece, onAction);
  }
}

/** No address becomes an attribute that anything could follow: a click is looked up in `openings`. */
function describe(span: HTMLElement, piece: Extract<Piece, { kind: 'link' | 'place' }>): void {
  span.className = `opens ${piece.kind}`;
  span.setAttribute('role', piece.kind === 'link' ? 'link' : 'button');
  span.title = piece.kind === 'link' ? piece.url : `Open ${piece.place.path}`;
}

function openingFor(piece: Extract<Piece, { kind: 'link' | 'place' }>): Opening {
  return piece.kind === 'link' ? { url: piece.url } : { place: piece.place };
}

function taskMark(isDone: boolean): HTMLElement {
  const mark = document.createElement('span');
  mark.className = isDone ? 'task is-done' : 'task';
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', isDone ? 'Done' : 'To do');
  return mark;
}

function makeElement(piece: ElementPiece, onAction: OnCodeAction): HTMLElement {
  const element = document.createElement(piece.tag);
  if (piece.tag === 'div') element.className = 'as-written';
  if (piece.start !== undefined) element.setAttribute('start', String(piece.start));
  align(element, piece);
  drawPieces(element, piece.pieces, onAction);
  return piece.tag === 'table' ? scrolling(element) : element;
}

/** How cells are aligned is said below the first row, when that is drawn already. */
function align(element: Element, piece: ElementPiece): void {
  if (piece.align !== undefined) element.className = `align-${piece.align}`;
}

/** A wide table scrolls on its own, also from the keyboard. */
function scrolling(table: HTMLElement): HTMLElement {
  const frame = document.createElement('div');
  frame.className = 'table-frame';
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', 'Table');
  frame.append(table);
  return frame;
}

function bodyOf(node: Element): Element {
  return node.className === 'table-frame' ? (node.firstElementChild ?? node) : node;
}

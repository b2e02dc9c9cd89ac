/** The lexer's tokens become pieces here. Whatever has no piece is shown as the text it was written as. */
import type { MarkedToken, Token, Tokens } from 'marked';
import { codeInfo } from './codeInfo.ts';
import { decodeEntities } from './entities.ts';
import type { CodePiece, Piece, PlainTag } from './piece.ts';
import { placeOfLink, splitAtPlaces } from './places.ts';

/** What a block is read in. */
export interface Surroundings {
  /** The level of the heading before it, so that no level is left out. */
  readonly outline: number;
  /** There is more of the text to come. */
  readonly isGrowing: boolean;
}

/** What is nested deeper is shown as it was written: nobody means it, and pages cannot take any depth. */
const deepest = 24;

/** The pieces of block tokens. */
export function blockPieces(tokens: readonly Token[], around: Surroundings, depth = 0): readonly Piece[] {
  if (depth > deepest) return asWritten(tokens);
  return tokens.flatMap((token) => blockPiece(token as MarkedToken, around, depth));
}

function asWritten(tokens: readonly Token[]): readonly Piece[] {
  return [{ kind: 'text', text: tokens.map(({ raw }) => raw).join('') }];
}

function blockPiece(token: MarkedToken, around: Surroundings, depth: number): readonly Piece[] {
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading':
      return [heading(token, around)];
    case 'code':
      return [codePiece(token, around)];
    case 'hr':
      return [element('hr', [])];
    case 'blockquote':
      return [element('blockquote', blockPieces(token.tokens, around, depth + 1))];
    case 'list':
      return [list(token, around, depth + 1)];
    case 'table':
      return [table(token)];
    case 'paragraph':
      return [element('p', inlinePieces(token.tokens))];
    case 'checkbox':
      return [{ kind: 'task', isDone: token.checked }];
    case 'text':
      return inlinePieces(token.tokens ?? [token]);
    case 'html':
      return [element('div', [{ kind: 'text', text: token.text.trimEnd() }])];
    default:
      return inlinePieces([token]);
  }
}

function inlinePieces(tokens: readonly Token[], depth = 0): readonly Piece[] {
  if (depth > deepest) return asWritten(tokens);
  return tokens.flatMap((token) => inlinePiece(token as MarkedToken, depth + 1));
}

/** `depth`: of what the token holds. */
function inlinePiece(token: MarkedToken, depth: number): readonly Piece[] {
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? withPlaces(decodeEntities(token.text)) : inlinePieces(token.tokens, depth);
    case 'escape':
      return [{ kind: 'text', text: token.text }];
    case 'strong':
    case 'em':
    case 'del':
      return [element(token.type, inlinePieces(token.tokens, depth))];
    case 'codespan':
      return codeSpan(token.text);
    case 'br':
      return [element('br', [])];
    case 'link':
      return [link(token.href, inlinePieces(token.tokens, depth))];
    case 'image':
      return [link(token.href, [{ kind: 'text', text: `Image: ${decodeEntities(token.text) || token.href}` }])];
    case 'checkbox':
      return [{ kind: 'task', isDone: token.checked }];
    case 'html':
      return /^<br *\/?>$/i.test(token.raw) ? [element('br', [])] : [{ kind: 'text', text: token.raw }];
    default:
      return [{ kind: 'text', text: token.raw }];
  }
}

function element(tag: PlainTag, pieces: readonly Piece[]): Piece {
  return { kind: 'element', tag, pieces };
}

/** Its level goes on from the one before by at most one, below the question's second level. */
function heading(token: Tokens.Heading, { outline }: Surroundings): Piece {
  const level = Math.min(token.depth + 2, outline + 1, 6);
  return { kind: 'heading', level, size: token.depth, pieces: inlinePieces(token.tokens) };
}

function codePiece(token: Tokens.Code, { isGrowing }: Surroundings): CodePiece {
  const isFenced = token.codeBlockStyle !== 'indented';
  const isFinished = !isGrowing || !isFenced || /\n[\s>]*(?:`{3,}|~{3,})\s*$/.test(token.raw);
  return { kind: 'codeBlock', ...codeInfo(token.lang ?? '', token.text), text: token.text, isFinished };
}

function list(token: Tokens.List, around: Surroundings, depth: number): Piece {
  const items = token.items.map((item) => element('li', inParagraphs(blockPieces(item.tokens, around, depth))));
  if (!token.ordered) return element('ul', items);
  const start = typeof token.start === 'number' && token.start !== 1 ? token.start : undefined;
  return { kind: 'element', tag: 'ol', pieces: items, ...(start !== undefined && { start }) };
}

const inlineTags: ReadonlySet<PlainTag> = new Set(['span', 'strong', 'em', 'del', 'code', 'br']);

/** Blank lines between items make paragraphs of their words; as the first may come late, the words always are one. */
function inParagraphs(pieces: readonly Piece[]): readonly Piece[] {
  const blocks: Piece[] = [];
  let words: Piece[] = [];
  const endWords = (): void => {
    if (words.length > 0) blocks.push(element('p', words));
    words = [];
  };
  for (const piece of pieces) {
    if (isInline(piece)) words.push(piece);
    else {
      endWords();
      blocks.push(piece);
    }
  }
  endWords();
  return blocks;
}

function isInline(piece: Piece): boolean {
  if (piece.kind === 'element') return inlineTags.has(piece.tag);
  return piece.kind !== 'heading' && piece.kind !== 'codeBlock';
}

function table(token: Tokens.Table): Piece {
  const row = (cells: readonly Tokens.TableCell[], tag: 'td' | 'th'): Piece =>
    element(
      'tr',
      cells.map(({ tokens, align }) => ({
        kind: 'element',
        tag,
        pieces: inlinePieces(tokens),
        ...(align !== null && { align }),
      })),
    );
  const body = token.rows.map((cells) => row(cells, 'td'));
  return element('table', [
    element('thead', [row(token.header, 'th')]),
    ...(body.length > 0 ? [element('tbody', body)] : []),
  ]);
}

function codeSpan(text: string): readonly Piece[] {
  const parts = splitAtPlaces(text);
  const place = parts.length === 1 ? parts[0]?.place : undefined;
  const code = element('code', [{ kind: 'text', text }]);
  return [place === undefined ? code : { kind: 'place', place, pieces: [code] }];
}

function withPlaces(text: string): readonly Piece[] {
  return splitAtPlaces(text).map((part) => {
    const plain: Piece = { kind: 'text', text: part.text };
    return part.place === undefined ? plain : { kind: 'place', place: part.place, pieces: [plain] };
  });
}

/** Its words alone, where it leads to neither a page nor a file. What it holds opens nothing by itself. */
function link(href: string, pieces: readonly Piece[]): Piece {
  const inside = pieces.map(withoutOpening);
  const url = webAddress(href);
  if (url !== undefined) return { kind: 'link', url, pieces: inside };
  const place = placeOfLink(href);
  return place === undefined ? element('span', inside) : { kind: 'place', place, pieces: inside };
}

function withoutOpening(piece: Piece): Piece {
  if (piece.kind === 'link' || piece.kind === 'place') return element('span', piece.pieces.map(withoutOpening));
  return piece.kind === 'element' ? { ...piece, pieces: piece.pieces.map(withoutOpening) } : piece;
}

/** http and https only, and nobody's name in front of the host: it is there to be taken for the host. */
function webAddress(href: string): string | undefined {
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined;
  const { protocol, username, password, href: whole } = new URL(href);
  const isPlain = /^https?:$/.test(protocol) && username === '' && password === '';
  return isPlain && whole.length <= 4_096 ? whole : undefined;
}

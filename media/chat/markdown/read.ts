/**
 * Markdown text becomes blocks of pieces here. A text that grows is read from the start of its last block on: the blocks
 * before stay the same objects, so that whoever draws them can tell that there is nothing to do.
 */
import { Lexer, type MarkedToken, type Token } from 'marked';
import { calmed } from './calm.ts';
import type { Piece } from './piece.ts';
import { blockPieces, type Surroundings } from './tokens.ts';

/** One block of the first level. */
export interface Block {
  /** The part of the text it was made of. */
  readonly raw: string;
  readonly pieces: readonly Piece[];
}

/** A text as far as it was read. */
export interface Reading {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** What follows from here on may still change. */
  readonly openIndex: number;
  /** Where each link that is named elsewhere in the text leads. */
  readonly links: Links;
}

type Links = Lexer['tokens']['links'];

/** A paragraph longer than this is shown as it was written: nobody writes one, and reading it could take long. */
const longestRun = 20_000;

export const emptyReading: Reading = { text: '', blocks: [], openIndex: 0, links: {} };

/**
 * Reads a text, going on from what was read of its beginning. `isGrowing`: there may be more to come, so its end is
 * drawn calmly. Never throws: what cannot be read is shown as text.
 */
export function readMarkdown(text: string, isGrowing: boolean, before: Reading = emptyReading): Reading {
  const clean = withPlainLineEnds(text);
  const goesOn = clean.startsWith(before.text);
  const kept = goesOn ? before.blocks.slice(0, before.openIndex) : [];
  const start = kept.reduce((sum, { raw }) => sum + raw.length, 0);
  const links: Links = goesOn ? { ...before.links } : {};
  const tail = clean.slice(start);
  const fresh = blocksOf(isGrowing ? calmed(tail) : tail, links, { outline: lastLevel(kept), isGrowing });
  const blocks = [...kept, ...fresh];
  // A growing tail was changed before it was read: only blocks that are in the text word for word may stay. What was taken
  // for whole may go on too, as an answer of another window does.
  const openIndex = Math.max(kept.length, wordForWord(blocks, clean));
  const named = !isGrowing && kept.length > 0 && Object.keys(links).length > 0;
  // A name that is explained at the end may have been used at the beginning.
  return named ? readMarkdown(text, false) : { text: clean, blocks, openIndex, links };
}

/** How many blocks from the first on cannot change any more: all but the last with text, as they stand in the text. */
function wordForWord(blocks: readonly Block[], text: string): number {
  const last = blocks.findLastIndex(({ raw }) => raw.trim() !== '');
  let [at, index] = [0, 0];
  for (; index < last; index += 1) {
    const raw = blocks[index]?.raw ?? '';
    if (!text.startsWith(raw, at)) break;
    at += raw.length;
  }
  return index;
}

function blocksOf(text: string, links: Links, { outline: before, isGrowing }: Surroundings): Block[] {
  const blocks: Block[] = [];
  let outline = before;
  for (const token of tokensOf(text, links)) {
    const pieces = blockPieces([token], { outline, isGrowing });
    outline = levelIn(pieces) ?? outline;
    blocks.push({ raw: token.raw, pieces });
  }
  return blocks;
}

function tokensOf(text: string, links: Links): MarkedToken[] {
  try {
    const lexer = new Lexer({ gfm: true, breaks: true });
    lexer.tokens.links = links;
    lexer.blockTokens(text, lexer.tokens);
    for (const { src, tokens } of lexer.inlineQueue) {
      if (src.length <= longestRun) lexer.inlineTokens(src, tokens);
      else tokens.push({ type: 'escape', raw: src, text: src });
    }
    return lexer.tokens as MarkedToken[];
  } catch {
    // The lexer calls itself for each level: brackets nested thousands deep exhaust the stack. The text is still shown.
    const plain: Token = { type: 'html', raw: text, text, block: true, pre: false };
    return [plain as MarkedToken];
  }
}

function lastLevel(blocks: readonly Block[]): number {
  return levelIn(blocks.flatMap(({ pieces }) => pieces)) ?? 2;
}

function levelIn(pieces: readonly Piece[]): number | undefined {
  return pieces.findLast((piece) => piece.kind === 'heading')?.level;
}

/** A carriage return at the end waits for what follows: alone it would be a line of its own. */
function withPlainLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r$/, '').replace(/\r\n?/g, '\n') : text;
}

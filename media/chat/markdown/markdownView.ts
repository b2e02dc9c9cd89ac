/** The Markdown of one answer on the page; while it grows, only its last block is read and drawn again. */
import type { OnCodeAction } from './codeBlock.ts';
import { drawPieces } from './draw.ts';
import { emptyReading, readMarkdown, type Block, type Reading } from './read.ts';

/** Reading and drawing take at most this share of the time: one part in so many. */
const shareOfTime = 4;

export class MarkdownView {
  readonly element = document.createElement('div');
  private readonly onAction: OnCodeAction;
  private reading: Reading = emptyReading;
  private drawnBlocks: readonly Block[] = [];
  private isGrowing = true;
  private drawAgainMs = 0;

  constructor(onAction: OnCodeAction) {
    this.onAction = onAction;
    this.element.className = 'markdown';
  }

  /**
   * Shows a text; `isGrowing`: there is more to come. Gives back false when it was drawn too shortly ago to do it again:
   * the caller comes back with the next frame.
   */
  show(text: string, isGrowing: boolean): boolean {
    if (this.reading.text === text && this.isGrowing === isGrowing) return true;
    const startedMs = performance.now();
    if (isGrowing && startedMs < this.drawAgainMs) return false;
    this.isGrowing = isGrowing;
    this.reading = readMarkdown(text, isGrowing, this.reading);
    this.draw(this.reading.blocks);
    const tookMs = performance.now() - startedMs;
    this.drawAgainMs = tookMs > 4 ? startedMs + tookMs * shareOfTime : 0;
    return true;
  }

  /** Every block has a place of its own, so that those before the last are not even looked at. */
  private draw(blocks: readonly Block[]): void {
    blocks.forEach((block, index) => {
      if (this.drawnBlocks[index] === block) return;
      const place = this.element.children[index] ?? this.element.appendChild(newPlace());
      drawPieces(place, block.pieces, this.onAction);
    });
    while (this.element.children.length > blocks.length) this.element.lastElementChild?.remove();
    this.drawnBlocks = blocks;
  }
}

function newPlace(): HTMLElement {
  const place = document.createElement('div');
  place.className = 'block';
  return place;
}

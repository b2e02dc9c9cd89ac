/** Pieces written down so that a test can be read: `p["It is " strong["bold"]]`. */
import { emptyReading, readMarkdown, type Reading } from '../../../media/chat/markdown/read.ts';
import type { Piece } from '../../../media/chat/markdown/piece.ts';

/** A finished text. */
export function drawn(text: string): string {
  return written(readMarkdown(text, false));
}

/** The beginning of a text that is still coming. */
export function drawnSoFar(text: string): string {
  return written(readMarkdown(text, true));
}

/** What is drawn after each character of a text, without repetitions. */
export function drawnWhileItComes(text: string): readonly string[] {
  const steps: string[] = [];
  let reading: Reading = emptyReading;
  for (let length = 1; length <= text.length; length += 1) {
    reading = readMarkdown(text.slice(0, length), true, reading);
    const step = written(reading);
    if (steps.at(-1) !== step) steps.push(step);
  }
  return steps;
}

/** The elements of a text that is still coming after each character, in their order, with how deep they lie. */
export function shapesWhileItComes(text: string): readonly (readonly string[])[] {
  const shapes: (readonly string[])[] = [];
  let reading: Reading = emptyReading;
  for (let length = 1; length <= text.length; length += 1) {
    reading = readMarkdown(text.slice(0, length), true, reading);
    shapes.push(reading.blocks.flatMap(({ pieces }, index) => pieces.flatMap((each) => shapeOf(each, `${index}`))));
  }
  return shapes;
}

function shapeOf(each: Piece, place: string): readonly string[] {
  if (each.kind === 'text') return [];
  const own = `${place} ${each.kind === 'element' ? each.tag : each.kind}`;
  return 'pieces' in each ? [own, ...each.pieces.flatMap((part) => shapeOf(part, own))] : [own];
}

export function written({ blocks }: Reading): string {
  return blocks.flatMap(({ pieces }) => pieces.map(piece)).join(' ');
}

function piece(each: Piece): string {
  switch (each.kind) {
    case 'text':
      return JSON.stringify(each.text);
    case 'task':
      return each.isDone ? '[x]' : '[ ]';
    case 'codeBlock': {
      const info = [each.language, each.path, each.isFinished ? undefined : 'open'].filter(Boolean).join(' ');
      return `block(${info})${JSON.stringify(each.text)}`;
    }
    case 'link':
      return `link(${each.url})${inside(each.pieces)}`;
    case 'place': {
      const { path, line, column } = each.place;
      return `place(${[path, line, column].filter((part) => part !== undefined).join(':')})${inside(each.pieces)}`;
    }
    case 'heading':
      return `h${each.level}${inside(each.pieces)}`;
    case 'element':
      return `${each.tag}${each.start ?? ''}${each.align === undefined ? '' : `(${each.align})`}${inside(each.pieces)}`;
  }
}

function inside(pieces: readonly Piece[]): string {
  return `[${pieces.map(piece).join(' ')}]`;
}

import type { Snapshot } from '../../src/completion/snapshot.ts';
import { placeOf, type Place } from '../../src/completion/place.ts';

const cursor = '█';

/** The document as drawn, with the cursor where the block is. */
export function at(drawing: string, rest: Partial<Snapshot> = {}): Snapshot {
  const cursorOffset = drawing.indexOf(cursor);
  if (cursorOffset === -1) throw new Error(`no cursor in ${JSON.stringify(drawing)}`);
  return { uri: 'file:///a.ts', language: 'typescript', version: 1, text: erased(drawing), cursorOffset, ...rest };
}

/** The place in the document as drawn. */
export function placeAt(drawing: string, rest: Partial<Snapshot> = {}): Place {
  const place = placeOf(at(drawing, rest));
  if (place === undefined) throw new Error('the line is too long');
  return place;
}

/** Draws the cursor into a document. */
export function drawn({ text, cursorOffset }: Pick<Snapshot, 'text' | 'cursorOffset'>): string {
  return text.slice(0, cursorOffset) + cursor + text.slice(cursorOffset);
}

function erased(drawing: string): string {
  return drawing.replace(cursor, '');
}

/** One message to a model is put together here: words, and documents with the places where they stand. */
import type { Item, SpokenMessage } from '../models/model.ts';
import type { Attachment, AttachmentPart } from './event.ts';

/** A message that is being written; only ever added to. */
export class Letter {
  readonly role: SpokenMessage['role'];
  private written = '';
  private readonly placed: Item[] = [];

  constructor(role: SpokenMessage['role']) {
    this.role = role;
  }

  get text(): string {
    return this.written;
  }

  /** The documents in it; the message's number in their places is 0. */
  get items(): readonly Item[] {
    return this.placed;
  }

  /** Adds words, an empty line after what is there. */
  add(words: string): void {
    this.written += this.written === '' ? words : `\n\n${words}`;
  }

  /** Adds the parts of an attachment, each under its name; of their texts only so many characters. */
  attach({ kind, parts }: Attachment, keptChars: number): void {
    let left = keptChars;
    for (const part of parts) {
      if (left <= 0) return;
      const isDocument = kind === 'file' || kind === 'folder';
      this.attachPart(left < part.text.length ? beginningOf(part, left, isDocument) : part);
      left -= part.text.length;
    }
  }

  private attachPart({ uri, mayBeOf = [], name, language = '', lines, text }: AttachmentPart): void {
    const fence = fenceFor(text);
    // A name on one line: what a file is called must not look like something the user wrote.
    this.add(`${name.replace(/\s+/g, ' ')}\n${fence}${language}\n`);
    const start = this.written.length;
    this.written += text;
    this.placed.push({
      uri,
      bytes: Buffer.byteLength(text),
      ...(lines === undefined ? {} : { lines }),
      place: { message: 0, start, end: this.written.length },
    });
    this.placed.push(...mayBeOf.map((each) => ruleBearer(each, start)));
    this.written += `${text.endsWith('\n') || text === '' ? '' : '\n'}${fence}`;
  }
}

/** What stands there may be of this document: rules about it hold, though none of its text is known to be there. */
export function ruleBearer(uri: string, at: number, message = 0): Item {
  return { uri, bytes: 0, place: { message, start: at, end: at } };
}

/** @param isDocument where it does not say which lines it is, it is all of a document. */
function beginningOf(part: AttachmentPart, chars: number, isDocument: boolean): AttachmentPart {
  const text = part.text.slice(0, chars);
  const first = part.lines?.[0] ?? (isDocument ? 1 : undefined);
  if (first === undefined) return { ...part, text };
  return { ...part, text, lines: [first, first + text.replace(/\n$/, '').split('\n').length - 1] };
}

/** Longer than any fence in the text. */
export function fenceFor(text: string): string {
  // Not spread into one call: a text may have more of them than a call takes arguments.
  const longest = (text.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  return '`'.repeat(longest + 1);
}

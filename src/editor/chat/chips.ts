/** What goes with the next question is kept here: gathered when it is added, and again when it is sent. */
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/store.ts';
import type { Attachment, AttachmentPart } from '../../chat/event.ts';
import type { Chip } from '../../chat/protocol.ts';
import { keyOf, nameOf, pieceName, placeOfSource, type Source } from './context/gather.ts';
import type { Gathered, Missing, Piece } from './context/piece.ts';

/** What chips are made with. */
export interface ChipsNeeds {
  /** Never rejects. */
  readonly gather: (source: Source) => Promise<Gathered>;
  /** How many tokens each text is for the chat's model, as well as that is known. */
  readonly count: (texts: readonly string[]) => Promise<readonly number[]>;
  /** Why a document may not go where the chat's model is; `undefined`: it may. */
  readonly keptBack: (uri: string) => Promise<string | undefined>;
  readonly newId: () => string;
}

/** What the user attached. */
export interface Attached {
  readonly source: Source;
  /** What the user made of its text. */
  readonly edited: string | undefined;
}

/** What is sent of the chips, and what is not. */
export interface Taken {
  readonly attachments: readonly Attachment[];
  /** A sentence for each thing that stays here or is not there. */
  readonly missing: readonly string[];
  /** It could not be asked: what was taken is attached again. */
  readonly putBack: () => void;
}

interface Held extends Attached {
  readonly id: string;
  readonly isOffered: boolean;
  /** `undefined`: being read. */
  readonly contents: Gathered | undefined;
  /** Of all that is sent of it; `undefined`: being counted. */
  readonly tokens: number | undefined;
}

/** The chips of the composer. */
export class Chips implements Disposable {
  private readonly changed = new Emitter<void>();
  private readonly needs: ChipsNeeds;
  private held: readonly Held[] = [];
  /** Keys of what the user took away, so that it is not offered or attached by itself again in this conversation. */
  private readonly refused = new Set<string>();
  /** What is being looked for, to be attached in this conversation. */
  private readonly searches = new Set<Promise<readonly Source[]>>();

  readonly onDidChange = this.changed.event;

  constructor(needs: ChipsNeeds) {
    this.needs = needs;
  }

  get views(): readonly Chip[] {
    return this.held.map((held) => this.viewOf(held));
  }

  /** What would be sent now, as it was last read. */
  get attachments(): readonly Attachment[] {
    return this.held.flatMap((held) => this.attachmentOf(held) ?? []);
  }

  /** What goes with the next question, but for rules: those are looked for anew. */
  get attached(): readonly Attached[] {
    return this.held.filter(({ source, isOffered }) => !isOffered && source.kind !== 'rules');
  }

  /** Attaches again what was attached before a reload, in front of what is. */
  async restore(attached: readonly Attached[]): Promise<void> {
    const restored = attached.map(({ source, edited }): Held => {
      return { id: this.needs.newId(), source, isOffered: false, contents: undefined, tokens: undefined, edited };
    });
    if (restored.length > 0) this.attachAgain(restored);
    await Promise.all(restored.map(({ id }) => this.read(id)));
  }

  /** Attaches something; what is attached already stays as it is. */
  async add(source: Source): Promise<void> {
    const key = keyOf(source);
    this.refused.delete(key);
    const same = this.held.find((each) => keyOf(each.source) === key);
    if (same !== undefined && !same.isOffered) return;
    if (same !== undefined) return this.take(same.id);
    await this.hold(source, false);
  }

  /** Attaches what a search finds, unless another conversation is shown by then. Throws what the search throws. */
  async addFound(search: Promise<readonly Source[]>): Promise<void> {
    this.searches.add(search);
    try {
      const found = await search;
      if (this.searches.has(search)) await Promise.all(found.map((source) => this.add(source)));
    } finally {
      this.searches.delete(search);
    }
  }

  /** Resolves when what is being looked for now is attached, or will not be. */
  async untilFound(): Promise<void> {
    await Promise.allSettled(this.searches);
  }

  /** Attaches something that nobody asked for by name (rules of the project), unless it was taken away before. */
  async attachByItself(source: Source): Promise<void> {
    if (!this.refused.has(keyOf(source))) await this.add(source);
  }

  /** As `attachByItself`, but only offers it, beside what is offered already. */
  async offerByItself(source: Source): Promise<void> {
    const key = keyOf(source);
    const isThere = this.refused.has(key) || this.held.some((each) => keyOf(each.source) === key);
    if (!isThere) await this.hold(source, true);
  }

  /** Offers what is at hand in the place of what was; `undefined`: nothing. Offered rules stay. */
  async offer(source: Source | undefined): Promise<void> {
    const key = source && keyOf(source);
    if (this.held.some((each) => each.isOffered && keyOf(each.source) === key)) return;
    const others = this.held.filter((each) => !each.isOffered || each.source.kind === 'rules');
    const isNew = key !== undefined && !this.refused.has(key) && !others.some((each) => keyOf(each.source) === key);
    if (others.length < this.held.length || isNew) this.set(others);
    if (isNew && source !== undefined) await this.hold(source, true);
  }

  /** Attaches what is offered. */
  take(id: string): void {
    const taken = this.find(id);
    if (taken === undefined) return;
    this.set([...this.held.filter((each) => each !== taken), { ...taken, isOffered: false }]);
  }

  /** Takes one away; what is offered is not offered again. */
  remove(id: string): void {
    const removed = this.find(id);
    if (removed === undefined) return;
    this.refused.add(keyOf(removed.source));
    this.set(this.held.filter((each) => each !== removed));
  }

  /** The text of one, where it can be changed. */
  textOf(id: string): string | undefined {
    const held = this.find(id);
    return held && isEditable(held) ? (held.edited ?? held.contents?.pieces[0]?.text) : undefined;
  }

  /** From now on this text is what is sent; what was offered is attached with it. */
  edit(id: string, text: string): void {
    const held = this.find(id);
    if (held === undefined || !isEditable(held)) return;
    this.replace({ ...held, edited: text, tokens: undefined, isOffered: false });
    void this.count(id);
  }

  /** Where one comes from. */
  placeOf(id: string): ReturnType<typeof placeOfSource> {
    const held = this.find(id);
    return held && placeOfSource(held.source);
  }

  /** The rules or the model changed: looks anew what may be sent, and counts anew. */
  async refresh(): Promise<void> {
    await Promise.all(this.held.map((held) => this.read(held.id)));
  }

  /** What would be sent of a source now; nothing is attached. */
  async look(source: Source): Promise<Attachment | undefined> {
    const contents = await this.contentsOf(source);
    const id = this.needs.newId();
    return this.attachmentOf({ id, source, isOffered: false, contents, tokens: undefined, edited: undefined });
  }

  /** Reads all that is attached now, and gives it; its chips are gone then. What is attached meanwhile stays. */
  async takeAll(): Promise<Taken> {
    const ids = this.held.filter(({ isOffered }) => !isOffered).map(({ id }) => id);
    await Promise.all(ids.map((id) => this.read(id)));
    const attached = this.held.filter(({ id }) => ids.includes(id));
    const attachments = attached.flatMap((held) => this.attachmentOf(held) ?? []);
    const missing = attached.flatMap(({ contents }) => (contents?.missing ?? []).map(sentence));
    this.set(this.held.filter((each) => !attached.includes(each)));
    return { attachments, missing, putBack: () => this.attachAgain(attached) };
  }

  /** Another conversation: nothing is attached, and what was taken away may come back. */
  clear(): void {
    this.refused.clear();
    this.searches.clear();
    this.set([]);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private attachAgain(taken: readonly Held[]): void {
    const keys = new Set(taken.map(({ source }) => keyOf(source)));
    this.set([...taken, ...this.held.filter(({ source }) => !keys.has(keyOf(source)))]);
  }

  private async hold(source: Source, isOffered: boolean): Promise<void> {
    const id = this.needs.newId();
    this.set([...this.held, { id, source, isOffered, contents: undefined, tokens: undefined, edited: undefined }]);
    await this.read(id);
  }

  private async read(id: string): Promise<void> {
    const before = this.find(id);
    if (before === undefined) return;
    const contents = await this.contentsOf(before.source);
    const held = this.find(id);
    if (held === undefined) return;
    const [piece] = contents.pieces;
    // One that was selected before a reload stays as it is from now on, as others do.
    const source: Source =
      held.source.kind === 'selection' && piece !== undefined ? { kind: 'selection', piece } : held.source;
    this.replace({ ...held, source, contents });
    await this.count(id);
  }

  /** What of a source may be sent now; the rest is named. */
  private async contentsOf(source: Source): Promise<Gathered> {
    const { gather, keptBack } = this.needs;
    const { pieces, missing, ...about } = await gather(source);
    const reasons = await Promise.all(pieces.map((piece) => whyKept(piece, keptBack)));
    const kept = pieces.flatMap((piece, index): Missing[] => {
      const why = reasons[index];
      return why === undefined ? [] : [{ label: pieceName(piece), why }];
    });
    const sendable = pieces.filter((_, index) => reasons[index] === undefined);
    return { ...about, pieces: sendable, missing: [...kept, ...missing] };
  }

  private async count(id: string): Promise<void> {
    const counted = this.find(id);
    if (counted === undefined) return;
    const counts = await this.needs.count(this.partsOf(counted).map(({ text }) => text));
    const held = this.find(id);
    // What was changed or read anew meanwhile is being counted anew.
    if (held?.contents !== counted.contents || held?.edited !== counted.edited || held === undefined) return;
    this.replace({ ...held, tokens: counts.reduce((sum, each) => sum + each, 0) });
  }

  private attachmentOf(held: Held): Attachment | undefined {
    const { id, source, isOffered } = held;
    const parts = this.partsOf(held);
    if (isOffered || parts.length === 0) return undefined;
    return { id, kind: source.kind, name: shownName(held), tokens: held.tokens ?? 0, parts };
  }

  private partsOf({ contents, edited }: Held): readonly AttachmentPart[] {
    const pieces = contents?.pieces ?? [];
    return pieces.map((piece) => ({
      uri: piece.uri,
      ...(piece.mayBeOf === undefined ? {} : { mayBeOf: piece.mayBeOf }),
      name: pieceName(piece),
      ...(piece.language === undefined ? {} : { language: piece.language }),
      // Of a text that was changed nobody can say which lines it is.
      ...(piece.lines === undefined || edited !== undefined ? {} : { lines: piece.lines }),
      text: edited ?? piece.text,
    }));
  }

  private viewOf(held: Held): Chip {
    const { id, source, isOffered, contents, edited } = held;
    const parts = this.partsOf(held);
    const isKept = contents !== undefined && parts.length === 0;
    const missing = contents?.missing ?? [];
    return {
      id,
      kind: source.kind,
      name: shownName(held),
      hover: [...parts.map(({ name }) => name).slice(0, mostNamed), ...restOf(parts), ...missing.map(sentence)].join(
        '\n',
      ),
      tokens: held.tokens,
      state: isKept ? 'keptBack' : isOffered ? 'offered' : 'attached',
      ...(missing.length > 0 && !isOffered ? { why: whyWords(missing, nameOf(source)) } : {}),
      isEditable: isEditable(held),
      hasHiddenCharacters: parts.some(({ text }) => hidden.test(text)) || hidden.test(edited ?? ''),
    };
  }

  private find(id: string): Held | undefined {
    return this.held.find((each) => each.id === id);
  }

  private replace(held: Held): void {
    this.set(this.held.map((each) => (each.id === held.id ? held : each)));
  }

  private set(held: readonly Held[]): void {
    this.held = held;
    this.changed.fire();
  }
}

function shownName({ source, contents }: Held): string {
  return contents?.name ?? nameOf(source);
}

/** The first reason that any of the documents it may be of has. */
async function whyKept({ uri, mayBeOf = [] }: Piece, keptBack: ChipsNeeds['keptBack']): Promise<string | undefined> {
  const reasons = await Promise.all([uri, ...mayBeOf].map((each) => keptBack(each)));
  return reasons.find((each) => each !== undefined);
}

function sentence({ label, why }: Missing): string {
  return `${label} ${why}.`;
}

/** So many things that are not sent are named below the chips; the hover names all. */
const mostReasons = 3;

/** Beside the chip's name, which need not be said again. */
function whyWords(missing: readonly Missing[], name: string): string {
  const sentences = missing
    .slice(0, mostReasons)
    .map(({ label, why }) => sentence({ label: label.endsWith(name) ? 'it' : label, why }));
  const more = missing.length - mostReasons;
  return [...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

/** Of a chip of many files, so many are named in its hover. */
const mostNamed = 20;

function restOf(parts: readonly AttachmentPart[]): readonly string[] {
  return parts.length > mostNamed ? [`and ${parts.length - mostNamed} more`] : [];
}

/** One text can be changed; of several nobody would know which. */
function isEditable({ source, contents }: Held): boolean {
  return contents?.pieces.length === 1 && !['folder', 'problems', 'diff'].includes(source.kind);
}

/**
 * What cannot be seen or turns the direction of reading: a text with it may say something else to the model than to the
 * reader. Joiners and variation selectors stay out of it, which languages and pictures in text need.
 */
const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u{e0000}-\u{e007f}]/u;

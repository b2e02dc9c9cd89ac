/** Which chips there are outlives a reload here: where each comes from is kept, never what stands in files. */
import type * as vscode from 'vscode';
import type { Disposable } from '../../base/store.ts';
import { list, oneOf, optional, shaped, text, whole, type Guard } from '../../chat/guards.ts';
import type { Attached, Chips } from './chips.ts';
import { nameOf, type Source } from './context/gather.ts';
import { sha256Of } from './context/piece.ts';

/** What is needed. */
export interface KeptChipsNeeds {
  readonly chips: Pick<Chips, 'attached' | 'restore' | 'onDidChange'>;
  /** Gives back what was kept last, or anything. */
  readonly memory: { get(): unknown; set(kept: readonly Kept[]): void };
  /** Throws on what is no address. */
  readonly uriOf: (text: string) => vscode.Uri;
}

/** One chip as it is kept; its kind says which fields it has. Of a `lost` one nothing could be kept but its name. */
export interface Kept {
  readonly kind: Exclude<Source['kind'], 'rules'> | 'lost';
  readonly uri?: string | undefined;
  readonly lines?: readonly number[] | undefined;
  /** Of a symbol. */
  readonly line?: number | undefined;
  /** Of a symbol, and of what is lost. */
  readonly name?: string | undefined;
  /** Of a selection, as in `Piece`. */
  readonly label?: string | undefined;
  readonly column?: number | undefined;
  readonly language?: string | undefined;
  /** Of a selection, as in `Selected`. */
  readonly chars?: number | undefined;
  readonly sha256?: string | undefined;
  /** What the user made of a selection. */
  readonly edited?: string | undefined;
}

/** So many chips are kept; the names of those beyond it too, so that they are not gone without a word. */
const mostKept = 50;
const mostNamed = 100;
/** Of what the user made of one selection, UTF-16 code units. */
const mostEdited = 20_000;

const name = text({ most: 200 });
const path = text({ most: 4_096 });
const place = whole(0, 1_000_000_000);
const isKept: Guard<Kept> = shaped<Kept>({
  kind: oneOf('file', 'folder', 'selection', 'problems', 'symbol', 'diff', 'search', 'lost'),
  uri: optional(path),
  lines: optional(list(place, 2)),
  line: optional(place),
  name: optional(name),
  label: optional(path),
  column: optional(place),
  language: optional(name),
  chars: optional(place),
  sha256: optional(text({ most: 64 })),
  edited: optional(text({ most: mostEdited })),
});
const isListOfKept = list(isKept, mostNamed);

/** Keeps what is attached from now on, and has what was attached before. */
export class KeptChips implements Disposable {
  private readonly needs: KeptChipsNeeds;
  private readonly listening: Disposable;
  /** Of before the reload, until it is attached again; `undefined`: not looked at yet. */
  private waiting: readonly Kept[] | undefined;
  private written: string | undefined;

  constructor(needs: KeptChipsNeeds) {
    this.needs = needs;
    this.listening = needs.chips.onDidChange(() => this.keep());
  }

  /** Attaches again what was attached before the reload, once. @returns names of what could not be kept. */
  async restore(): Promise<readonly string[]> {
    const { before } = this;
    this.waiting = [];
    await this.needs.chips.restore(before.flatMap((kept) => attachedOf(kept, this.needs.uriOf) ?? []));
    return before.flatMap((kept) => (kept.kind === 'lost' && kept.name !== undefined ? [kept.name] : []));
  }

  /** Another conversation is shown before any of it was attached again. */
  forget(): void {
    this.waiting = [];
    this.keep();
  }

  dispose(): void {
    this.listening.dispose();
  }

  private get before(): readonly Kept[] {
    if (this.waiting === undefined) {
      const kept = this.needs.memory.get();
      this.waiting = isListOfKept(kept) ? kept : [];
    }
    return this.waiting;
  }

  private keep(): void {
    const { chips, memory } = this.needs;
    const attached = chips.attached.map((each, index) => (index < mostKept ? keptOf(each) : lost(each)));
    const kept = [...this.before, ...attached].slice(0, mostNamed);
    const written = JSON.stringify(kept);
    if (written === this.written) return;
    this.written = written;
    memory.set(kept);
  }
}

/** What could not be kept, for people. */
export function lostWords(names: readonly string[]): string {
  return `Not kept over the reload: ${names.join(', ')}. Add what you need of it again.`;
}

function lost({ source }: Attached): Kept {
  return { kind: 'lost', name: nameOf(source).slice(0, 200) };
}

/** What the user made of a file is the file's text: neither it nor the file as it was is attached again unasked. */
function keptOf(attached: Attached): Kept {
  const { source, edited } = attached;
  const kept = edited === undefined || source.kind === 'selection' ? fieldsOf(source, edited) : undefined;
  return kept !== undefined && isKept(kept) ? kept : lost(attached);
}

function fieldsOf(source: Source, edited: string | undefined): Kept | undefined {
  switch (source.kind) {
    case 'rules':
      return undefined;
    case 'diff':
      return { kind: 'diff' };
    case 'selection': {
      const { uri, label, lines, column, language } = source.piece;
      const about = { kind: source.kind, uri, label, lines, column, language };
      if (edited !== undefined) return { ...about, edited };
      if ('sha256' in source) return { ...about, chars: source.chars, sha256: source.sha256 };
      return { ...about, chars: source.piece.text.length, sha256: sha256Of(source.piece.text) };
    }
    case 'symbol':
      return { kind: source.kind, uri: source.uri.toString(), line: source.line, name: source.name };
    case 'search':
      return { kind: source.kind, uri: source.uri.toString(), lines: source.lines };
    default:
      return { kind: source.kind, uri: source.uri?.toString() };
  }
}

/** `undefined`: nothing can be made of it. */
function attachedOf(kept: Kept, uriOf: KeptChipsNeeds['uriOf']): Attached | undefined {
  try {
    const uri = kept.uri === undefined ? undefined : uriOf(kept.uri);
    const source = uri === undefined ? placelessOf(kept) : sourceOf(kept, uri);
    return source && { source, edited: kept.edited };
  } catch {
    return undefined; // no address: what was kept is not what was written
  }
}

function placelessOf({ kind }: Kept): Source | undefined {
  return kind === 'problems' || kind === 'diff' ? { kind } : undefined;
}

function sourceOf(kept: Kept, uri: vscode.Uri): Source | undefined {
  const { kind, line, name: symbol } = kept;
  const [first, last] = kept.lines ?? [];
  switch (kind) {
    case 'file':
    case 'folder':
    case 'problems':
      return { kind, uri };
    case 'symbol':
      return line === undefined || symbol === undefined ? undefined : { kind, uri, line, name: symbol };
    case 'search':
      return first === undefined || last === undefined ? undefined : { kind, uri, lines: [first, last] };
    case 'selection':
      return selectionOf(kept, uri);
    case 'diff':
    case 'lost':
      return undefined;
  }
}

function selectionOf(kept: Kept, uri: vscode.Uri): Source | undefined {
  const { label, lines, column, language, chars, sha256, edited } = kept;
  const [first, last] = lines ?? [];
  if (label === undefined || first === undefined || last === undefined) return undefined;
  const piece = {
    ...{ uri: uri.toString(), label, lines: [first, last] as const },
    ...(column === undefined ? {} : { column }),
    ...(language === undefined ? {} : { language }),
  };
  if (edited !== undefined) return { kind: 'selection', piece: { ...piece, text: edited } };
  return chars === undefined || sha256 === undefined ? undefined : { kind: 'selection', uri, piece, chars, sha256 };
}

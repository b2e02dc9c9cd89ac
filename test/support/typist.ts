import type { Outcome, SelectedEntry, Suggester } from '../../src/completion/suggest.ts';
import type { Snapshot } from '../../src/completion/snapshot.ts';
import type { EditNote, Why } from '../../src/completion/trigger.ts';
import type { FakeClock } from './clock.ts';
import { at, drawn } from './drawn.ts';

/** How long the editor waits after a change before it asks, ms. */
const editorDelayMs = 50;

/**
 * Somebody typing in an editor: cancels the old call on every change, asks 50 ms later, shows what comes back
 * for the document as it is then, and keeps every outcome.
 */
export class Typist {
  readonly outcomes: { readonly snapshot: Snapshot; readonly outcome: Outcome }[] = [];
  readonly failures: unknown[] = [];
  cursors = 1;
  selected: SelectedEntry | undefined;
  closesBrackets = false;
  private readonly suggester: Suggester;
  private readonly clock: FakeClock;
  private snapshot: Snapshot;
  private call = new AbortController();
  private cancelAsk = (): void => undefined;
  private outcome: Outcome | undefined;

  constructor(suggester: Suggester, clock: FakeClock, drawing: string) {
    this.suggester = suggester;
    this.clock = clock;
    this.snapshot = at(drawing);
  }

  /** The document with the cursor drawn in. */
  get document(): string {
    return drawn(this.snapshot);
  }

  get now(): Snapshot {
    return this.snapshot;
  }

  /** The ghost text now, or the reason for none; `undefined` while nothing has come. */
  get ghost(): string | undefined {
    return this.outcome?.kind === 'suggestion' ? this.outcome.text : this.outcome?.reason;
  }

  get shown(): Outcome | undefined {
    return this.outcome;
  }

  /** Types the text, one key every `gapMs`. */
  async type(text: string, gapMs = 1000): Promise<void> {
    for (const key of text) {
      this.press(key);
      await this.clock.advance(gapMs);
    }
  }

  /** One key, without waiting for anything. */
  press(key: string): void {
    const { text, cursorOffset } = this.snapshot;
    const isOverType = this.closesBrackets && /[)\]}"]/.test(key) && text[cursorOffset] === key;
    const closer = this.closesBrackets ? ({ '(': ')', '[': ']', '{': '}' }[key] ?? '') : '';
    this.edit(cursorOffset, isOverType ? cursorOffset + 1 : cursorOffset, key + closer, 'forward');
    if (closer !== '') this.snapshot = { ...this.snapshot, cursorOffset: cursorOffset + 1 };
  }

  /** Enter, indenting the new line; between brackets the closing one goes to a line of its own. */
  async enter(indentation = '', waitMs = 1000): Promise<void> {
    const { text, cursorOffset } = this.snapshot;
    const isBetween = this.closesBrackets && /^(\{\}|\[\]|\(\))$/.test(text.slice(cursorOffset - 1, cursorOffset + 1));
    const typed = '\n' + indentation;
    this.edit(cursorOffset, cursorOffset, isBetween ? typed + '\n' + indentation.slice(2) : typed, 'forward');
    this.snapshot = { ...this.snapshot, cursorOffset: cursorOffset + typed.length };
    await this.clock.advance(waitMs);
  }

  async backspace(waitMs = 1000): Promise<void> {
    const { cursorOffset } = this.snapshot;
    if (cursorOffset > 0) this.edit(cursorOffset - 1, cursorOffset, '', 'backward');
    await this.clock.advance(waitMs);
  }

  async undoTo(drawing: string, waitMs = 1000): Promise<void> {
    this.edit(0, this.snapshot.text.length, at(drawing).text, 'undo');
    this.snapshot = { ...this.snapshot, cursorOffset: at(drawing).cursorOffset };
    await this.clock.advance(waitMs);
  }

  /** Takes the ghost text, or its first `length` characters. */
  async accept(length = Infinity, waitMs = 1000): Promise<void> {
    const outcome = this.outcome;
    if (outcome?.kind !== 'suggestion') throw new Error(`nothing to accept: ${this.ghost ?? 'nothing came'}`);
    const { cursorOffset } = this.snapshot;
    const isAll = length >= outcome.text.length;
    const end = isAll ? outcome.replaceUntilOffset : cursorOffset;
    this.edit(cursorOffset, end, outcome.text.slice(0, length), 'forward');
    await this.clock.advance(waitMs);
  }

  /** Asks without a change. */
  async ask(why: Why, waitMs = 1000): Promise<void> {
    this.call.abort();
    this.begin(why);
    await this.clock.advance(waitMs);
  }

  private edit(start: number, end: number, text: string, kind: EditNote['kind']): void {
    const { version, uri } = this.snapshot;
    const whole = this.snapshot.text.slice(0, start) + text + this.snapshot.text.slice(end);
    this.snapshot = { ...this.snapshot, text: whole, cursorOffset: start + text.length, version: version + 1 };
    this.suggester.noteEdit({ uri, version: version + 1, kind });
    this.call.abort();
    this.outcome = undefined;
    this.cancelAsk();
    this.cancelAsk = this.clock.schedule(editorDelayMs, () => this.begin('automatic'));
  }

  private begin(why: Why): void {
    const snapshot = this.snapshot;
    const call = new AbortController();
    this.call = call;
    const circumstances = { cursors: this.cursors, selected: this.selected };
    this.suggester.suggest(snapshot, why, circumstances, call.signal).then(
      (outcome) => {
        this.outcomes.push({ snapshot, outcome });
        if (!call.signal.aborted && snapshot.version === this.snapshot.version) this.outcome = outcome;
      },
      (error: unknown) => this.failures.push(error),
    );
  }
}

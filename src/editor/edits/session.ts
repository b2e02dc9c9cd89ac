/** One edit on its way: lines as they are, lines as they might be, and what the user said of each hunk between them. */
import { hunksOf, rowsOf, type Decision, type Hunk, type Row } from '../../chat/hunks.ts';
import type { LineRange } from '../../chat/place.ts';
import { Emitter } from '../../base/emitter.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import { changesFor, movedBy, type TextChange, type TextLines } from './lines.ts';

/**
 * `writing`: the new lines are coming. `reviewing`: they are all there, the user decides. `ended`: see `EditEnd`; nothing
 * changes any more.
 */
export type EditState = 'writing' | 'reviewing' | 'ended';

/**
 * How an edit ended. `decided`: every hunk was accepted or rejected. `dropped`: the user let go of it, or it failed.
 * `overtaken`: somebody changed those lines meanwhile. `closed`: their document was closed.
 */
export type EditEnd = 'decided' | 'dropped' | 'overtaken' | 'closed';

/**
 * Holds everything that is known of one edit. The document itself is never touched here, nor by anybody before the end:
 * until the user has accepted something, there is nothing to restore.
 */
export class EditSession implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly document: TextLines;
  private lines: LineRange;
  private proposed: readonly Hunk[] = [];
  private decided: readonly Decision[] = [];
  private resolveEnd: (end: EditEnd) => void = () => undefined;

  /** Fires after anything that is shown has changed, not at the end. */
  readonly onDidChange = this.changed.event;
  /** Settles when the edit has ended. */
  readonly ended: Promise<EditEnd> = new Promise((resolve) => (this.resolveEnd = resolve));
  /** The lines as they were when the edit began. */
  readonly oldLines: readonly string[];
  state: EditState = 'writing';

  /**
   * @param document as it is at any time; told to {@link follow} when it changes.
   * @param lines those the edit is about; with none, new ones are put before `start`.
   */
  constructor(document: TextLines, lines: LineRange) {
    this.document = document;
    this.lines = lines;
    this.oldLines = Array.from({ length: lines.end - lines.start }, (_, index) => document.lineAt(lines.start + index));
    this.store.add(onEnd(() => this.end('dropped')));
  }

  /** Where the lines are in the document now. */
  get range(): LineRange {
    return this.lines;
  }

  get hunks(): readonly Hunk[] {
    return this.proposed;
  }

  /** Of each hunk. */
  get decisions(): readonly Decision[] {
    return this.decided;
  }

  get openCount(): number {
    return this.decided.filter((decision) => decision === 'open').length;
  }

  /** What is shown in place of the lines. */
  get rows(): readonly Row[] {
    return rowsOf(this.oldLines, this.proposed, this.decided);
  }

  /** The whole document with these rows in it: of a large one a lot, so no line is looked up that is not wanted. */
  get shown(): TextLines {
    const { document, rows, lines } = this;
    const { start, end } = lines;
    const more = rows.length - (end - start);
    const lineAt = (line: number): string =>
      line < start ? document.lineAt(line) : (rows[line - start]?.text ?? document.lineAt(line - more));
    return { lineCount: document.lineCount + more, lineAt };
  }

  /** More of the new lines came; `isWhole`: these are all of them. Without effect after that. */
  propose(newLines: readonly string[], isWhole: boolean): void {
    if (this.state !== 'writing') return;
    this.proposed = hunksOf(this.oldLines, newLines, isWhole);
    this.decided = this.proposed.map(() => 'open');
    this.changed.fire();
  }

  /**
   * Nothing more will come: the user decides. Where nothing would change, the edit is over.
   * @returns whether there is something to decide.
   */
  review(): boolean {
    if (this.state !== 'writing') return false;
    this.state = 'reviewing';
    if (this.proposed.length === 0) this.end('decided');
    else this.changed.fire();
    return this.proposed.length > 0;
  }

  /** Decides one hunk, or all that are open. When the last one is decided, the edit ends. */
  decide(which: number | 'all', decision: 'accepted' | 'rejected'): void {
    if (this.state !== 'reviewing') return;
    const isMeant = (before: Decision, index: number) => before === 'open' && (which === 'all' || which === index);
    this.decided = this.decided.map((before, index) => (isMeant(before, index) ? decision : before));
    if (this.openCount === 0) this.end('decided');
    else this.changed.fire();
  }

  /** The document has changed: the edit goes on where its lines are as they were, and ends where they are not. */
  follow(changes: readonly TextChange[]): void {
    if (this.state === 'ended') return;
    const range = movedBy(this.lines, changes);
    if (range === undefined || !this.isAt(range)) return this.end('overtaken');
    this.lines = range;
    this.changed.fire();
  }

  /** What has to be replaced in the document for what was accepted to be in it. */
  acceptedChanges(): TextChange[] {
    const accepted = this.proposed.filter((_, index) => this.decided[index] === 'accepted');
    return changesFor(accepted, this.lines.start, this.document);
  }

  /** Where these lines stand in the document after that. */
  acceptedLines(): LineRange[] {
    let line = this.lines.start;
    let next = 0;
    return this.proposed.flatMap(({ oldStart, oldLines, newLines }, index) => {
      const start = line + oldStart - next;
      const isAccepted = this.decided[index] === 'accepted';
      const count = isAccepted ? newLines.length : oldLines.length;
      line = start + count;
      next = oldStart + oldLines.length;
      return isAccepted && count > 0 ? [{ start, end: line }] : [];
    });
  }

  /** Ends the edit; what was decided until then counts only where all was. Ending twice is safe. */
  end(how: EditEnd): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.resolveEnd(how);
  }

  dispose(): void {
    this.store.dispose();
  }

  private isAt({ start, end }: LineRange): boolean {
    const isInside = start >= 0 && end <= this.document.lineCount;
    return isInside && this.oldLines.every((line, index) => this.document.lineAt(start + index) === line);
  }
}

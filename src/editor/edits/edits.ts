/** The one edit that can be open passes through here: shown, decided, written into its document in one step. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { asFailure, Failure } from '../../base/failure.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { LineRange } from '../../chat/place.ts';
import { writtenSchemes } from '../completions/snapshotOf.ts';
import type { Notices } from '../notices.ts';
import { changesOf, linesIn } from './lines.ts';
import { nameOf } from './nameOf.ts';
import { editOf, EditPreview } from './preview.ts';
import type { ReceiptHovers } from './receiptHovers.ts';
import { EditSession, type EditEnd } from './session.ts';

/** What edits need. */
export interface EditsNeeds {
  readonly notices: Pick<Notices, 'answer' | 'say'>;
  readonly receipts: ReceiptHovers;
  readonly clock: Clock;
}

/** An edit that is open. */
export interface OpenEdit {
  readonly session: EditSession;
  /** Says what is going on, above the lines. */
  readonly say: (words: string) => void;
  /** Says what it took, in the hover of its lines; Markdown. */
  readonly setReceipt: (words: string) => void;
  /** Settles when it has ended and, where something was accepted, the document has it. Never rejects. */
  readonly finished: Promise<void>;
}

/**
 * At most one edit is open in a window. Its document is shown as a read-only copy and stays as it is until the user has
 * decided on every hunk; then what was accepted is written into it at once, which is one step to undo. It ends before
 * that, with nothing written, when the user lets go of it or closes the copy, when somebody changes its lines (changes
 * elsewhere in the document are followed) and when its document is closed.
 */
export class Edits implements Disposable {
  private readonly store = new Store();
  private readonly needs: EditsNeeds;
  private shown: { readonly session: EditSession; readonly preview: EditPreview } | undefined;

  constructor(needs: EditsNeeds) {
    this.needs = needs;
  }

  get isOpen(): boolean {
    return this.shown !== undefined;
  }

  /** Brings the open edit to the front, if there is one. */
  async reveal(): Promise<void> {
    await this.shown?.preview.reveal();
  }

  /**
   * Opens an edit of some lines; with none, new ones are put before `lines.start`. Nothing may be open.
   * @throws Failure `requestInvalid` where the document cannot be written to.
   */
  async open(document: vscode.TextDocument, lines: LineRange): Promise<OpenEdit> {
    const { uri } = document;
    // Of what VS Code draws by itself nobody says whether it is written to: output, for one, would be changed on the screen.
    if (!(vscode.workspace.fs.isWritableFileSystem(uri.scheme) ?? writtenSchemes.includes(uri.scheme))) {
      throw new Failure('requestInvalid', `${nameOf(uri)} cannot be changed: where it lies is read-only.`);
    }
    const store = this.store.add(new Store());
    const session = store.add(new EditSession(linesIn(document), lines));
    const told: { words: string; receipt?: string } = { words: '$(loading~spin) Asking the model…' };
    const hover = () => (told.receipt === undefined ? undefined : new vscode.MarkdownString(told.receipt));
    const id = this.needs.clock.newId();
    const preview = store.add(new EditPreview({ session, document, id, words: () => told.words, hover }));
    this.shown = { session, preview };
    store.add(followDocument(document, session));
    const finished = session.ended.then(async (end) => {
      this.shown = undefined;
      this.store.release(store);
      try {
        await this.finish({ end, session, document, receipt: told.receipt });
      } catch (error) {
        this.needs.notices.answer(asFailure(error, 'unexpected', 'showLog'));
      }
    });
    try {
      await preview.open();
    } catch (error) {
      session.end('dropped');
      throw error;
    }
    const say = (words: string): void => {
      told.words = words;
      preview.redraw();
    };
    return { session, say, setReceipt: (words) => void (told.receipt = words), finished };
  }

  /**
   * Nothing more comes: the user decides, hunk by hunk. Where nothing would change, that is said and the edit is over.
   * @param words what is shown above the lines meanwhile.
   */
  review({ session, say }: OpenEdit, words: string): void {
    if (session.state !== 'writing') return;
    if (!session.review()) return this.needs.notices.say('The lines are already so; there is nothing to change.');
    say(words);
    void this.shown?.preview.goToOpenHunk();
  }

  /** Accepts or rejects a hunk. @param hunk its index; anything else: the one at the cursor. */
  decide(hunk: unknown, decision: 'accepted' | 'rejected'): void {
    const { session, preview } = this.shown ?? {};
    const which = typeof hunk === 'number' ? hunk : preview?.hunkAtCursor();
    if (which === undefined) return;
    session?.decide(which, decision);
    if (session?.state === 'reviewing') void preview?.goToOpenHunk();
  }

  /** Accepts or rejects every hunk that is open. */
  decideAll(decision: 'accepted' | 'rejected'): void {
    this.shown?.session.decide('all', decision);
  }

  /** Lets go of the edit, whatever was accepted: its document stays as it is. */
  discard(): void {
    this.shown?.session.end('dropped');
  }

  /** Puts the cursor on another open hunk. */
  goToHunk(direction: 'next' | 'previous'): void {
    this.shown?.preview.goToHunk(direction);
  }

  dispose(): void {
    this.store.dispose();
  }

  private async finish({ end, session, document, receipt }: Finishing): Promise<void> {
    const { notices, receipts } = this.needs;
    const name = nameOf(document.uri);
    switch (end) {
      case 'dropped':
        return;
      case 'overtaken':
        return notices.say(
          `The lines of ${name} were changed meanwhile, so the edit was dropped. Nothing was applied.`,
        );
      case 'closed':
        return notices.say(`${name} was closed, so the edit was dropped. Nothing was applied.`);
      case 'decided': {
        const changes = session.acceptedChanges();
        if (changes.length === 0) return;
        if (!(await vscode.workspace.applyEdit(editOf(document.uri, changes)))) {
          const message = `${name} could not be changed; nothing of the edit was applied.`;
          return notices.answer(new Failure('unexpected', message, { action: 'showLog' }));
        }
        if (receipt !== undefined) receipts.keep(document, session.acceptedLines(), receipt);
      }
    }
  }
}

interface Finishing {
  readonly end: EditEnd;
  readonly session: EditSession;
  readonly document: vscode.TextDocument;
  readonly receipt: string | undefined;
}

function followDocument(document: vscode.TextDocument, session: EditSession): Disposable {
  const store = new Store();
  store.add(
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      session.follow(changesOf(event));
    }),
  );
  store.add(
    vscode.workspace.onDidCloseTextDocument((closed) => {
      // A document that gets another language is closed and opened again.
      if (closed === document && document.isClosed) session.end('closed');
    }),
  );
  return store;
}

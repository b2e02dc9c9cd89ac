/** Where an accepted edit stands, its receipt can be read: in the hover of its lines, until they are changed or closed. */
import type * as vscode from 'vscode';
import type { LineRange } from '../../chat/place.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { changesOf, movedBy } from './lines.ts';

/** So many are kept; an older one's lines lose their hover. */
const mostKept = 50;

interface Kept {
  readonly uri: string;
  readonly lines: LineRange;
  readonly words: string;
}

/** What it is registered and shown with: of VS Code's own. */
export interface ReceiptHoverNeeds {
  readonly languages: Pick<typeof vscode.languages, 'registerHoverProvider'>;
  readonly workspace: Pick<typeof vscode.workspace, 'onDidChangeTextDocument' | 'onDidCloseTextDocument'>;
  readonly Hover: typeof vscode.Hover;
  readonly MarkdownString: typeof vscode.MarkdownString;
}

/** The receipts of this window's accepted edits. */
export class ReceiptHovers implements vscode.HoverProvider, Disposable {
  private readonly store = new Store();
  private readonly needs: ReceiptHoverNeeds;
  private kept: readonly Kept[] = [];

  constructor(needs: ReceiptHoverNeeds) {
    const { languages, workspace } = needs;
    this.needs = needs;
    this.store.add(languages.registerHoverProvider({ scheme: '*' }, this));
    this.store.add(workspace.onDidChangeTextDocument((event) => this.follow(event)));
    this.store.add(workspace.onDidCloseTextDocument((document) => this.forget(document)));
  }

  /** Shows words over lines of a document from now on. */
  keep(document: vscode.TextDocument, ranges: readonly LineRange[], words: string): void {
    const added = ranges.map((lines) => ({ uri: String(document.uri), lines, words }));
    this.kept = [...this.kept, ...added].slice(-mostKept);
  }

  provideHover(document: vscode.TextDocument, { line }: vscode.Position): vscode.Hover | undefined {
    const uri = String(document.uri);
    const found = this.kept.findLast((each) => each.uri === uri && each.lines.start <= line && line < each.lines.end);
    const { Hover, MarkdownString } = this.needs;
    return found && new Hover(new MarkdownString(found.words));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A closed document can be changed on the disk, and nobody says where. */
  private forget(document: vscode.TextDocument): void {
    const uri = String(document.uri);
    // One that gets another language is closed and opened again.
    if (document.isClosed) this.kept = this.kept.filter((each) => each.uri !== uri);
  }

  private follow(event: vscode.TextDocumentChangeEvent): void {
    const uri = String(event.document.uri);
    if (!this.kept.some((each) => each.uri === uri)) return;
    const changes = changesOf(event);
    this.kept = this.kept.flatMap((each) => {
      if (each.uri !== uri) return [each];
      const lines = movedBy(each.lines, changes);
      return lines === undefined ? [] : [{ ...each, lines }];
    });
  }
}

/** Where an accepted edit stands, its receipt can be read: in the hover of its lines, until somebody changes them. */
import * as vscode from 'vscode';
import type { LineRange } from '../../chat/place.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { moved } from './lines.ts';

/** So many are kept; an older one's lines lose their hover. */
const mostKept = 50;

interface Kept {
  readonly uri: string;
  readonly lines: LineRange;
  readonly words: string;
}

/** The receipts of this window's accepted edits. */
export class ReceiptHovers implements vscode.HoverProvider, Disposable {
  private readonly store = new Store();
  private kept: readonly Kept[] = [];

  constructor() {
    this.store.add(vscode.languages.registerHoverProvider({ scheme: '*' }, this));
    this.store.add(vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)));
  }

  /** Shows words over lines of a document from now on. */
  keep(document: vscode.TextDocument, ranges: readonly LineRange[], words: string): void {
    const added = ranges.map((lines) => ({ uri: String(document.uri), lines, words }));
    this.kept = [...this.kept, ...added].slice(-mostKept);
  }

  provideHover(document: vscode.TextDocument, { line }: vscode.Position): vscode.Hover | undefined {
    const uri = String(document.uri);
    const found = this.kept.findLast((each) => each.uri === uri && each.lines.start <= line && line < each.lines.end);
    return found && new vscode.Hover(new vscode.MarkdownString(found.words));
  }

  dispose(): void {
    this.store.dispose();
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = String(document.uri);
    if (!this.kept.some((each) => each.uri === uri)) return;
    // The last place first: none then moves those that were not looked at yet.
    const changes = contentChanges
      .map(({ range, text }) => ({ start: range.start, end: range.end, text }))
      .toSorted((one, other) => other.start.line - one.start.line);
    this.kept = this.kept.flatMap((each) => {
      if (each.uri !== uri) return [each];
      const lines = changes.reduce<LineRange | undefined>((at, change) => at && moved(at, change), each.lines);
      return lines === undefined ? [] : [{ ...each, lines }];
    });
  }
}

/**
 * An edit becomes visible here: a read-only copy of its document in a tab beside it, old and new lines laid over each
 * other, with buttons at each hunk.
 */
import * as vscode from 'vscode';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import { copyLanguage } from './copyLanguage.ts';
import { lensesOf } from './lenses.ts';
import { changeTo, linesIn, type TextChange } from './lines.ts';
import { previewScheme, previewTabs } from './previewTabs.ts';
import type { EditSession } from './session.ts';

/** What a preview is opened for. */
export interface PreviewNeeds {
  readonly session: EditSession;
  readonly document: vscode.TextDocument;
  /** Tells this edit's copy from another's. */
  readonly id: string;
  /** What stands above the lines: what is going on. */
  readonly words: () => string;
  /** What is shown when the pointer rests on a changed line; `undefined`: nothing. */
  readonly hover: () => vscode.MarkdownString | undefined;
}

/** The copy of one edit's document. Closing its tab drops the edit. */
export class EditPreview implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  private readonly lensesChanged = this.store.add(new vscode.EventEmitter<void>());
  private readonly needs: PreviewNeeds;
  private readonly uri: vscode.Uri;
  private readonly added = this.store.add(decoration('inserted', plus));
  private readonly removed = this.store.add(decoration('removed', minus));
  private readonly pending = this.store.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    }),
  );

  private isStale = false;
  private drawing: Promise<void> | undefined;
  /** The version of the document that was drawn last: as long as it is the same, only the edit's lines are looked at. */
  private drawnVersion: number | undefined;

  readonly onDidChange = this.changed.event;
  readonly onDidChangeCodeLenses = this.lensesChanged.event;

  constructor(needs: PreviewNeeds) {
    this.needs = needs;
    const { session, document, id } = needs;
    // A name that tells VS Code no language: it is set below, and a checker is quick.
    const path = `/${document.uri.path.replace(/^\//, '')} (Paddock edit)`;
    this.uri = vscode.Uri.from({ scheme: previewScheme, path, query: id });
    const { workspace, window, languages } = vscode;
    this.store.add(workspace.registerTextDocumentContentProvider(previewScheme, this));
    this.store.add(languages.registerCodeLensProvider({ scheme: previewScheme }, this));
    this.store.add(languages.registerHoverProvider({ scheme: previewScheme }, { provideHover: () => this.hover() }));
    this.store.add(session.onDidChange(() => this.redraw()));
    this.store.add(workspace.onDidChangeTextDocument((event) => void (this.isOwn(event.document) && this.decorate())));
    this.store.add(window.onDidChangeVisibleTextEditors(() => this.decorate()));
    this.store.add(
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => this.isOwnTab(tab)) && this.tabs().length === 0) session.end('dropped');
      }),
    );
    this.store.add(onEnd(() => void window.tabGroups.close(this.tabs())));
  }

  /** Opens the copy where the document is shown, with the same lines on the screen. */
  async open(): Promise<void> {
    const { session, document } = this.needs;
    const { window, workspace, languages } = vscode;
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    const copy = await workspace.openTextDocument(this.uri);
    await languages.setTextDocumentLanguage(copy, copyLanguage(document.languageId));
    const start = new vscode.Position(session.range.start, 0);
    const editor = await window.showTextDocument(copy, {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.Active,
      preview: false,
      selection: new vscode.Range(start, start),
    });
    // It ended while its copy came up, when there was no tab to close yet.
    if (session.state === 'ended') return void (await window.tabGroups.close(this.tabs()));
    const [visible] = shown?.visibleRanges ?? [];
    if (visible?.contains(start) === true) editor.revealRange(visible, vscode.TextEditorRevealType.AtTop);
    else editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    this.redraw();
  }

  /** Brings the copy to the front. */
  async reveal(): Promise<void> {
    const [tab] = this.tabs();
    if (tab !== undefined) await vscode.window.showTextDocument(this.uri, { viewColumn: tab.group.viewColumn });
  }

  /** The hunk at the cursor that is still open, else the next one, else the first; `undefined`: none is. */
  hunkAtCursor(): number | undefined {
    const places = this.openPlaces();
    const cursor = this.editors()[0]?.selection.active.line ?? 0;
    return (places.find(({ end }) => end > cursor) ?? places[0])?.hunk;
  }

  /** Puts the cursor on the next open hunk, or the one before; round the end. */
  goToHunk(direction: 'next' | 'previous'): void {
    const places = this.openPlaces();
    for (const editor of this.editors()) {
      const cursor = editor.selection.active.line;
      const isNext = direction === 'next';
      const place = isNext
        ? (places.find(({ start }) => start > cursor) ?? places[0])
        : (places.findLast(({ start }) => start < cursor) ?? places.at(-1));
      if (place !== undefined) goTo(editor, place.start);
    }
  }

  /** Puts the cursor on the first open hunk from where it is, once that is drawn. */
  async goToOpenHunk(): Promise<void> {
    await this.drawing;
    const hunk = this.hunkAtCursor();
    const place = this.openPlaces().find((each) => each.hunk === hunk);
    if (place !== undefined) for (const editor of this.editors()) goTo(editor, place.start);
  }

  /** What is going on has changed, or something that is shown. */
  readonly redraw = (): void => {
    this.lensesChanged.fire();
    this.isStale = true;
    this.drawing ??= this.draw().finally(() => (this.drawing = undefined));
  };

  provideTextDocumentContent(): string {
    const { lineCount, lineAt } = this.needs.session.shown;
    return Array.from({ length: lineCount }, (_, line) => lineAt(line)).join('\n');
  }

  provideCodeLenses(): vscode.CodeLens[] {
    const { session, words } = this.needs;
    return lensesOf(session, words()).map(({ line, title, tooltip, command, argument }) => {
      const at = new vscode.Range(line, 0, line, 0);
      return new vscode.CodeLens(at, { title, tooltip, command: command ?? '', arguments: [argument] });
    });
  }

  dispose(): void {
    this.store.dispose();
  }

  private hover(): vscode.Hover | undefined {
    const words = this.needs.hover();
    return words && new vscode.Hover(words);
  }

  /**
   * Changes the copy's own lines, one drawing at a time: handed over anew as a whole, a large text would travel through
   * VS Code with every few words, and from 100,000 characters on the cursor would not stay where it is.
   */
  private async draw(): Promise<void> {
    const copy = vscode.workspace.textDocuments.find((document) => this.isOwn(document));
    const { session } = this.needs;
    while (this.isStale && session.state !== 'ended' && copy !== undefined && !copy.isClosed) {
      this.isStale = false;
      const { version } = this.needs.document;
      const change = this.lacking(copy);
      const isDrawn = change === undefined || (await vscode.workspace.applyEdit(editOf(copy.uri, [change])));
      this.drawnVersion = isDrawn ? version : undefined;
      if (!isDrawn) this.changed.fire(this.uri);
    }
    this.decorate();
  }

  /** What the copy has to be changed by; `undefined`: it shows all that there is to be seen. */
  private lacking(copy: vscode.TextDocument): TextChange | undefined {
    const { session, document } = this.needs;
    const { start, end } = session.range;
    const isSame = document.version === this.drawnVersion;
    const known = isSame ? { above: start, below: document.lineCount - end } : { above: 0, below: 0 };
    return changeTo(session.shown, linesIn(copy), known);
  }

  /** Only once the copy has the text that is to be coloured: it may follow a moment later. */
  private decorate(): void {
    const { session } = this.needs;
    const { rows, range, state } = session;
    if (state === 'ended') return; // the document may not have these lines any more
    const rangesOf = (kind: 'added' | 'removed'): vscode.Range[] =>
      rows.flatMap((row, index) => (row.kind === kind ? [lineRange(range.start + index)] : []));
    const [added, removed] = [rangesOf('added'), rangesOf('removed')];
    const pending = state === 'writing' ? rows.flatMap((row, at) => (row.kind === 'kept' ? [at] : [])) : [];
    for (const editor of this.editors()) {
      if (this.lacking(editor.document) !== undefined) continue;
      editor.setDecorations(this.added, added);
      editor.setDecorations(this.removed, removed);
      editor.setDecorations(
        this.pending,
        pending.map((at) => lineRange(range.start + at)),
      );
    }
  }

  /** Where open hunks stand in the copy; `end`: the line behind. */
  private openPlaces(): readonly { readonly hunk: number; readonly start: number; readonly end: number }[] {
    const { rows, range, decisions } = this.needs.session;
    return decisions.flatMap((decision, hunk) => {
      const first = rows.findIndex((row) => row.hunk === hunk);
      const last = rows.findLastIndex((row) => row.hunk === hunk);
      return decision === 'open' ? [{ hunk, start: range.start + first, end: range.start + last + 1 }] : [];
    });
  }

  private editors(): readonly vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter(({ document }) => this.isOwn(document));
  }

  private tabs(): readonly vscode.Tab[] {
    return previewTabs().filter((tab) => this.isOwnTab(tab));
  }

  private isOwnTab({ input }: vscode.Tab): boolean {
    return input instanceof vscode.TabInputText && String(input.uri) === String(this.uri);
  }

  private isOwn(document: vscode.TextDocument): boolean {
    return String(document.uri) === String(this.uri);
  }
}

/** Changes of one document, as VS Code takes them. */
export function editOf(uri: vscode.Uri, changes: readonly TextChange[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { start, end, text } of changes) {
    edit.replace(uri, new vscode.Range(start.line, start.character, end.line, end.character), text);
  }
  return edit;
}

function goTo(editor: vscode.TextEditor, line: number): void {
  editor.selection = new vscode.Selection(line, 0, line, 0);
  editor.revealRange(lineRange(line), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function lineRange(line: number): vscode.Range {
  return new vscode.Range(line, 0, line, 0);
}

/** The colours of VS Code's own diffs, and a sign beside the line for those who do not see them. */
function decoration(what: 'inserted' | 'removed', sign: string): vscode.TextEditorDecorationType {
  const color = (name: string): vscode.ThemeColor => new vscode.ThemeColor(name);
  const { kind } = vscode.window.activeColorTheme;
  const isContrasty = kind === vscode.ColorThemeKind.HighContrast || kind === vscode.ColorThemeKind.HighContrastLight;
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: color(`diffEditor.${what}LineBackground`),
    overviewRulerColor: color(`diffEditorOverview.${what}Foreground`),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    ...(isContrasty ? { border: '1px dashed', borderColor: color(`diffEditor.${what}TextBorder`) } : {}),
    light: { gutterIconPath: signIcon(sign, '#424242') },
    dark: { gutterIconPath: signIcon(sign, '#e0e0e0') },
  });
}

const plus = 'M7.5 3h1v4.5H13v1H8.5V13h-1V8.5H3v-1h4.5z';
const minus = 'M3 7.5h10v1H3z';

function signIcon(path: string, fill: string): vscode.Uri {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${fill}" d="${path}"/></svg>`;
  return vscode.Uri.parse(`data:image/svg+xml,${encodeURIComponent(svg)}`, true);
}

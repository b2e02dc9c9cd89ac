/** Keystrokes become snapshots here, and suggestions become ghost text. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { asFailure, type Failure } from '../../base/failure.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import type { Reason } from '../../completion/reason.ts';
import type { Offer } from '../../completion/afterwards.ts';
import type { Circumstances, Outcome, Suggester } from '../../completion/suggest.ts';
import type { Snapshot } from '../../completion/snapshot.ts';
import type { Why } from '../../completion/trigger.ts';
import { inDocumentBreaks, isWritten, offsetIn, snapshotOf, writtenSchemes } from './snapshotOf.ts';

/** The cursor stands still for so long before the text around it is read ahead, ms. */
const restMs = 300;

/** What ghost text needs. */
export interface GhostTextNeeds {
  readonly suggester: Suggester;
  readonly clock: Clock;
  /** Whether completions may be offered in a document of this language at all: not switched off, not paused. */
  readonly isWanted: (language: string) => boolean;
  /** Called when such a document comes to the front, so that the model is ready when it is needed. */
  readonly wake: () => void;
  /** Called with every suggestion that VS Code is given; gives what it runs when the user takes all of it. */
  readonly offered: (offer: Offer) => vscode.Command | undefined;
}

/** Offers ghost text in every document people write in. */
export class GhostText implements vscode.InlineCompletionItemProvider, Disposable {
  private readonly store = new Store();
  private readonly asked = this.store.add(new Emitter<Reason | undefined>());
  private readonly failed = this.store.add(new Emitter<{ readonly failure: Failure; readonly wasAsked: boolean }>());
  private readonly needs: GhostTextNeeds;
  private cancelRest: () => void = () => undefined;
  /** Where typing found no model ready: asked for again when it is, if the cursor is still there. */
  private missed: { readonly snapshot: Snapshot; readonly why: Why } | undefined;
  /** While we ask VS Code to ask us: on whose behalf. */
  private askedAgain: Why | undefined;

  /** Fires after every request from the editor: why nothing was offered, `undefined` when something was. */
  readonly onDidAsk = this.asked.event;
  /** Fires after a request failed, and says whether the user had asked for it; stopping is no failure. */
  readonly onDidFail = this.failed.event;

  constructor(needs: GhostTextNeeds) {
    this.needs = needs;
    const selector = writtenSchemes.map((scheme) => ({ scheme }));
    this.store.add(vscode.languages.registerInlineCompletionItemProvider(selector, this));
    this.store.add(vscode.workspace.onDidChangeTextDocument((event) => this.noteEdit(event)));
    this.store.add(vscode.window.onDidChangeActiveTextEditor(() => this.lookAround()));
    this.store.add(vscode.window.onDidChangeTextEditorSelection(() => this.lookAroundSoon()));
    this.store.add(onEnd(() => this.cancelRest()));
    this.lookAround();
  }

  /** VS Code asks on every keystroke, after 50 ms of its own. */
  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const snapshot = snapshotOf(document, position);
    if (snapshot === undefined) return [];
    const controller = new AbortController();
    const cancelled = token.onCancellationRequested(() => controller.abort());
    try {
      const outcome = await this.suggest(snapshot, circumstancesOf(document, context), context, controller.signal);
      const isLate = token.isCancellationRequested || document.version !== snapshot.version;
      return outcome.kind === 'none' || isLate ? [] : [this.offer(outcome, { document, position, snapshot })];
    } catch (error) {
      const failure = asFailure(error, 'unexpected', 'showLog');
      const wasAsked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
      if (failure.kind !== 'aborted') this.failed.fire({ failure, wasAsked });
      return [];
    } finally {
      cancelled.dispose();
    }
  }

  /** The model is ready now: reads ahead, and asks again where typing went unanswered. */
  readonly modelIsReady = (): void => {
    this.lookAround();
    const editor = vscode.window.activeTextEditor;
    const { missed } = this;
    this.missed = undefined;
    if (editor === undefined || missed === undefined) return;
    const now = snapshotOf(editor.document, editor.selection.active);
    const { uri, version, cursorOffset } = missed.snapshot;
    if (now?.uri !== uri || now.version !== version || now.cursorOffset !== cursorOffset) return;
    this.askedAgain = missed.why;
    const asked = (): void => void (this.askedAgain = undefined);
    vscode.commands.executeCommand('editor.action.inlineSuggest.trigger').then(asked, asked);
  };

  /** The cursor, the document or what the user set has changed: looks at what is there once that settles. */
  readonly lookAroundSoon = (): void => {
    this.cancelRest();
    this.cancelRest = this.needs.clock.schedule(restMs, () => this.lookAround());
  };

  dispose(): void {
    this.store.dispose();
  }

  private async suggest(
    snapshot: Snapshot,
    circumstances: Circumstances,
    context: vscode.InlineCompletionContext,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const isInvoked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const why = this.askedAgain ?? (isInvoked ? 'invoked' : 'automatic');
    this.askedAgain = undefined;
    const outcome = await this.needs.suggester.suggest(snapshot, why, circumstances, signal);
    const reason = outcome.kind === 'none' ? outcome.reason : undefined;
    this.missed = reason === 'noModel' ? { snapshot, why } : undefined;
    if (reason === 'noModel') this.needs.wake();
    this.asked.fire(reason);
    return outcome;
  }

  private offer(outcome: Suggestion, { document, position, snapshot }: Spot): vscode.InlineCompletionItem {
    const text = inDocumentBreaks(document, outcome.text);
    const end = position.translate(0, outcome.replaceUntilOffset - snapshot.cursorOffset);
    const { uri, languageId: language } = document;
    const offset = document.offsetAt(position);
    const command = this.needs.offered({ origin: outcome.origin, uri: uri.toString(), language, offset, text });
    return new vscode.InlineCompletionItem(text, new vscode.Range(position, end), command);
  }

  private noteEdit({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (!isWritten(document) || contentChanges.length === 0) return;
    const isDeletion = contentChanges.every(({ text }) => text === '');
    const kind = reason !== undefined ? 'undo' : isDeletion ? 'backward' : 'forward';
    this.needs.suggester.noteEdit({ uri: document.uri.toString(), version: document.version, kind });
  }

  /** Wakes the model and reads ahead, in the window the user is at. */
  private lookAround(): void {
    const { isWanted, wake, suggester } = this.needs;
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !vscode.window.state.focused) return;
    if (!isWritten(editor.document) || !isWanted(editor.document.languageId)) return;
    wake();
    const snapshot = snapshotOf(editor.document, editor.selection.active);
    if (snapshot !== undefined) suggester.noteIdle(snapshot);
  }
}

type Suggestion = Extract<Outcome, { kind: 'suggestion' }>;

/** Where a suggestion was asked for. */
interface Spot {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly snapshot: Snapshot;
}

function circumstancesOf(document: vscode.TextDocument, context: vscode.InlineCompletionContext): Circumstances {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const editors = [activeTextEditor, ...visibleTextEditors];
  const editor = editors.find((candidate) => candidate?.document === document);
  const selected = context.selectedCompletionInfo;
  return {
    cursors: editor?.selections.length ?? 1,
    selected: selected && {
      text: selected.text,
      startOffset: offsetIn(document, selected.range.start),
      endOffset: offsetIn(document, selected.range.end),
    },
  };
}

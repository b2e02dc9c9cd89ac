/** The webview of the chat: made when it is shown, thrown away when it is hidden, drawn anew from what the host keeps. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import { pageHtml, pageOptions } from '../webviews/html.ts';
import { chatViewId } from './chatCommands.ts';
import type { Outbox } from './outbox.ts';

/** What the view needs. */
export interface ChatViewNeeds {
  /** The extension's folder. */
  readonly extensionUri: vscode.Uri;
  readonly outbox: Outbox;
  readonly receive: (message: unknown) => Promise<void>;
  readonly run: typeof vscode.commands.executeCommand;
  readonly clock: Clock;
}

/** Fills the view. */
export class ChatView implements vscode.WebviewViewProvider, Disposable {
  private readonly store = new Store();
  private readonly needs: ChatViewNeeds;
  private view: vscode.WebviewView | undefined;
  /** The user wants to type: said to the page once it can take the keyboard. */
  private wantsKeyboard = false;
  /** The page has drawn what there is. */
  private isReady = false;

  constructor(needs: ChatViewNeeds) {
    this.needs = needs;
  }

  get isVisible(): boolean {
    return this.view?.visible ?? false;
  }

  /** Shows the view where the user put it, and moves the keyboard there. */
  async focus(): Promise<void> {
    this.wantsKeyboard = true;
    await this.needs.run(`${chatViewId}.focus`);
    if (this.isReady) this.giveKeyboard();
  }

  /** Called by VS Code each time the view is made. */
  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri, outbox, receive, clock } = this.needs;
    const { webview } = view;
    const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'media', 'chat');
    const own = this.store.add(new Store());
    // A view that moves elsewhere is made there before it ends here.
    let close = (): void => undefined;
    const leave = (): void => {
      close();
      if (this.view === view) this.isReady = false;
    };
    this.view = view;
    this.isReady = false;
    webview.options = pageOptions(folder);
    own.add(
      webview.onDidReceiveMessage((message: unknown) => {
        // What was on its way to a page that is gone is nothing to this one.
        if (isReady(message)) close = outbox.open((out) => void webview.postMessage(out));
        void receive(message).then(() => {
          if (isReady(message)) this.pageIsReady();
        });
      }),
    );
    own.add(view.onDidChangeVisibility(() => (view.visible ? undefined : leave())));
    own.add(onEnd(() => leave()));
    view.onDidDispose(() => {
      this.store.release(own);
      if (this.view === view) this.view = undefined;
    });
    webview.html = pageHtml({ webview, folder, Uri: vscode.Uri, title: 'Paddock Chat', nonce: clock.newId() });
  }

  dispose(): void {
    this.store.dispose();
  }

  private pageIsReady(): void {
    this.isReady = true;
    if (this.wantsKeyboard) this.giveKeyboard();
  }

  private giveKeyboard(): void {
    this.wantsKeyboard = false;
    this.needs.outbox.tell({ type: 'focus' });
  }
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

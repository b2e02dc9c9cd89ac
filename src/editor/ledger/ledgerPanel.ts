/** The ledger's page as an editor tab: one at a time, drawn anew when it is shown again, back after a reload. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { ToPage } from '../../ledger/protocol.ts';
import { pageHtml, pageOptions } from '../webviews/html.ts';
import { ledgerPanelId } from './ledgerCommands.ts';
import type { PageHost } from './pageHost.ts';

/** What the tab needs. */
export interface LedgerPanelNeeds {
  readonly vscode: Pick<typeof vscode, 'window' | 'Uri' | 'ViewColumn'>;
  /** The extension's folder. */
  readonly extensionUri: vscode.Uri;
  readonly hostOf: (post: (message: ToPage) => void) => PageHost;
  readonly clock: Pick<Clock, 'newId'>;
}

/** The tab. */
export class LedgerPanel implements Disposable {
  private readonly store = new Store();
  private readonly needs: LedgerPanelNeeds;
  private shown: { readonly panel: vscode.WebviewPanel; readonly host: PageHost } | undefined;

  constructor(needs: LedgerPanelNeeds) {
    this.needs = needs;
  }

  /** Shows the tab, and gives what answers it. */
  open(): PageHost {
    const { window, ViewColumn } = this.needs.vscode;
    if (this.shown !== undefined) {
      this.shown.panel.reveal();
      return this.shown.host;
    }
    return this.adopt(window.createWebviewPanel(ledgerPanelId, 'Paddock Ledger', ViewColumn.Active, {}));
  }

  /** What answers the page; `undefined`: it is not open. */
  get host(): PageHost | undefined {
    return this.shown?.host;
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Fills a tab, in place of the one that is shown: a new one, or one that VS Code brought back. */
  adopt(panel: vscode.WebviewPanel): PageHost {
    this.shown?.panel.dispose();
    const { vscode: code, extensionUri, hostOf, clock } = this.needs;
    const folder = code.Uri.joinPath(extensionUri, 'dist', 'media', 'ledger');
    const { webview } = panel;
    const own = this.store.add(new Store());
    const host = own.add(hostOf((message) => void webview.postMessage(message)));
    const shown = { panel, host };
    this.shown = shown;
    own.add(webview.onDidReceiveMessage((message: unknown) => host.receive(message)));
    own.add(panel.onDidChangeViewState(() => void (panel.visible || host.rest())));
    panel.onDidDispose(() => {
      if (this.shown === shown) this.shown = undefined;
      this.store.release(own);
    });
    webview.options = pageOptions(folder);
    webview.html = pageHtml({ webview, folder, Uri: code.Uri, title: 'Paddock Ledger', nonce: clock.newId() });
    return host;
  }
}

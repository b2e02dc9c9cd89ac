/** The page of every webview: one script, one style sheet, and nothing it could load or run besides. */
import type * as vscode from 'vscode';

/** What a page is made of. */
export interface Page {
  readonly webview: Pick<vscode.Webview, 'asWebviewUri' | 'cspSource'>;
  /** The folder of the bundle: `dist/media/NAME`. */
  readonly folder: vscode.Uri;
  /** VS Code's own, which is no value outside it. */
  readonly Uri: Pick<typeof vscode.Uri, 'joinPath'>;
  /** Read aloud by screen readers. */
  readonly title: string;
  /** 16 random bytes or more, letters and digits; another one for every page. */
  readonly nonce: string;
}

/**
 * The page as HTML. Its policy lets it run its own script, use its own style sheets and fonts, and nothing else: no
 * connection, no image, no frame, no form, no style attribute, no code from text.
 */
export function pageHtml({ webview, folder, Uri, title, nonce }: Page): string {
  const script = webview.asWebviewUri(Uri.joinPath(folder, 'main.js')).toString();
  const style = webview.asWebviewUri(Uri.joinPath(folder, 'main.css')).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeAttribute(title)}</title>
<link rel="stylesheet" href="${escapeAttribute(style)}">
</head>
<body>
<main id="root"></main>
<script nonce="${escapeAttribute(nonce)}" src="${escapeAttribute(script)}"></script>
</body>
</html>
`;
}

/** What a page may load files from, for `webview.options`; command links stay switched off. */
export function pageOptions(folder: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, enableCommandUris: false, enableForms: false, localResourceRoots: [folder] };
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

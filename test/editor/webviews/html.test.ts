import { expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { pageHtml, pageOptions } from '../../../src/editor/webviews/html.ts';

const folder = { path: '/ext/dist/media/chat' } as vscode.Uri;
const page = {
  webview: { cspSource: 'https://*.vscode-cdn.net', asWebviewUri: (uri: vscode.Uri) => uri },
  folder,
  Uri: {
    joinPath: (base: vscode.Uri, name: string) => ({ toString: () => `webview:${base.path}/${name}` }) as vscode.Uri,
  },
  title: 'Chat <&">',
  nonce: 'abc123',
};

function policyOf(html: string): ReadonlyMap<string, string> {
  const text = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  return new Map(text.split('; ').map((rule) => [rule.split(' ')[0] ?? '', rule.split(' ').slice(1).join(' ')]));
}

test('a page loads nothing but its own script, style sheets and fonts', () => {
  const policy = policyOf(pageHtml(page));
  expect(Object.fromEntries(policy)).toEqual({
    'default-src': "'none'",
    'script-src': "'nonce-abc123'",
    'style-src': 'https://*.vscode-cdn.net',
    'font-src': 'https://*.vscode-cdn.net',
    'base-uri': "'none'",
    'form-action': "'none'",
  });
});

test('its title is text, not markup', () => {
  expect(pageHtml(page)).toContain('<title>Chat &lt;&amp;&quot;&gt;</title>');
});

test('it reads files of its own folder only, and runs no commands', () => {
  expect(pageOptions(folder)).toEqual({
    enableScripts: true,
    enableCommandUris: false,
    enableForms: false,
    localResourceRoots: [folder],
  });
});

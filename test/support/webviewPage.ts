/**
 * A built webview in a real browser, dressed as VS Code dresses it, with its real policy; the test plays the host. It
 * reaches nothing but its own files, and whatever else it asks for is noted.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page, Route } from 'playwright-core';
import type * as vscode from 'vscode';
import { buildWebview } from '../../esbuild.mjs';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { pageHtml } from '../../src/editor/webviews/html.ts';
import { dress, keptState, post, violations } from './inWebview.mjs';

/** What VS Code gives a webview to wear; noted down from a real one. */
export type Theme = 'light' | 'dark' | 'highContrast' | 'highContrastLight';

export const themes: readonly Theme[] = ['light', 'dark', 'highContrast', 'highContrastLight'];

interface Dress {
  readonly bodyClass: string;
  readonly themeKind: string;
  readonly themeId: string;
  readonly variables: Readonly<Record<string, string>>;
}

const wardrobe = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures', 'webviewThemes.json'), 'utf8')) as {
  readonly defaultStyle: string;
  readonly themes: Readonly<Record<Theme, Dress>>;
};

const origin = 'https://webview.test';
const shownMs = 10_000;

/** How a page is opened. */
export interface Opening {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  /** What of VS Code the page lies on. Default `editor`. */
  readonly behind?: 'editor' | 'sideBar';
  /** What the page kept with `setState` before, as after a reload. */
  readonly state?: unknown;
}

/** What axe found wrong, as few words as help. */
export interface Fault {
  readonly rule: string;
  readonly help: string;
  readonly where: readonly string[];
}

/**
 * A webview that was built; pages of it are opened one after the other, each a tab of one window, because a window costs
 * twice as much. End it with `dispose`.
 */
export class BuiltWebview {
  /** The bundle: `main.js` and `main.css`. */
  readonly folder: string;
  private readonly name: string;
  private readonly root: string;
  private readonly window: BrowserContext;

  private constructor(name: string, root: string, window: BrowserContext) {
    this.name = name;
    this.root = root;
    this.folder = path.join(root, 'media', name);
    this.window = window;
  }

  /** @param name of a folder in media/. */
  static async build(name: string): Promise<BuiltWebview> {
    const root = mkdtempSync(path.join(tmpdir(), 'paddock-webview-'));
    await buildWebview(name, root);
    const browser = await launchBrowser();
    const window = await browser.newContext({ reducedMotion: 'reduce' });
    await window.grantPermissions([]);
    await window.newPage(); // it stays, and the window with it
    return new BuiltWebview(name, root, window);
  }

  async open(opening: Opening = {}): Promise<WebviewPage> {
    const { width = 1000, height = 800 } = opening;
    const page = await this.window.newPage();
    await page.setViewportSize({ width, height });
    return WebviewPage.open({ page, opening, name: this.name, folder: this.folder });
  }

  async dispose(): Promise<void> {
    await this.window.browser()?.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

interface Parts {
  readonly page: Page;
  readonly opening: Opening;
  readonly name: string;
  readonly folder: string;
}

/** One page. */
export class WebviewPage {
  readonly page: Page;
  /** What the page told its host, oldest first. */
  readonly posted: unknown[] = [];
  /** Errors of its script, and what its policy refused. */
  readonly errors: string[] = [];
  /** What it asked the network for besides its own files. */
  readonly reached: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open({ page, opening, name, folder }: Parts): Promise<WebviewPage> {
    const shown = new WebviewPage(page);
    const { errors } = shown;
    page.setDefaultTimeout(shownMs);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('request', (request) => request.url().startsWith(`${origin}/`) || shown.reached.push(request.url()));
    await page.exposeFunction('tellHost', (message: unknown) => shown.posted.push(message));
    await page.addInitScript(dress, { ...wardrobe.themes[opening.theme ?? 'light'], state: opening.state ?? null });
    const body = html(name, opening.behind ?? 'editor');
    await page.route('**/*', (route) => answer(route, body, folder));
    await page.goto(`${origin}/`);
    return shown;
  }

  /** Tells the page something, as its host does. */
  async post(message: unknown): Promise<void> {
    await this.page.evaluate(post, message);
  }

  /** What the page keeps over a reload. */
  async state(): Promise<unknown> {
    return this.page.evaluate(keptState);
  }

  /** Changes the theme while the page is open, as VS Code does. */
  async wear(theme: Theme): Promise<void> {
    await this.page.evaluate(dress, { ...wardrobe.themes[theme], state: undefined });
  }

  /** The first message of a kind that the page sent after so many messages. */
  async untilPosted(kind: string, after = 0): Promise<Readonly<Record<string, unknown>>> {
    const isOne = (message: unknown): message is Readonly<Record<string, unknown>> =>
      (message as { readonly kind?: unknown } | undefined)?.kind === kind;
    for (const deadline = Date.now() + shownMs; ;) {
      const found = this.posted.slice(after).find(isOne);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`no "${kind}" among ${JSON.stringify(this.posted.slice(after))}`);
      await this.page.waitForTimeout(20);
    }
  }

  /** Everything that axe holds against the page as it is now. */
  async faults(): Promise<readonly Fault[]> {
    const hasAxe = await this.page.evaluate("'axe' in window");
    if (!hasAxe) await this.page.evaluate(axeSource());
    return this.page.evaluate(violations);
  }

  /** @param file absolute; a whole page is as tall as its content. */
  async picture(file: string, isWhole = true): Promise<void> {
    await this.page.screenshot({ path: file, fullPage: isWhole });
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

function axeSource(): string {
  return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}

function answer(route: Route, body: string, folder: string): Promise<void> {
  const url = new URL(route.request().url());
  if (url.origin !== origin) return route.abort();
  if (url.pathname === '/') return route.fulfill({ contentType: 'text/html', body });
  return route.fulfill({ path: path.join(folder, path.basename(url.pathname)) });
}

/** The page as the product makes it, with VS Code's own style before its policy, where VS Code puts it. */
function html(name: string, behind: NonNullable<Opening['behind']>): string {
  const webview = { cspSource: origin, asWebviewUri: (uri: vscode.Uri) => uri };
  const joinPath = (_base: vscode.Uri, file: string) => `${origin}/${file}` as unknown as vscode.Uri;
  const title = `Paddock ${name}`;
  const own = pageHtml({ webview, folder: {} as vscode.Uri, Uri: { joinPath }, title, nonce: 'n0nce' });
  const below = `html { background: var(--vscode-${behind}-background); }`;
  return own.replace('<head>', `<head><style>${below}</style><style>${wardrobe.defaultStyle}</style>`);
}

/** One VS Code window in the browser, as a person uses it: open, type, look at the grey text, click. */
/* global indexedDB */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installInPage } from './inPage.mjs';
import { until } from './until.mjs';

const bellSelector = '[id="status.notifications"]';
const itemSelector = '.statusbar-item[id^="paddock.paddock"]';
/** Faster than people type, slow enough that every key reaches the editor on its own. */
const keyMs = 25;
const openMs = 90_000;
/** The folders of a workspace file appear this soon after the status bar item, or not at all. */
const foldersMs = 20_000;

/** A window; `openWindow` in stage.mjs makes one. */
export class Window {
  /**
   * @param {import('playwright-core').Page} page
   * @param {{ folder: string, url: string }} where
   */
  constructor(page, { folder, url }) {
    this.page = page;
    this.folder = folder;
    this.url = url;
    /** @type {string[]} what the page could not handle itself */
    this.pageErrors = [];
    page.on('pageerror', (error) => this.pageErrors.push(error.message));
    page.on('dialog', (dialog) => void dialog.accept());
  }

  /** Loads the workbench and waits until Paddock runs in it. */
  async open() {
    await this.page.addInitScript(installInPage, itemSelector);
    await this.page.goto(this.url);
    await this.whenReady();
  }

  async whenReady() {
    const rows = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    await this.page.locator(itemSelector).waitFor({ timeout: openMs });
    // VS Code in the browser may read a workspace file before it is connected; then it shows no folder until reloaded.
    if (this.url.includes('.code-workspace')) {
      await rows.waitFor({ timeout: foldersMs }).catch(() => this.page.reload());
      await this.page.locator(itemSelector).waitFor({ timeout: openMs });
    }
    await rows.waitFor({ timeout: openMs });
  }

  /** Closes the window as a person does, so that VS Code says goodbye to its extensions. */
  async close() {
    if (this.page.isClosed()) return;
    await this.page.close({ runBeforeUnload: false });
  }

  /**
   * Writes a file into the folder and opens it from the explorer, the cursor at its end.
   * @param {string} name
   * @param {string} text
   */
  async openNewFile(name, text) {
    writeFileSync(path.join(this.folder, name), text);
    await this.openFile(name);
    await this.page.keyboard.press('Control+End');
  }

  /** @param {string} name of a file in the folder */
  async openFile(name) {
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    await row.waitFor();
    await row.dblclick();
    // A pointer left on a row opens a tooltip over the rows below it.
    await this.restPointer();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.untilEditor();
    this.file = name;
  }

  /**
   * Opens a file of the workspace, wherever it lies, the cursor at its end.
   * @param {string} name
   */
  async openByName(name) {
    await this.page.keyboard.press('Control+p');
    const input = this.quickInput('input').first();
    await input.waitFor();
    await input.fill(name);
    await this.pick(name);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.untilEditor();
    await this.page.keyboard.press('Control+End');
  }

  /**
   * Waits until an editor can be typed into. What asks for suggestions is among the parts that VS Code adds to a new
   * editor when the page is idle for the first time; whatever is typed before then is asked about by nobody.
   */
  async untilEditor() {
    await this.page.locator('.editor-group-container.active .monaco-editor.focused .view-lines').waitFor();
    await this.page.evaluate(() => new Promise((resolve) => window.requestIdleCallback(resolve)));
  }

  /** Puts the pointer on the empty left of the title bar: no tooltip, and the editor hides its scroll bar. */
  async restPointer() {
    await this.page.mouse.move(200, 18);
  }

  /**
   * @param {number} line from 1
   * @param {number} column from 1
   */
  async goTo(line, column) {
    await this.page.keyboard.press('Control+g');
    const input = this.quickInput('input');
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await input.press('Enter');
    // Gone, not only fading: the next key may open something that VS Code would close again with it.
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await until('the cursor to be there', async () =>
      (await this.page.locator('.statusbar').innerText()).includes(`Ln ${line}, Col ${column}`),
    );
  }

  /**
   * @param {string} text
   * @param {{ keyMs?: number }} [options]
   */
  async type(text, options = {}) {
    await this.page.keyboard.type(text, { delay: options.keyMs ?? keyMs });
  }

  /** @param {string} key as Playwright names it */
  async press(key) {
    await this.page.keyboard.press(key);
  }

  /**
   * The grey text, as it would be inserted; `undefined`: none is shown.
   * @returns {Promise<string | undefined>}
   */
  async ghost() {
    return (await this.page.evaluate(() => window.paddockTest.shownNow()))?.ghost;
  }

  /**
   * Waits for grey text.
   * @param {{ withinMs?: number, where?: (ghost: string) => boolean }} [options] `where`: not any text will do
   * @returns {Promise<string>}
   */
  async untilGhost({ withinMs = 45_000, where = () => true } = {}) {
    const look = async () => {
      const ghost = await this.ghost();
      return ghost !== undefined && where(ghost) ? ghost : undefined;
    };
    return until('grey text', look, { withinMs, or: () => this.describe() });
  }

  async untilNoGhost() {
    await until('the grey text to go', async () => (await this.ghost()) === undefined);
  }

  /**
   * Notes from now on every grey text the window shows, with the line it was drawn into.
   * @returns {Promise<() => Promise<import('./inPage.mjs').Shown[]>>} stops and gives back what was shown, in order
   */
  async watchGhosts() {
    await this.page.evaluate(() => window.paddockTest.startWatching());
    return () => this.page.evaluate(() => window.paddockTest.stopWatching());
  }

  /** Waits until VS Code has finished colouring, checking and laying out what is on the screen. */
  async untilStill() {
    await until(
      'the window to be still',
      async () => (await this.page.evaluate(() => window.paddockTest.stillMs())) > 800,
    );
  }

  /** @returns {Promise<string[]>} every text the status bar item has had since the window was opened, in order */
  async itemTexts() {
    return (await this.page.evaluate(() => window.paddockTest.itemTexts)).map(plain);
  }

  /**
   * Saves the document and waits until this is what is in the file.
   * @param {string} text
   */
  async expectSaved(text) {
    const read = () => readFileSync(path.join(this.folder, String(this.file)), 'utf8');
    await this.page.keyboard.press('Control+s');
    await until('the file to be saved', () => read() === text, { withinMs: 10_000 }).catch(() => undefined);
    assert.equal(read(), text);
  }

  /** What the status bar item shows and what it is called for those who listen. */
  async item() {
    const item = this.page.locator(itemSelector).locator('a');
    const text = plain(await item.innerText()).trim();
    return { text, name: plain((await item.getAttribute('aria-label')) ?? '') };
  }

  /**
   * @param {RegExp} pattern
   * @param {{ withinMs?: number }} [options]
   * @returns {Promise<string>} the item's text
   */
  async untilItem(pattern, options = {}) {
    const look = async () => {
      const { text } = await this.item();
      return pattern.test(text) ? text : undefined;
    };
    return until(`the status bar item to be like ${pattern}`, look, { ...options, or: () => this.describe() });
  }

  /**
   * Points at the item and waits for what appears; the pointer stays there.
   * @returns {Promise<string>} the hover's text
   */
  async hoverItem() {
    await this.restPointer();
    await this.page.locator(itemSelector).hover();
    await this.itemHover().waitFor();
    return plain(await this.itemHover().innerText());
  }

  /** Told from other hovers by one of its links. */
  itemHover() {
    return this.page.locator('.monaco-hover', { hasText: 'Budgets' });
  }

  async leaveItem() {
    await this.restPointer();
    await this.itemHover().waitFor({ state: 'hidden' });
  }

  async clickItem() {
    await this.page.locator(itemSelector).click();
  }

  /**
   * Runs a command from the palette.
   * @param {string} title as the palette shows it
   */
  async runCommand(title) {
    await this.page.keyboard.press('F1');
    const input = this.quickInput('input');
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.pick(title);
  }

  /**
   * Something in the box at the top of the window that asks for words, a choice or a file. Not in the one before it: that
   * one is still drawn, rows and all, while it fades.
   * @param {string} selector
   * @param {{ hasText?: string | RegExp }} [options]
   */
  quickInput(selector, options) {
    return this.page.locator('.quick-input-widget:not(.quick-input-widget-closing)').locator(selector, options);
  }

  /**
   * Picks an entry of the list that is open.
   * @param {string} label a part of it
   */
  async pick(label) {
    const row = this.quickInput('.quick-input-list .monaco-list-row', { hasText: label }).first();
    await row.waitFor();
    await row.click();
  }

  /**
   * Gives the open file dialog a path.
   * @param {string} file absolute
   * @param {string} button
   */
  async enterPath(file, button) {
    const input = this.quickInput('input').first();
    // The dialog puts its own path into the field once it has listed the folder.
    await this.quickInput('.quick-input-list .monaco-list-row[aria-label^=".."]').waitFor();
    await input.fill(file);
    await until('the path to be looked up', async () => (await input.inputValue()) === file);
    await this.quickInput('.monaco-button', { hasText: button }).click();
  }

  /**
   * Gives the open dialog for saving a file in the folder, and waits until there is something in it.
   * @param {string} name
   * @returns {Promise<string>} the file's text
   */
  async saveAs(name) {
    const file = path.join(this.folder, name);
    await this.enterPath(file, 'OK');
    // VS Code makes a file first, and writes into it then.
    const read = () => existsSync(file) && (readFileSync(file, 'utf8') || undefined);
    return until(`the file ${name}`, read, { or: () => file });
  }

  /** @returns {Promise<string[]>} the labels of the list that is open */
  async listed() {
    await this.quickInput('.quick-input-list .monaco-list-row').first().waitFor();
    return (await this.quickInput('.quick-input-list .monaco-list-row').allInnerTexts()).map(plain);
  }

  /**
   * Messages of Paddock that nobody closed, with their button. They are looked up in the list behind the bell: with its
   * driver for tests on, VS Code shows none of them by itself.
   * @returns {Promise<string[]>}
   */
  async messages() {
    await this.toggleMessages('visible');
    const rows = (await this.messageList().locator('.notification-list-item').allInnerTexts()).map(plain);
    await this.toggleMessages('hidden');
    await this.press('Control+1');
    return rows.filter((text) => text.includes('Paddock'));
  }

  /**
   * Presses the bell until the list is there or away: VS Code puts it away by itself when its last message goes, as that
   * of a progress that has ended.
   * @param {'visible' | 'hidden'} state
   */
  async toggleMessages(state) {
    await until(`the list of messages to be ${state}`, async () => {
      if ((await this.messageList().isVisible()) === (state === 'visible')) return true;
      await this.page.locator(bellSelector).click();
      await this.messageList()
        .waitFor({ state, timeout: 2_000 })
        .catch(() => undefined);
      return false;
    });
  }

  messageList() {
    return this.page.locator('.notifications-center.visible');
  }

  /** Whether there is a message, of whomever, that nobody has looked at. */
  async hasNews() {
    return (await this.page.locator(`${bellSelector} .codicon-bell-dot`).count()) > 0;
  }

  /**
   * Presses the button of the only message.
   * @param {string} label
   */
  async pressButton(label) {
    await this.toggleMessages('visible');
    await this.messageList().locator('.monaco-button', { hasText: label }).click();
  }

  /**
   * Waits until the window wears a theme.
   * @param {string} theme
   */
  async untilTheme(theme) {
    // The workbench's class names the theme's file: `...-themes-2026-light-json`.
    const words = theme
      .toLowerCase()
      .split(' ')
      .filter((word) => word !== 'default');
    const wears = { 'high contrast': ['hc'] }[words.join(' ')] ?? words;
    await until(`the theme ${theme}`, async () => {
      const name = (await this.page.locator('.monaco-workbench').getAttribute('class')) ?? '';
      return wears.every((word) => (name.split(' ').at(-1) ?? '').includes(word));
    });
    await until('the colours to have changed', () =>
      this.page.evaluate(() => document.getAnimations().every((one) => !('transitionProperty' in one))),
    );
    await this.untilStill();
  }

  /** @param {string} file absolute; its folder exists */
  async screenshot(file) {
    await this.page.screenshot({ path: file });
  }

  /** What a person would say is on the screen, for messages of failed waits. */
  async describe() {
    const { text } = await this.item();
    return `the item says "${text}"${(await this.hasNews()) ? ', and there is a message' : ''}`;
  }

  /**
   * What is there after a reload: VS Code in a browser writes what extensions keep every few seconds, and who reloads
   * before loses it by VS Code.
   * @returns {Promise<string>} everything that its page has written into the browser's databases
   */
  keptOverReload() {
    return this.page.evaluate(async () => {
      const result = (/** @type {IDBRequest<any>} */ request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const kept = [];
      for (const { name } of await indexedDB.databases()) {
        const database = await result(indexedDB.open(String(name)));
        const stores = [...database.objectStoreNames];
        const reads = stores.map((store) => result(database.transaction(store).objectStore(store).getAll()));
        kept.push(...(await Promise.all(reads)));
        database.close();
      }
      return JSON.stringify(kept);
    });
  }

  /** Every window must end without an error in its page. */
  checkPage() {
    const ours = this.pageErrors.filter((message) => /paddock/i.test(message));
    assert.deepEqual(ours, []);
  }
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll('\u00a0', ' ');
}

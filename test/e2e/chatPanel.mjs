/** The chat in a window, as a person uses it: its page lies in a frame within a frame. */
import assert from 'node:assert/strict';
import { until } from './until.mjs';

/** Once it was hidden and shown again, its address does not say any more that it is a view's. */
const viewFrame = 'iframe.webview.ready';

/** The chat's page of one window. */
export class ChatPanel {
  /** @param {import('./window.mjs').Window} window */
  constructor(window) {
    this.window = window;
    this.page = window.page;
  }

  /** What is in the page; waits for it when it is used. */
  get frame() {
    return this.page.frameLocator(viewFrame).frameLocator('#active-frame');
  }

  get field() {
    return this.frame.getByRole('textbox', { name: 'Question', exact: true });
  }

  get turns() {
    return this.frame.locator('.transcript .turn');
  }

  get answers() {
    return this.frame.locator('.answer');
  }

  /** Opens the chat with its key, and waits until it can be typed into. */
  async open() {
    await this.page.keyboard.press('Control+Alt+p');
    await this.whenReady();
    await this.untilFocused();
    return this;
  }

  /** Waits until what is typed goes into the question. */
  async untilFocused() {
    await until('the keyboard to be there', () =>
      this.field.evaluate((field) => field === field.ownerDocument.activeElement),
    );
  }

  /** Opens the chat and begins a new conversation in it, into which nothing that was typed goes along. */
  async begin() {
    await this.open();
    await this.field.fill('');
    await this.press('New chat');
    await this.expectTurns(0);
    await until('an empty composer', async () => (await this.field.inputValue()) === '');
    await this.untilFocused();
    return this;
  }

  async whenReady() {
    await this.field.waitFor({ timeout: 60_000 });
  }

  /** @param {string} text */
  async write(text) {
    await this.field.click();
    await this.page.keyboard.type(text);
  }

  /**
   * Asks, and waits until the answer has ended.
   * @param {string} text
   * @param {{ withinMs?: number }} [options]
   * @returns {Promise<string>} the answer's text as it is drawn
   */
  async ask(text, options = {}) {
    const before = await this.answers.count();
    await this.send(text);
    await until('the answer to begin', async () => (await this.answers.count()) > before);
    return this.untilEnded(options);
  }

  /** @param {string} text */
  async send(text) {
    await this.write(text);
    await this.page.keyboard.press('Enter');
  }

  /**
   * Waits until no answer is coming.
   * @param {{ withinMs?: number }} [options]
   */
  async untilEnded({ withinMs = 60_000 } = {}) {
    await until(
      'the answer to end',
      async () => (await this.frame.locator('.answer[aria-busy="true"]').count()) === 0,
      {
        withinMs,
        or: () => this.text(),
      },
    );
    return this.lastAnswer();
  }

  /** The last answer's words, without its tools. */
  async lastAnswer() {
    return (await this.answers.last().locator('.markdown').allInnerTexts()).join('\n');
  }

  /** The line under the last answer. */
  async lastReceipt() {
    return (await this.frame.locator('.receipt-line').last().innerText()).replaceAll('\u00a0', ' ');
  }

  /** What the composer says of sending. */
  async footer() {
    return (await this.frame.locator('.estimate').innerText()).replaceAll('\u00a0', ' ');
  }

  /**
   * @param {RegExp} pattern
   * @param {{ withinMs?: number }} [options]
   */
  async untilFooter(pattern, options = {}) {
    const look = async () => {
      const words = await this.footer().catch(() => '');
      return pattern.test(words) ? words : undefined;
    };
    return until(`the footer to be like ${pattern}`, look, { ...options, or: () => this.text() });
  }

  /** @returns {Promise<string[]>} the names of what goes with the next question, without sizes */
  async chips() {
    return this.frame.locator('.composer .chip .chip-text').allInnerTexts();
  }

  /** @param {readonly string[]} names */
  async untilChips(names) {
    await until(
      `the chips ${names.join(', ')}`,
      async () => JSON.stringify(await this.chips()) === JSON.stringify(names),
      { or: async () => `there are ${JSON.stringify(await this.chips())}` },
    );
  }

  /**
   * @param {string} name of a button, read aloud
   * @param {import('playwright-core').Locator} [within]
   */
  async press(name, within) {
    const root = within ?? this.frame.locator('body');
    const button = root.getByRole('button', { name, exact: true }).last();
    // Tools of a turn are seen when it is pointed at or has the focus.
    await button.focus();
    await button.press('Enter');
  }

  /**
   * Picks what stands in the list that typing has opened.
   * @param {string} label
   */
  async pick(label) {
    const option = this.frame.getByRole('option').filter({ hasText: label }).first();
    await option.waitFor();
    await option.click();
  }

  /** One line that goes away by itself. @param {RegExp} pattern */
  async untilNotice(pattern) {
    await until(
      `a notice like ${pattern}`,
      async () => pattern.test(await this.frame.locator('.notices').innerText()),
      {
        or: () => this.text(),
      },
    );
  }

  /** Everything that is written in the page, for messages of failed waits. */
  async text() {
    return this.frame
      .locator('body')
      .innerText()
      .catch((error) => String(error));
  }

  /** @param {string | RegExp} words in the last answer */
  async untilAnswer(words) {
    const fits = (/** @type {string} */ text) => (typeof words === 'string' ? text.includes(words) : words.test(text));
    await until(`the answer to say ${words}`, async () => fits(await this.lastAnswer()), { or: () => this.text() });
  }

  /** @param {number} count */
  async expectTurns(count) {
    await until(`${count} turns`, async () => (await this.turns.count()) === count, { or: () => this.text() });
    assert.equal(await this.turns.count(), count);
  }
}

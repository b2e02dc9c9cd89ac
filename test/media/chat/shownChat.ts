/** The chat's page in a browser; the test plays its host, and every message is held to what the host would take. */
import { expect } from 'vitest';
import { parseFromWebview, type ChatState, type FromWebview, type ToWebview } from '../../../src/chat/protocol.ts';
import type { BuiltWebview, Opening, WebviewPage } from '../../support/webviewPage.ts';
import { frames, paintBehind, postAll } from './inChat.mjs';

type Said<Type extends FromWebview['type']> = Extract<FromWebview, { type: Type }>;

export class ShownChat {
  readonly shown: WebviewPage;

  private constructor(shown: WebviewPage) {
    this.shown = shown;
  }

  static async open(built: BuiltWebview, state: ChatState, opening: Opening = {}): Promise<ShownChat> {
    const chat = new ShownChat(await built.open({ width: 420, ...opening }));
    await chat.until('ready');
    await chat.page.evaluate(paintBehind);
    await chat.tell({ type: 'state', state });
    return chat;
  }

  get page(): WebviewPage['page'] {
    return this.shown.page;
  }

  /** Tells the page something, and waits until it is drawn. */
  async tell(...messages: readonly ToWebview[]): Promise<void> {
    for (const message of messages) await this.shown.post(message);
    await this.page.evaluate(frames);
  }

  /** Tells the page much in one go. */
  async tellAtOnce(messages: readonly ToWebview[]): Promise<void> {
    await this.page.evaluate(postAll, messages);
    await this.page.evaluate(frames);
  }

  /** Every message of a type that the page sent, oldest first. */
  said<Type extends FromWebview['type']>(type: Type): readonly Said<Type>[] {
    return this.shown.posted.filter((message): message is Said<Type> => (message as FromWebview).type === type);
  }

  /** The newest message of a type, once there are so many. */
  async until<Type extends FromWebview['type']>(type: Type, count = 1): Promise<Said<Type>> {
    await expect.poll(() => this.said(type).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
    const found = this.said(type).at(-1);
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  }

  /** Ends the page. Nothing may have failed, gone out, or been said that the host would not take as it is. */
  async end(): Promise<void> {
    expect(this.shown.errors).toEqual([]);
    expect(this.shown.reached).toEqual([]);
    for (const message of this.shown.posted) expect(parseFromWebview(message)).toEqual(message);
    await this.shown.close();
  }
}

import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { Indicator, type IndicatorParts } from '../../../src/editor/indicator/indicator.ts';
import { LogLines } from '../../support/log.ts';
import { gpt, llama, statusOf, type Scene } from '../../support/indicatorLedger.ts';
import { noon, paid, question } from '../../support/ledgers.ts';

class Markdown {
  readonly value: string;
  isTrusted: unknown;
  constructor(value: string) {
    this.value = value;
  }
}

class Colour {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

/** The item in the status bar, and how often its hover was set. */
async function shown(scene: Scene) {
  const { status, ledger, clock } = await statusOf(scene);
  const item = { show: () => undefined, dispose: () => undefined } as unknown as vscode.StatusBarItem;
  const hovers: string[] = [];
  Object.defineProperty(item, 'tooltip', { set: ({ value }: Markdown) => void hovers.push(value) });
  const parts = {
    StatusBarAlignment: { Left: 1, Right: 2 },
    MarkdownString: Markdown,
    ThemeColor: Colour,
    window: { createStatusBarItem: () => item },
  } as unknown as IndicatorParts;
  const waitedBefore = clock.waiting;
  const indicator = new Indicator({ vscode: parts, state: status.state, clock, log: new LogLines() });
  ledger.onDidAppend(indicator.changed);
  return { item, hovers, ledger, clock, indicator, status, waitedBefore };
}

const route = gpt.route;

describe('the item', () => {
  it('follows the ledger within one frame, and asks for nothing in between', async () => {
    const { item, ledger, clock, waitedBefore } = await shown({ completion: gpt, chat: gpt });
    expect(item.text).toBe('$(cloud) gpt-x · OpenAI');
    expect(clock.waiting).toBe(waitedBefore);
    await ledger.begin(question('a', { route, modelName: 'gpt-x', estimatedPromptTokens: 3_120 }));
    await clock.advance(15);
    expect(item.text).toBe('$(cloud) gpt-x · OpenAI');
    await clock.advance(1);
    expect(item.text).toBe('$(cloud-upload) 3.1k tokens → api.openai.com');
    ledger.append(paid('a', 420_000_000));
    await clock.advance(16);
    expect(item.text).toBe('$(cloud) gpt-x · OpenAI · $0.42 today');
    expect(item.accessibilityInformation).toEqual({
      label: 'Paddock: gpt-x, internet: OpenAI, $0.42 today',
      role: 'button',
    });
    await clock.advance(1_000);
    expect(clock.waiting).toBe(0);
  });

  it('draws once for all that happens in a frame', async () => {
    const { hovers, ledger, clock } = await shown({ completion: gpt, chat: gpt });
    const before = hovers.length;
    for (const id of ['a', 'b', 'c']) {
      await ledger.begin(question(id, { route }));
      ledger.append(paid(id, 10_000_000));
    }
    await clock.advance(16);
    expect(hovers.length).toBe(before + 1);
  });

  it('leaves an open hover alone while its words stay', async () => {
    const { hovers, indicator, clock } = await shown({ completion: llama, chat: llama });
    const before = hovers.length;
    indicator.changed();
    await clock.advance(16);
    expect(hovers.length).toBe(before);
  });

  it('has a colour only where something was not sent, or a budget is used up', async () => {
    const perDay = { nanoUsd: 10e9, kind: 'soft' } as const;
    const colours = async (scene: Scene) => (await shown(scene)).item.backgroundColor;
    expect(await colours({ chat: gpt, asked: [{ of: gpt, usd: 8.2 }], limits: { perDay } })).toBeUndefined();
    expect(await colours({ chat: gpt, asked: [{ of: gpt, usd: 10.2 }], limits: { perDay } })).toEqual(
      new Colour('statusBarItem.warningBackground'),
    );
    const { item, status, indicator, clock } = await shown({ chat: gpt, denied: { rule: 'neverSend: *.env' } });
    expect(item.backgroundColor).toEqual(new Colour('statusBarItem.warningBackground'));
    status.forgetDenial();
    indicator.changed();
    await clock.advance(16);
    expect(item.backgroundColor).toBeUndefined();
  });

  it('stops when it ends', async () => {
    const { indicator, clock, waitedBefore } = await shown({ completion: llama });
    indicator.changed();
    indicator.dispose();
    expect(clock.waiting).toBe(waitedBefore);
    expect(clock.now()).toBe(noon);
  });
});

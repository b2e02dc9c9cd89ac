import type * as vscode from 'vscode';
import { expect, it, onTestFinished } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { ReceiptHovers, type ReceiptHoverNeeds } from '../../../src/editor/edits/receiptHovers.ts';

class Words {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

function shown() {
  const [changed, closed] = [new Emitter<unknown>(), new Emitter<unknown>()];
  const needs = {
    languages: { registerHoverProvider: () => ({ dispose: () => undefined }) },
    workspace: { onDidChangeTextDocument: changed.event, onDidCloseTextDocument: closed.event },
    ...{ Hover: Words, MarkdownString: Words },
  };
  const hovers = new ReceiptHovers(needs as unknown as ReceiptHoverNeeds);
  onTestFinished(() => hovers.dispose());
  const document = { uri: 'file:///a.ts', isClosed: false };
  const textDocument = document as unknown as vscode.TextDocument;
  hovers.keep(textDocument, [{ start: 2, end: 4 }], 'A receipt');
  const lines = () =>
    Array.from({ length: 8 }, (_, line) => line).filter(
      (line) => hovers.provideHover(textDocument, { line } as vscode.Position) !== undefined,
    );
  const change = (line: number, text: string) => {
    const at = { line, character: 0 };
    changed.fire({ document, contentChanges: [{ range: { start: at, end: at }, text }] });
  };
  const close = (isClosed: boolean) => closed.fire(Object.assign(document, { isClosed }));
  return { lines, change, close };
}

it('the receipt of an edit stands over its lines wherever they go, until they change', () => {
  const { lines, change } = shown();
  expect(lines()).toEqual([2, 3]);
  change(0, 'new\n');
  expect(lines()).toEqual([3, 4]);
  change(3, 'x');
  expect(lines()).toEqual([]);
});

it('the receipt of an edit goes when its document is closed, not when that gets another language', () => {
  const { lines, close } = shown();
  close(false);
  expect(lines()).toEqual([2, 3]);
  close(true);
  expect(lines()).toEqual([]);
});

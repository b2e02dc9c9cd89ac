import { expect, it } from 'vitest';
import * as drawn from '../../media/chat/receiptWords.ts';
import type { LeftOut, Receipt } from '../../src/chat/protocol.ts';
import { leftOutWords, receiptParts } from '../../src/chat/receiptWords.ts';
import { localReceipt, receipt } from '../media/chat/chatStates.ts';

const line = (of: Receipt): string => receiptParts(of).join(' · ');

it('a receipt says the same wherever it is shown', () => {
  const each = { requestId: 'r0', exposure: 'internet', routeWords: 'internet', outcomeWords: 'failed' } as const;
  const untold: Receipt = { ...localReceipt, promptTokens: 12, cachedTokens: 0, firstTokenMs: 120_000 };
  const receipts: readonly Receipt[] = [
    ...[localReceipt, untold, { ...receipt, tries: [each, each], isCountAtLeast: true }],
    { ...receipt, routeWords: 'private network', host: '10.0.0.5:8080', countedBy: 'estimate', firstTokenMs: 10 },
  ];
  for (const one of receipts) {
    const bare = { ...one, leftOut: [], maskedCount: 0 };
    expect(line(bare)).toBe(drawn.receiptLine(bare));
  }
});

it('what was left out is said in the same words wherever it is shown', () => {
  const all: readonly LeftOut[] = [
    { kind: 'turns', count: 1, tokens: 1_900 },
    { kind: 'attachment', name: 'a.ts', tokens: 2_000, keptTokens: 0 },
    { kind: 'attachment', name: 'a.ts', tokens: 2_000, keptTokens: 500 },
  ];
  for (const each of all) expect(leftOutWords(each)).toBe(drawn.leftOutWords(each));
});

it('a receipt names where secrets were masked', () => {
  const items = [
    { name: 'keys.ts', bytes: 10, maskedCount: 2 },
    { name: 'b.ts', bytes: 10, maskedCount: 0 },
    { name: '.env', bytes: 10, maskedCount: 1 },
  ];
  expect(receiptParts({ ...receipt, items, maskedCount: 3 }).at(-1)).toBe('3 secrets masked in keys.ts, .env');
  expect(receiptParts({ ...receipt, items: [], maskedCount: 1 }).at(-1)).toBe('1 secret masked');
});

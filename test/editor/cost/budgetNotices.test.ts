import { describe, expect, it } from 'vitest';
import { confirmUnpriced, tellLimit } from '../../../src/editor/cost/budgetNotices.ts';
import type { LimitUse } from '../../../src/ledger/budget.ts';
import { FakeClock } from '../../support/clock.ts';
import { noon } from '../../support/ledgers.ts';

const use = (usedUsd: number): LimitUse => ({
  name: 'perDay',
  limit: { nanoUsd: 10_000_000_000, kind: 'soft' },
  usedNanoUsd: usedUsd * 1_000_000_000,
});

describe('a limit that is nearly used up', () => {
  it('is told in the same words all day, and in others once it may be passed and on the next day', () => {
    const told = new Set<string>();
    const tell = (usedUsd: number, clock = new FakeClock(noon)): void =>
      tellLimit(use(usedUsd), { tell: (message) => void told.add(message) }, clock);
    for (const usedUsd of [8, 8.5, 10, 10.5, 12]) tell(usedUsd);
    expect([...told]).toEqual([
      'With what is asked now, your limit of $10.00 per day may be four fifths used or more (2026-11-22).',
      'With what is asked now, your limit of $10.00 per day may be passed (2026-11-22).',
    ]);
    tell(9, new FakeClock(noon + 86_400_000));
    expect(told.size).toBe(3);
  });
});

describe('a price that nobody knows', () => {
  const question = { modelName: 'gpt-x', host: 'api.test:443', use: use(0) };
  const asking = (answer: string | undefined) => {
    const seen: unknown[] = [];
    const showWarningMessage = (...words: unknown[]) => {
      seen.push(words);
      return Promise.resolve(answer);
    };
    return { seen, asked: confirmUnpriced({ showWarningMessage } as never, question) };
  };

  it('is asked about in the way of everything else, and only a yes is one', async () => {
    const { seen, asked } = asking('Use It Anyway');
    expect(await asked).toBe(true);
    expect(seen).toEqual([
      [expect.stringContaining('gpt-x'), expect.objectContaining({ modal: true }), 'Use It Anyway'],
    ]);
    expect(await asking(undefined).asked).toBe(false);
  });
});

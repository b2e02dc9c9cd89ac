import { describe, expect, it } from 'vitest';
import { cards } from '../../src/providers/cards.ts';
import { termsNotedOn, termsOf, type Subject } from '../../src/providers/terms.ts';

const subjects: readonly Subject[] = ['retention', 'training', 'region'];
const vendors = cards.filter(({ isSelfHosted }) => !isSelfHosted);

describe('the terms of vendors', () => {
  it('are there for every closed API, and for no server that people run themselves', () => {
    expect(vendors.length).toBeGreaterThan(8);
    for (const { id, isSelfHosted } of cards) expect([id, termsOf(id) === undefined]).toEqual([id, isSelfHosted]);
  });

  it.each(vendors)(
    'of $name cover retention, training and region with addresses of its own',
    ({ id, baseUrl = '' }) => {
      const statements = termsOf(id) ?? [];
      expect(new Set(statements.flatMap(({ about }) => about))).toEqual(new Set(subjects));
      for (const { url, title } of statements) {
        expect(new URL(url).protocol).toBe('https:');
        expect(url).toMatch(ownNames[id] ?? new RegExp(new URL(baseUrl).hostname.split('.').slice(-2).join('\\.')));
        expect(title).toBe(title.trim());
      }
    },
  );

  it('say when they were noted', () => {
    expect(termsNotedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});

/** Where a vendor's statements are not below the name its API has. */
const ownNames: Readonly<Record<string, RegExp>> = {
  anthropic: /^https:\/\/([\w.]+\.)?(anthropic|claude)\.com\//,
  gemini: /^https:\/\/ai\.google\.dev\//,
  azure: /^https:\/\/learn\.microsoft\.com\//,
  together: /^https:\/\/docs\.together\.ai\//,
};

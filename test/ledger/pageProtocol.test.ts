import { describe, expect, it } from 'vitest';
import { parseFromPage, type FromPage, type Look } from '../../src/ledger/protocol.ts';
import { Chance } from '../support/chance.ts';

const look: Look = {
  period: 'days',
  fromDay: '2026-11-01',
  toDay: '',
  model: 'embedded:/m.gguf',
  route: 'internet/verified',
  purpose: 'chat/user',
  outcome: 'failed',
  text: 'parser',
  firstRow: 50,
  compared: 'openai/gpt-x',
};

const messages: readonly FromPage[] = [
  { kind: 'ready', look },
  { kind: 'look', look },
  { kind: 'open', id: 'a1' },
  { kind: 'copy', id: 'a1' },
  { kind: 'act', action: 'export' },
];

const odd: readonly unknown[] = [
  undefined,
  null,
  NaN,
  -1,
  1.5,
  1e300,
  '',
  'look',
  '💥',
  'x'.repeat(6_000),
  [],
  {},
  [[]],
];

/** The same message with one thing in it changed, removed, added or nested. */
function mutated(message: unknown, chance: Chance): unknown {
  if (typeof message !== 'object' || message === null || chance.below(8) === 0) return odd[chance.below(odd.length)];
  const copy: Record<string, unknown> = { ...(message as Record<string, unknown>) };
  const keys = [...Object.keys(copy), '__proto__x', 'extra'];
  const key = keys[chance.below(keys.length)] ?? 'kind';
  if (chance.below(4) === 0) delete copy[key];
  else copy[key] = mutated(copy[key], chance);
  return copy;
}

describe("what the ledger's page says", () => {
  it('comes through when it is well formed', () => {
    for (const message of messages) expect(parseFromPage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it('is dropped when it is not, and never throws', () => {
    const chance = new Chance(5);
    let dropped = 0;
    for (let round = 0; round < 10_000; round += 1) {
      let message: unknown = messages[chance.below(messages.length)];
      for (let times = 0; times <= chance.below(3); times += 1) message = mutated(message, chance);
      const parsed = parseFromPage(message);
      if (parsed === undefined) dropped += 1;
      else expect(messages.map(({ kind }) => kind)).toContain(parsed.kind);
    }
    expect(dropped).toBeGreaterThan(3_000);
  });

  it('carries nothing that was not asked for', () => {
    const parsed = parseFromPage({ kind: 'look', look: { ...look, more: 1 }, extra: 'x' });
    expect(parsed).toEqual({ kind: 'look', look });
  });

  it.each([
    [{ kind: 'act', action: 'format' }],
    [{ kind: 'open', id: '' }],
    [{ kind: 'open', id: 'x'.repeat(5_001) }],
    [{ kind: 'look', look: { ...look, firstRow: -1 } }],
    [{ kind: 'look', look: { ...look, fromDay: '2026-11-1' } }],
    [{ kind: 'look', look: { ...look, period: 'decade' } }],
    ['ready'],
  ])('%j is nothing it may say', (message) => {
    expect(parseFromPage(message)).toBeUndefined();
  });
});

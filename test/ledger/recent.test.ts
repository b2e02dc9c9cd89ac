import { describe, expect, it } from 'vitest';
import type { RouteKind } from '../../src/ledger/entry.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noon, openLedger, paid, question } from '../support/ledgers.ts';

const via = (kind: RouteKind) => ({
  route: { kind, evidence: 'verified', host: 'h:1', remote: undefined } as const,
});

describe('the newest requests', () => {
  it('are found by their id, with their end once there is one', async () => {
    const { ledger } = openLedger(temporaryFolder());
    await ledger.begin(question('a'));
    expect(ledger.find('a')).toMatchObject({ intent: { id: 'a' }, settlement: undefined });
    ledger.append(paid('a', 5));
    ledger.append(paid('a', 7));
    expect(ledger.find('a')?.settlement?.cost).toMatchObject({ nanoUsd: 5 });
    expect(ledger.find('b')).toBeUndefined();
    ledger.dispose();
  });

  it('are at most two hundred', () => {
    const { ledger } = openLedger(temporaryFolder());
    for (let each = 0; each <= 200; each += 1) ledger.append(question(`q${each}`, via('inProcess')));
    expect([ledger.find('q0'), ledger.find('q1')?.intent.id]).toEqual([undefined, 'q1']);
    ledger.dispose();
  });

  it('are there while they run, however many ended meanwhile', () => {
    const { ledger } = openLedger(temporaryFolder());
    ledger.append(question('long', via('inProcess')));
    for (let each = 0; each <= 300; each += 1) {
      ledger.append(question(`q${each}`, via('inProcess')));
      ledger.append(paid(`q${each}`, 0));
    }
    ledger.append(paid('long', 5));
    expect([ledger.find('long')?.settlement?.id, ledger.find('q0')]).toEqual(['long', undefined]);
    ledger.dispose();
  });

  it('that left are told newest first, at most twenty; what stayed is not among them', async () => {
    const { ledger } = openLedger(temporaryFolder());
    ledger.append(question('stays', { ...via('inProcess'), atMs: noon + 99 }));
    for (let each = 0; each < 22; each += 1) await ledger.begin(question(`q${each}`, { atMs: noon + each }));
    ledger.append(paid('q21', 5));
    const ids = ledger.recentThatLeft.map(({ intent }) => intent.id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([20, 'q21', 'q2']);
    expect(ledger.recentThatLeft[0]?.settlement?.id).toBe('q21');
    ledger.dispose();
  });

  it('that left another window are told after a look at the chain, and gone after everything is deleted', async () => {
    const folder = temporaryFolder();
    const [one, other] = [openLedger(folder, 'one').ledger, openLedger(folder, 'other').ledger];
    expect(other.recentThatLeft).toEqual([]);
    await one.begin(question('a'));
    one.append(paid('a', 5));
    other.refresh();
    expect(other.recentThatLeft).toMatchObject([{ intent: { id: 'a' }, settlement: { id: 'a' } }]);
    expect(other.find('a')).toBeUndefined();
    await one.deleteAll();
    other.refresh();
    expect([one.find('a'), one.recentThatLeft, other.recentThatLeft]).toEqual([undefined, [], []]);
    for (const ledger of [one, other]) ledger.dispose();
  });
});

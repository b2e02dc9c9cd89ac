import { describe, expect, it } from 'vitest';
import { Consents } from '../../../src/editor/privacy/consents.ts';
import type { Consent } from '../../../src/egress/policy.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

const team: Consent = { destination: 'http://10.0.0.5:8000', route: 'private', atMs: 1 };
const openai: Consent = { destination: 'https://api.openai.com', route: 'internet', atMs: 2 };

function kept() {
  const memento = new FakeMemento();
  const consents = new Consents(memento);
  let changes = 0;
  consents.onDidChange(() => (changes += 1));
  return { memento, consents, changes: () => changes };
}

describe('consents', () => {
  it('are remembered over restarts, the newest first', async () => {
    const { memento, consents, changes } = kept();
    expect(consents.all()).toEqual([]);
    await consents.add(team);
    await consents.add(openai);
    expect(new Consents(memento).all()).toEqual([openai, team]);
    expect(changes()).toBe(2);
  });

  it('are one per destination, as wide as the widest', async () => {
    const { consents } = kept();
    await consents.add(team);
    await consents.add({ ...team, route: 'internet', atMs: 3 });
    expect(consents.all()).toEqual([{ ...team, route: 'internet', atMs: 3 }]);
    await consents.add({ ...team, route: 'loopback', atMs: 4 });
    expect(consents.all()).toEqual([{ ...team, route: 'internet', atMs: 4 }]);
  });

  it('can be taken back, each for itself', async () => {
    const { consents, changes } = kept();
    await consents.add(team);
    await consents.add(openai);
    await consents.revoke(openai.destination);
    expect(consents.all()).toEqual([team]);
    expect(changes()).toBe(3);
  });

  it('that another window took back are gone here too', async () => {
    const { memento, consents } = kept();
    await consents.add(team);
    await new Consents(memento).revoke(team.destination);
    expect(consents.all()).toEqual([]);
  });

  it.each([
    ['a text', 'https://api.openai.com'],
    ['an object', { destination: 'https://api.openai.com', route: 'internet', atMs: 1 }],
    ['no destination', [{ route: 'internet', atMs: 1 }]],
    ['an empty destination', [{ destination: '', route: 'internet', atMs: 1 }]],
    ['an unknown route', [{ destination: 'https://api.openai.com', route: 'anywhere', atMs: 1 }]],
    ['a route that needs none', [{ destination: 'https://api.openai.com', route: 'inProcess', atMs: 1 }]],
    ['no date', [{ destination: 'https://api.openai.com', route: 'internet' }]],
    ['a date that is none', [{ destination: 'https://api.openai.com', route: 'internet', atMs: 'today' }]],
    ['nothings', [null, undefined, 5, 'x', []]],
  ])('that were damaged into %s count as none', (_, value) => {
    const { memento, consents } = kept();
    memento.kept.set('privacy.consents', value);
    expect(consents.all()).toEqual([]);
  });

  it('beside damaged ones are kept', async () => {
    const { memento, consents } = kept();
    memento.kept.set('privacy.consents', [null, team]);
    await consents.add(openai);
    expect(consents.all()).toEqual([openai, team]);
  });
});

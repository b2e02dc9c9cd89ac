import { describe, expect, it } from 'vitest';
import { Secrets } from '../../../src/editor/privacy/secrets.ts';
import { FakeMemento, FakeSecretStorage } from '../../support/vscodeStores.ts';

const openai = 'https://api.openai.com';
const team = 'http://10.0.0.5:8000';

function stores() {
  const [secrets, memento] = [new FakeSecretStorage(), new FakeMemento()];
  return { secrets, memento, open: () => new Secrets({ secrets, memento }) };
}

describe('keys', () => {
  it('belong to one origin, and only its name is remembered beside the store', async () => {
    const { secrets, memento, open } = stores();
    const keys = open();
    await keys.set(openai, 'sk-secret');
    expect(await keys.keyFor(openai)).toBe('sk-secret');
    expect(await keys.keyFor('https://api.openai.com.evil.example')).toBeUndefined();
    expect(keys.origins()).toEqual([openai]);
    expect([...secrets.kept.keys()]).toEqual([`paddock.key:${openai}`]);
    expect(JSON.stringify([...memento.kept])).not.toContain('sk-secret');
    keys.dispose();
  });

  it('that are removed are gone, with the permission to send them plainly', async () => {
    const { secrets, open } = stores();
    const keys = open();
    await keys.set(team, 'k');
    await keys.allowPlainly(team, true);
    expect(keys.mayUsePlainly(team)).toBe(true);
    await keys.remove(team);
    expect(await keys.keyFor(team)).toBeUndefined();
    expect(keys.mayUsePlainly(team)).toBe(false);
    expect([keys.origins(), secrets.kept.size]).toEqual([[], 0]);
    keys.dispose();
  });

  it('may be sent plainly only where the user allowed it, until that is taken back', async () => {
    const { open } = stores();
    const keys = open();
    expect(keys.mayUsePlainly(team)).toBe(false);
    await keys.allowPlainly(team, true);
    expect([keys.mayUsePlainly(team), keys.mayUsePlainly(openai)]).toEqual([true, false]);
    await keys.allowPlainly(team, false);
    expect(keys.mayUsePlainly(team)).toBe(false);
    keys.dispose();
  });

  it('the store did not keep over a restart are named', async () => {
    const { secrets, open } = stores();
    const before = open();
    await before.set(openai, 'a');
    await before.set(team, 'b');
    before.dispose();
    const kept = open();
    expect(await kept.lost()).toEqual([]);
    secrets.kept.delete(`paddock.key:${openai}`);
    expect(await kept.lost()).toEqual([openai]);
    secrets.forget();
    expect(await kept.lost()).toEqual([team, openai]);
    kept.dispose();
  });

  it('that another window changed are told, and nothing else in the store is', async () => {
    const { secrets, open } = stores();
    const [here, there] = [open(), open()];
    const told: string[] = [];
    here.onDidChange(({ origin }) => told.push(origin));
    await there.set(openai, 'a');
    await secrets.store('something else', 'b');
    expect(told).toEqual([openai]);
    [here, there].forEach((each) => each.dispose());
  });

  it('of a store that refuses fail with what to do, without the key in the message', async () => {
    const { secrets, open } = stores();
    const keys = open();
    secrets.isBroken = true;
    await expect(keys.keyFor(openai)).rejects.toMatchObject({ kind: 'auth', action: 'setApiKey' });
    const refused = await keys.set(openai, 'sk-secret').catch((error: unknown) => error);
    expect(String(refused)).toContain(openai);
    expect(String(refused)).not.toContain('sk-secret');
    expect(keys.origins()).toEqual([]);
    keys.dispose();
  });
});

import { describe, expect, it } from 'vitest';
import { keyPlaces, keyProblem, removeApiKey, setApiKey } from '../../../src/editor/privacy/keys.ts';
import { Secrets } from '../../../src/editor/privacy/secrets.ts';
import type { RouteKind } from '../../../src/ledger/entry.ts';
import type { ServerEntry } from '../../../src/models/choose.ts';
import { Person } from '../../support/person.ts';
import { FakeMemento, FakeSecretStorage } from '../../support/vscodeStores.ts';

const team: ServerEntry = { url: 'http://10.0.0.5:8000/v1', kind: 'vllm', name: 'Team' };
const openai = 'https://api.openai.com';

function desk(
  person: Person,
  { servers = [team], kind = 'private' }: { servers?: ServerEntry[]; kind?: RouteKind } = {},
) {
  const storage = new FakeSecretStorage();
  const secrets = new Secrets({ secrets: storage, memento: new FakeMemento() });
  const located: string[] = [];
  const locate = (url: string) => {
    located.push(url);
    return Promise.resolve({ kind, evidence: 'verified', host: new URL(url).host, remote: undefined } as const);
  };
  return { ...person.needs, secrets, storage, servers: () => servers, locate, located };
}

describe('setting a key', () => {
  it('keeps what was typed for the origin that was picked, without spaces around it', async () => {
    const person = new Person({ pick: 'OpenAI' }, { type: ' sk-1 ' });
    const needs = desk(person);
    expect(await setApiKey(needs)).toBe(true);
    expect(await needs.secrets.keyFor(openai)).toBe('sk-1');
    expect(person.saw('API Key for OpenAI')).toContain('platform.openai.com/api-keys');
    expect(needs.located).toEqual([]);
  });

  it('lists own servers first, then the closed APIs, each origin once, and which have one', async () => {
    const places = keyPlaces([team, { url: 'https://api.openai.com/v1', kind: 'openai', name: 'Mine' }]);
    expect(places.slice(0, 2).map(({ name }) => name)).toEqual(['Team', 'Mine']);
    expect(places.filter(({ origin }) => origin === openai)).toHaveLength(1);
    const person = new Person('escape');
    const needs = desk(person);
    await needs.secrets.set(openai, 'sk-1');
    expect(await setApiKey(needs)).toBe(false);
    expect(person.saw('Set API Key')).toContain('OpenAI | https://api.openai.com | key set');
  });

  it.each([
    ['', /Enter the key/],
    ['  ', /Enter the key/],
    ['one\ntwo', /one line/],
    ['two words', /no spaces/],
    ['schlüssel', /ASCII/],
  ])('refuses %j', (text, why) => {
    expect(keyProblem(text)).toMatch(why);
  });

  it('says at once what is wrong, and keeps nothing when the person leaves', async () => {
    const person = new Person({ type: 'two words' }, 'escape');
    const needs = desk(person);
    expect(await setApiKey(needs, openai)).toBe(false);
    expect(person.seen.flatMap(({ refused }) => refused)).toEqual([expect.stringContaining('no spaces')]);
    expect(needs.storage.kept.size).toBe(0);
  });

  it('asks for that of an origin that is named, though nobody configured it, and says whose it is', async () => {
    const origin = 'https://llm.example.com';
    const person = new Person({ type: 'sk-1' });
    const needs = desk(person);
    expect(await setApiKey(needs, origin)).toBe(true);
    expect(await needs.secrets.keyFor(origin)).toBe('sk-1');
    expect(person.saw(`API Key for ${origin}`)).toContain(`only ever sent to ${origin}`);
  });

  it.each(['evil', 'ftp://a.example', 'https://a.example/v1', 'https://me@a.example', 'HTTPS://A.example'])(
    'asks whose, when %j is named, which is no origin',
    async (named) => {
      const person = new Person('escape');
      expect(await setApiKey(desk(person), named)).toBe(false);
      expect(person.seen.map(({ kind }) => kind)).toEqual(['list']);
      expect(person.saw('Set API Key')).not.toContain(named);
    },
  );
});

describe('a key over a connection that is not encrypted', () => {
  const origin = 'http://10.0.0.5:8000';

  it('is only kept for the private network after the person took the risk', async () => {
    const person = new Person({ pick: 'Send It Unencrypted' }, { type: 'sk-1' });
    const needs = desk(person);
    expect(await setApiKey(needs, origin)).toBe(true);
    expect(person.seen[0]?.kind).toBe('dialog');
    expect(needs.secrets.mayUsePlainly(origin)).toBe(true);
    const again = desk(new Person('escape'));
    expect(await setApiKey(again, origin)).toBe(false);
    expect([again.secrets.mayUsePlainly(origin), again.storage.kept.size]).toEqual([false, 0]);
  });

  it('is not kept for the internet at all', async () => {
    const person = new Person();
    const needs = desk(person, { kind: 'internet' });
    await expect(setApiKey(needs, origin)).rejects.toMatchObject({ kind: 'denied' });
    expect(person.seen).toEqual([]);
  });

  it('needs no question within this computer', async () => {
    const servers: ServerEntry[] = [{ url: 'http://127.0.0.1:4000', kind: 'litellm' }];
    const needs = desk(new Person({ type: 'sk-1' }), { servers, kind: 'loopback' });
    expect(await setApiKey(needs, 'http://127.0.0.1:4000')).toBe(true);
    expect(needs.secrets.mayUsePlainly('http://127.0.0.1:4000')).toBe(false);
  });
});

describe('removing a key', () => {
  it('takes away the one that is picked', async () => {
    const person = new Person({ pick: 'OpenAI' });
    const needs = desk(person);
    await needs.secrets.set(openai, 'sk-1');
    await needs.secrets.set('https://gone.example.com', 'sk-2');
    await removeApiKey(needs);
    expect(person.saw('Remove API Key')).toContain('https://gone.example.com');
    expect(needs.secrets.origins()).toEqual(['https://gone.example.com']);
  });

  it('says so when there is none', async () => {
    const person = new Person();
    await removeApiKey(desk(person));
    expect(person.seen.map(({ kind, title }) => [kind, title])).toEqual([['message', 'Paddock: No API key is kept.']]);
  });
});

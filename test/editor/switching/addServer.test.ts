import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { addressProblem, addServer, completeAddress } from '../../../src/editor/switching/addServer.ts';
import { Secrets } from '../../../src/editor/privacy/secrets.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import type { CardId, Endpoint } from '../../../src/models/model.ts';
import { cardOf } from '../../../src/providers/cards.ts';
import type { ServerFacts } from '../../../src/providers/survey.ts';
import { Person } from '../../support/person.ts';
import { FakeMemento, FakeSecretStorage, FakeWorkspace } from '../../support/vscodeStores.ts';

/** What each question "what are you?" is answered with, in turn. */
function desk(person: Person, ...answers: (CardId | Failure)[]) {
  const workspace = new FakeWorkspace({});
  const settings = new LiveSettings(workspace.asWorkspace);
  const storage = new FakeSecretStorage();
  const secrets = new Secrets({ secrets: storage, memento: new FakeMemento() });
  const asked: Endpoint[] = [];
  const factsOf = (endpoint: Endpoint): Promise<ServerFacts> => {
    asked.push(endpoint);
    const card = answers.shift() ?? new Failure('unreachable', 'Nothing answers there.');
    if (card instanceof Failure) return Promise.reject(card);
    return Promise.resolve({ card, name: card, version: undefined, nature: 'unknown' });
  };
  const locate = () =>
    Promise.resolve({ kind: 'private', evidence: 'verified', host: undefined, remote: undefined } as const);
  const servers = () => settings.now.servers;
  return { ...person.needs, settings, secrets, servers, locate, survey: { factsOf }, asked, workspace, storage };
}

describe('an address', () => {
  it.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['10.0.0.5:8000/v1', 'http://10.0.0.5:8000/v1'],
    ['10.0.0.5', 'http://10.0.0.5'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['gpu.local', 'http://gpu.local'],
    ['gpu-box:8000', 'http://gpu-box:8000'],
    ['llm.example.com/v1', 'https://llm.example.com/v1'],
    [' https://llm.example.com/v1/chat/completions ', 'https://llm.example.com/v1'],
    ['unix:/run/llama.sock', 'unix:/run/llama.sock'],
  ])('%j is taken for %s', (typed, address) => {
    expect(completeAddress(typed)).toBe(address);
    expect(addressProblem(typed)).toBeUndefined();
  });

  it.each([
    ['', /Enter an address/],
    ['ftp://example.com', /http, https or unix/],
    ['https://me:secret@example.com', /user name or password/],
    ['https://example.com/v1?key=1', /after "\?" or "#"/],
    ['unix:run/llama.sock', /socket/],
    ['two words', /not a URL/],
    ['https://{resource}.openai.azure.com/openai/v1', /in the place of \{resource\}/],
  ])('%j is refused', (typed, why) => {
    expect(addressProblem(typed)).toMatch(why);
  });
});

describe('adding a server', () => {
  it('asks it what it is and keeps it with a name', async () => {
    const person = new Person({ pick: 'by its address' }, { type: '10.0.0.5:8000/v1' }, { type: 'Team' });
    const needs = desk(person, 'vllm');
    expect(await addServer(needs)).toEqual({ baseUrl: 'http://10.0.0.5:8000/v1', card: 'vllm' });
    expect(needs.settings.now.servers).toEqual([{ url: 'http://10.0.0.5:8000/v1', kind: 'vllm', name: 'Team' }]);
    expect(person.seen.map(({ kind }) => kind)).toEqual(['list', 'box', 'progress', 'box']);
    expect(person.left).toBe(0);
  });

  it('needs no name', async () => {
    const needs = desk(new Person({ pick: 'by its address' }, { type: 'localhost:8080' }, { type: '' }), 'llamaServer');
    await addServer(needs);
    expect(needs.settings.now.servers).toEqual([{ url: 'http://localhost:8080', kind: 'llamaServer' }]);
  });

  it('says what is wrong with an address while it is typed', async () => {
    const person = new Person({ pick: 'by its address' }, { type: 'ftp://x' }, 'escape');
    expect(await addServer(desk(person))).toBeUndefined();
    expect(person.seen.flatMap(({ refused }) => refused)).toEqual([expect.stringContaining('http, https or unix')]);
  });

  it('lets the kind be chosen when nothing answers, or nothing known', async () => {
    for (const answer of [new Failure('unreachable', 'Nothing answers there.'), 'generic'] as const) {
      const person = new Person({ pick: 'by its address' }, { type: 'gpu:9000' }, { pick: 'vLLM' }, { type: '' });
      const needs = desk(person, answer);
      expect(await addServer(needs)).toEqual({ baseUrl: 'http://gpu:9000', card: 'vllm' });
    }
  });

  it('asks for the key a server wants, then asks the server again', async () => {
    const person = new Person(
      { pick: 'by its address' },
      { type: 'https://llm.example.com/v1' },
      { type: 'sk-1' },
      { type: '' },
    );
    const needs = desk(person, new Failure('auth', 'It wants a key.'), 'litellm');
    expect(await addServer(needs)).toEqual({ baseUrl: 'https://llm.example.com/v1', card: 'litellm' });
    expect(await needs.secrets.keyFor('https://llm.example.com')).toBe('sk-1');
    expect(needs.asked).toHaveLength(2);
  });

  it('asks a closed API nothing, fills its address in, and wants its key', async () => {
    const person = new Person(
      { pick: 'OpenRouter' },
      { type: 'https://openrouter.ai/api/v1' },
      { type: '' },
      { type: 'sk-1' },
    );
    const needs = desk(person);
    expect(await addServer(needs)).toEqual({ baseUrl: 'https://openrouter.ai/api/v1', card: 'openrouter' });
    expect(needs.asked).toEqual([]);
    expect(await needs.secrets.keyFor('https://openrouter.ai')).toBe('sk-1');
    expect(person.saw('Add Server')).toContain('not tried live');
  });

  it('completes an address only the user knows', async () => {
    const azure = { type: 'https://mine.openai.azure.com/openai/v1' };
    const needs = desk(
      new Person({ type: 'https://{resource}.openai.azure.com/openai/v1' }, azure, { type: '' }, 'escape'),
    );
    expect(await addServer(needs, cardOf('azure'))).toEqual({ baseUrl: azure.type, card: 'azure' });
  });

  it('keeps one server for one address', async () => {
    const again = () => [{ pick: 'by its address' }, { type: 'localhost:8080' }, { type: 'Mine' }];
    const needs = desk(new Person(...again(), ...again()), 'llamaServer', 'llamaServer');
    await addServer(needs);
    await addServer(needs);
    expect(needs.settings.now.servers).toHaveLength(1);
  });

  it('changes nothing when the person leaves, wherever they are', async () => {
    const steps = [{ pick: 'by its address' }, { type: 'gpu:9000' }, { pick: 'vLLM' }, { type: '' }];
    for (let count = 0; count < steps.length; count += 1) {
      const needs = desk(new Person(...steps.slice(0, count)));
      expect(await addServer(needs)).toBeUndefined();
      expect(needs.workspace.writes).toEqual([]);
    }
  });

  it('stops where a policy forbids to ask', async () => {
    const person = new Person({ pick: 'by its address' }, { type: 'https://llm.example.com' });
    const denied = new Failure('denied', 'Not allowed.', { action: 'openPolicy' });
    const needs = desk(person, denied);
    await expect(addServer(needs)).rejects.toBe(denied);
    expect(needs.workspace.writes).toEqual([]);
  });
});

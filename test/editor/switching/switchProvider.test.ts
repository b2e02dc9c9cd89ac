import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { Choice } from '../../../src/editor/switching/choice.ts';
import { Secrets } from '../../../src/editor/privacy/secrets.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { addServerAndPick, switchProvider } from '../../../src/editor/switching/switchProvider.ts';
import type { Consent } from '../../../src/egress/policy.ts';
import type { Denial, Telling } from '../../../src/editor/switching/switchState.ts';
import type { ServerEntry } from '../../../src/models/choose.ts';
import type { Endpoint, Role, ServedModel } from '../../../src/models/model.ts';
import { guessCard } from '../../../src/providers/cards.ts';
import type { FoundServer, ListedModel } from '../../../src/providers/survey.ts';
import { embeddedModel } from '../../../src/weights/embedded.ts';
import type { Starter } from '../../../src/weights/starters.ts';
import { FakeClock } from '../../support/clock.ts';
import { Person } from '../../support/person.ts';
import { FakeMemento, FakeSecretStorage, FakeWorkspace } from '../../support/vscodeStores.ts';

const file = { path: '/models/qwen.gguf', bytes: 1e9 };
/** A file without a chat template. */
const mute = '/models/base.gguf';
const team: ServerEntry = { url: 'http://10.0.0.5:8000/v1', kind: 'vllm', name: 'Team' };
const listed = (model: string): ListedModel => ({ model, name: model, contextTokens: undefined });
const found: FoundServer = {
  endpoint: { baseUrl: 'http://127.0.0.1:8080', card: 'llamaServer' },
  facts: { card: 'llamaServer', name: 'llama-server', version: undefined, nature: 'holdsWeights' },
  models: [listed('smol')],
};

interface Desk {
  readonly servers?: readonly ServerEntry[];
  readonly models?: Readonly<Record<string, readonly ListedModel[] | Failure>>;
  readonly denials?: Readonly<Record<string, Denial>>;
  /** What the user says when asked for consent. */
  readonly agrees?: boolean;
}

function desk(person: Person, { servers = [], models = {}, denials = {}, agrees = true }: Desk = {}) {
  const workspace = new FakeWorkspace({ servers, 'local.modelPath': file.path });
  const settings = new LiveSettings(workspace.asWorkspace);
  const embedded = (path: string) => embeddedModel(path, undefined);
  const choice = new Choice({ settings, embedded, guessCard });
  const secrets = new Secrets({ secrets: new FakeSecretStorage(), memento: new FakeMemento() });
  const asked: string[] = [];
  const happened: string[] = [];
  const kept: string[] = [];
  const answers = { ...models };
  const telling: Telling = {
    routeOf: ({ baseUrl }) => ({
      kind: /127\.0\.0\.1/.test(baseUrl) ? 'loopback' : /\/\/10\./.test(baseUrl) ? 'private' : 'internet',
      evidence: 'verified',
      host: new URL(baseUrl).host,
      remote: undefined,
    }),
    engineRoute: { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined },
    denialOf: ({ baseUrl }) => denials[baseUrl],
    priceWords: () => undefined,
    hasChatTemplate: (path) => (path === mute ? false : undefined),
    speedOf: () => undefined,
  };
  const needs = {
    ...person.needs,
    choice,
    settings,
    secrets,
    consents: { add: ({ destination }: Consent) => Promise.resolve(void kept.push(destination)) },
    memento: new FakeMemento(),
    clock: new FakeClock(),
    telling: () => Promise.resolve(telling),
    findFiles: () => Promise.resolve([file, { path: mute, bytes: 2e9 }]),
    templates: { look: (path: string) => Promise.resolve(path === mute ? false : undefined) },
    survey: {
      discover: () => Promise.resolve([found]),
      list: ({ baseUrl }: Endpoint) => {
        asked.push(baseUrl);
        const answer = answers[baseUrl] ?? [];
        return answer instanceof Failure ? Promise.reject(answer) : Promise.resolve(answer);
      },
      forget: () => undefined,
    },
    agree: ({ model, roles }: { readonly model: ServedModel; readonly roles: readonly Role[] }) => {
      happened.push(`consent for ${model.id} as ${roles.join(' and ')}`);
      return Promise.resolve(
        agrees ? [{ destination: model.endpoint.baseUrl, route: 'internet', atMs: 1 } as const] : undefined,
      );
    },
    setApiKey: async (origin = 'picked') => {
      happened.push(`key for ${origin}`);
      await secrets.set(origin, 'sk');
      return true;
    },
    browse: () => Promise.resolve<string | undefined>(undefined),
    addServer: async () => {
      await settings.write('servers', (before) => [...before, team]);
      return { baseUrl: team.url, card: team.kind } as const;
    },
    removeApiKey: () => Promise.resolve(void happened.push('remove key')),
    toggleThisComputerOnly: () => Promise.resolve(void happened.push('this computer only')),
    fetchStarter: ({ id }: Starter, roles: readonly Role[]) =>
      Promise.resolve(void happened.push(`fetch ${id} for ${roles.join(' and ')}`)),
  };
  const now = () => [choice.refFor('completion'), choice.refFor('chat')];
  return { needs, now, asked, happened, kept, workspace, answers };
}

describe('switching', () => {
  it('sets the role that was picked and no other', async () => {
    const person = new Person({ pick: 'Completions' }, { pick: 'smol' });
    const { needs, now, happened } = desk(person);
    await switchProvider(needs);
    expect(now()).toEqual(['http://127.0.0.1:8080#smol', '']);
    expect(happened).toEqual(['consent for http://127.0.0.1:8080#smol as completion']);
    expect(person.left).toBe(0);
  });

  it('keeps a server that was found, so that it is known how it speaks', async () => {
    const { needs } = desk(new Person({ pick: 'Both' }, { pick: 'smol' }));
    await switchProvider(needs);
    expect(needs.settings.now.servers).toEqual([{ url: 'http://127.0.0.1:8080', kind: 'llamaServer' }]);
    expect(needs.choice.modelFor('chat')).toMatchObject({ endpoint: { card: 'llamaServer' } });
  });

  it('changes no model where it cannot write both', async () => {
    const { needs, now, kept } = desk(new Person({ pick: 'Both' }, { pick: 'smol' }));
    const { settings } = needs;
    const write = settings.write.bind(settings);
    settings.write = (key, change) =>
      key === 'chat.model' ? Promise.reject(new Error('the file is read-only')) : write(key, change);
    await expect(switchProvider(needs)).rejects.toThrow('read-only');
    expect([now(), settings.now.servers, kept]).toEqual([['', ''], [], ['http://127.0.0.1:8080']]);
  });

  it('sets both with one question', async () => {
    const { needs, now, happened } = desk(new Person({ pick: 'Both' }, { pick: 'smol' }));
    await switchProvider(needs);
    expect(now()).toEqual(['http://127.0.0.1:8080#smol', 'http://127.0.0.1:8080#smol']);
    expect(happened).toEqual(['consent for http://127.0.0.1:8080#smol as completion and chat']);
  });

  it('asks nobody about a file of this computer', async () => {
    const { needs, now, happened } = desk(new Person({ pick: 'Chat' }, { pick: 'qwen' }));
    await switchProvider(needs);
    expect([now(), happened]).toEqual([['', 'embedded:/models/qwen.gguf'], []]);
  });

  it('refuses a file without a chat template for chat, before anything is set, and takes it for completions', async () => {
    for (const role of ['Chat', 'Both']) {
      const { needs, workspace } = desk(new Person({ pick: role }, { pick: 'base' }));
      await expect(switchProvider(needs)).rejects.toMatchObject({
        ...{ kind: 'modelUnsupported', action: 'switchProvider' },
        message: 'base cannot chat: its file has no chat template. It is made for completions.',
      });
      expect(workspace.writes).toEqual([]);
    }
    const { needs, now } = desk(new Person({ pick: 'Completions' }, { pick: 'base' }));
    await switchProvider(needs);
    expect(now()).toEqual([`embedded:${mute}`, '']);
  });

  it('leaves everything as it was when the consent is refused, and shows the list again', async () => {
    const person = new Person({ pick: 'Both' }, { pick: 'smol' }, 'escape');
    const { needs, now, workspace } = desk(person, { agrees: false });
    await switchProvider(needs);
    expect(now()).toEqual(['', '']);
    expect(workspace.writes).toEqual([]);
    expect(person.left).toBe(0);
  });

  it('leaves everything as it was wherever the person leaves', async () => {
    const steps = [{ pick: 'Both' }, { pick: 'OpenAI…' }, { pick: 'Enter a Model’s Name' }];
    for (let count = 0; count <= steps.length; count += 1) {
      const { needs, workspace } = desk(new Person(...steps.slice(0, count), 'escape', 'escape', 'escape'));
      await needs.secrets.set('https://api.openai.com', 'sk');
      await switchProvider(needs);
      expect(workspace.writes).toEqual([]);
    }
  });

  it('goes back step by step', async () => {
    const person = new Person({ pick: 'Chat' }, 'back', { pick: 'Completions' }, { pick: 'smol' });
    const { needs, now } = desk(person);
    await switchProvider(needs);
    expect(now()).toEqual(['http://127.0.0.1:8080#smol', '']);
    expect(person.seen.map(({ title }) => title)).toEqual([
      'Paddock: Switch Provider',
      'Paddock: Model for Chat',
      'Paddock: Switch Provider',
      'Paddock: Model for Completions',
    ]);
  });

  it('lists what servers have, and why one does not say, and asks it again in place', async () => {
    const baseUrl = team.url;
    const models = { [baseUrl]: new Failure('unreachable', 'Nothing answers at 10.0.0.5.') };
    const person = new Person({ pick: 'Chat' }, { pick: /^Team$/ }, { pick: 'qwen-72b' });
    const { needs, now, answers, asked } = desk(person, { servers: [team], models });
    const { list } = needs.survey;
    needs.survey.list = (endpoint) => {
      const answer = list(endpoint);
      answers[baseUrl] = [listed('qwen-72b')];
      return answer;
    };
    await switchProvider(needs);
    expect(asked).toEqual([baseUrl, baseUrl]);
    expect(person.seen).toHaveLength(2);
    expect(now()[1]).toBe(`${baseUrl}#qwen-72b`);
  });

  it('shows the list at once, and moves it once for all that answers soon', async () => {
    const person = new Person({ pick: 'Chat' }, { pick: 'qwen-72b' });
    const { needs } = desk(person, { servers: [team], models: { [team.url]: [listed('qwen-72b')] } });
    const drawn: number[] = [];
    const create = person.createQuickPick.bind(person);
    person.createQuickPick = () => {
      const picker = create();
      return new Proxy(picker, {
        set: (on, name, value: unknown) => {
          if (name === 'busy') drawn.push(Number(value));
          return Reflect.set(on, name, value);
        },
      });
    };
    await switchProvider(needs);
    const models = drawn.slice(drawn.indexOf(1)); // the list of roles is never busy
    expect(models).toEqual([1, 0]);
  });

  it('does without servers on this computer that answer too late', async () => {
    const person = new Person({ pick: 'Chat' }, { pick: 'Looking for servers' }, { first: () => later() }, 'escape');
    const { needs } = desk(person);
    needs.survey.discover = () => new Promise<never>(() => undefined);
    const later = () => needs.clock.advance(1_000);
    await switchProvider(needs);
    expect(person.saw('Model for Chat')).not.toContain('Looking for servers');
  });
});

describe('a closed API', () => {
  const openai = { baseUrl: 'https://api.openai.com/v1', origin: 'https://api.openai.com' };
  const models = { [openai.baseUrl]: [listed('gpt-x')] };

  it('is asked for its models only when its own list is opened, and with a key', async () => {
    const before = desk(new Person({ pick: 'Chat' }, 'escape'), { models });
    await switchProvider(before.needs);
    expect(before.asked).toEqual([]);
    const { needs, now, asked, happened } = desk(new Person({ pick: 'Chat' }, { pick: 'OpenAI…' }, { pick: 'gpt-x' }), {
      models,
    });
    await switchProvider(needs);
    expect(asked).toEqual([openai.baseUrl]);
    expect(happened).toEqual([`key for ${openai.origin}`, `consent for ${openai.baseUrl}#gpt-x as chat`]);
    expect(now()).toEqual(['', `${openai.baseUrl}#gpt-x`]);
    expect(needs.settings.now.servers).toEqual([]);
  });

  it('takes a name that it does not list', async () => {
    const person = new Person(
      { pick: 'Chat' },
      { pick: 'OpenAI…' },
      { pick: 'Enter a Model’s Name' },
      { type: ' gpt-z ' },
    );
    const { needs, now } = desk(person, { models });
    await switchProvider(needs);
    expect(now()[1]).toBe(`${openai.baseUrl}#gpt-z`);
  });

  it('is not switched to without its key', async () => {
    const { needs, now, workspace, kept } = desk(new Person({ pick: 'closed API' }));
    await needs.memento.update('switching.picked', { closedChat: `${openai.baseUrl}#gpt-x` });
    await switchProvider({ ...needs, setApiKey: () => Promise.resolve(false) });
    expect([now(), workspace.writes, kept]).toEqual([['', ''], [], []]);
  });
});

describe('what a policy forbids', () => {
  it('is not asked, and picking it names the rule', async () => {
    const denial: Denial = {
      kind: 'deny',
      rule: 'ceiling: loopback',
      source: '/etc/paddock/policy.json',
      message: '/etc/paddock/policy.json allows only servers on this computer.',
      action: 'openPolicy',
    };
    const person = new Person({ pick: 'Chat' }, { pick: 'Team' });
    const { needs, now, asked } = desk(person, { servers: [team], denials: { [team.url]: denial } });
    await expect(switchProvider(needs)).rejects.toMatchObject({
      kind: 'denied',
      action: 'openPolicy',
      facts: { rule: denial.rule, source: denial.source },
    });
    expect([now(), asked]).toEqual([['', ''], []]);
  });
});

describe('the presets', () => {
  it('set both at once and remember what for', async () => {
    const models = { [team.url]: [listed('qwen-72b')] };
    const ref = `${team.url}#qwen-72b`;
    const { needs, now, happened } = desk(
      new Person({ pick: 'Both' }, { pick: 'qwen-72b' }, { pick: 'All on this computer' }, { pick: 'Team server' }),
      { servers: [team], models },
    );
    await switchProvider(needs);
    expect(now()).toEqual([ref, ref]);
    await switchProvider(needs);
    expect(now()).toEqual(['', '']);
    await switchProvider(needs);
    expect(now()).toEqual([ref, ref]);
    expect(happened.at(-1)).toBe(`consent for ${ref} as completion and chat`);
  });

  it('that cannot be taken leave the list open', async () => {
    const person = new Person({ pick: 'Team server' }, 'escape');
    const { needs, now } = desk(person);
    await switchProvider(needs);
    expect([person.left, now()]).toEqual([0, ['', '']]);
    expect(person.seen).toHaveLength(1);
  });
});

describe('the other lines', () => {
  it('do what they say', async () => {
    const { needs, happened } = desk(
      new Person(
        { pick: 'Set API Key' },
        { pick: 'Remove API Key' },
        { pick: 'This Computer Only' },
        { pick: 'Completions' },
        { pick: 'Get Starter Model SmolLM2' },
      ),
    );
    for (let count = 0; count < 4; count += 1) await switchProvider(needs);
    expect(happened).toEqual(['key for picked', 'remove key', 'this computer only', 'fetch demo for completion']);
  });

  it('lead from a new server on to its models', async () => {
    const models = { [team.url]: [listed('qwen-72b')] };
    const person = new Person({ pick: 'Chat' }, { pick: 'qwen-72b' });
    const { needs, now } = desk(person, { models });
    await addServerAndPick(needs);
    expect(now()).toEqual(['', `${team.url}#qwen-72b`]);
    expect(person.seen[0]?.text).toBe(
      'Completions | qwen · this computer\nChat | qwen · this computer\nBoth | one model for both',
    );
  });
});

/**
 * Workspaces that want the user's code or key, opened through the real settings, choice, policy files, consents, keys,
 * survey, provider, exchange and gate, with two real servers: the user's own, and the attacker's, which counts. Fakes
 * stand where VS Code is, and those give every workspace setting to whoever asks for it, so that nothing here hangs on
 * VS Code keeping scopes apart or on trust.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'jsonc-parser';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type * as vscode from 'vscode';
import type { Failure } from '../../src/base/failure.ts';
import { Choice } from '../../src/editor/switching/choice.ts';
import { Consents } from '../../src/editor/privacy/consents.ts';
import { Policies } from '../../src/editor/privacy/policies.ts';
import { PolicyFiles } from '../../src/editor/privacy/policyFiles.ts';
import { proxySettings } from '../../src/editor/privacy/proxySettings.ts';
import { Secrets } from '../../src/editor/privacy/secrets.ts';
import { LiveSettings, silenceMs } from '../../src/editor/settings.ts';
import { judge } from '../../src/egress/policy.ts';
import { createExchange } from '../../src/exchange.ts';
import type { Ask, ModelRequest, Role } from '../../src/models/model.ts';
import { cards, guessCard } from '../../src/providers/cards.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { Survey } from '../../src/providers/survey.ts';
import { embeddedModel } from '../../src/weights/embedded.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor } from '../support/gates.ts';
import { hostileWorkspaces, writeWorkspace, type WrittenWorkspace } from '../support/hostileWorkspaces.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer.ts';
import { FakeFiles, FakeUri } from '../support/vscodeFiles.ts';
import { FakeMemento, FakeSecretStorage, FakeWorkspace } from '../support/vscodeStores.ts';

const ownKey = 'sk-the-users-own';
let own: ScriptedServer;
let attacker: ScriptedServer;

beforeAll(async () => {
  own = await startScriptedServer();
  attacker = await startScriptedServer();
  for (const server of [own, attacker]) {
    server.answerWith(({ path }, reply) => {
      if (!path.endsWith('/chat/completions')) return reply.json(404, { error: { message: 'no such thing' } });
      const piece = (delta: object, finish_reason: string | null) => ({
        choices: [{ index: 0, delta, finish_reason }],
      });
      return reply.sse([piece({ content: '42' }, null), piece({}, 'stop'), '[DONE]']);
    });
  }
});

afterAll(() => {
  expect(attacker.tally).toMatchObject({ connections: 0, requests: 0 });
  own.dispose();
  attacker.dispose();
});

/** What the user set: their own server for both roles, nothing beyond the private network. */
function settingsOfTheUser(): Record<string, unknown> {
  return {
    'completion.model': `${own.url}/v1#small`,
    'chat.model': `${own.url}/v1#small`,
    servers: [{ url: `${own.url}/v1`, kind: 'generic', name: 'Mine' }],
    'privacy.ceiling': 'private',
    'local.modelPath': '/home/u/model.gguf',
  };
}

/** Everything a workspace sets, of all its folders and its file, by the key without `paddock.`. */
function settingsOf({ open, folders }: WrittenWorkspace): Record<string, unknown> {
  const texts = folders.flatMap((folder) => textAt(join(folder, '.vscode/settings.json')));
  const own = texts.map((text) => parse(text) as Record<string, unknown>);
  const file = open.endsWith('.code-workspace') ? (parse(textAt(open)[0] ?? '') as { settings: object }).settings : {};
  return Object.fromEntries([...own, file].flatMap((values) => [...flat(values, '')]));
}

function* flat(values: object, prefix: string): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    const name = key.startsWith('[') ? prefix : `${prefix}${key}`;
    yield [name.replace(/^paddock\./, ''), value];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject) yield* flat(value, key.startsWith('[') ? prefix : `${name}.`);
  }
}

function textAt(path: string): string[] {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? [readFileSync(path, 'utf8')] : [];
}

/** The disk as VS Code gives it to extensions. */
class DiskFiles extends FakeFiles {
  override readonly fs = {
    stat: async ({ path }: FakeUri) => {
      const found = await coded(stat(path));
      return { type: found.isFile() ? 1 : found.isDirectory() ? 2 : 0, size: found.size };
    },
    readFile: ({ path }: FakeUri) => coded<Uint8Array>(readFile(path)),
  };
}

const codes: Record<string, string> = { ENOENT: 'FileNotFound', ENOTDIR: 'FileNotADirectory', EACCES: 'NoPermissions' };

async function coded<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw Object.assign(new Error('from the disk'), { code: codes[(error as NodeJS.ErrnoException).code ?? ''] });
  }
}

/** Paddock as it stands in one window, with that workspace open and that environment around it. */
async function windowOn(workspace: WrittenWorkspace, user: Record<string, unknown> = settingsOfTheUser()) {
  const before = { ...process.env };
  Object.assign(process.env, workspace.environment);
  onTestFinished(() => {
    for (const name of Object.keys(workspace.environment)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  const clock = new FakeClock();
  const log = new LogLines();
  const memento = new FakeMemento();
  const planted = settingsOf(workspace);
  const settings = new LiveSettings(new FakeWorkspace(user, planted).asWorkspace);
  const secrets = new Secrets({ secrets: new FakeSecretStorage(), memento });
  const consents = new Consents(memento);
  await secrets.set(own.url, ownKey);
  await consents.add({ destination: own.url, route: 'loopback', atMs: 1 });
  const disk = new DiskFiles().open(...workspace.folders.map((folder) => FakeUri.file(folder).toString()));
  const files = new PolicyFiles({ ...disk.needs, log, machinePath: join(temporaryFolder(), 'no', 'policy.json') });
  const policies = new Policies({ settings, files, consents });
  const choice = new Choice({ settings, embedded: (file) => embeddedModel(file, undefined), guessCard });
  for (const each of [settings, secrets, consents, files, policies, choice]) onTestFinished(() => each.dispose());
  const limits = () => ({ silenceMs: silenceMs(settings.now) });
  const getConfiguration = (section = '') => ({ get: (key: string) => planted[`${section}.${key}`] });
  const proxy = () => proxySettings({ getConfiguration } as unknown as typeof vscode.workspace);
  const gate = gateFor({ clock, log, policy: policies.now, keys: secrets, limits, proxy });
  const survey = new Survey({
    openErrand: (destination, purpose, signal) =>
      gate.open({ purpose, destination, model: undefined, items: [], signal }),
    clock,
    log,
  });
  const { ask } = createExchange({
    ...noLimits(),
    choose: (role) => choice.modelFor(role),
    destinationOf: (model, signal) => survey.destinationOf(model, signal),
    gate,
    providerOf: (model) => {
      if (model.provider === 'embedded') throw new Error('the engine was asked');
      return serverProvider(model, { survey, clock });
    },
    clock,
  });
  return { settings, secrets, consents, memento, policies, choice, ask };
}

type Window = Awaited<ReturnType<typeof windowOn>>;

/** What the user asks of a document, once per role; the text that came, or why none did. */
async function asked(ask: Ask, role: Role, document: string): Promise<string | Failure> {
  const uri = pathToFileURL(document).href;
  const request: ModelRequest =
    role === 'chat'
      ? { kind: 'chat', messages: [{ role: 'user', text: 'What is it?' }], items: [{ uri, bytes: 11 }] }
      : {
          kind: 'infill',
          document: uri,
          windows: [{ head: 'const answer =', suffix: '' }],
          line: ' ',
          maxTokens: 8,
          patienceMs: 0,
        };
  const initiator = role === 'chat' ? 'user' : 'automatic';
  let text = '';
  try {
    for await (const chunk of ask({ role, initiator }, request, new AbortController().signal)) {
      if (chunk.kind === 'text') text += chunk.text;
    }
    return text;
  } catch (error) {
    return error as Failure;
  }
}

/** Everything a workspace must leave as the user has it. */
async function untouched({ settings, choice, consents, secrets, memento, policies }: Window) {
  const internet = { kind: 'internet', evidence: 'verified', host: 'api.example.com', remote: undefined } as const;
  const verdict = judge({
    policy: { ...(await policies.now()), consents: [{ destination: attacker.url, route: 'internet', atMs: 1 }] },
    purpose: { role: 'chat', initiator: 'user' },
    route: internet,
    origin: attacker.url,
    host: 'api.example.com',
    modelName: 'evil',
    items: [],
  });
  const mayBeSetByWorkspace = ['completion.enabled', 'completion.trigger', 'completion.disabledLanguages'];
  const values = Object.entries(settings.now).filter(([key]) => !mayBeSetByWorkspace.includes(key));
  return {
    destinations: (['completion', 'chat'] as const).map((role) => choice.modelFor(role)),
    settings: Object.fromEntries(values),
    mayReachTheInternet: verdict.kind !== 'deny',
    consents: consents.all(),
    keys: [
      secrets.origins(),
      secrets.plainOrigins(),
      await secrets.keyFor(own.url),
      await secrets.keyFor(attacker.url),
    ],
    kept: [...memento.kept],
    cards: JSON.stringify(cards),
  };
}

const peaceful = {
  id: 'peaceful',
  tries: 'nothing',
  isTrusted: true,
  folders: { repo: {} },
  outcome: 'served',
} as const;
const addresses = () => ({ attacker: attacker.url, own: own.url });

describe('a workspace that', () => {
  it.each(hostileWorkspaces)('$tries ($id) changes nothing', async ({ outcome, because, ...workspace }) => {
    const asItIs = await untouched(await windowOn(writeWorkspace({ ...peaceful }, temporaryFolder(), addresses())));
    const written = writeWorkspace({ ...workspace, outcome }, temporaryFolder(), addresses());
    const window = await windowOn(written);
    const first = own.requests.length;
    const before = attacker.tally;
    const answers = [];
    for (const role of ['completion', 'chat'] as const) answers.push(await asked(window.ask, role, written.document));

    expect(await untouched(window)).toEqual(asItIs);
    expect(attacker.tally).toEqual(before);
    const requests = own.requests.slice(first);
    expect(requests.filter(({ headers }) => headers['x-evil'] !== undefined)).toEqual([]);
    expect(requests.filter(({ headers }) => JSON.stringify(headers).includes('evil'))).toEqual([]);
    for (const { headers } of requests) expect([undefined, `Bearer ${ownKey}`]).toContain(headers['authorization']);
    if (outcome === 'served') {
      expect(answers).toEqual(['42', '42']);
      expect(requests.filter(({ headers }) => headers['authorization'] === `Bearer ${ownKey}`)).not.toEqual([]);
    } else {
      expect(answers).toEqual([
        expect.objectContaining({ kind: 'denied' }),
        expect.objectContaining({ kind: 'denied' }),
      ]);
      for (const answer of answers) expect((answer as Failure).message).toContain(because);
      expect(requests.filter(({ method }) => method === 'POST')).toEqual([]);
    }
  });

  it('is one of at least 40, of which 6 are booted in a real VS Code', () => {
    expect(hostileWorkspaces.length).toBeGreaterThanOrEqual(40);
    expect(new Set(hostileWorkspaces.map(({ id }) => id)).size).toBe(hostileWorkspaces.length);
    expect(hostileWorkspaces.filter(({ isBooted }) => isBooted)).toHaveLength(6);
    expect(new Set(hostileWorkspaces.map(({ isTrusted }) => isTrusted))).toEqual(new Set([true, false]));
  });
});

describe('what is measured here', () => {
  it('would be seen: the same settings, were they the user’s, reach the attacker, and even then without the key', async () => {
    const written = writeWorkspace({ ...peaceful }, temporaryFolder(), addresses());
    const reached = await startScriptedServer(({ path }, reply) =>
      path.endsWith('/chat/completions')
        ? reply.sse([{ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] }, '[DONE]'])
        : reply.json(404, {}),
    );
    onTestFinished(() => reached.dispose());
    const window = await windowOn(written, { ...settingsOfTheUser(), 'chat.model': `${reached.url}/v1#evil` });
    expect(await asked(window.ask, 'chat', written.document)).toMatchObject({
      kind: 'denied',
      action: 'switchProvider',
    });
    expect(reached.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    await window.consents.add({ destination: reached.url, route: 'loopback', atMs: 1 });
    expect(await asked(window.ask, 'chat', written.document)).toBe('x');
    expect(reached.tally.connections).toBeGreaterThan(0);
    expect(reached.requests.filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([]);
  });

  it('leaves no text of the user’s anywhere in the workspace', async () => {
    const written = writeWorkspace({ ...peaceful }, temporaryFolder(), addresses());
    const window = await windowOn(written);
    await asked(window.ask, 'completion', written.document);
    expect(readdirSync(written.folders[0] ?? '', { recursive: true }).sort()).toEqual(['src', 'src/main.js']);
  });
});

describe('an impostor', () => {
  it('gets no key and no request where the environment switches the checking of certificates off', async () => {
    const impostor = await startScriptedServer(undefined, { certificate: 'server' });
    onTestFinished(() => impostor.dispose());
    const environment = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const written = writeWorkspace({ ...peaceful, environment }, temporaryFolder(), addresses());
    const window = await windowOn(written, { ...settingsOfTheUser(), 'chat.model': `${impostor.url}/v1#small` });
    await window.secrets.set(impostor.url, ownKey);
    await window.consents.add({ destination: impostor.url, route: 'internet', atMs: 1 });
    expect(await asked(window.ask, 'chat', written.document)).toMatchObject({ kind: 'tls' });
    expect(impostor.requests).toEqual([]);
  });
});

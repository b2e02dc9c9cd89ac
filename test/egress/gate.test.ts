import dns from 'node:dns';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { journalFolder } from '../../src/base/journal.ts';
import type { Destination, Gate, GateNeeds, Order, Passage } from '../../src/egress/gate.ts';
import type { Policy, PolicyRules } from '../../src/egress/policy.ts';
import type { Entry, Intent, Settlement } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Model, ServedModel, Usage } from '../../src/models/model.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { consentTo, gateFor, serverAt } from '../support/gates.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { LogLines } from '../support/log.ts';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer.ts';

const embedded: Model = { id: 'embedded:/m.gguf', name: 'M', provider: 'embedded', file: '/m.gguf' };
const purpose = { role: 'chat', initiator: 'user' } as const;
const usage: Usage = { promptTokens: 9, cachedTokens: 1, completionTokens: 3, source: 'provider' };

let server: ScriptedServer;
let clock: FakeClock;
let ledger: Ledger;
let folder: string;

beforeEach(async () => {
  server = await startScriptedServer((_request, reply) => reply.json(200, { answer: 42 }));
  onTestFinished(() => server.dispose());
  clock = new FakeClock();
  folder = temporaryFolder();
  ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log: new LogLines() });
});

const setUp = (needs: Partial<GateNeeds> = {}): Gate => gateFor({ ledger, clock, ...needs });

function orderFor(destination: Destination, more: Partial<Order> = {}): Order {
  const model: ServedModel = {
    id: `${destination.url}#m1`,
    name: 'm1',
    provider: 'server',
    endpoint: { baseUrl: destination.url, card: 'generic' },
    model: 'm1',
  };
  return { purpose, model, destination, items: [], signal: new AbortController().signal, ...more };
}

async function written(): Promise<readonly Entry[]> {
  await clock.advance(1_000);
  return entriesIn(folder);
}

/** The resolver's answers, in turn; the last one is repeated. Gives back the names it was asked for. */
function resolving(...answers: readonly (readonly string[] | NodeJS.ErrnoException)[]): readonly string[] {
  const asked: string[] = [];
  const lookup = (host: string, _options: unknown, done: (error: Error | null, found?: unknown) => void): void => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    if (answer instanceof Error) done(answer);
    else
      done(
        null,
        answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
  onTestFinished(() => spy.mockRestore());
  return asked;
}

const errorWith = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });
const at = (host: string): string => `http://${host}:${server.port}`;
const policyOf = (rules: Partial<PolicyRules>, agreed: readonly Destination[] = []): (() => Promise<Policy>) => {
  const policy = { rules: [{ source: 'your settings', ...rules }], broken: [], consents: agreed.map(consentTo) };
  return () => Promise.resolve(policy);
};

describe('a passage to a server', () => {
  it('has its intent on disk before the first byte arrives there', async () => {
    let onDisk: readonly Entry[] = [];
    server.answerWith((_request, reply) => {
      onDisk = entriesIn(folder);
      return reply.json(200, {});
    });
    const passage = await setUp().open(orderFor(serverAt(server.url), { items: [{ uri: 'file:///a.ts', bytes: 7 }] }));
    await (await passage.send(`${server.url}/v1/x`, { method: 'POST', body: '{}' })).text();
    expect(onDisk[0]).toMatchObject({
      kind: 'intent',
      purpose,
      modelId: `${server.url}#m1`,
      modelName: 'm1',
      route: { kind: 'loopback', evidence: 'assumed', host: `127.0.0.1:${server.port}` },
      items: [{ uri: 'file:///a.ts', bytes: 7 }],
    });
  });

  it('is settled once, with the bytes of all it sent and received', async () => {
    const passage = await setUp().open(orderFor(serverAt(server.url)));
    for (const body of ['{"a":1}', '{"b":"é"}']) {
      expect(await (await passage.send(`${server.url}/v1/x`, { method: 'POST', body })).json()).toEqual({ answer: 42 });
    }
    passage.close({ outcome: 'finished', usage, servedModel: 'm1-large' });
    passage.close({ outcome: 'failed', failure: 'unreachable' });
    const [intent, settlement, ...rest] = (await written()) as [Intent, Settlement];
    expect(settlement).toMatchObject({
      kind: 'settlement',
      id: intent.id,
      outcome: 'finished',
      usage,
      servedModel: 'm1-large',
    });
    expect(settlement).toMatchObject({ sentBytes: 7 + 10, receivedBytes: 2 * '{"answer":42}'.length });
    expect(server.tally).toMatchObject({ receivedBodyBytes: 17, sentBodyBytes: 26 });
    expect(rest).toEqual([]);
  });

  it('sends nothing after it was closed, and what was still open is closed with it', async () => {
    server.answerWith((_request, reply) => reply.start(200));
    const passage = await setUp().open(orderFor(serverAt(server.url)));
    const response = await passage.send(`${server.url}/v1/x`);
    passage.close({ outcome: 'enough' });
    await server.last.closed;
    await expect(response.text()).rejects.toMatchObject({ kind: 'aborted' });
    await expect(passage.send(`${server.url}/v1/x`)).rejects.toMatchObject({ kind: 'denied' });
    expect(server.tally.requests).toBe(1);
  });

  const metered = { isMetered: true } as const;
  const errand = { purpose: { role: 'list', initiator: 'user' }, model: undefined } as const;
  it.each([
    ['nobody told', metered, {}, true, { basis: 'unknown' }],
    ['nobody knows whether it charges', { isMetered: undefined }, {}, true, { basis: 'unknown' }],
    ['nobody charges', { isMetered: false }, {}, true, { basis: 'unmetered' }],
    [
      'the server told',
      metered,
      { usage: { ...usage, billedNanoUsd: 1500 } },
      true,
      { basis: 'billed', nanoUsd: 1500 },
    ],
    ['nothing was sent', metered, {}, false, { basis: 'unmetered' }],
  ])('costs what is true when %s', async (_when, facts, told, isSent, cost) => {
    const passage = await setUp().open(orderFor(serverAt(server.url, facts)));
    if (isSent) await passage.send(`${server.url}/v1/x`);
    passage.close({ outcome: 'finished', ...told });
    expect((await written())[1]).toMatchObject({ cost });
  });

  it('costs nothing where only a list was asked for', async () => {
    const passage = await setUp().open(orderFor(serverAt(server.url, metered), errand));
    await passage.send(`${server.url}/v1/models`);
    passage.close({ outcome: 'finished' });
    const [intent, settlement] = await written();
    expect(intent).not.toHaveProperty('modelId');
    expect(settlement).toMatchObject({ cost: { basis: 'unmetered' } });
  });
});

describe('a denial', () => {
  it('comes before anything is looked up, connected or written down, and names the rule', async () => {
    const asked = resolving(['127.0.0.1']);
    const gate = setUp({ policy: policyOf({ source: '/etc/paddock/policy.json', forbiddenHosts: ['evil.test'] }) });
    await expect(gate.open(orderFor(serverAt(at('evil.test'))))).rejects.toMatchObject({
      kind: 'denied',
      action: 'openPolicy',
      facts: { rule: 'forbiddenHosts: evil.test', source: '/etc/paddock/policy.json' },
    });
    expect([asked, await written(), server.tally.connections]).toEqual([[], [], 0]);
  });

  it('comes after the lookup when only the addresses tell', async () => {
    const asked = resolving(['10.0.0.1', '93.184.216.34']);
    const gate = setUp({ policy: policyOf({ ceiling: 'private' }, [serverAt(at('gpu.test'))]) });
    await expect(gate.open(orderFor(serverAt(at('gpu.test'))))).rejects.toMatchObject({
      kind: 'denied',
      facts: { rule: 'ceiling: private' },
    });
    expect([asked, await written()]).toEqual([['gpu.test'], []]);
  });

  it('is what an answer the user has not given yet is, too', async () => {
    const gate = setUp({ policy: policyOf({}) });
    await expect(gate.open(orderFor(serverAt(server.url)))).rejects.toMatchObject({
      kind: 'denied',
      action: 'switchProvider',
      facts: { rule: 'consent', source: server.url },
    });
    expect([await written(), server.tally.connections]).toEqual([[], 0]);
  });

  it('is not met by a server on this computer that holds its weights', async () => {
    const gate = setUp({ policy: policyOf({ ceiling: 'loopback' }) });
    const { route } = await gate.open(orderFor(serverAt(server.url, { nature: 'holdsWeights' })));
    expect(route).toMatchObject({ kind: 'loopback', evidence: 'verified' });
  });

  it('meets a consent that was given while the route was less exposed', async () => {
    resolving(['10.0.0.1'], ['93.184.216.34']);
    const server = serverAt(at('gpu.test'));
    const consents = [{ ...consentTo(server), route: 'private' as const }];
    const gate = setUp({ policy: () => Promise.resolve({ rules: [], broken: [], consents }) });
    expect((await gate.open(orderFor(server))).route.kind).toBe('private');
    await clock.advance(60_000);
    await expect(gate.open(orderFor(server))).rejects.toMatchObject({ kind: 'denied', action: 'switchProvider' });
  });
});

describe('a rule that comes while a request is opened', () => {
  const strict: Policy = { rules: [{ source: 'your settings', ceiling: 'device' }], broken: [], consents: [] };
  const changing = () => {
    let now: Policy = { rules: [], broken: [], consents: [consentTo(serverAt(server.url))] };
    return { policy: () => Promise.resolve(now), change: (to: Policy) => (now = to) };
  };

  it('holds while the documents are prepared: nothing is written down', async () => {
    const { policy, change } = changing();
    const prepare = () => Promise.resolve((change(strict), []));
    await expect(setUp({ policy }).open(orderFor(serverAt(server.url), { prepare }))).rejects.toMatchObject({
      kind: 'denied',
      facts: { rule: 'ceiling: device' },
    });
    expect([await written(), server.tally.connections]).toEqual([[], 0]);
  });

  it('holds while the intent is written, which is settled as denied', async () => {
    const { policy, change } = changing();
    const begin = ledger.begin.bind(ledger);
    ledger.begin = async (...args) => {
      const verdict = await begin(...args);
      change({ rules: [], broken: [], consents: [] });
      return verdict;
    };
    await expect(setUp({ policy }).open(orderFor(serverAt(server.url)))).rejects.toMatchObject({
      kind: 'denied',
      facts: { rule: 'consent' },
    });
    expect(await written()).toMatchObject([
      { kind: 'intent' },
      { outcome: 'failed', failure: 'denied', sentBytes: 0, cost: { basis: 'unmetered' } },
    ]);
    expect(server.tally.connections).toBe(0);
  });

  it('is not waited for once the request is not wanted any more', async () => {
    const controller = new AbortController();
    const policy = (): Promise<Policy> => new Promise(() => undefined);
    const opening = setUp({ policy }).open(orderFor(serverAt(server.url), { signal: controller.signal }));
    controller.abort();
    await expect(opening).rejects.toMatchObject({ kind: 'aborted' });
  });
});

describe('our own engine', () => {
  it('is reached without looking up, reading or connecting anything', async () => {
    const asked = resolving(['127.0.0.1']);
    const policy = vi.fn(policyOf({ ceiling: 'device' }));
    const passage = await setUp({ policy }).open({
      ...orderFor(serverAt('')),
      model: embedded,
      destination: undefined,
    });
    expect(passage.route).toMatchObject({ kind: 'inProcess', evidence: 'verified' });
    await expect(passage.send('http://127.0.0.1/')).rejects.toMatchObject({ kind: 'denied' });
    passage.close({ outcome: 'finished' });
    passage.close({ outcome: 'failed' });
    expect([asked, policy.mock.calls]).toEqual([[], []]);
    expect(await written()).toMatchObject([{ kind: 'intent' }, { outcome: 'finished', cost: { basis: 'unmetered' } }]);
  });
});

describe('the addresses', () => {
  it('are looked up once; the connection is held to them, whatever the name says then', async () => {
    const asked = resolving(['127.0.0.1'], ['127.0.0.2']);
    const passage = await setUp().open(orderFor(serverAt(at('rebinding.test'))));
    expect(await (await passage.send(`${at('rebinding.test')}/x`)).json()).toEqual({ answer: 42 });
    expect(asked).toEqual(['rebinding.test']);
    expect(server.last.headers.host).toBe(`rebinding.test:${server.port}`);
  });

  it('are known for half a minute, and forgotten when they fail', async () => {
    const asked = resolving(['127.0.0.1'], ['127.0.0.1'], ['127.0.0.1'], ['127.0.0.1']);
    const gate = setUp();
    const open = (): Promise<Passage> => gate.open(orderFor(serverAt(at('gpu.test'))));
    await open();
    await open();
    expect(asked).toHaveLength(1);
    await clock.advance(31_000);
    const passage = await open();
    expect(asked).toHaveLength(2);
    server.dispose();
    await expect(passage.send(`${at('gpu.test')}/x`)).rejects.toMatchObject({ kind: 'unreachable' });
    await open();
    expect(asked).toHaveLength(3);
  });

  it('of localhost are not asked of anybody', async () => {
    const asked = resolving(['93.184.216.34']);
    const passage = await setUp().open(orderFor(serverAt(at('llama.localhost'))));
    await passage.send(`${at('llama.localhost')}/x`);
    expect([passage.route.kind, asked, server.tally.requests]).toEqual(['loopback', [], 1]);
  });

  it.each([
    [errorWith('ENOTFOUND'), false, /cannot find gpu\.test:\d+: its DNS knows no such name/],
    [errorWith('EAI_AGAIN'), true, /its DNS does not answer/],
  ])('that cannot be found are told: %s', async (error, isPassing, words) => {
    resolving(error);
    const failure = { kind: 'unreachable', isPassing, message: expect.stringMatching(words) as string };
    await expect(setUp().open(orderFor(serverAt(at('gpu.test'))))).rejects.toMatchObject(failure);
    expect(await written()).toEqual([]);
  });

  it.each(['0.0.0.0', '[::]', '255.255.255.255', '224.0.0.1'])('%s is refused with what to do', async (host) => {
    const failure = { kind: 'requestInvalid', message: expect.stringContaining('127.0.0.1') as string };
    await expect(setUp().open(orderFor(serverAt(at(host))))).rejects.toMatchObject(failure);
  });

  it('a filter gives in place of the true ones are refused too', async () => {
    resolving(['0.0.0.0', '::']);
    await expect(setUp().open(orderFor(serverAt(at('blocked.test'))))).rejects.toMatchObject({
      kind: 'requestInvalid',
    });
  });

  it('that take too long to find, or are not wanted any more, end the opening', async () => {
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(() => undefined);
    onTestFinished(() => spy.mockRestore());
    const gate = setUp();
    const slow = expect(gate.open(orderFor(serverAt(at('slow.test'))))).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('within 10 s') as string,
    });
    await clock.advance(10_000);
    await slow;
    const controller = new AbortController();
    const opening = gate.open(orderFor(serverAt(at('slow.test')), { signal: controller.signal }));
    const stopped = expect(opening).rejects.toMatchObject({ kind: 'aborted' });
    controller.abort();
    await stopped;
    expect(await written()).toEqual([]);
  });
});

describe('a name that moves to where it is more exposed than was shown', () => {
  it('is not followed by the first question, whatever was agreed to, and by the next', async () => {
    const asked = resolving(['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1']);
    const gate = setUp();
    const order = orderFor(serverAt(at('gpu.test')));
    await gate.open(order);
    await clock.advance(31_000);
    await expect(gate.open(order)).rejects.toMatchObject({ kind: 'denied', facts: { rule: 'route' } });
    expect(gate.likelyRoute(at('gpu.test'))).toMatchObject({ kind: 'private' });
    expect((await gate.open(order)).route).toMatchObject({ kind: 'private' });
    await clock.advance(31_000);
    expect((await gate.open(order)).route).toMatchObject({ kind: 'loopback' });
    expect(asked).toHaveLength(3);
  });
});

describe('where a URL leads', () => {
  const signal = new AbortController().signal;

  it('is found by looking its name up, without a connection, and remembered', async () => {
    const asked = resolving(['10.0.0.7']);
    const gate = setUp();
    expect(gate.likelyRoute('http://gpu.test:8000/v1')).toMatchObject({ kind: 'internet', evidence: 'assumed' });
    expect(await gate.locate('http://gpu.test:8000/v1', signal)).toMatchObject({
      kind: 'private',
      host: 'gpu.test:8000',
    });
    expect(gate.likelyRoute('http://gpu.test:8000/other', { nature: 'holdsWeights' })).toMatchObject({
      kind: 'private',
      evidence: 'verified',
    });
    expect([asked, await written(), server.tally.connections]).toEqual([['gpu.test'], [], 0]);
  });

  it('is not looked up where only this computer is allowed', async () => {
    const asked = resolving(['10.0.0.7']);
    const gate = setUp({ policy: policyOf({ ceiling: 'loopback' }) });
    await expect(gate.locate('http://gpu.test:8000', signal)).rejects.toMatchObject({ kind: 'denied' });
    expect(asked).toEqual([]);
  });

  it('is not looked up where an announced proxy stands between', async () => {
    const asked = resolving(['10.0.0.7']);
    const gate = setUp({ proxy: () => ({ url: 'http://127.0.0.1:3128', noProxy: [] }) });
    expect(await gate.locate('http://gpu.test:8000', signal)).toMatchObject({ kind: 'internet', evidence: 'assumed' });
    expect(asked).toEqual([]);
  });

  it('is beyond the server, when that passes on what it is asked', async () => {
    const cloud = { nature: 'forwards', forwardsTo: 'ollama.com' } as const;
    expect(await setUp().locate(server.url, signal, cloud)).toMatchObject({
      kind: 'internet',
      forwardsTo: 'ollama.com',
    });
  });
});

it('what a gate has open ends with it, and nothing is opened after', async () => {
  server.answerWith((_request, reply) => reply.start(200));
  const gate = setUp();
  const passage = await gate.open(orderFor(serverAt(server.url)));
  const response = await passage.send(`${server.url}/v1/x`);
  gate.dispose();
  await server.last.closed;
  await expect(response.text()).rejects.toMatchObject({ kind: 'aborted' });
  await expect(gate.open(orderFor(serverAt(server.url)))).rejects.toMatchObject({ kind: 'aborted' });
  passage.close({ outcome: 'stopped' });
  expect(await written()).toMatchObject([{ kind: 'intent' }, { outcome: 'stopped' }]);
});

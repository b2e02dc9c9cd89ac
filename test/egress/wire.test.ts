/** What only the sockets themselves can show: where connections lead, certificates, proxies, time. */
import dns from 'node:dns';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Destination, Gate, GateNeeds, Passage } from '../../src/egress/gate.ts';
import type { Keys } from '../../src/egress/sending.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { leadThrough, leadTo, startScriptedProxy } from '../support/scriptedProxy.ts';
import {
  startScriptedServer,
  testAuthority,
  type Script,
  type ScriptedServer,
  type ServerOptions,
} from '../support/scriptedServer.ts';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

const answers: Script = (_request, reply) => reply.json(200, { answer: 42 });

async function start(script: Script = answers, options: ServerOptions = {}): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, options);
  onTestFinished(() => server.dispose());
  return server;
}

function open(gate: Gate, url: string, more: Partial<Destination> = {}, signal?: AbortSignal): Promise<Passage> {
  return gate.open({
    purpose: { role: 'chat', initiator: 'user' },
    model: undefined,
    destination: serverAt(url, more),
    items: [],
    signal: signal ?? new AbortController().signal,
  });
}

const setUp = (needs: Partial<GateNeeds> = {}): Gate => gateFor({ clock, ...needs });
const keys: Keys = { keyFor: () => Promise.resolve('k-1'), mayUsePlainly: () => false };
const bearer = { auth: 'bearer' } as const;

/** Makes up names: each leads to its addresses. */
function resolving(names: Readonly<Record<string, readonly string[]>>): void {
  const lookup = (host: string, _options: unknown, done: (error: Error | null, found?: unknown) => void): void => {
    const addresses = net.isIP(host) > 0 ? [host] : names[host];
    if (addresses === undefined) done(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));
    else
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
  onTestFinished(() => spy.mockRestore());
}

/** Trusts the authority of the test's certificates, as VS Code trusts the system's. */
function trustTestAuthority(): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, testAuthority]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}

describe('a connection that leads elsewhere', () => {
  it.each([
    ['another address', { host: '127.0.0.1' }, 'http://127.0.0.2'],
    ['another port of the same machine', {}, 'http://127.0.0.1'],
  ])('is closed before a byte was written: %s', async (what, options, host) => {
    const actual = await start(answers, options);
    leadTo({ host: '127.0.0.1', port: actual.port });
    const url = `${host}:${what.startsWith('another address') ? actual.port : actual.port - 1}`;
    const gate = setUp({ keys });
    const passage = await open(gate, url, bearer);
    await expect(passage.send(`${url}/v1/x`, { method: 'POST', body: '{"secret":1}' })).rejects.toMatchObject({
      kind: 'unreachable',
      isPassing: true,
    });
    await actual.connections[0]?.closed;
    expect([actual.connections[0]?.receivedBytes, actual.tally.requests]).toEqual([0, 0]);
  });

  it('is seen where the name stands for another address than the one that is connected', async () => {
    const actual = await start();
    resolving({ 'gpu.test': ['10.11.12.13'] });
    leadTo({ host: '127.0.0.1', port: actual.port });
    const url = `http://gpu.test:${actual.port}`;
    await expect((await open(setUp(), url)).send(`${url}/x`)).rejects.toMatchObject({ kind: 'unreachable' });
    await actual.connections[0]?.closed;
    expect(actual.connections[0]?.receivedBytes).toBe(0);
  });
});

describe('a proxy', () => {
  it('that nobody announced is met once, and from then on the route says what it hides', async () => {
    const server = await start();
    resolving({ 'gpu.test': ['10.11.12.13'] });
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const gate = setUp();
    const url = `http://gpu.test:${server.port}`;
    const first = await open(gate, url);
    expect(first.route).toMatchObject({ kind: 'private', evidence: 'assumed' });
    await expect(first.send(`${url}/v1/x`)).rejects.toMatchObject({ kind: 'unreachable', isPassing: true });
    expect([proxy.requests, server.tally.requests]).toEqual([[], 0]);
    const second = await open(gate, url);
    expect(second.route).toMatchObject({ kind: 'internet', evidence: 'assumed' });
    expect(await (await second.send(`${url}/v1/x`, { method: 'POST', body: '{}' })).json()).toEqual({ answer: 42 });
    expect(proxy.requests).toMatchObject([{ method: 'POST', target: `${url}/v1/x` }]);
  });

  it('that the settings wrongly keep away from a host is met once, too', async () => {
    const server = await start();
    resolving({ 'gpu.test': ['10.11.12.13'] });
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const gate = setUp({ proxy: () => ({ url: proxy.url, noProxy: ['gpu.test'] }) });
    const url = `http://gpu.test:${server.port}`;
    await expect((await open(gate, url)).send(`${url}/x`)).rejects.toMatchObject({ kind: 'unreachable' });
    const second = await open(gate, url);
    expect(second.route).toMatchObject({ kind: 'internet', evidence: 'assumed' });
    expect(await (await second.send(`${url}/x`)).json()).toEqual({ answer: 42 });
  });

  it('that VS Code only takes where no agent is given is given none, but for hosts that are asked directly', async () => {
    const server = await start();
    resolving({ 'gpu.test': ['127.0.0.1'] });
    const direct = http.request;
    const here = { hostname: '127.0.0.1', port: server.port };
    const request = vi
      .spyOn(http, 'request')
      .mockImplementation(((options: http.RequestOptions) => direct({ ...options, ...here })) as typeof http.request);
    onTestFinished(() => request.mockRestore());
    const proxy = { url: 'http://127.0.0.1:3128', noProxy: ['gpu.test'], leavesAgents: true };
    const gate = setUp({ proxy: () => proxy });
    const agents = () => request.mock.calls.map(([options]) => (options as unknown as http.RequestOptions).agent);
    for (const url of [server.url, `http://gpu.test:${server.port}`]) await (await open(gate, url)).send(`${url}/x`);
    await (await open(gate, 'http://far.test')).send('http://far.test/x');
    expect(agents()).toEqual([expect.any(http.Agent), expect.any(http.Agent), undefined]);
  });

  it('that nobody announced needs a consent for the internet, and is not passed without', async () => {
    const server = await start();
    resolving({ 'gpu.test': ['10.11.12.13'] });
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const url = `http://gpu.test:${server.port}`;
    const consents = [{ destination: url, route: 'private', atMs: 0 }] as const;
    const gate = setUp({ policy: () => Promise.resolve({ rules: [], broken: [], consents }) });
    await expect((await open(gate, url)).send(url)).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(open(gate, url)).rejects.toMatchObject({ kind: 'denied', action: 'switchProvider' });
    expect([proxy.requests, server.tally.requests]).toEqual([[], 0]);
  });

  it('that is announced resolves the names, and the route says internet at once', async () => {
    const server = await start(answers, { certificate: 'server' });
    trustTestAuthority();
    resolving({});
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const gate = setUp({ keys, proxy: () => ({ url: proxy.url, noProxy: [] }) });
    const url = `https://server.example:${server.port}`;
    const passage = await open(gate, url, bearer);
    expect(passage.route).toMatchObject({ kind: 'internet', evidence: 'assumed' });
    expect((await passage.send(`${url}/v1/x`)).status).toBe(200);
    expect(proxy.requests).toMatchObject([{ method: 'CONNECT', target: `server.example:${server.port}` }]);
    expect(server.last.headers.authorization).toBe('Bearer k-1'); // the tunnel hides it from the proxy
    expect(JSON.stringify(proxy.requests)).not.toContain('k-1');
  });

  it('never sees a key that is not encrypted', async () => {
    const server = await start((_request, reply) => reply.json(401, {}));
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const mayUsePlainly = { ...keys, mayUsePlainly: () => true };
    const gate = setUp({ keys: mayUsePlainly, proxy: () => ({ url: proxy.url, noProxy: [] }) });
    const url = `http://10.11.12.13:${server.port}`;
    const passage = await open(gate, url, bearer);
    expect(passage.route).toMatchObject({ kind: 'private', evidence: 'assumed' });
    await expect(passage.send(`${url}/x`)).rejects.toMatchObject({ kind: 'auth', action: 'setApiKey' });
    expect(proxy.requests).toMatchObject([{ method: 'GET', target: `${url}/x` }]);
    expect(JSON.stringify(proxy.requests)).not.toContain('k-1');
  });

  it('is not in the way of this computer', async () => {
    const server = await start();
    const proxy = await startScriptedProxy();
    leadThrough(proxy);
    const gate = setUp({ proxy: () => ({ url: proxy.url, noProxy: [] }) });
    for (const url of [server.url, `http://localhost:${server.port}`]) {
      const passage = await open(gate, url, { nature: 'holdsWeights' });
      expect(passage.route).toMatchObject({ kind: 'loopback', evidence: 'verified' });
      await passage.send(`${url}/v1/x`);
    }
    expect([proxy.requests, server.tally.requests]).toEqual([[], 2]);
  });
});

describe('a key over an unencrypted connection', () => {
  it.each([
    ['to this computer', '127.0.0.1', false, 'Bearer k-1'],
    ['to the private network without consent', '10.11.12.13', false, undefined],
    ['to the private network with consent', '10.11.12.13', true, 'Bearer k-1'],
    ['to the internet, whatever was agreed', '93.184.216.34', true, undefined],
  ])('%s', async (_where, address, isAllowed, expected) => {
    const server = await start();
    resolving({ 'gpu.test': [address] });
    pretendPeer(address, server.port);
    const gate = setUp({ keys: { ...keys, mayUsePlainly: () => isAllowed } });
    const url = `http://gpu.test:${server.port}`;
    await (await open(gate, url, bearer)).send(`${url}/x`);
    expect(server.last.headers.authorization).toBe(expected);
  });

  it('that is missing there is told as what it is', async () => {
    const server = await start((_request, reply) => reply.json(401, {}));
    resolving({ 'gpu.test': ['10.11.12.13'] });
    pretendPeer('10.11.12.13', server.port);
    const url = `http://gpu.test:${server.port}`;
    await expect((await open(setUp({ keys }), url, bearer)).send(`${url}/x`)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('not encrypted') as string,
    });
  });

  /** Connects to this computer and has the socket say that it is far away. */
  function pretendPeer(remoteAddress: string, remotePort: number): void {
    const direct = http.request;
    const agent = new http.Agent();
    agent.createConnection = () => {
      const socket = net.connect(remotePort, '127.0.0.1');
      return Object.defineProperties(socket, {
        remoteAddress: { value: remoteAddress },
        remotePort: { value: remotePort },
      });
    };
    const spy = vi
      .spyOn(http, 'request')
      .mockImplementation(((options: http.RequestOptions) => direct({ ...options, agent })) as typeof http.request);
    onTestFinished(() => spy.mockRestore());
  }
});

describe('a certificate', () => {
  it('that is trusted carries the request and the key', async () => {
    trustTestAuthority();
    const server = await start(answers, { certificate: 'server' });
    const gate = setUp({ keys });
    expect(await (await (await open(gate, server.url, bearer)).send(`${server.url}/x`)).json()).toEqual({ answer: 42 });
    expect(server.last.headers.authorization).toBe('Bearer k-1');
  });

  it.each([
    ['whose authority nobody knows', 'server', false, /does not trust the certificate.*http\.systemCertificates/],
    ['that has expired', 'expired', true, /has expired/],
    ['for another name', 'otherName', true, /made for another name/],
  ] as const)('%s stops everything, and the message says what to do', async (_what, certificate, isTrusted, words) => {
    if (isTrusted) trustTestAuthority();
    const server = await start(answers, { certificate });
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // has no effect
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    const passage = await open(setUp({ keys }), server.url, bearer);
    await expect(passage.send(`${server.url}/x`, { method: 'POST', body: '{}' })).rejects.toMatchObject({
      kind: 'tls',
      isPassing: false,
      facts: { host: `127.0.0.1:${server.port}` },
      message: expect.stringMatching(words) as string,
    });
    expect(server.tally.requests).toBe(0);
  });

  it('is missing where the server does not encrypt', async () => {
    const server = await start();
    const url = server.url.replace('http:', 'https:');
    await expect((await open(setUp(), url)).send(`${url}/x`)).rejects.toMatchObject({
      kind: 'tls',
      message: expect.stringContaining('http://') as string,
    });
    expect(server.tally.requests).toBe(0);
  });
});

describe('a Unix socket', () => {
  it('is asked like any server of this computer, with its key', async () => {
    const socketPath = join(temporaryFolder(), 'llama.sock');
    const server = await start(answers, { socketPath });
    const url = `unix:${encodeURI(socketPath)}`;
    const passage = await open(setUp({ keys }), url, { ...bearer, nature: 'holdsWeights' });
    expect(passage.route).toMatchObject({ kind: 'loopback', evidence: 'verified', host: socketPath });
    expect((await passage.send('http://localhost/v1/models')).status).toBe(200);
    expect(server.last).toMatchObject({
      path: '/v1/models',
      headers: { authorization: 'Bearer k-1', host: 'localhost' },
    });
    await expect(passage.send('http://localhost:8080/v1/models')).rejects.toMatchObject({ kind: 'denied' });
  });

  it('that is not there is told by its path', async () => {
    const passage = await open(setUp(), 'unix:/nowhere/llama.sock');
    await expect(passage.send('http://localhost/')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('/nowhere/llama.sock') as string,
    });
  });
});

describe('a server that is not there', () => {
  it('is told by its host and by who asked, and is not worth another try at once', async () => {
    const server = await start();
    server.dispose();
    const gate = setUp({ side: { remote: 'build-box' } });
    await expect((await open(gate, server.url)).send(`${server.url}/x`)).rejects.toMatchObject({
      kind: 'unreachable',
      isPassing: false,
      facts: { host: `127.0.0.1:${server.port}` },
      message: `Nothing answers at 127.0.0.1:${server.port}, asked from the remote host build-box. Is the server running?`,
    });
  });

  it('is found at the second of its addresses', async () => {
    const server = await start(answers, { host: '::1' });
    const url = `http://localhost:${server.port}`;
    expect((await (await open(setUp(), url)).send(`${url}/x`)).status).toBe(200);
  });

  it('because it hangs up at once is worth another try', async () => {
    const server = await start((_request, reply) => reply.cut());
    await expect((await open(setUp(), server.url)).send(`${server.url}/x`)).rejects.toMatchObject({
      kind: 'unreachable',
      isPassing: true,
    });
  });
});

describe('connections', () => {
  it('are kept for the next request', async () => {
    const server = await start();
    const gate = setUp();
    for (let turn = 0; turn < 3; turn += 1) {
      const passage = await open(gate, server.url);
      await (await passage.send(`${server.url}/x`)).text();
      passage.close({ outcome: 'finished' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.tally).toMatchObject({ requests: 3, connections: 1 });
  });

  it('that were kept to an address the name has left are not used', async () => {
    const first = await start();
    const later = await start(answers, { host: '127.0.0.2', port: first.port });
    const names: Record<string, readonly string[]> = { 'gpu.test': ['127.0.0.1'] };
    resolving(names);
    const gate = setUp();
    const url = `http://gpu.test:${first.port}`;
    const ask = async (): Promise<void> => {
      const passage = await open(gate, url);
      await (await passage.send(`${url}/x`)).text();
      passage.close({ outcome: 'finished' });
      await new Promise((resolve) => setImmediate(resolve));
    };
    await ask();
    names['gpu.test'] = ['127.0.0.2'];
    await clock.advance(31_000);
    await ask();
    expect([first.tally.requests, later.tally.requests]).toEqual([1, 1]);
  });
});

describe('time', () => {
  const limits = () => ({ silenceMs: 30_000 });
  const silence = { kind: 'unreachable', message: expect.stringContaining('nothing for 30 s') as string };

  it('to connect is limited: a handshake that never ends', async () => {
    const mute = net.createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const sockets: net.Socket[] = [];
    const connected = new Promise<void>((resolve) =>
      mute.once('connection', (socket) => (sockets.push(socket), resolve())),
    );
    onTestFinished(() => (mute.close(), sockets.forEach((socket) => socket.destroy())));
    const url = `https://127.0.0.1:${(mute.address() as net.AddressInfo).port}`;
    const sending = expect((await open(setUp(), url)).send(`${url}/x`)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('within 10 s') as string,
    });
    await connected;
    await clock.advance(10_000);
    await sending;
  });

  it('is not limited near by while a prompt is read, and is once the answer began', async () => {
    const server = await start(() => undefined);
    const passage = await open(setUp({ limits }), server.url);
    const waiting = passage.send(`${server.url}/slow`);
    await server.arrived(1);
    await clock.advance(3_600_000);
    expect(server.last.isClosed).toBe(false);
    server.answerWith(async (_request, reply) => {
      reply.start(200);
      await reply.write('a');
    });
    const reader = (await passage.send(`${server.url}/fast`)).body?.getReader();
    await reader?.read();
    await clock.advance(29_000);
    const rest = expect(reader?.read()).rejects.toMatchObject(silence);
    await clock.advance(1_000);
    await rest;
    await server.last.closed;
    passage.close({ outcome: 'failed' });
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
  });

  it('is not limited near by while a server only says that it reads, and is from the first word on', async () => {
    const server = await start(async (_request, reply) => {
      reply.start(200, { 'content-type': 'text/event-stream' });
      await reply.write(': still reading\n\n');
    });
    const passage = await open(setUp({ limits }), server.url);
    const reader = (await passage.send(`${server.url}/slow`)).body?.getReader();
    await reader?.read();
    const rest = expect(reader?.read()).rejects.toMatchObject(silence);
    await clock.advance(3_600_000);
    expect(server.last.isClosed).toBe(false);
    passage.heard();
    await clock.advance(29_000);
    expect(server.last.isClosed).toBe(false);
    await clock.advance(1_000);
    await rest;
    await server.last.closed;
  });

  it.each([500, 401])('is limited for the words of an error, near by too (%i)', async (status) => {
    const head = 'content-type: text/event-stream\r\ncontent-length: 100';
    const server = await start((_request, reply) => reply.raw(`HTTP/1.1 ${status} No\r\n${head}\r\n\r\n`));
    const response = await (await open(setUp({ limits }), server.url)).send(`${server.url}/x`);
    const body = expect(response.text()).rejects.toMatchObject(silence);
    await clock.advance(30_000);
    await body;
    await server.last.closed;
  });

  it('is limited for the internet from the first moment, however slowly a head drips', async () => {
    const server = await start((_request, reply) => reply.raw('HTTP/1.1 200 OK\r\nx-slow: '));
    const passage = await open(setUp({ limits }), server.url, { nature: 'forwards', forwardsTo: 'ollama.com' });
    const sending = expect(passage.send(`${server.url}/x`)).rejects.toMatchObject(silence);
    await server.arrived(1);
    await clock.advance(30_000);
    await sending;
    await server.last.closed;
  });

  it('begins anew with every byte', async () => {
    let next: () => void = () => undefined;
    const server = await start(async (_request, reply) => {
      reply.start(200);
      for (let piece = 0; piece < 4; piece += 1) {
        await reply.write('a');
        await new Promise<void>((resolve) => (next = resolve));
      }
      await reply.end();
    });
    const response = await (await open(setUp({ limits }), server.url)).send(`${server.url}/x`);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      await clock.advance(29_000);
      next();
    }
    expect(text).toBe('aaaa');
    expect(clock.waiting).toBe(0);
  });

  it('has no limit when none is set', async () => {
    const server = await start(() => undefined);
    const controller = new AbortController();
    const cloud = { nature: 'forwards', forwardsTo: 'ollama.com' } as const;
    const passage = await open(setUp(), server.url, cloud, controller.signal);
    const sending = expect(passage.send(`${server.url}/x`)).rejects.toMatchObject({ kind: 'aborted' });
    await server.arrived(1);
    await clock.advance(86_400_000);
    controller.abort();
    await sending;
  });
});

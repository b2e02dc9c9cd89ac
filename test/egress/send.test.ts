import { beforeEach, describe, expect, it, onTestFinished, test } from 'vitest';
import type { Destination, Gate, GateNeeds, Passage } from '../../src/egress/gate.ts';
import type { Keys } from '../../src/egress/sending.ts';
import type { Errand, Purpose } from '../../src/models/model.ts';
import { FakeClock } from '../support/clock.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer.ts';

let server: ScriptedServer;
let other: ScriptedServer;
let clock: FakeClock;

beforeEach(async () => {
  server = await startScriptedServer((_request, reply) => reply.json(200, { answer: 42 }));
  other = await startScriptedServer();
  clock = new FakeClock();
  onTestFinished(() => (server.dispose(), other.dispose()));
});

const chat: Purpose = { role: 'chat', initiator: 'user' };
const download: Errand = { role: 'download', initiator: 'user' };
const keysOf = (key: string | undefined, isPlainAllowed = false): Keys => ({
  keyFor: (origin) => Promise.resolve(origin === server.url ? key : undefined),
  mayUsePlainly: () => isPlainAllowed,
});

interface Opening {
  readonly facts?: Partial<Destination>;
  readonly needs?: Partial<GateNeeds>;
  readonly purpose?: Purpose | Errand;
  readonly signal?: AbortSignal;
  readonly gate?: Gate;
}

function open({ facts, needs, purpose = chat, signal, gate }: Opening = {}): Promise<Passage> {
  return (gate ?? gateFor({ clock, ...needs })).open({
    purpose,
    model: undefined,
    destination: serverAt(server.url, facts),
    items: [],
    signal: signal ?? new AbortController().signal,
  });
}

const url = (path = '/v1/x'): string => server.url + path;
const post = (body = '{}'): RequestInit => ({ method: 'POST', body });

describe('the headers', () => {
  it('are ours alone, whatever a client library wants', async () => {
    const passage = await open();
    await passage.send(url('/v1/x?y=1'), {
      ...post('{"é":1}'),
      headers: {
        Accept: 'application/json',
        Authorization: 'Bearer stolen',
        'Api-Key': 'stolen',
        'OpenAI-Organization': 'org',
        'OpenAI-Project': 'project',
        'X-Stainless-OS': 'Linux',
        'X-Custom': 'from the environment',
        'Content-Type': 'text/evil',
        'User-Agent': 'OpenAI/JS 7',
        Cookie: 'a=b',
        Range: 'bytes=0-1',
        Host: 'evil.example',
        'Accept-Encoding': 'gzip',
      },
    });
    expect(server.last).toMatchObject({ method: 'POST', path: '/v1/x?y=1', body: '{"é":1}' });
    expect(server.last.headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'content-length': '8',
      'user-agent': 'Paddock',
      host: `127.0.0.1:${server.port}`,
      connection: 'keep-alive',
    });
  });

  it('have no body where there is none, and no type of it', async () => {
    const passage = await open();
    await passage.send(new URL(url()));
    await passage.send(new Request(url(), { headers: { accept: 'text/event-stream' } }));
    expect(server.requests.map(({ method, headers }) => [method, headers['content-type'], headers.accept])).toEqual([
      ['GET', undefined, '*/*'],
      ['GET', undefined, 'text/event-stream'],
    ]);
  });

  it('ask for a part of a file only in a download', async () => {
    const headers = { range: 'bytes=100-', 'if-range': '"v1"' };
    await (await open()).send(url(), { headers });
    await (await open({ purpose: download })).send(url(), { headers });
    await (await open({ purpose: download })).send(url(), { headers: { range: 'lines=1-2' } });
    expect(server.requests.map(({ headers: { range, 'if-range': version } }) => [range, version])).toEqual([
      [undefined, undefined],
      ['bytes=100-', '"v1"'],
      [undefined, undefined],
    ]);
  });
});

describe('the key', () => {
  it.each([
    ['bearer', { authorization: 'Bearer k-1' }],
    ['api-key', { 'api-key': 'k-1' }],
    ['none', {}],
  ] as const)('goes the way the server wants it: %s', async (auth, expected) => {
    await (await open({ facts: { auth }, needs: { keys: keysOf('k-1') } })).send(url());
    const { authorization, 'api-key': apiKey } = server.last.headers;
    expect(JSON.parse(JSON.stringify({ authorization, 'api-key': apiKey }))).toEqual(expected);
  });

  it("goes to Anthropic in its own header with its version, but for questions as OpenAI's library asks them", async () => {
    const passage = await open({ facts: { auth: 'anthropic' }, needs: { keys: keysOf('k-1') } });
    await passage.send(url('/v1/models?limit=1000'));
    const listing = server.last.headers;
    expect([listing['x-api-key'], listing['anthropic-version']]).toEqual(['k-1', '2023-06-01']);
    expect(listing.authorization).toBeUndefined();
    await passage.send(url('/v1/chat/completions'), post());
    expect(server.last.headers.authorization).toBe('Bearer k-1');
    expect(server.last.headers['x-api-key']).toBeUndefined();
  });

  it('is asked for by the origin, path or not', async () => {
    const asked: string[] = [];
    const keys: Keys = { ...keysOf('k'), keyFor: (origin) => Promise.resolve(void asked.push(origin)) };
    await (await open({ facts: { url: url('/v1'), auth: 'bearer' }, needs: { keys } })).send(url());
    expect([asked, server.last.headers.authorization]).toEqual([[server.url], undefined]);
  });

  it.each(['two\r\nlines', 'with blank', 'ключ', ''])('%j is none', async (key) => {
    const passage = await open({ facts: { auth: 'bearer' }, needs: { keys: keysOf(key) } });
    await expect(passage.send(url())).rejects.toMatchObject({ kind: 'auth', action: 'setApiKey' });
    expect(server.tally.connections).toBe(0);
  });
});

describe('what leaves the origin', () => {
  it.each([
    ['another port', () => `${other.url}/v1/x`],
    ['another host', () => url().replace('127.0.0.1', '127.0.0.2')],
    ['another scheme', () => url().replace('http:', 'https:')],
    ['a user name', () => url().replace('http://', 'http://me@')],
  ])('is refused: %s', async (_what, to) => {
    const passage = await open();
    await expect(passage.send(to(), post())).rejects.toMatchObject({ kind: 'denied' });
    expect([server.tally.connections, other.tally.connections]).toEqual([0, 0]);
  });

  it.each([301, 302, 303, 307, 308, 304, 300])('is not followed: %i', async (status) => {
    server.answerWith((_request, reply) => reply.redirect(status, `${other.url}/elsewhere`));
    const passage = await open({ facts: { auth: 'bearer' }, needs: { keys: keysOf('k-1') } });
    await expect(passage.send(url(), post())).rejects.toMatchObject({
      kind: 'badResponse',
      facts: { host: `127.0.0.1:${server.port}`, status },
      message: expect.stringContaining(`127.0.0.1:${other.port}`) as string,
    });
    await server.last.closed;
    expect(other.tally.connections).toBe(0);
  });

  it('is not followed within the origin either', async () => {
    server.answerWith((_request, reply) => reply.redirect(307, '/v2/x'));
    await expect((await open()).send(url(), post())).rejects.toMatchObject({ kind: 'badResponse' });
    expect(server.tally.requests).toBe(1);
  });

  it('is told to a download, which opens the next passage itself', async () => {
    server.answerWith((_request, reply) => reply.redirect(302, `${other.url}/elsewhere`));
    const response = await (await open({ purpose: download })).send(url());
    expect([response.status, response.headers.get('location')]).toEqual([302, `${other.url}/elsewhere`]);
    expect(other.tally.connections).toBe(0);
  });

  it.each(['DELETE', 'PUT', 'CONNECT', 'TRACE'])('and %s is not sent', async (method) => {
    await expect((await open()).send(url(), { method })).rejects.toMatchObject({ kind: 'denied' });
    expect(server.tally.connections).toBe(0);
  });

  it('and neither are streams and forms', async () => {
    const body = new ReadableStream();
    await expect((await open()).send(url(), { method: 'POST', body })).rejects.toMatchObject({
      kind: 'requestInvalid',
    });
  });
});

describe('an answer', () => {
  it.each([200, 401, 404, 429, 500, 503])('is given with its status and headers: %i', async (status) => {
    server.answerWith((_request, reply) => reply.json(status, { error: 'é' }, { 'retry-after': '7' }));
    const response = await (await open()).send(url());
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, '7']);
    expect(await response.json()).toEqual({ error: 'é' });
  });

  it.each(['gzip', 'deflate', 'br'] as const)('packed as %s is unpacked', async (how) => {
    const long = 'text '.repeat(50_000);
    server.answerWith((_request, reply) => reply.packed(how, long));
    const response = await (await open()).send(url());
    expect(response.headers.get('content-encoding')).toBe(null);
    expect(await response.text()).toBe(long);
  });

  it('that only says it is packed, or in a way nobody knows, is none', async () => {
    server.answerWith((_request, reply) => reply.text(200, 'plain', { 'content-encoding': 'gzip' }));
    await expect((await (await open()).send(url())).text()).rejects.toMatchObject({ kind: 'badResponse' });
    server.answerWith((_request, reply) => reply.text(200, 'plain', { 'content-encoding': 'zpaq' }));
    await expect((await open()).send(url())).rejects.toMatchObject({ kind: 'badResponse' });
  });

  it('without a body has none', async () => {
    server.answerWith((_request, reply) => reply.start(204));
    expect((await (await open()).send(url())).body).toBe(null);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['a status nobody knows', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('that is %s fails as a bad response', async (_what, bytes) => {
    server.answerWith((_request, reply) => reply.raw(bytes));
    const passage = await open();
    const reading = passage.send(url()).then((response) => response.text());
    await expect(reading).rejects.toMatchObject({ kind: 'badResponse', facts: { host: `127.0.0.1:${server.port}` } });
  });

  it('comes in pieces, as they come', async () => {
    const pieces = ['data: 1\n\n', 'data: é', '\n\n'];
    let next: () => void = () => undefined;
    server.answerWith(async (_request, reply) => {
      reply.start(200);
      for (const piece of pieces) {
        await reply.write(piece);
        await new Promise<void>((resolve) => (next = resolve));
      }
      await reply.end();
    });
    const response = await (await open()).send(url());
    const seen: string[] = [];
    for await (const chunk of response.body ?? []) {
      seen.push(Buffer.from(chunk).toString());
      next();
    }
    expect(seen).toEqual(pieces);
  });

  it('of one giant line arrives whole, however slowly it is read', async () => {
    const line = 'x'.repeat(8_000_000);
    server.answerWith((_request, reply) => reply.text(200, line));
    const response = await (await open()).send(url());
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(length).toBe(line.length);
  });

  it('without end is given up, but not in a download', async () => {
    const block = Buffer.alloc(4_000_000, 'x');
    server.answerWith(async (_request, reply) => {
      reply.start(200);
      for (let count = 0; count < 65; count += 1) await reply.write(block);
      await reply.end();
    });
    const read = async (purpose: Purpose | Errand): Promise<number> => {
      let bytes = 0;
      for await (const chunk of (await (await open({ purpose })).send(url())).body ?? []) bytes += chunk.length;
      return bytes;
    };
    await expect(read(chat)).rejects.toMatchObject({ kind: 'badResponse' });
    await server.last.closed;
    expect(await read(download)).toBe(260_000_000);
  });
});

describe('a stream that is cut', () => {
  /** Everything that arrived, then the failure. */
  async function readUntilFailure(response: Response): Promise<{ readonly text: string; readonly failure: unknown }> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    } catch (failure) {
      return { text, failure };
    }
    return { text, failure: undefined };
  }

  it('gives everything that arrived, at 100 random places, and then says that it was cut', async () => {
    let seed = 11;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    const gate = gateFor({ clock });
    for (let turn = 0; turn < 100; turn += 1) {
      const events = Array.from(
        { length: 1 + random(40) },
        (_each, index) => `data: {"n":${index},"x":${random(9)}}\n\n`,
      );
      const body = events.join('');
      const cut = random(body.length + 1);
      server.answerWith((_request, reply) => reply.cutAfter(cut, body));
      const passage = await open({ gate });
      const response = await passage.send(url(), post()).catch((failure: unknown) => failure);
      if (response instanceof Response) {
        const { text, failure } = await readUntilFailure(response);
        expect(text).toBe(body.slice(0, cut));
        expect(failure).toMatchObject({ kind: 'unreachable', isPassing: true });
      } else {
        expect([cut, response]).toMatchObject([0, { kind: 'unreachable' }]); // not even the head came through
      }
      passage.close({ outcome: 'cut' });
    }
    expect(server.tally.requests).toBe(100);
  });

  it('gives what can be unpacked of a packed one', async () => {
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync('line\n'.repeat(3), { level: 0 });
    server.answerWith((_request, reply) => reply.cutAfter(packed.length - 8, packed, { 'content-encoding': 'gzip' }));
    const { text, failure } = await readUntilFailure(await (await open()).send(url()));
    expect(text).toBe('line\n'.repeat(3));
    expect(failure).toMatchObject({ kind: 'unreachable' });
  });

  it('and closed as if it were whole ends without a failure: only what it says can tell', async () => {
    server.answerWith((_request, reply) => reply.closeAfter(9, 'data: 1\n\ndata: [DONE]\n\n'));
    expect(await readUntilFailure(await (await open()).send(url()))).toEqual({
      text: 'data: 1\n\n',
      failure: undefined,
    });
  });

  it('is not one when the server says how long it is and it is that long', async () => {
    server.answerWith((_request, reply) => reply.raw('HTTP/1.0 200 OK\r\n\r\nuntil the end').then(() => reply.cut()));
    expect(await (await (await open()).send(url())).text()).toBe('until the end');
  });
});

describe('stopping', () => {
  it('closes the socket while the answer is waited for', async () => {
    server.answerWith(() => undefined);
    const controller = new AbortController();
    const passage = await open({ signal: controller.signal });
    const sending = expect(passage.send(url(), post())).rejects.toMatchObject({ kind: 'aborted' });
    const request = await server.arrived(1);
    controller.abort();
    await sending;
    await request.closed;
  });

  it.each(['of the order', 'of the request'])(
    'closes the socket in the middle of a stream: by the signal %s',
    async (whose) => {
      server.answerWith(async (_request, reply) => {
        reply.start(200);
        await reply.write('data: 1\n\n');
      });
      const controller = new AbortController();
      const isOrder = whose === 'of the order';
      const passage = await open(isOrder ? { signal: controller.signal } : {});
      const response = await passage.send(url(), { ...post(), ...(isOrder ? {} : { signal: controller.signal }) });
      const reader = response.body?.getReader();
      await reader?.read();
      controller.abort();
      await expect(reader?.read()).rejects.toMatchObject({ kind: 'aborted' });
      await server.last.closed;
    },
  );

  it('by leaving the stream closes the socket', async () => {
    server.answerWith(async (_request, reply) => {
      reply.start(200);
      await reply.write('data: 1\n\n');
    });
    const response = await (await open()).send(url(), post());
    for await (const _chunk of response.body ?? []) break;
    await server.last.closed;
  });

  it('before it began sends nothing', async () => {
    const passage = await open();
    await expect(passage.send(url(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' });
    expect(server.tally.connections).toBe(0);
  });
});

test('the environment of client libraries and proxies has no effect', async () => {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'OPENAI_BASE_URL'];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = other.url;
  process.env.NODE_USE_ENV_PROXY = '1';
  onTestFinished(() => {
    delete process.env.NODE_USE_ENV_PROXY;
    names.forEach((name, index) => {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    });
  });
  await (await open()).send(url());
  expect([server.tally.requests, other.tally.connections]).toEqual([1, 0]);
});

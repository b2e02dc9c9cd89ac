import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import type { Gate, Passage } from '../../src/egress/gate.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { fetchModel } from '../../src/weights/fetch.ts';
import { starters, type Starter } from '../../src/weights/starters.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { LogLines } from '../support/log.ts';
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scriptedServer.ts';

/** A "model" large enough to arrive in several pieces. */
const model = Buffer.alloc(300_000, 'GGUF, as far as anybody can tell. ');
const sha256 = createHash('sha256').update(model).digest('hex');

let folder: string;
let gate: Gate;
/** How each passage was settled: `finished`, `failed denied`. */
let endings: string[];
let asked: string[];
let progress: number[];
beforeEach(() => {
  folder = temporaryFolder();
  [endings, asked, progress] = [[], [], []];
  const log = new LogLines();
  const ledger = new Ledger({ files: journalFolder(temporaryFolder(), 'me'), clock: systemClock, log });
  onTestFinished(() => ledger.dispose());
  ledger.onDidAppend((entry) => {
    if (entry.kind === 'settlement') endings.push([entry.outcome, ...(entry.failure ? [entry.failure] : [])].join(' '));
  });
  const keys = { keyFor: () => Promise.resolve('secret'), mayUsePlainly: () => true };
  gate = gateFor({ ledger, log, clock: systemClock, keys });
});

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.dispose());
  return server;
}

function starterAt(server: ScriptedServer, change: Partial<Starter> = {}): Starter {
  const known = starters[0] as Starter;
  return {
    ...known,
    name: 'Tiny',
    file: 'tiny.gguf',
    url: `${server.url}/tiny.gguf`,
    bytes: model.length,
    sha256,
    hosts: ['127.0.0.1'],
    ...change,
  };
}

/** A passage through the real gate, which has a key for everybody. */
const openPassage = (url: string, signal: AbortSignal): Promise<Passage> => {
  asked.push(url);
  return gate.open({
    purpose: { role: 'download', initiator: 'user' },
    model: undefined,
    destination: serverAt(url),
    items: [],
    signal,
  });
};

const fetchIt = (starter: Starter, signal = new AbortController().signal): Promise<string> =>
  fetchModel({ starter, folder, openPassage, onProgress: (done) => void progress.push(done) }, signal);

async function failureOf(starter: Starter, signal?: AbortSignal): Promise<Failure> {
  const error: unknown = await fetchIt(starter, signal).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

const files = (): string[] => readdirSync(folder).sort();
const whole: Script = (_request, reply) => reply.text(200, model);

/** Answers ranges as servers do. */
const ranged: Script = ({ headers }, reply) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (from === 0 || (headers['if-range'] ?? '"one"') !== '"one"') return reply.text(200, model, { etag: '"one"' });
  const range = `bytes ${from}-${model.length - 1}/${model.length}`;
  return reply.text(206, model.subarray(from), { etag: '"one"', 'content-range': range });
};

describe('fetching a model', () => {
  it('brings the whole file, tells how far it is, and leaves nothing beside it', async () => {
    const file = await fetchIt(starterAt(await serve(whole)));
    expect(file).toBe(join(folder, 'tiny.gguf'));
    expect(readFileSync(file).equals(model)).toBe(true);
    expect(files()).toEqual(['tiny.gguf']);
    expect([progress[0], progress.at(-1)]).toEqual([0, model.length]);
    expect(endings).toEqual(['finished']);
  });

  it('makes its folder, and asks nobody for a file that is there already', async () => {
    const server = await serve(whole);
    folder = join(folder, 'not', 'there yet');
    await fetchIt(starterAt(server));
    await fetchIt(starterAt(server));
    expect(server.tally.requests).toBe(1);
  });

  it('needs no length', async () => {
    const server = await serve(async (_request, reply) => {
      reply.start(200);
      await reply.write(model);
      await reply.end();
    });
    expect(readFileSync(await fetchIt(starterAt(server))).equals(model)).toBe(true);
  });

  it('sends no key and nothing that says who asks', async () => {
    const server = await serve(whole);
    await fetchIt(starterAt(server));
    expect(Object.keys(server.last.headers)).not.toContain('authorization');
    expect(server.last.headers['accept-encoding']).toBe('identity');
    expect(server.last.body).toBe('');
  });
});

describe('a fetch that was cut', () => {
  it('goes on where it was, if the file is still the same', async () => {
    const server = await serve(async (_request, reply) => {
      reply.start(200, { etag: '"one"', 'content-length': String(model.length) });
      await reply.write(model.subarray(0, 120_000));
    });
    const starter = starterAt(server);
    const failing = failureOf(starter);
    await expect.poll(() => progress.at(-1)).toBe(120_000);
    server.connections.at(-1)?.destroy();
    const failure = await failing;
    expect([failure.kind, failure.message]).toEqual(['unreachable', expect.stringContaining('Fetch it again')]);
    expect(endings).toEqual(['cut']);
    expect(files()).toEqual(['tiny.gguf.part', 'tiny.gguf.part.etag']);
    server.answerWith(ranged);
    expect(readFileSync(await fetchIt(starter)).equals(model)).toBe(true);
    expect(server.last.headers).toMatchObject({ range: 'bytes=120000-', 'if-range': '"one"' });
    expect(files()).toEqual(['tiny.gguf']);
  });

  it('begins again when the server has another version', async () => {
    const server = await serve(ranged);
    writeFileSync(join(folder, 'tiny.gguf.part'), 'of another version');
    writeFileSync(join(folder, 'tiny.gguf.part.etag'), '"two"');
    expect(readFileSync(await fetchIt(starterAt(server))).equals(model)).toBe(true);
  });

  it('begins again when the server knows no ranges, or not this one', async () => {
    const server = await serve(whole);
    writeFileSync(join(folder, 'tiny.gguf.part'), model.subarray(0, 1_000));
    expect(readFileSync(await fetchIt(starterAt(server))).equals(model)).toBe(true);
    const other = await serve(({ headers }, reply) =>
      headers.range === undefined ? reply.text(200, model) : reply.text(416, 'no such range'),
    );
    const starter = starterAt(other, { file: 'other.gguf' });
    writeFileSync(join(folder, 'other.gguf.part'), model.subarray(0, 1_000));
    expect(readFileSync(await fetchIt(starter)).equals(model)).toBe(true);
    expect(other.tally.requests).toBe(2);
  });

  it('is given up when the server knows no range that nobody asked for', async () => {
    const server = await serve((_request, reply) => reply.text(416, 'no such range'));
    writeFileSync(join(folder, 'tiny.gguf.part'), model.subarray(0, 1_000));
    expect(await failureOf(starterAt(server))).toMatchObject({ kind: 'badResponse', facts: { status: 416 } });
    expect(server.tally.requests).toBe(2);
  });

  it('asks nobody when all had arrived, and checks it all the same', async () => {
    const server = await serve(whole);
    writeFileSync(join(folder, 'tiny.gguf.part'), model);
    await fetchIt(starterAt(server));
    expect(server.tally.requests).toBe(0);
  });

  it('is not taken for whole when the server ends early in good order', async () => {
    const server = await serve((_request, reply) => reply.closeAfter(model.length - 1, model));
    expect((await failureOf(starterAt(server))).kind).toBe('unreachable');
    expect(files()).toContain('tiny.gguf.part');
    expect(files()).not.toContain('tiny.gguf');
  });
});

describe('what is not the file', () => {
  it('is refused by its checksum and not kept', async () => {
    const failure = await failureOf(starterAt(await serve(whole), { sha256: '0'.repeat(64) }));
    expect([failure.kind, failure.message]).toEqual(['modelInvalid', expect.stringContaining('checksum')]);
    expect(files()).toEqual([]);
  });

  it('is refused by its size before it arrives', async () => {
    const server = await serve((_request, reply) => {
      reply.start(200, { 'content-length': '7000000000' });
    });
    expect((await failureOf(starterAt(server))).kind).toBe('modelInvalid');
    await server.last.closed;
    expect(files()).toEqual([]);
    expect(endings).toEqual(['failed modelInvalid']);
  });

  it('is refused when it goes on and on', async () => {
    const server = await serve(async (_request, reply) => {
      reply.start(200);
      for (;;) await reply.write(model);
    });
    expect((await failureOf(starterAt(server))).kind).toBe('modelInvalid');
    await server.last.closed;
    expect(files()).toEqual([]);
  });

  it('is refused when the rest is of a file of another size', async () => {
    const server = await serve((_request, reply) =>
      reply.text(206, 'rest', { 'content-range': `bytes 1000-1003/1004` }),
    );
    writeFileSync(join(folder, 'tiny.gguf.part'), model.subarray(0, 1_000));
    expect((await failureOf(starterAt(server))).kind).toBe('modelInvalid');
  });

  it.each([
    [404, 'badResponse'],
    [429, 'rateLimited'],
    [503, 'badResponse'],
  ] as const)('is not there: %i', async (status, kind) => {
    const failure = await failureOf(starterAt(await serve((_request, reply) => reply.text(status, 'sorry'))));
    expect([failure.kind, failure.message]).toEqual([kind, expect.stringContaining(String(status))]);
    expect(endings).toEqual([`failed ${kind}`]);
  });
});

describe('a hub that sends on', () => {
  it('is followed to hosts of the list, each hop through a passage of its own', async () => {
    const storage = await serve(whole);
    const hub = await serve((_request, reply) => reply.redirect(302, `${storage.url}/blob?signature=x`));
    expect(readFileSync(await fetchIt(starterAt(hub))).equals(model)).toBe(true);
    expect(asked).toEqual([`${hub.url}/tiny.gguf`, `${storage.url}/blob?signature=x`]);
    expect(endings).toEqual(['finished', 'finished']);
  });

  it('is followed to a path of its own', async () => {
    const hub = await serve(({ path }, reply) =>
      path === '/tiny.gguf' ? reply.redirect(307, '/elsewhere') : reply.text(200, model),
    );
    await fetchIt(starterAt(hub));
    expect(hub.last.path).toBe('/elsewhere');
  });

  it.each([
    ['another host', () => 'http://localhost:9/tiny.gguf'],
    ['a host that only looks like one of the list', () => 'http://127.0.0.1.example.com/tiny.gguf'],
    ['another protocol', () => 'ftp://127.0.0.1/tiny.gguf'],
    ['a user name', () => 'http://user@127.0.0.1/tiny.gguf'],
  ])('is not followed to %s', async (_what, location) => {
    const hub = await serve((_request, reply) => reply.redirect(302, location()));
    const failure = await failureOf(starterAt(hub));
    expect([failure.kind, failure.message]).toEqual(['denied', expect.stringContaining('Nothing was sent there')]);
    expect(asked).toEqual([`${hub.url}/tiny.gguf`]);
    expect(endings).toEqual(['failed denied']);
  });

  it('is not followed for ever', async () => {
    const hub = await serve((_request, reply) => reply.redirect(302, '/again'));
    expect((await failureOf(starterAt(hub))).kind).toBe('badResponse');
    expect(hub.tally.requests).toBe(5);
  });

  it('reaches names below a listed one', async () => {
    const hub = await serve((_request, reply) => reply.redirect(302, 'http://cdn.hf.co.evil.example/x'));
    const starter = starterAt(hub, { hosts: ['127.0.0.1', '*.hf.co'] });
    expect((await failureOf(starter)).message).toContain('cdn.hf.co.evil.example');
    for (const { url, hosts } of starters) expect(hosts).toContain(new URL(url).hostname);
  });
});

describe('a fetch that is stopped', () => {
  it('closes its connection and keeps what arrived', async () => {
    const server = await serve(async (_request, reply) => {
      reply.start(200, { 'content-length': String(model.length) });
      await reply.write(model.subarray(0, 50_000)); // and no more
    });
    const stop = new AbortController();
    const starter = starterAt(server);
    const failing = failureOf(starter, stop.signal);
    await expect.poll(() => progress.at(-1)).toBe(50_000);
    stop.abort();
    expect((await failing).kind).toBe('aborted');
    await server.last.closed;
    expect(endings).toEqual(['stopped']);
    expect(readFileSync(join(folder, 'tiny.gguf.part')).length).toBe(50_000);
  });
});

describe('a disk', () => {
  it('that is full is said to be, and keeps nothing of it', async () => {
    // What is written to /dev/full is answered with "no space left on device".
    symlinkSync('/dev/full', join(folder, 'tiny.gguf.part'));
    const failure = await failureOf(starterAt(await serve(whole)));
    expect([failure.kind, failure.message]).toEqual(['diskFailed', expect.stringContaining('not enough room')]);
    expect(files()).toEqual([]);
    expect(endings).toEqual(['failed diskFailed']);
  });

  it('with too little room is said to be before anything is asked for', async () => {
    const starter = starterAt(await serve(whole), { bytes: Number.MAX_SAFE_INTEGER });
    expect(await failureOf(starter)).toMatchObject({ kind: 'diskFailed' });
    expect(asked).toEqual([]);
    expect(existsSync(join(folder, 'tiny.gguf.part'))).toBe(false);
  });

  it('that refuses the folder is said to', async () => {
    writeFileSync(join(folder, 'a file'), '');
    folder = join(folder, 'a file');
    const failure = await failureOf(starterAt(await serve(whole)));
    expect(failure).toMatchObject({ kind: 'diskFailed', action: 'showLog' });
    expect(asked).toEqual([]);
  });

  it('where a folder has the name of the file is said to', async () => {
    mkdirSync(join(folder, 'tiny.gguf', 'inside'), { recursive: true });
    expect(await failureOf(starterAt(await serve(whole)))).toMatchObject({ kind: 'diskFailed' });
  });
});

describe('the starters', () => {
  it('name what is to be fetched to the byte, over TLS', () => {
    for (const { url, sha256: sum, bytes, licence, file } of starters) {
      expect([new URL(url).protocol, url.endsWith(file), sum.length, licence]).toEqual([
        'https:',
        true,
        64,
        'Apache-2.0',
      ]);
      expect(bytes).toBeGreaterThan(90_000_000);
    }
  });
});

/**
 * Secrets and a server: many kinds of them in questions and around cursors, through the real exchange, gate and adapter
 * to a server on a real socket, which looks for them in the bytes it got.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Failure } from '../../src/base/failure.ts';
import { journalFolder } from '../../src/base/journal.ts';
import * as detect from '../../src/egress/mask/detect.ts';
import { readIgnoreFile, secretFiles } from '../../src/egress/ignored.ts';
import type { ServerNature } from '../../src/egress/route.ts';
import { createExchange } from '../../src/exchange.ts';
import type { GuardNeeds } from '../../src/exchange/masking.ts';
import type { Intent } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Chunk, InfillRequest, ModelRequest } from '../../src/models/model.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { startScriptedServer, type ScriptedRequest } from '../support/scriptedServer.ts';
import { seeds, type Seed } from '../support/secrets.ts';
import { served } from '../support/served.ts';

vi.mock('../../src/egress/mask/detect.ts', { spy: true });

const event = (content: string, finish: string | null = null) => ({
  choices: [{ delta: { content }, text: content, finish_reason: finish }],
});

const aiignore: NonNullable<GuardNeeds['ignoreFiles']> = () =>
  Promise.resolve([
    readIgnoreFile({ source: '/repo/.aiignore', folder: 'file:///repo', name: '.aiignore', text: '*.sql' }),
  ]);

interface Trouble {
  /** The first question is answered with 429. */
  readonly refusesFirst?: boolean;
  readonly ignoreFiles?: GuardNeeds['ignoreFiles'];
}

/** A server that says back what it was told, letter by letter. */
async function setUp(nature: ServerNature = 'unknown', { refusesFirst = false, ignoreFiles = aiignore }: Trouble = {}) {
  const server = await startScriptedServer(async (request, reply) => {
    if (refusesFirst && server.requests.length === 1) {
      return reply.json(429, { error: { message: 'wait' } }, { 'retry-after': '0' });
    }
    reply.start(200, { 'content-type': 'text/event-stream' });
    const heard = wordsOf(request);
    for (let at = 0; at < heard.length; at += 7) await reply.event(event(heard.slice(at, at + 7)));
    await reply.event(event('', 'stop'));
    await reply.event('[DONE]');
    return reply.end();
  });
  onTestFinished(() => server.dispose());
  const folder = temporaryFolder();
  const [clock, log] = [systemClock, new LogLines()];
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log });
  const model = served('generic', 'm', `${server.url}/v1`);
  const survey = { known: () => undefined, forget: () => undefined };
  const exchange = createExchange({
    ...noLimits(),
    choose: () => model,
    destinationOf: () => Promise.resolve(serverAt(`${server.url}/v1`, { nature })),
    gate: gateFor({ ledger, clock, log }),
    providerOf: () => serverProvider(model, { survey, clock }),
    ignoreFiles,
    clock,
  });
  const ask = async (request: ModelRequest): Promise<string> => {
    const role = request.kind === 'chat' ? 'chat' : 'completion';
    return read(exchange.ask({ role, initiator: 'user' }, request, new AbortController().signal));
  };
  const written = () => {
    ledger.dispose();
    return { entries: entriesIn(folder), text: JSON.stringify(entriesIn(folder)) + log.lines.join('\n') };
  };
  const bytes = () => server.requests.map(({ body }) => body.toString()).join('\n');
  return { server, ask, written, bytes };
}

function wordsOf({ json }: ScriptedRequest): string {
  const messages = json['messages'] as { content: string }[] | undefined;
  return messages?.at(-1)?.content ?? `${json['prompt'] as string}`;
}

async function read(chunks: AsyncIterable<Chunk>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) if (chunk.kind === 'text') all += chunk.text;
  return all;
}

function question(text: string, uri = 'file:///repo/a.ts'): ModelRequest {
  const place = { message: 0, start: 0, end: text.length };
  return { kind: 'chat', messages: [{ role: 'user', text }], items: [{ uri, bytes: text.length, place }] };
}

/** The cursor is drawn as █; a line begins the window. */
function around(text: string): InfillRequest {
  const [before = '', suffix = ''] = text.split('█');
  const start = before.lastIndexOf('\n') + 1;
  const window = { head: before.slice(0, start), suffix };
  const line = before.slice(start);
  return { kind: 'infill', document: 'file:///repo/a.ts', windows: [window], line, maxTokens: 9, patienceMs: 0 };
}

/** Whether bytes hold the secret, as it is or as JSON writes it: whole, or a line of it. */
function holds(bytes: string, { secret }: Seed): boolean {
  const lines = secret.split(/\n|\\n/).filter((line) => line.length > 5);
  return lines.some((line) => bytes.includes(line) || bytes.includes(JSON.stringify(line).slice(1, -1)));
}

const all = seeds();

test('there are sixty kinds and more, and each would be found in what the server got', () => {
  expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(60);
  expect(new Set(all.map(({ secret }) => secret)).size).toBe(all.length);
  const asJson = (text: string) => JSON.stringify({ messages: [{ role: 'user', content: text }] });
  expect(all.filter((seed) => !holds(asJson(seed.text), seed)).map(({ kind }) => kind)).toEqual([]);
});

test('no seeded secret leaves in a question, and the answer has them all', async () => {
  const { ask, bytes, written } = await setUp();
  for (const { kind, text } of all) {
    // Answers with a secret in another address than the question's keep its name; these are the question's own.
    expect(await ask(question(text)), kind).toBe(text);
  }
  expect(all.filter((seed) => holds(bytes(), seed)).map(({ kind }) => kind)).toEqual([]);
  const { entries, text } = written();
  expect(all.filter((seed) => holds(text, seed)).map(({ kind }) => kind)).toEqual([]);
  const intents = entries.filter((entry): entry is Intent => entry.kind === 'intent');
  expect(intents.map(({ items }) => items[0]?.maskedCount ?? 0).every((count) => count > 0)).toBe(true);
  expect(intents).toHaveLength(all.length);
});

test('nor beside a comment that tells scanners to look away', async () => {
  const { ask, bytes } = await setUp();
  for (const { text } of all) await ask(question(`// secretlint-disable\n/* secretlint-disable */\n${text}\n# nosec`));
  expect(all.filter((seed) => holds(bytes(), seed)).map(({ kind }) => kind)).toEqual([]);
});

test('nor around a cursor, before it, behind it, or with the cursor inside it', async () => {
  const { ask, bytes, written } = await setUp();
  for (const [index, { text, secret }] of all.entries()) {
    const middle = text.indexOf(secret) + Math.floor(secret.length / 2);
    const places = [`${text}\n█`, `█\n${text}`, `${text.slice(0, middle)}█${text.slice(middle)}`];
    // Each in all places in a soak, in turn in every run.
    const tried = process.env['PADDOCK_SOAK'] === '1' ? places : [places[index % places.length]];
    for (const place of tried) await ask(around(`first();\n${place}\nlast();\n`));
  }
  const halves = all.flatMap(({ secret, ...rest }) => {
    const middle = Math.floor(secret.length / 2);
    const parts = [secret.slice(0, middle), secret.slice(middle)].filter((part) => part.length >= 12);
    return [secret, ...parts].map((part) => ({ ...rest, secret: part }));
  });
  expect(halves.filter((seed) => holds(bytes(), seed)).map(({ kind }) => kind)).toEqual([]);
  expect(written().entries.flatMap((entry) => (entry.kind === 'intent' ? entry.items : []))).not.toContainEqual(
    expect.objectContaining({ maskedCount: 0 }),
  );
});

test('nor when the same is sent again', async () => {
  const [seed] = all;
  const { ask, bytes, server } = await setUp('unknown', { refusesFirst: true });
  expect(await ask(question(seed?.text ?? ''))).toBe(seed?.text);
  expect(server.requests).toHaveLength(2);
  expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  expect(all.filter((each) => holds(bytes(), each))).toEqual([]);
});

test('nothing is sent while the rules that find secrets cannot be loaded', async () => {
  vi.spyOn(detect, 'loadDetect').mockRejectedValueOnce(new Error('no such file'));
  const { ask, server, written } = await setUp();
  const failure = (await ask(question('x')).catch((error: unknown) => error)) as Failure;
  expect(failure).toMatchObject({ kind: 'unexpected', message: expect.stringContaining('Nothing was sent') as string });
  expect(server.requests).toEqual([]);
  expect(written().entries).toEqual([]);
});

test('nothing is sent while the ignore files cannot be read', async () => {
  const { ask, server, written } = await setUp('unknown', { ignoreFiles: () => Promise.reject(new Error('no disk')) });
  const failure = (await ask(question('x')).catch((error: unknown) => error)) as Failure;
  expect(failure).toBeInstanceOf(Failure);
  expect(server.requests).toEqual([]);
  expect(written().entries).toEqual([]);
});

test('what a server on this computer that holds its weights is asked is left as it is', async () => {
  const { ask, bytes, written } = await setUp('holdsWeights');
  const [seed] = all;
  expect(await ask(question(seed?.text ?? ''))).toBe(seed?.text);
  expect(bytes()).toContain(seed?.secret);
  expect(written().entries[0]).toMatchObject({ items: [{ uri: 'file:///repo/a.ts', bytes: seed?.text.length }] });
});

test.each([
  ['file:///repo/.env', '.env', secretFiles],
  ['file:///repo/db/dump.sql', '*.sql', '/repo/.aiignore'],
])('%s never leaves, and nothing is written down', async (uri, rule, source) => {
  const { ask, server, written } = await setUp();
  const failure = (await ask(question('x', uri)).catch((error: unknown) => error)) as Failure;
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ kind: 'denied', facts: { rule, source } });
  expect(server.requests).toEqual([]);
  expect(written().entries).toEqual([]);
});

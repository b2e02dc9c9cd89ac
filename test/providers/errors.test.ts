import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { ModelRequest, Send } from '../../src/models/model.ts';
import { FakeClock } from '../support/clock.ts';
import { answering, bodyOf, chat, infill, providerOf, read, served } from '../support/served.ts';
import { nowMs, refusals } from './fixtures/refusals.ts';

async function failureOf(
  send: Send,
  request: ModelRequest = chat,
  card: 'generic' | 'ollama' | 'llamaServer' = 'generic',
) {
  const { provider, forgotten } = providerOf(served(card, 'm', 'http://box:8080/v1'), undefined, new FakeClock(nowMs));
  const { error, text } = await read(provider, request, send);
  expect(text).toBe('');
  expect(error).toBeInstanceOf(Failure);
  return { failure: error as Failure, forgotten };
}

describe.each(refusals)('$name', (refusal) => {
  const { body, status, headers = {} } = refusal;

  it.each(['generic', 'ollama'] as const)('becomes a failure (%s)', async (card) => {
    const type = headers['content-type'] ?? 'application/json';
    const { failure } = await failureOf(answering(body, type, status, headers), chat, card);
    expect(failure).toMatchObject({ kind: refusal.kind, isPassing: refusal.isPassing ?? false, phase: 'beforeOutput' });
    expect({ retryAfterMs: undefined, usedTokens: undefined, limitTokens: undefined, ...failure.facts }).toMatchObject({
      host: 'box:8080',
      ...refusal.facts,
    });
    if (refusal.action !== undefined) expect(failure.action).toBe(refusal.action);
    expect(failure.message).toMatch(/^[A-Z"]|^box:8080 /);
    expect(failure.message).not.toMatch(/sk-|<html/);
  });
});

describe('an answer that is none', () => {
  it('is told apart by its kind of content: a login page is no model', async () => {
    const page = answering('<html>Please log in</html>', 'text/html');
    for (const card of ['generic', 'ollama'] as const) {
      const { failure } = await failureOf(page, chat, card);
      expect(failure).toMatchObject({ kind: 'badResponse', action: 'switchProvider', isPassing: false });
      expect(failure.message).not.toContain('log in');
    }
  });

  it('may be an error with a good status', async () => {
    const refused = answering('{"error":{"message":"no","type":"rate_limit_error"}}', 'application/json');
    expect((await failureOf(refused)).failure.kind).toBe('rateLimited');
  });

  it('may be an error in the stream, before or after text', async () => {
    const event = 'data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n';
    const { failure } = await failureOf(answering(event, 'text/event-stream'));
    expect(failure).toMatchObject({ kind: 'badResponse', isPassing: true });
    const { provider } = providerOf(served('generic', 'm'));
    const text = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n';
    const answer = await read(provider, chat, answering(text + event, 'text/event-stream'));
    expect(answer).toMatchObject({ text: 'Hi', end: undefined, error: { kind: 'badResponse' } });
    const native = await failureOf(
      answering('data: {"error":{"code":500,"message":"x"}}\n\n', 'text/event-stream'),
      infill,
      'llamaServer',
    );
    expect(native.failure.kind).toBe('badResponse');
    const ollama = await failureOf(
      answering('{"error":"an error was encountered"}\n', 'application/x-ndjson'),
      chat,
      'ollama',
    );
    expect(ollama.failure.kind).toBe('badResponse');
  });

  it('is unreachable when nothing comes at all, and may be tried again', async () => {
    const { failure, forgotten } = await failureOf(answering('', 'text/event-stream'));
    expect(failure).toMatchObject({ kind: 'unreachable', isPassing: true, facts: { host: 'box:8080' } });
    expect(forgotten).toEqual(['http://box:8080/v1']);
  });
});

describe('a failure of the gate', () => {
  const denied = new Failure('denied', 'A rule forbids it.', { action: 'openPolicy', facts: { rule: 'ceiling' } });

  it('comes through the client library as it is', async () => {
    for (const card of ['generic', 'ollama'] as const) {
      const { failure } = await failureOf(() => Promise.reject(denied), chat, card);
      expect(failure).toBe(denied);
    }
  });

  it('comes through even when its words look like a time limit of the library', async () => {
    const silent = new Failure('unreachable', 'The server timed out.');
    expect((await failureOf(() => Promise.reject(silent))).failure).toBe(silent);
  });

  it('in the middle of a body cuts the answer when the connection broke', async () => {
    const { provider } = providerOf(served('generic', 'm'));
    const text = Buffer.from('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n');
    const answer = await read(provider, chat, answering(bodyOf([text], 'broken'), 'text/event-stream'));
    expect(answer).toMatchObject({ text: 'Hi', end: { reason: 'cut', usage: undefined }, error: undefined });
  });

  it('of an unknown kind is a lost connection', async () => {
    const { failure } = await failureOf(() => Promise.reject(new TypeError('fetch failed')));
    expect(failure).toMatchObject({ kind: 'unreachable', isPassing: true });
  });
});

describe('what a server says is shown', () => {
  const saying = (message: string): Send => answering(JSON.stringify({ error: { message } }), 'application/json', 500);
  const asking = (text: string): ModelRequest => ({ kind: 'chat', messages: [{ role: 'user', text }], items: [] });

  it('as the end of a sentence of ours, on one line, and not at length', async () => {
    const { failure } = await failureOf(saying(`Out\nof\u0007 memory\u202e. ${'x'.repeat(500)}`));
    expect(failure.message).toMatch(/^box:8080 failed \(500\)\. It says: Out of memory . x+\.\.\.$/);
    expect(failure.message.length).toBeLessThan(260);
  });

  it.each([
    ['a piece of the request', 'Cannot parse "const password = 1"', 'let a;\nconst password = 1;\n'],
    ['the request with other white space', 'Bad: const   password', 'const\n\tpassword = 1'],
    ['a whole short request', 'What is hunter2?', 'hunter2'],
    ['something like a key', 'The key sk-proj-abcdef123456 is old', 'hello'],
    ['something like a bearer token', 'got Bearer eyJhbGciOi.J9', 'hello'],
  ])('but never %s', async (_what, message, text) => {
    const { failure } = await failureOf(saying(message), asking(text));
    expect(failure.message).toBe('box:8080 failed (500).');
  });

  it('but not a piece of the document either side of the cursor', async () => {
    const request = { ...infill, windows: [{ head: 'secretHead();\n', suffix: '\nsecretTail();\n' }] } as ModelRequest;
    for (const word of ['secretHead', 'secretTail', 'const b']) {
      const { failure } = await failureOf(saying(`odd: ${word}`), request, 'llamaServer');
      expect(failure.message).not.toContain(word);
    }
  });
});

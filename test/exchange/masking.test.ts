import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { findOwn } from '../../src/egress/mask/detect.ts';
import { Mask, stem } from '../../src/egress/mask.ts';
import { createGuard, maskRequest } from '../../src/exchange/masking.ts';
import type { Route } from '../../src/ledger/entry.ts';
import type { ChatRequest, Chunk, InfillRequest, InfillWindow } from '../../src/models/model.ts';
import { seeds } from '../support/secrets.ts';

const github = `gh${'p_'}${'aB3dE5fG7hJ9'.repeat(3)}`;
const key = seeds().find(({ kind }) => kind === 'RSA private key') ?? { text: '', secret: '' };
const away: Route = { kind: 'internet', evidence: 'verified', host: 'api.test:443', remote: undefined };
const here: Route = { kind: 'loopback', evidence: 'verified', host: 'localhost:8080', remote: undefined };

function infill(line: string, ...windows: readonly InfillWindow[]): InfillRequest {
  return { kind: 'infill', document: 'file:///a.ts', windows, line, maxTokens: 8, patienceMs: 0 };
}

function chat(...texts: readonly string[]): ChatRequest {
  return { kind: 'chat', messages: texts.map((text) => ({ role: 'user', text })), items: [] };
}

function masked(request: InfillRequest): InfillRequest {
  return maskRequest(request, [], new Mask(findOwn)).request as InfillRequest;
}

async function* streamed(...steps: readonly (Chunk | Error)[]): AsyncGenerator<Chunk, void, void> {
  for (const step of steps) {
    await Promise.resolve();
    if (step instanceof Error) throw step;
    yield step;
  }
}

const text = (piece: string): Chunk => ({ kind: 'text', text: piece });
const end: Chunk = {
  kind: 'end',
  reason: 'endOfText',
  usage: undefined,
  speed: { firstTokenMs: undefined, prefillTokPerS: undefined, decodeTokPerS: undefined },
};

describe('the windows around a cursor', () => {
  it('keep their shape: heads of whole lines, every window with its own line', () => {
    const { windows, line } = masked(
      infill(
        `const k = '${github}';`,
        { head: 'one\ntwo\n', suffix: '\nend\n' },
        { head: 'one\n', line: `two\nconst k = '${github}';`, suffix: '\nend\n' },
      ),
    );
    expect(windows).toEqual([
      { head: 'one\ntwo\n', line: `const k = '${stem}1';`, suffix: '\nend\n' },
      { head: 'one\n', line: `two\nconst k = '${stem}1';`, suffix: '\nend\n' },
    ]);
    expect(line).toBe(`const k = '${stem}1';`);
  });

  it('with the cursor in a key of several lines have its name before the cursor', () => {
    const lines = `first();\n${key.text}last();\n`.split('\n');
    const head = `${lines.slice(0, 6).join('\n')}\n`;
    const suffix = `\n${lines.slice(7).join('\n')}`;
    const [window] = masked(infill(lines[6] ?? '', { head, suffix })).windows;
    expect(window).toEqual({
      head: 'first();\n-----BEGIN RSA PRIVATE KEY-----\n',
      line: `${stem}1`,
      suffix: '\n-----END RSA PRIVATE KEY-----\nlast();\n',
    });
  });
});

describe('documents', () => {
  it('are told how many secrets each has had', () => {
    const file = `a = '${github}'`;
    const request = chat(`no secret\n${file}\n`, `b = '${github}'`);
    const items = [
      { uri: 'file:///a', bytes: 9, place: { message: 0, start: 10, end: 10 + file.length } },
      { uri: 'file:///b', bytes: 9, place: { message: 0, start: 0, end: 9 } },
      { uri: 'file:///c', bytes: 9 },
    ];
    expect(maskRequest(request, items, new Mask(findOwn)).items).toEqual([
      { uri: 'file:///a', bytes: 9, maskedCount: 1 },
      { uri: 'file:///b', bytes: 9, maskedCount: 0 },
      { uri: 'file:///c', bytes: 9 },
    ]);
  });
});

describe('an answer', () => {
  /** What the user sees of an answer to a question with one secret. */
  async function seen(...steps: readonly (Chunk | Error)[]): Promise<readonly (Chunk | string)[]> {
    const outgoing = createGuard({})(chat(`k = '${github}'`), []);
    await outgoing.prepare(away);
    const all: (Chunk | string)[] = [];
    try {
      for await (const chunk of outgoing.answer(streamed(...steps))) all.push(chunk);
    } catch (error) {
      all.push((error as Error).message);
    }
    return all;
  }

  it('gets its secrets back, in what the model thought too, each stream by itself', async () => {
    const reasoning = (piece: string): Chunk => ({ kind: 'reasoning', text: piece });
    expect(
      await seen(reasoning('PADDOCK_SEC'), text('PADDOCK_'), reasoning('RET_1 ok'), text('SECRET_1'), end),
    ).toEqual([reasoning(`${github} ok`), text(github), end]);
  });

  it('loses nothing that was kept when it breaks off', async () => {
    expect(await seen(text('a PADDOCK'), new Error('cut'))).toEqual([text('a '), text('PADDOCK'), 'cut']);
    expect(await seen(text('a PADDOCK'))).toEqual([text('a '), text('PADDOCK')]);
  });
});

describe('a request', () => {
  it('that leaves is not given out before it was looked through', () => {
    const outgoing = createGuard({})(chat('x'), []);
    expect(() => outgoing.request(away)).toThrow(Failure);
    expect(outgoing.request(here)).toEqual(chat('x'));
  });

  it('that stays is not looked at, and tells no places', async () => {
    const request = chat(`k = '${github}'`);
    const items = [{ uri: 'file:///repo/.env', bytes: 1, place: { message: 0, start: 0, end: 1 } }];
    const outgoing = createGuard({})(request, items);
    expect(await outgoing.prepare(here)).toEqual([{ uri: 'file:///repo/.env', bytes: 1 }]);
    expect(outgoing.request(here)).toBe(request);
  });

  it.each(['internet', 'private', 'loopback'] as const)('%s without proof that it stays is masked', async (kind) => {
    const outgoing = createGuard({})(chat(`k = '${github}'`), []);
    await outgoing.prepare({ ...away, kind, evidence: 'assumed' });
    expect(JSON.stringify(outgoing.request(away))).not.toContain(github);
  });
});

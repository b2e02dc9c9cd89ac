import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import { askedAgain, reply, type ReplyEvent, type ReplyOrder } from '../../src/chat/reply.ts';
import type { Chunk } from '../../src/models/model.ts';
import { clockOf, file, lastChunk, llama, openChats, question, saying, shownIn } from '../support/chats.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';

const text = (words: string): Chunk => ({ kind: 'text', text: words });
const opened = (requestId: string): Chunk => ({ kind: 'opened', requestId });
const receipt = {
  ...({ requestId: 'r1', exposure: 'inProcess', routeWords: 'this computer', modelName: 'Llama' } as const),
  ...{ items: [], sampling: [] },
};

/** A conversation, and asking in it what a script answers. */
function chat(script: Parameters<typeof saying>[0]) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const { chats } = openChats(folder, clock);
  const conversation = chats.begin();
  const model = saying(script);
  const abort = new AbortController();
  const receiptOf = (ids: readonly string[]) =>
    ids.length === 0 ? undefined : { ...receipt, requestId: ids.join(' ') };
  const ask = (words: string, rest: Partial<ReplyOrder> = {}) =>
    reply(
      {
        ...{ conversation, question: question(words), parentId: conversation.branch.at(-1)?.id, model: llama },
        ...{ budget: { contextTokens: 4096, count: countBlanks, isExact: true }, isSmallModel: true },
        ...rest,
      },
      { ask: model.ask, clock, receiptOf },
      abort.signal,
    );
  return { folder, clock, conversation, model, abort, ask };
}

const countBlanks = (texts: readonly string[]) => Promise.resolve(texts.map((each) => each.split(/\s+/).length));

async function drain(events: AsyncIterable<ReplyEvent>): Promise<readonly ReplyEvent[]> {
  const all: ReplyEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const drawn = (events: readonly ReplyEvent[]): readonly string[] =>
  events.map((event) => (event.kind === 'delta' ? `+${event.reasoning}|${event.text}` : event.kind));

const endOf = ({ branch }: Conversation) => branch.at(-1)?.ended;

describe('a question', () => {
  it('is on disk before anything is drawn or asked', async () => {
    const { folder, model, ask } = chat([lastChunk]);
    const events = ask('why?');
    expect((await events.next()).value).toMatchObject({ kind: 'turn' });
    const [name = ''] = readdirSync(folder);
    expect(readFileSync(join(folder, name), 'utf8')).toContain('"text":"why?"');
    expect(model.requests).toEqual([]);
    await events.return();
  });

  it('is answered as it streams, with its receipt at the end', async () => {
    const reading: Chunk = { kind: 'reading', readTokens: 2, totalTokens: 9 };
    const reasoning: Chunk = { kind: 'reasoning', text: 'hm' };
    const { conversation, model, ask } = chat([opened('r1'), reading, reasoning, text('Be'), text('cause'), lastChunk]);
    const events = await drain(ask('why?', { question: question('why?', file('a.ts', 'a')) }));
    expect(drawn(events)).toEqual(['turn', 'reading', '+hm|', '+|Because', 'turn']);
    expect(shownIn(conversation)).toEqual(['why?: Because']);
    expect(conversation.branch[0]).toMatchObject({ reasoning: 'hm', requestIds: ['r1'] });
    expect(endOf(conversation)).toEqual({ ending: 'finished', receipt: { ...receipt, leftOut: [] } });
    expect(model.requests).toMatchObject([{ kind: 'chat', items: [{ uri: 'file:///a.ts' }] }]);
  });

  it('has every try in its receipt, also after a restart', async () => {
    const { folder, conversation, ask } = chat([opened('r1'), opened('r2'), text('yes'), lastChunk]);
    await drain(ask('why?'));
    expect(endOf(conversation)?.receipt?.requestId).toBe('r1 r2');
    const again = openChats(folder, clockOf('b')).chats.find(conversation.id);
    expect(again?.branch[0]).toMatchObject({ requestIds: ['r1', 'r2'], ended: { receipt: { requestId: 'r1 r2' } } });
  });

  it('keeps what did not fit in its receipt', async () => {
    const { conversation, ask } = chat([opened('r1'), text('yes'), lastChunk]);
    const long = question('why?', file('long.ts', 'word\n'.repeat(9_000)));
    await drain(ask('why?', { question: long }));
    expect(endOf(conversation)?.receipt?.leftOut).toMatchObject([{ kind: 'attachment', name: 'long.ts' }]);
  });

  it('keeps what came when it is stopped', async () => {
    const wait = () => new Promise<void>(() => undefined);
    const { conversation, abort, clock, model, ask } = chat([opened('r1'), text('Be'), wait]);
    const events = drain(ask('why?'));
    await clock.advance(50);
    abort.abort();
    expect(drawn(await events)).toEqual(['turn', '+|Be', 'turn']);
    expect([shownIn(conversation), endOf(conversation)?.ending]).toEqual([['why?: Be'], 'stopped']);
    expect([endOf(conversation)?.receipt?.requestId, model.state.isLeft]).toEqual(['r1', true]);
  });

  it.each([1, 2, 3])(
    'is stopped when its reader leaves after event %i, also while the model is waited for',
    async (most) => {
      const wait = () => new Promise<void>(() => undefined);
      const { conversation, clock, model, ask } = chat([opened('r1'), text('a'), text('b'), wait]);
      const reading = (async () => {
        let events = 0;
        for await (const _ of ask('why?')) if (++events === most) break;
      })();
      await clock.advance(50);
      await reading;
      expect(endOf(conversation)?.ending).toBe('stopped');
      expect(shownIn(conversation)).toEqual([`why?: ${'ab'.slice(0, most - 1)}`]);
      expect(model.state.isLeft).toBe(most > 1);
      expect(clock.waiting).toBe(0);
    },
  );

  it.each([
    [
      new Failure('auth', 'The key is wrong.', { action: 'setApiKey' }),
      { message: 'The key is wrong.', action: 'setApiKey' },
    ],
    [new Failure('unreachable', 'Nobody is there.'), { message: 'Nobody is there.', action: 'retry' }],
    [new Failure('denied', 'A rule forbids it.'), { message: 'A rule forbids it.' }],
    [new TypeError('x is not a function'), { message: 'x is not a function', action: 'showLog' }],
  ])('that fails with %s says so in its turn, with what had come', async (error, failure) => {
    const { conversation, ask } = chat([opened('r1'), text('Be'), error]);
    expect(drawn(await drain(ask('why?')))).toEqual(['turn', '+|Be', 'turn']);
    expect([shownIn(conversation), endOf(conversation)]).toMatchObject([['why?: Be'], { ending: 'failed', failure }]);
  });

  it('that is too long for the model fails in its turn and asks nobody', async () => {
    const { conversation, model, ask } = chat([lastChunk]);
    await drain(ask('why? '.repeat(5_000)));
    expect(endOf(conversation)).toMatchObject({ ending: 'failed', failure: { action: 'switchProvider' } });
    expect(model.requests).toEqual([]);
  });

  it.each([
    ['maxTokens', 'maxTokens'],
    ['cut', 'cut'],
    ['filtered', 'filtered'],
  ] as const)('whose answer ends with %s says so', async (reason, ending) => {
    const { conversation, ask } = chat([text('Be'), { ...lastChunk, reason } as Chunk]);
    await drain(ask('why?'));
    expect(endOf(conversation)?.ending).toBe(ending);
  });

  it('whose answer ends without an end is cut', async () => {
    const { conversation, ask } = chat([text('Be')]);
    await drain(ask('why?'));
    expect(endOf(conversation)?.ending).toBe('cut');
  });

  it('can be asked again beside itself, and the branch with it', async () => {
    const { conversation, model, ask } = chat([text('yes'), lastChunk]);
    await drain(ask('one'));
    await drain(ask('two', { question: question('two', file('a.ts', 'aaa')) }));
    const [, second] = conversation.branch;
    await drain(ask('', askedAgain(conversation, second?.id ?? '')));
    expect(shownIn(conversation)).toEqual(['one: yes', 'two: yes']);
    expect(conversation.versionsOf(second?.id ?? '')).toEqual([second?.id, conversation.branch[1]?.id]);
    expect(model.requests[2]).toEqual(model.requests[1]);
    expect(askedAgain(conversation, 'nobody')).toBeUndefined();
  });
});

describe('a small model', () => {
  it('is stopped at a mark of its template that it writes as text, even one that comes in pieces', async () => {
    const { conversation, model, ask } = chat([
      text('Be <'),
      text('|im_'),
      text('end|>user: more'),
      text('!'),
      lastChunk,
    ]);
    await drain(ask('why?'));
    expect([shownIn(conversation), endOf(conversation)?.ending]).toEqual([['why?: Be '], 'finished']);
    expect(model.state.isLeft).toBe(true);
  });

  it('is stopped when it goes in circles, and the answer loses all rounds but the first', async () => {
    const round = 'The gate opens and the gate closes. ';
    const { conversation, ask } = chat([text('So: '), ...Array.from({ length: 100 }, () => text(round)), lastChunk]);
    await drain(ask('why?'));
    expect(endOf(conversation)?.ending).toBe('looped');
    expect(conversation.branch[0]?.text.trimEnd()).toBe(`So: ${round}`.trimEnd());
  });

  it('is stopped when it thinks in circles, and what it thought loses all rounds but the first', async () => {
    const round = 'The gate opens and the gate closes. ';
    const thinking = (words: string): Chunk => ({ kind: 'reasoning', text: words });
    const { conversation, model, ask } = chat([
      ...[thinking('So: '), ...Array.from({ length: 100 }, () => thinking(round))],
      ...[text('Open.'), lastChunk],
    ]);
    await drain(ask('why?'));
    expect(endOf(conversation)?.ending).toBe('looped');
    expect(conversation.branch[0]?.reasoning.trimEnd()).toBe(`So: ${round}`.trimEnd());
    expect(conversation.branch[0]?.text).toBe('');
    expect(model.state.isLeft).toBe(true);
  });

  it('keeps what it thought before the answer goes in circles, and the answer where only the thinking does', async () => {
    const thinking: Chunk = { kind: 'reasoning', text: 'hm <|' };
    const { conversation, ask } = chat([thinking, ...Array.from({ length: 300 }, () => text('no ')), lastChunk]);
    await drain(ask('why?'));
    expect(conversation.branch[0]).toMatchObject({ reasoning: 'hm <|', text: 'no ' });
  });

  it('keeps what only began like a mark', async () => {
    const { conversation, ask } = chat([text('a <|'), text('im'), lastChunk]);
    await drain(ask('why?'));
    expect(shownIn(conversation)).toEqual(['why?: a <|im']);
  });
});

it('joins what comes faster than it can be drawn, and holds nothing back for longer than a frame', async () => {
  const gates: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => gates.push(resolve));
  const { clock, ask } = chat([text('a'), text('b'), text('c'), wait, text('d'), text('e'), wait, lastChunk]);
  const events: ReplyEvent[] = [];
  const done = (async () => {
    for await (const event of ask('why?')) events.push(event);
  })();
  await clock.advance(0);
  expect(drawn(events)).toEqual(['turn', '+|a']);
  await clock.advance(16);
  expect(drawn(events).slice(2)).toEqual(['+|bc']);
  gates[0]?.();
  await clock.advance(20);
  expect(drawn(events).slice(3).join('').replaceAll('+|', '')).toBe('de');
  gates[1]?.();
  await clock.advance(0);
  await done;
});

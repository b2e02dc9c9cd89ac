import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { Budget } from '../../src/chat/budget.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import type { Attachment } from '../../src/chat/event.ts';
import { promptFor, type Prompt } from '../../src/chat/prompt.ts';
import type { Turn } from '../../src/chat/tree.ts';
import { Chance } from '../support/chance.ts';
import { exchange, file, llama, openChats, question } from '../support/chats.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Exact, as an engine counts: a token is a word or a mark, and blanks go with what follows them. */
const tokensIn = (text: string): number => text.match(/\s*(\w{1,6}|[^\w\s])|\s+$/gu)?.length ?? 0;
const count: Budget['count'] = (texts) => Promise.resolve(texts.map(tokensIn));

function budget(contextTokens: number | undefined, isExact = true): Budget {
  return { contextTokens, count, isExact };
}

function begin(): Conversation {
  return openChats(temporaryFolder()).chats.begin();
}

function ask(conversation: Conversation, text: string, ...attachments: readonly Attachment[]): Turn {
  return conversation.ask(question(text, ...attachments), llama, conversation.branch.at(-1)?.id);
}

/** Makes the prompt of the last question, and writes down what was sent. */
async function send(conversation: Conversation, limits: Budget, isSmallModel = true): Promise<Prompt> {
  const { branch } = conversation;
  const prompt = await promptFor({ branch, budget: limits, isSmallModel });
  conversation.didSend(branch.at(-1)?.id ?? '', prompt.sent);
  return prompt;
}

function answer(conversation: Conversation, text: string): void {
  const { id } = conversation.branch.at(-1) ?? { id: '' };
  if (text !== '') conversation.say(id, text, '');
  conversation.end(id, { ending: 'finished' });
}

const drawn = ({ request }: Prompt): readonly string[] =>
  request.messages.slice(1).map(({ role, text }) => `${role}: ${text}`);
const sizeOf = ({ request }: Prompt): number => request.messages.reduce((sum, { text }) => sum + tokensIn(text) + 4, 0);

describe('a prompt', () => {
  it('has the branch, with what went with each question before it', async () => {
    const conversation = begin();
    ask(conversation, 'what is it?', file('src/a.ts', 'const a = 1;\n'));
    answer(conversation, 'A constant.');
    ask(conversation, 'and this?');
    expect(drawn(await send(conversation, budget(8192)))).toEqual([
      'user: src/a.ts\n```\nconst a = 1;\n```\n\nwhat is it?',
      'assistant: A constant.',
      'user: and this?',
    ]);
  });

  it('fences off a text however many fences are in it', async () => {
    const conversation = begin();
    ask(conversation, 'what is it?', file('a.md', '```\n````\n'.repeat(150_000)));
    const [message] = drawn(await send(conversation, budget(undefined)));
    expect(message?.startsWith('user: a.md\n`````\n```')).toBe(true);
  });

  it('is held against the rules of every document that a part may be of, after a restart too', async () => {
    const folder = temporaryFolder();
    const conversation = openChats(folder).chats.begin();
    const [part] = file('a.ts', '+KEY=1').parts;
    const unclear = {
      uri: 'file:///r',
      name: 'changes',
      text: '',
      ...part,
      mayBeOf: ['file:///r/a', 'file:///r/.env'],
    };
    ask(conversation, 'what is it?', { ...file('a.ts', ''), kind: 'diff', parts: [unclear] });
    const read = openChats(folder).chats.find(conversation.id);
    const { request } = await send(read ?? conversation, budget(8192));
    expect(read?.id).toBe(conversation.id);
    expect(request.items.map(({ uri, bytes }) => [uri, bytes])).toEqual([
      ['file:///a.ts', 6],
      ['file:///r/a', 0],
      ['file:///r/.env', 0],
    ]);
  });

  it('tells the model what a command stands for, and not what was typed', async () => {
    const conversation = begin();
    conversation.ask({ text: '/fix it', prompt: 'Mend this.\n\nit', attachments: [] }, llama, undefined);
    expect(drawn(await send(conversation, budget(8192)))).toEqual(['user: Mend this.\n\nit']);
  });

  it('puts questions that got no answer with the next one, since models want to be answered in turn', async () => {
    const conversation = begin();
    ask(conversation, 'one');
    answer(conversation, '');
    ask(conversation, 'two', file('b.ts', 'b'));
    answer(conversation, '');
    ask(conversation, 'three');
    expect(drawn(await send(conversation, budget(8192)))).toEqual(['user: one\n\nb.ts\n```\nb\n```\n\ntwo\n\nthree']);
  });

  it('says where each document stands, so that what is masked in it can be counted', async () => {
    const conversation = begin();
    ask(conversation, 'one', file('a.ts', 'aaa'), file('AGENTS.md', 'be good', 'rules'));
    answer(conversation, '');
    const two: Attachment = {
      ...file('two files', ''),
      kind: 'folder',
      parts: [
        { uri: 'file:///x', name: 'x', text: 'über', language: 'md' },
        { uri: 'file:///y', name: 'y', text: 'y```y' },
      ],
    };
    ask(conversation, 'two', two);
    const { request } = await send(conversation, budget(8192), false);
    const standing = request.items.map(({ uri, bytes, place }) => [
      uri,
      bytes,
      request.messages[place?.message ?? 9]?.text.slice(place?.start, place?.end),
    ]);
    expect(standing).toEqual([
      ['file:///AGENTS.md', 7, 'be good'],
      ['file:///a.ts', 3, 'aaa'],
      ['file:///x', 5, 'über'],
      ['file:///y', 5, 'y```y'],
    ]);
    expect(request.messages[1]?.text).toContain('y\n````\ny```y\n````');
  });

  it('has a short system prompt for small models', async () => {
    const conversation = begin();
    ask(conversation, 'one');
    const [small, large] = [await send(conversation, budget(8192)), await send(conversation, budget(8192), false)];
    expect(tokensIn(small.request.messages[0]?.text ?? '')).toBeLessThan(25);
    expect(tokensIn(large.request.messages[0]?.text ?? '')).toBeGreaterThan(40);
  });

  it('has project rules once, before everything, and changed ones with the question they came with', async () => {
    const conversation = begin();
    const rules = (text: string) => file('AGENTS.md', text, 'rules');
    ask(conversation, 'one', rules('be good'));
    answer(conversation, 'yes');
    ask(conversation, 'two', rules('be good'));
    answer(conversation, 'yes');
    ask(conversation, 'three', rules('be better'));
    const { request } = await send(conversation, budget(8192));
    expect(request.messages.map(({ text }) => text.includes('be good'))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(request.messages.at(-1)?.text).toContain('be better');
  });
});

describe('a prompt that does not fit', () => {
  it('leaves out the oldest questions, and says how many', async () => {
    const conversation = begin();
    for (let turn = 1; turn <= 10; turn += 1)
      exchange(conversation, `question ${turn} ${'a '.repeat(50)}`, 'b '.repeat(50));
    ask(conversation, 'the last');
    const prompt = await send(conversation, budget(1000));
    const [leftOut] = prompt.sent.leftOut;
    expect(leftOut).toMatchObject({ kind: 'turns' });
    const left = leftOut?.kind === 'turns' ? leftOut.count : 0;
    expect(drawn(prompt)[0]).toContain(`user: question ${left + 1} `);
    expect(prompt.sent.firstTurnId).toBe(conversation.branch[left]?.id);
    expect(drawn(prompt).at(-1)).toBe('user: the last');
  });

  it('begins with the same bytes as the one before, question after question, but for a few fresh beginnings', async () => {
    const conversation = begin();
    let before: readonly string[] = [];
    let fresh = 0;
    for (let turn = 1; turn <= 60; turn += 1) {
      ask(conversation, `question ${turn} ${'a '.repeat(20)}`, file('a.ts', 'b '.repeat(turn % 7)));
      const prompt = await send(conversation, budget(1200));
      const texts = prompt.request.messages.map(({ text }) => text);
      if (before.some((text, index) => texts[index] !== text)) fresh += 1;
      before = texts;
      answer(conversation, 'c '.repeat(20));
    }
    // About 14 questions fit; a window that slides would begin afresh with each of the other 46.
    expect(fresh).toBeGreaterThan(0);
    expect(fresh).toBeLessThan(10);
  });

  it('tells the ledger which lines were sent, also of what was cut', async () => {
    const conversation = begin();
    const lines = Array.from({ length: 400 }, (_, line) => `line ${line};\n`).join('');
    const part = { uri: 'file:///s.ts', name: 's.ts:10-409', lines: [10, 409] as const, text: lines };
    ask(conversation, 'one', file('a.ts', 'a\n'), { ...file('s.ts:10-409', ''), kind: 'selection', parts: [part] });
    const { request } = await send(conversation, budget(1000));
    const sent = request.messages.at(-1)?.text.match(/line \d+;/g)?.length ?? 0;
    expect(request.items.map(({ uri, lines: told }) => [uri, told])).toEqual([
      ['file:///a.ts', undefined],
      ['file:///s.ts', [10, 9 + sent]],
    ]);
    const other = begin();
    ask(other, 'one', file('long.ts', lines));
    expect((await send(other, budget(1000))).request.items[0]?.lines?.[0]).toBe(1);
  });

  it('never changes what went with an earlier question, whatever it was cut to then', async () => {
    const conversation = begin();
    const long = file('long.ts', Array.from({ length: 400 }, (_, line) => `line ${line};\n`).join(''));
    ask(conversation, 'one', long);
    const first = await send(conversation, budget(1000));
    expect(first.sent.leftOut).toEqual([
      {
        kind: 'attachment',
        name: 'long.ts',
        tokens: expect.any(Number) as number,
        keptTokens: expect.any(Number) as number,
      },
    ]);
    expect(first.request.messages.at(-1)?.text).toMatch(/^long\.ts\n```\nline 0;\n(line \d+;\n)+```\n\none$/);
    answer(conversation, 'yes');
    ask(conversation, 'two');
    const second = await send(conversation, budget(4000));
    expect(second.request.messages[1]).toEqual(first.request.messages[1]);
  });

  it('names an attachment of which nothing fits', async () => {
    const conversation = begin();
    ask(conversation, 'one', file('first.ts', 'a\n'.repeat(340)), file('second.ts', 'b\n'.repeat(300)));
    const { request, sent } = await send(conversation, budget(512));
    const named = sent.leftOut.map((each) => each.kind === 'attachment' && [each.name, each.keptTokens > 0]);
    expect(named).toEqual([
      ['first.ts', true],
      ['second.ts', false],
    ]);
    expect(request.messages.at(-1)?.text).not.toContain('second.ts');
    expect(request.items.map(({ uri }) => uri)).toEqual(['file:///first.ts']);
  });

  it('is refused with both numbers when the question alone is too long', async () => {
    const conversation = begin();
    ask(conversation, 'a '.repeat(2000));
    const failure = await send(conversation, budget(1000)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ kind: 'contextTooLong', facts: { limitTokens: 750 } });
  });

  it('is not cut where nobody knows what the model holds', async () => {
    const conversation = begin();
    exchange(conversation, 'a '.repeat(50_000), 'b');
    ask(conversation, 'the last');
    const prompt = await send(conversation, budget(undefined));
    expect([prompt.request.messages.length, prompt.sent.leftOut, prompt.limitTokens]).toEqual([4, [], undefined]);
  });

  it('never is over the limit, and names all that is missing, in 1,000 random conversations', async () => {
    const chance = new Chance(11);
    let refused = 0;
    let trimmed = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const branch = randomBranch(chance);
      const contextTokens = 300 + chance.below(3_000);
      const isExact = chance.below(2) === 0;
      // Who estimates may be wrong by a tenth.
      const wrong = isExact ? 1 : 0.9;
      const counted: Budget = {
        contextTokens,
        isExact,
        count: (texts) => Promise.resolve(texts.map((text) => Math.round(tokensIn(text) * wrong))),
      };
      const prompt = await promptFor({ branch, budget: counted, isSmallModel: true }).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.kind !== 'contextTooLong') throw error;
        return undefined;
      });
      if (prompt === undefined) {
        refused += 1;
        expect(tokensIn(branch.at(-1)?.question.text ?? '') + 50).toBeGreaterThan(contextTokens * 0.75 * 0.6);
        continue;
      }
      expect(sizeOf(prompt)).toBeLessThanOrEqual(contextTokens - Math.min(1024, Math.floor(contextTokens / 4)));
      trimmed += Number(prompt.sent.leftOut.length > 0);
      expectAllNamed(branch, prompt);
    }
    expect(refused).toBeLessThan(300);
    expect(trimmed).toBeGreaterThan(100);
  });
});

/** Questions and answers of any length, some with files, some with rules, some without an answer. */
function randomBranch(chance: Chance): readonly Turn[] {
  const words = (most: number): string =>
    Array.from({ length: chance.below(most) }, () =>
      chance.pick(['alpha', 'b', '{', '\n', 'internationalization', 'ü', '()']),
    ).join(chance.pick([' ', '']));
  const turns = 1 + chance.below(12);
  return Array.from({ length: turns }, (_, index): Turn => {
    const attachments = Array.from({ length: chance.below(3) }, () =>
      file(`f${chance.below(9)}.ts`, words(chance.pick([10, 100, 1500])), chance.below(6) === 0 ? 'rules' : 'file'),
    );
    return {
      ...{ id: `t${index}`, writer: 'me', atMs: index, askedAfter: index === 0 ? undefined : `t${index - 1}` },
      ...{ question: question(words(chance.pick([10, 200])), ...attachments), model: llama, sent: undefined },
      ...{ requestIds: [], text: chance.below(6) === 0 ? '' : words(chance.pick([10, 300])), reasoning: 'hm' },
      ...{ ended: { ending: 'finished' }, isDeleted: false },
    };
  });
}

/** What of the branch is not in the messages has to be in the list. */
function expectAllNamed(branch: readonly Turn[], { request, sent }: Prompt): void {
  const all = request.messages.map(({ text }) => text).join('\n');
  const dropped = sent.leftOut.reduce((sum, each) => sum + (each.kind === 'turns' ? each.count : 0), 0);
  expect(sent.firstTurnId).toBe(branch[dropped]?.id);
  for (const turn of branch.slice(dropped)) expect(all).toContain(turn.question.text);
  const cut = new Set(sent.leftOut.flatMap((each) => (each.kind === 'attachment' ? [each.name] : [])));
  for (const { name, parts } of branch.at(-1)?.question.attachments ?? []) {
    if (!cut.has(name)) expect(all).toContain(parts[0]?.text);
  }
}

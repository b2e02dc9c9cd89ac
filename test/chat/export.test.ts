import { expect, it } from 'vitest';
import { jsonOf, markdownOf } from '../../src/chat/export.ts';
import { exchange, file, llama, openChats, question } from '../support/chats.ts';
import { temporaryFolder } from '../support/folder.ts';

const receipt = {
  ...({ requestId: 'r1', exposure: 'internet', routeWords: 'internet: api.example.com', modelName: 'Llama' } as const),
  ...{ promptTokens: 120, cachedTokens: 100, completionTokens: 8, decodeTokPerS: 21.55, sampling: [], maskedCount: 1 },
  items: [{ name: 'a.ts', bytes: 12, maskedCount: 1 }],
  ...{ costWords: '$0.0061', costBasisWords: 'as billed', leftOut: [{ kind: 'turns', count: 2, tokens: 90 } as const] },
};

function conversation() {
  const chat = openChats(temporaryFolder()).chats.begin();
  const first = chat.ask(question('What is it?', file('a.ts', 'const a = 1;')), llama, undefined);
  chat.say(first.id, 'A **constant**.\n', 'hm');
  chat.end(first.id, { ending: 'finished', receipt });
  exchange(chat, 'And this?', '');
  const other = chat.ask(question('And that?'), llama, first.id);
  chat.end(other.id, { ending: 'failed', failure: { message: 'Nobody is there.' } });
  return chat;
}

it('writes the branch that is shown as Markdown', () => {
  expect(markdownOf(conversation())).toBe(`# What is it?

## Question

What is it?

*With \`a.ts\`*

## Llama

A **constant**.

*internet: api.example.com · 120 in (100 reused) · 8 out · 22 tok/s · $0.0061 (as billed) · 1 secret masked in a.ts · 2 earlier turns left out (90 tokens)*

## Question

And that?

## Llama

*Nobody is there.*
`);
});

it('writes every version, what went with it and every receipt as JSON', () => {
  const chat = conversation();
  const exported = JSON.parse(jsonOf(chat)) as { readonly turns: readonly Record<string, unknown>[] };
  expect(exported).toMatchObject({ format: 'paddock-conversation', version: 1, id: chat.id, title: 'What is it?' });
  expect(exported.turns.map(({ isShown, state }) => [isShown, state])).toEqual([
    [true, 'finished'],
    [false, 'finished'],
    [true, 'failed'],
  ]);
  expect(exported.turns[0]).toMatchObject({
    question: { text: 'What is it?', attachments: [{ parts: [{ text: 'const a = 1;' }] }] },
    reasoning: 'hm',
    receipt,
  });
  expect(exported.turns[2]).toMatchObject({ parentId: exported.turns[0]?.['id'], failure: 'Nobody is there.' });
});

/** A whole conversation through the chat's own rooms with a real model: what it reads again, and what it never is sent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Budget } from '../../src/chat/budget.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import { reply } from '../../src/chat/reply.ts';
import type { Ask, Usage } from '../../src/models/model.ts';
import { file, llama, openChats, question } from '../support/chats.ts';
import { temporaryFolder } from '../support/folder.ts';
import { isAlive, realEngine, until, type RealEngine } from '../support/realEngine.ts';

const contextTokens = 640;
/** English has more than three characters a token, so this never is too low. */
const count: Budget['count'] = (texts) => Promise.resolve(texts.map(({ length }) => Math.ceil(length / 3)));

describe('a conversation with the demo model', () => {
  let real: RealEngine;
  const usages: Usage[] = [];
  const ask: Ask = async function* (_purpose, request, signal) {
    if (request.kind !== 'chat') throw new Error('only chat is asked');
    for await (const chunk of real.engine.chat(request, () => undefined, signal)) {
      if (chunk.kind === 'end' && chunk.usage !== undefined) usages.push(chunk.usage);
      yield chunk;
    }
  };

  beforeAll(async () => {
    real = await realEngine({ name: 'demo' }, { device: 'cpu', chatContextTokens: contextTokens });
    const hello = { kind: 'chat', messages: [{ role: 'user', text: 'Hi' }], maxTokens: 1, items: [] } as const;
    for await (const _ of ask({ role: 'chat', initiator: 'user' }, hello, new AbortController().signal));
  });

  afterAll(async () => {
    real.engine.dispose();
    await until(() => real.processIds.every((id) => !isAlive(id)), 5_000, 'every process has ended');
  });

  async function asking(conversation: Conversation, order: Parameters<typeof question>, maxTokens: number) {
    const parentId = conversation.branch.at(-1)?.id;
    const budget = { contextTokens, count, isExact: true };
    const limits = { budget, isSmallModel: true, maxTokens, temperature: 0 };
    const events = reply(
      { conversation, question: question(...order), parentId, model: llama, ...limits },
      { ask, clock: systemClock, receiptOf: () => undefined },
      new AbortController().signal,
    );
    for await (const _ of events);
    const turn = conversation.branch.at(-1);
    if (turn === undefined) throw new Error('nothing was asked');
    return turn;
  }

  test('reads with a new question only what is new, until old questions have to go, and then many at once', async () => {
    const conversation = openChats(temporaryFolder()).chats.begin();
    const fresh: number[] = [];
    for (let turn = 1; turn <= 7; turn += 1) {
      const lines = `const value${turn} = ${turn};\n`.repeat(6);
      const { ended, sent } = await asking(conversation, [`What is value${turn}?`, file(`v${turn}.ts`, lines)], 8);
      expect(['finished', 'maxTokens']).toContain(ended?.ending);
      const usage = usages.at(-1);
      const evaluated = (usage?.promptTokens ?? 0) - (usage?.cachedTokens ?? 0);
      // The question with its file and the end of the answer before; a whole prompt has far more.
      if (evaluated > 150) fresh.push(turn);
      else expect(usage?.cachedTokens).toBeGreaterThanOrEqual(turn === 1 ? 0 : 20);
      expect(usage?.promptTokens).toBeLessThanOrEqual(contextTokens - 64);
      if (turn > 1 && fresh.at(-1) === turn) expect(sent?.leftOut).toMatchObject([{ kind: 'turns' }]);
    }
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(3);
  });

  test('has no endless circle and no mark of its template in an answer that was asked to have no end', async () => {
    const conversation = openChats(temporaryFolder()).chats.begin();
    const { ended, text } = await asking(
      conversation,
      ['Write the word no over and over, without end: no no no no'],
      900,
    );
    expect(['looped', 'finished', 'maxTokens']).toContain(ended?.ending);
    expect(text).not.toMatch(/<\|im_(start|end)\|>/);
    expect(text).not.toMatch(/(no ){300}/);
  });
});

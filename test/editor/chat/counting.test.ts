import { expect, it } from 'vitest';
import type { ChatModel } from '../../../src/editor/chat/chatModel.ts';
import { Counting, type CountingNeeds } from '../../../src/editor/chat/counting.ts';
import type { ChatRequest } from '../../../src/models/model.ts';

it('counts again what was only estimated while the engine was away', async () => {
  const engine = { isThere: false };
  const provider = {
    count({ messages: [message] }: ChatRequest) {
      if (!engine.isThere) return Promise.reject(new Error('The engine has ended.'));
      return Promise.resolve({ tokens: message?.text === '' ? 5 : 105, heldTokens: 0 });
    },
  };
  const counting = new Counting({
    estimator: { estimate: () => ({ tokens: 40 }) },
    providerOf: () => provider,
  } as unknown as CountingNeeds);
  const model = { model: { provider: 'embedded', id: 'llama' }, contextTokens: 4096 } as ChatModel;
  const { count } = counting.budgetOf(model);
  const [estimated = 0] = await count(['some text']);
  expect(estimated).toBeGreaterThan(40);
  expect(estimated).toBeLessThan(60);
  engine.isThere = true;
  expect(await count(['some text'])).toEqual([100]);
  engine.isThere = false;
  expect(await count(['some text'])).toEqual([100]);
});

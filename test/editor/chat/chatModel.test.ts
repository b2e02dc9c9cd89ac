import { describe, expect, it } from 'vitest';
import {
  askableChatModel,
  blockedBy,
  cannotChat,
  chatModelOf,
  type ChatModelNeeds,
} from '../../../src/editor/chat/chatModel.ts';
import type { EngineFacts } from '../../../src/engine/messages.ts';
import type { Route } from '../../../src/ledger/entry.ts';
import type { Model } from '../../../src/models/model.ts';

const local: Model = { id: 'embedded:/m.gguf', name: 'Llama', provider: 'embedded', file: '/m.gguf' };
const endpoint = { baseUrl: 'https://api.openai.com/v1', card: 'openai' } as const;
const served: Model = { id: `${endpoint.baseUrl}#gpt`, name: 'gpt', provider: 'server', model: 'gpt', endpoint };
const facts = { hasChatTemplate: true, chatContextTokens: 8_192, fileBytes: 9e7 } as EngineFacts;
const here: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const away: Route = { kind: 'internet', evidence: 'verified', host: 'api.openai.com:443', remote: undefined };

function knowing(model: Model | undefined, change: Partial<ChatModelNeeds> = {}): ChatModelNeeds {
  return {
    model: () => model,
    problem: () => undefined,
    engineOf: () => ({ kind: 'ready', facts }),
    hasChatTemplate: () => undefined,
    known: () => ({ contextTokens: 128_000 }),
    placeOf: ({ provider }) => ({ route: provider === 'embedded' ? here : away, server: undefined }),
    policy: () => ({ rules: [], broken: [], consents: [] }),
    ...change,
  };
}

describe('the model of the chat', () => {
  it('has the context of the engine that runs it, and none before it runs', () => {
    expect(chatModelOf(knowing(local))).toMatchObject({
      ...{ contextTokens: 8_192, isSmall: true },
      pill: { name: 'Llama', exposure: 'inProcess', routeWords: 'this computer' },
    });
    const asleep = chatModelOf(knowing(local, { engineOf: () => ({ kind: 'stopped' }) }));
    expect([asleep?.contextTokens, asleep?.isSmall]).toEqual([undefined, false]);
  });

  it('has the context its server told', () => {
    expect(chatModelOf(knowing(served))).toMatchObject({
      ...{ contextTokens: 128_000, isSmall: false },
      pill: { exposure: 'internet', routeWords: 'internet: api.openai.com:443' },
    });
  });
});

describe('nothing can be asked', () => {
  it('of no model', () => {
    expect(blockedBy(knowing(undefined))).toMatchObject({ kind: 'noModel', action: 'switchProvider' });
    const problem = 'The setting paddock.chat.model names no model.';
    expect(blockedBy(knowing(undefined, { problem: () => problem }))?.message).toBe(problem);
  });

  it('of a model whose file has no chat template, which is not guessed at', () => {
    const bare = { ...facts, hasChatTemplate: false };
    const failure = blockedBy(knowing(local, { engineOf: () => ({ kind: 'ready', facts: bare }) }));
    expect(failure).toMatchObject({ kind: 'modelUnsupported', action: 'switchProvider' });
    expect(failure?.message).toBe('Llama cannot chat: its file has no chat template. It is made for completions.');
    expect(blockedBy(knowing(local))).toBeUndefined();
  });

  it('of such a model before an engine has loaded it, as its header says', () => {
    const asleep = (has: boolean | undefined) =>
      knowing(local, { engineOf: () => ({ kind: 'stopped' }), hasChatTemplate: () => has });
    expect([true, undefined, false].map((has) => blockedBy(asleep(has))?.kind)).toEqual([
      undefined,
      undefined,
      'modelUnsupported',
    ]);
    expect([true, undefined, false].map((has) => cannotChat(asleep(has))?.kind)).toEqual([
      undefined,
      undefined,
      'modelUnsupported',
    ]);
    expect(() => askableChatModel(asleep(false))).toThrow('no chat template');
    expect(askableChatModel(asleep(true))?.model).toBe(local);
    // What the engine has read counts before that.
    expect(blockedBy(knowing(local, { hasChatTemplate: () => false }))).toBeUndefined();
  });

  it('where a rule or a missing consent is in the way', () => {
    const rule = { source: '/repo/.paddock/policy.json', forbiddenHosts: ['*.openai.com'] };
    const denied = blockedBy(knowing(served, { policy: () => ({ rules: [rule], broken: [], consents: [] }) }));
    expect(denied).toMatchObject({
      ...{ kind: 'denied', action: 'openPolicy' },
      facts: { source: rule.source, rule: 'forbiddenHosts: *.openai.com' },
    });
    const broken = [{ source: '/repo/.paddock/policy.json', line: 3, message: 'A comma is missing.' }];
    const unread = blockedBy(knowing(served, { policy: () => ({ rules: [], broken, consents: [] }) }));
    expect(unread?.message).toContain('line 3');
    // Rules may change while it is offered to others, whom the gate tells.
    expect(
      cannotChat(knowing(served, { policy: () => ({ rules: [rule], broken: [], consents: [] }) })),
    ).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { afterPick, parsePicked, plansFor, type Picked } from '../../../src/editor/switching/presets.ts';
import type { CardId, Model } from '../../../src/models/model.ts';

const file = (path: string): Model => ({ id: `embedded:${path}`, name: path, provider: 'embedded', file: path });
const served = (baseUrl: string, card: CardId): Model => ({
  id: `${baseUrl}#m`,
  name: 'm',
  provider: 'server',
  endpoint: { baseUrl, card },
  model: 'm',
});
const nothing = { completion: undefined, chat: undefined };
const gpt = served('https://api.openai.com/v1', 'openai');
const team = served('http://10.0.0.5:8000/v1', 'vllm');
const local = served('http://127.0.0.1:8080', 'llamaServer');

const plans = (picked: Picked, chosen: Record<'completion' | 'chat', Model | undefined> = nothing, localFile = '') =>
  plansFor({ picked, chosen, localFile });

describe('the presets', () => {
  it('say why, as long as they cannot be taken', () => {
    expect(Object.values(plans({})).map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(plans({}, nothing, '/a.gguf').closedChat).toEqual({
      kind: 'unavailable',
      whyNot: expect.stringContaining('closed API'),
    });
  });

  it('bring both back to this computer, each to its own model', () => {
    expect(plans({}, nothing, '/a.gguf').thisComputer).toEqual({ kind: 'ready', refs: { completion: '', chat: '' } });
    const picked = { embedded: { completion: 'embedded:/a.gguf', chat: 'embedded:/b.gguf' } };
    expect(plans(picked, { completion: gpt, chat: gpt }).thisComputer).toEqual({
      kind: 'ready',
      refs: picked.embedded,
    });
    const onlyOne = plans({}, { completion: file('/a.gguf'), chat: gpt }).thisComputer;
    expect(onlyOne).toEqual({ kind: 'ready', refs: { completion: 'embedded:/a.gguf', chat: 'embedded:/a.gguf' } });
  });

  it('remember what was picked last', () => {
    const picks: [('completion' | 'chat')[], Model, boolean][] = [
      [['completion', 'chat'], file('/a.gguf'), false],
      [['chat'], gpt, true],
      [['completion', 'chat'], team, true],
      [['completion', 'chat'], local, false],
    ];
    const picked = picks.reduce<Picked>(
      (so, [roles, model, isElsewhere]) => afterPick(so, roles, model, isElsewhere),
      {},
    );
    const { closedChat, team: teamPlan } = plans(picked);
    expect(closedChat).toEqual({ kind: 'ready', refs: { completion: 'embedded:/a.gguf', chat: gpt.id } });
    expect(teamPlan).toEqual({ kind: 'ready', refs: { completion: team.id, chat: team.id } });
    expect(parsePicked(JSON.parse(JSON.stringify(picked)))).toEqual(picked);
  });

  it('take a closed API for chat only when it was picked for chat', () => {
    expect(afterPick({}, ['completion'], gpt, true)).toEqual({});
  });

  it.each([undefined, null, 'x', 5, [], { closedChat: 5, team: 'x', embedded: { chat: 'gpt' } }])(
    'make nothing of %j',
    (kept) => {
      expect(plans(parsePicked(kept))).toEqual(plans({}));
    },
  );
});

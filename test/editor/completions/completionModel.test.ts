import { describe, expect, it } from 'vitest';
import { completionModel, type CompletionModelNeeds } from '../../../src/editor/completions/completionModel.ts';
import type { RouteKind, Settlement } from '../../../src/ledger/entry.ts';
import type { EmbeddedModel, ServedModel } from '../../../src/models/model.ts';
import { facts } from '../../support/fakeEngineChild.ts';

const embedded: EmbeddedModel = { id: 'embedded:/a.gguf', name: 'a', provider: 'embedded', file: '/a.gguf' };
const served: ServedModel = {
  id: 'http://localhost:8080#q',
  name: 'q',
  provider: 'server',
  endpoint: { baseUrl: 'http://localhost:8080', card: 'llamaServer' },
  model: 'q',
};
const routeTo = (kind: RouteKind) => ({ kind, evidence: 'verified', host: 'h', remote: undefined }) as const;
const given: CompletionModelNeeds = {
  model: served,
  engineOf: () => ({ kind: 'stopped' }),
  lastOf: () => undefined,
  known: () => undefined,
  route: () => routeTo('loopback'),
};

describe('what completions know', () => {
  it('of an embedded model is what its engine measured, once it is loaded', () => {
    expect(completionModel({ ...given, model: undefined })).toBeUndefined();
    expect(completionModel({ ...given, model: embedded })).toBeUndefined();
    const ready = completionModel({ ...given, model: embedded, engineOf: () => ({ kind: 'ready', facts }) });
    expect(ready).toMatchObject({ id: embedded.id, decodeTokPerS: 20, contextTokens: 2048 });
    expect(ready?.restMs).toBeUndefined();
  });

  it('of a server is a cautious guess, until it was seen at work', () => {
    expect(completionModel(given)).toEqual({
      id: served.id,
      hasInfillTokens: true,
      prefillTokPerS: undefined,
      decodeTokPerS: undefined,
      contextTokens: 4096,
    });
    const speed = { firstTokenMs: 90, prefillTokPerS: undefined, decodeTokPerS: 55 };
    const last = { route: routeTo('loopback'), settlement: { speed } as Settlement };
    const lastOf = (id: string) => (id === served.id ? last : undefined);
    const seen = completionModel({ ...given, lastOf, known: () => ({ contextTokens: 32_768 }) });
    expect(seen).toMatchObject({ decodeTokPerS: 55, contextTokens: 32_768 });
  });

  it('is to wait for a rest in typing where the server is not on this computer', () => {
    const restMs = (kind: RouteKind) => completionModel({ ...given, route: () => routeTo(kind) })?.restMs;
    expect([restMs('loopback'), restMs('private'), restMs('internet')]).toEqual([undefined, 200, 200]);
  });
});

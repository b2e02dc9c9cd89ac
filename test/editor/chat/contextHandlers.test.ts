import { expect, it } from 'vitest';
import { contextHandlers, type ContextNeeds } from '../../../src/editor/chat/contextHandlers.ts';

it('takes what is picked from the newest list, however late the search before it ends', async () => {
  const searches: PromiseWithResolvers<readonly unknown[]>[] = [];
  const added: unknown[] = [];
  const findFiles = () => {
    const search = Promise.withResolvers<readonly unknown[]>();
    searches.push(search);
    return search.promise;
  };
  const uri = (path: string) => ({ path, toString: () => `file://${path}` });
  const needs = {
    mentions: { workspace: { findFiles, asRelativePath: ({ path }: { path: string }) => path.slice(1) } },
    chips: { add: (source: unknown) => Promise.resolve(void added.push(source)) },
    tell: () => undefined,
  };
  const { suggest, takeSuggestion } = contextHandlers(needs as unknown as ContextNeeds);
  const first = suggest({ type: 'suggest', request: 1, trigger: '@', query: 'file:a' });
  const second = suggest({ type: 'suggest', request: 2, trigger: '@', query: 'file:ab' });
  searches[1]?.resolve([uri('/ab.ts')]);
  await second;
  searches[0]?.resolve([uri('/a.ts')]);
  await first;
  await takeSuggestion({ type: 'takeSuggestion', suggestionId: 'file:file:///ab.ts' });
  expect(added).toHaveLength(1);
});

it('keeps what was typed last in a conversation that was left meanwhile with that one', () => {
  const left: unknown[] = [];
  const needs = {
    desk: { current: { id: 'b' }, find: (id: string) => ({ id }) },
    composer: { draft: 'of b' },
    drafts: { leave: (...all: unknown[]) => void left.push(all) },
  };
  const { draft } = contextHandlers(needs as unknown as ContextNeeds);
  draft({ type: 'draft', threadId: 'a', text: 'Half a question' });
  expect([left, needs.composer.draft]).toEqual([[[{ id: 'a' }, 'Half a question']], 'of b']);
});

it('says that what was attached is not there any more', async () => {
  const noted: string[] = [];
  const part = { uri: 'file:///gone.ts', name: 'src/gone.ts:3-4', text: '' };
  const turn = { question: { attachments: [{ id: 'a1', parts: [part] }] } };
  const needs = {
    desk: { find: () => ({ turn: () => turn }), note: (text: string) => void noted.push(text) },
    opening: {
      workspace: { openTextDocument: () => Promise.reject(new Error('cannot open file:///gone.ts. Detail: …')) },
      Uri: { parse: (text: string) => text },
    },
  };
  const { openAttachment } = contextHandlers(needs as unknown as ContextNeeds);
  await openAttachment({ type: 'openAttachment', threadId: 'c1', turnId: 't1', attachmentId: 'a1' });
  expect(noted).toEqual(['src/gone.ts:3-4 cannot be opened. It may have been moved or deleted.']);
});

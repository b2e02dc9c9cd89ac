import { expect, it } from 'vitest';
import { Drafts } from '../../../src/editor/chat/drafts.ts';

/** Drafts of one window after the other. */
function draftsWith(value?: unknown): () => Drafts {
  const kept = { value };
  return () => new Drafts({ get: () => kept.value, set: (drafts) => void (kept.value = drafts) });
}
const asked = (id: string) => ({ id, branch: ['a turn'] });
const fresh = (id: string) => ({ id, branch: [] });

it('comes back with its conversation, also after a reload, and once', () => {
  const open = draftsWith();
  open().leave(asked('a'), 'Half a question');
  expect(open().take(fresh('b')), 'a new one starts empty').toBe('');
  expect(open().take(asked('a'))).toBe('Half a question');
  expect(open().take(asked('a'))).toBe('');
});

it('of a conversation in which nothing was asked comes back in the next new one', () => {
  const drafts = draftsWith()();
  drafts.leave(fresh('a'), 'Half a question');
  expect(drafts.take(asked('b'))).toBe('');
  expect(drafts.take(fresh('c'))).toBe('Half a question');
  drafts.leave(undefined, 'Told late');
  expect(drafts.take(fresh('d'))).toBe('Told late');
});

it('is what was told last; an empty one is none', () => {
  const drafts = draftsWith()();
  drafts.leave(asked('a'), 'Half');
  drafts.leave(asked('a'), 'Half a question');
  expect(drafts.take(asked('a'))).toBe('Half a question');
  drafts.leave(asked('a'), 'Half');
  drafts.leave(asked('a'), ' ');
  expect(drafts.take(asked('a'))).toBe('');
});

it('is kept of the hundred conversations that were left last', () => {
  const drafts = draftsWith()();
  for (let index = 0; index < 101; index += 1) drafts.leave(asked(`${index}`), `draft ${index}`);
  expect([drafts.take(asked('0')), drafts.take(asked('1'))]).toEqual(['', 'draft 1']);
});

it.each([[undefined], ['a'], [{ a: 'x' }], [[['a']]], [[['a', 1]]], [[null]]])('is none in %j', (value) => {
  expect(draftsWith(value)().take(asked('a'))).toBe('');
});

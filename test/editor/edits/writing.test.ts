import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { lensesOf } from '../../../src/editor/edits/lenses.ts';
import { EditSession } from '../../../src/editor/edits/session.ts';
import { failureOf, write } from '../../../src/editor/edits/writing.ts';
import type { Ask, ChatRequest, Chunk, StopReason } from '../../../src/models/model.ts';
import { FakeClock, settle } from '../../support/clock.ts';
import { linesOfAll, textLines } from '../../support/textLines.ts';

const request: ChatRequest = { kind: 'chat', messages: [{ role: 'user', text: 'Edit.' }], items: [] };
const speed = { firstTokenMs: 1, prefillTokPerS: undefined, decodeTokPerS: undefined };
const end = (reason: StopReason = 'endOfText'): Chunk => ({ kind: 'end', reason, usage: undefined, speed });
const text = (words: string): Chunk => ({ kind: 'text', text: words });

const textOf = ({ shown }: EditSession): string => linesOfAll(shown).join('\n');

/** An edit of three lines, and a model that says a chunk each time it is let. */
function begun() {
  const session = new EditSession(textLines(['one', 'two', 'three', 'rest']), { start: 0, end: 3 });
  const clock = new FakeClock();
  const said: string[] = [];
  const chunks: Chunk[] = [];
  const askedIds: (string | undefined)[] = [];
  let wake: () => void = () => undefined;
  let signal: AbortSignal | undefined;
  let isLeft = false;
  const ask: Ask = async function* ({ modelId }, _request, given) {
    askedIds.push(modelId);
    signal = given;
    given.addEventListener('abort', () => wake());
    for (;;) {
      while (chunks.length === 0 && !given.aborted) await new Promise<void>((resolve) => (wake = resolve));
      if (given.aborted) throw new Failure('aborted', 'Stopped.');
      const chunk = chunks.shift();
      isLeft = true;
      if (chunk !== undefined) yield chunk;
      isLeft = false;
      if (chunk?.kind === 'end') return;
    }
  };
  const say = (words: string): number => said.push(words);
  const place = { before: [], selected: session.oldLines, after: ['rest'] };
  const { signal: never } = new AbortController();
  const written = write({ ask, clock }, { session, place, request, say, modelId: 'llama' }, never);
  const tell = async (...more: readonly Chunk[]): Promise<void> => {
    chunks.push(...more);
    wake();
    await settle();
    await clock.advance(100);
  };
  return {
    session,
    clock,
    said,
    askedIds,
    written,
    tell,
    isStopped: () => signal?.aborted === true,
    isLeft: () => isLeft,
  };
}

describe('an answer', () => {
  it('is in the edit line by line, and whole at its end', async () => {
    const { session, said, askedIds, written, tell } = begun();
    await tell({ kind: 'opened', requestId: 'r1' }, { kind: 'reading', readTokens: 5, totalTokens: 10 });
    expect(textOf(session)).toBe('one\ntwo\nthree\nrest');
    await tell(text('```\none\nTW'));
    expect(textOf(session)).toBe('one\ntwo\nthree\nrest');
    await tell(text('O\n'));
    expect(textOf(session)).toBe('one\ntwo\nTWO\nthree\nrest');
    await tell(text('three\n```'), end());
    expect(await written).toEqual({ requestIds: ['r1'], isCut: false });
    expect(session.hunks).toEqual([{ oldStart: 1, oldLines: ['two'], newLines: ['TWO'] }]);
    expect(said).toEqual(['$(loading~spin) Reading 50 %', '$(loading~spin) Writing…']);
    expect(askedIds).toEqual(['llama']);
  });

  it('that is thought about says so once, however many thoughts come', async () => {
    const { said, written, tell } = begun();
    const thought: Chunk = { kind: 'reasoning', text: 'So' };
    await tell(thought, thought, thought, text('```\nONE\n```'), end());
    await written;
    expect(said).toEqual(['$(loading~spin) Thinking…', '$(loading~spin) Writing…']);
  });

  it('that breaks off changes nothing that it did not reach', async () => {
    const { session, written, tell } = begun();
    await tell(text('```\nONE\ntw'), end('maxTokens'));
    expect(await written).toEqual({ requestIds: [], isCut: true });
    expect(textOf(session)).toBe('one\nONE\ntwo\nthree\nrest');
  });

  it('that breaks off before anything changed is a failure, not an edit without changes', async () => {
    const { written, tell } = begun();
    const failed = written.catch((error: unknown) => error);
    await tell(text('```\none\ntw'), end('maxTokens'));
    expect(await failed).toMatchObject({
      kind: 'badResponse',
      message: expect.stringContaining('broke off') as string,
    });
  });

  it('that broke off behind its code block is whole', async () => {
    const { session, written, tell } = begun();
    await tell(text('```\nONE\n```\nThis is'), end('maxTokens'));
    expect(await written).toEqual({ requestIds: [], isCut: false });
    expect(textOf(session)).toBe('one\ntwo\nthree\nONE\nrest');
  });

  it('that is an empty code block deletes the lines, once it has ended', async () => {
    const { session, written, tell } = begun();
    await tell(text('```\n```\n'));
    expect(session.hunks).toEqual([]);
    await tell(end());
    expect((await written).isCut).toBe(false);
    expect(session.hunks).toEqual([{ oldStart: 0, oldLines: ['one', 'two', 'three'], newLines: [] }]);
  });

  it('that walks in circles is stopped, and what came before counts', async () => {
    const { session, written, tell, isLeft } = begun();
    await tell(text('```\nONE\n'), ...Array.from({ length: 90 }, () => text('again();\n')));
    expect(await written).toMatchObject({ isCut: true });
    expect(isLeft()).toBe(true);
    expect(textOf(session).split('\n').slice(0, 3)).toEqual(['one', 'ONE', 'two']);
  });

  it.each([
    ['holds no text for the lines', 'Sure, here is the code:', 'nothing that could stand'],
    ['leaves lines out', '```\nONE\n// ... rest of the code\n```', 'left out'],
  ])('that %s is a failure', async (_, words, reason) => {
    const { session, written, tell } = begun();
    const failed = written.catch((error: unknown) => error);
    await tell(text(words), end());
    expect(await failed).toMatchObject({ kind: 'badResponse', message: expect.stringContaining(reason) as string });
    expect(failureOf(await failed, session)).toBeDefined();
  });

  it('is stopped with the edit, and that is no failure to show', async () => {
    const { session, clock, written, tell, isStopped } = begun();
    const failed = written.catch((error: unknown) => error);
    await tell(text('```\nONE\n'));
    session.end('dropped');
    await settle();
    expect(isStopped()).toBe(true);
    expect(failureOf(await failed, session)).toBeUndefined();
    expect(clock.waiting).toBe(0);
  });
});

describe('the buttons of an edit', () => {
  const titles = (session: EditSession): string[] =>
    lensesOf(session, 'Words').map(({ line, title }) => `${line} ${title}`);

  it('are one to stop while it is written, and two at each hunk to decide', () => {
    const session = new EditSession(textLines(['zero', 'one', 'two', 'three']), { start: 1, end: 4 });
    expect(titles(session)).toEqual(['1 Words', '1 Stop']);
    session.propose(['ONE', 'two', 'THREE'], true);
    session.review();
    const all = ['1 Words', '1 Accept all 2', '1 Reject all', '1 Discard'];
    expect(titles(session)).toEqual([...all, '1 Accept', '1 Reject', '4 Accept', '4 Reject']);
    session.decide(0, 'accepted');
    expect(titles(session)).toEqual(['1 Words', '1 Discard', '3 Accept', '3 Reject']);
    session.decide(1, 'rejected');
    expect(titles(session)).toEqual([]);
  });
});

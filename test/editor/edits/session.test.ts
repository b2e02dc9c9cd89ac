import { describe, expect, it } from 'vitest';
import { EditSession } from '../../../src/editor/edits/session.ts';
import { linesOfAll, textLines } from '../../support/textLines.ts';

const document = ['one', 'two', 'three', 'four', 'five'];
/** An edit of the lines two to four. */
const begun = (lines: readonly string[] = document): EditSession =>
  new EditSession(textLines(lines), { start: 1, end: 4 });
const textOf = ({ shown }: EditSession): string => linesOfAll(shown).join('\n');

function reviewed(lines: readonly string[] = document): EditSession {
  const session = begun(lines);
  session.propose(['TWO', 'three', 'FOUR'], true);
  session.review();
  return session;
}

describe('an edit', () => {
  it('shows old and new lines while they come, without taking what is not reached yet for removed', () => {
    const session = begun();
    expect(textOf(session)).toBe('one\ntwo\nthree\nfour\nfive');
    session.propose(['TWO'], false);
    expect(textOf(session)).toBe('one\ntwo\nTWO\nthree\nfour\nfive');
    session.propose(['TWO', 'three', 'FOUR'], true);
    expect(textOf(session)).toBe('one\ntwo\nTWO\nthree\nfour\nFOUR\nfive');
    expect(session.rows.map(({ kind }) => kind)).toEqual(['removed', 'added', 'kept', 'removed', 'added']);
  });

  it('cannot be decided before it is all there', () => {
    const session = begun();
    session.propose(['TWO'], false);
    session.decide('all', 'accepted');
    expect([session.state, session.openCount]).toEqual(['writing', 1]);
  });

  it('ends when the last hunk is decided, with what was accepted', async () => {
    const session = reviewed();
    session.decide(0, 'accepted');
    expect([session.state, textOf(session)]).toEqual(['reviewing', 'one\nTWO\nthree\nfour\nFOUR\nfive']);
    session.decide(1, 'rejected');
    expect(await session.ended).toBe('decided');
    expect(session.acceptedChanges()).toEqual([
      { start: { line: 1, character: 0 }, end: { line: 1, character: 3 }, text: 'TWO' },
    ]);
  });

  it('tells where what was accepted stands afterwards', () => {
    const session = begun();
    session.propose(['a', 'b', 'three', 'FOUR', 'more'], true);
    session.review();
    session.decide(0, 'accepted');
    session.decide(1, 'accepted');
    expect(session.acceptedLines()).toEqual([
      { start: 1, end: 3 },
      { start: 4, end: 6 },
    ]);
    const other = reviewed();
    other.decide(0, 'rejected');
    other.decide(1, 'accepted');
    expect(other.acceptedLines()).toEqual([{ start: 3, end: 4 }]);
  });

  it('is over at once where nothing would change', async () => {
    const session = begun();
    session.propose(['two', 'three', 'four'], true);
    expect(session.review()).toBe(false);
    expect([await session.ended, session.acceptedChanges()]).toEqual(['decided', []]);
  });

  it('goes with its lines when others change', () => {
    const now = [...document];
    const session = reviewed(now);
    const above = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: 'zero\n' };
    now.unshift('zero');
    session.follow([above]);
    expect([session.state, session.range]).toEqual(['reviewing', { start: 2, end: 5 }]);
    session.decide('all', 'accepted');
    expect(session.acceptedChanges().map(({ start }) => start.line)).toEqual([2, 4]);
  });

  it('ends when somebody changes its lines, and then changes nothing', async () => {
    const session = reviewed();
    const inside = { start: { line: 2, character: 0 }, end: { line: 2, character: 0 }, text: 'x' };
    session.follow([inside]);
    expect(await session.ended).toBe('overtaken');
    session.decide('all', 'accepted');
    expect(session.acceptedChanges()).toEqual([]);
  });

  it('ends when its lines are not what they were, whatever the change said', async () => {
    for (const lines of [['one', 'two', 'three', 'five'], ['one']]) {
      const now = [...document];
      const session = reviewed(now);
      now.splice(0, now.length, ...lines);
      session.follow([]);
      expect(await session.ended).toBe('overtaken');
    }
  });

  it('ends with its owner', async () => {
    const session = reviewed();
    session.dispose();
    session.dispose();
    expect(await session.ended).toBe('dropped');
  });
});

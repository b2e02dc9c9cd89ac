import { describe, expect, it } from 'vitest';
import { Runaway } from '../../src/chat/runaway.ts';
import { Chance } from '../support/chance.ts';

/** What is left of an answer that comes in pieces of this size, and why it ended. */
function kept(answer: string, size: number) {
  const runaway = new Runaway();
  let text = '';
  for (let at = 0; at < answer.length; at += size) {
    const { text: more, end } = runaway.push(answer.slice(at, at + size));
    text += more;
    if (end?.kind === 'looped') return { text: text.slice(0, end.keptChars), end: 'looped' };
    if (end !== undefined) return { text, end: end.kind };
  }
  return { text: text + runaway.rest(), end: 'itself' };
}

describe('an answer', () => {
  it('ends at a mark, whatever pieces it comes in', () => {
    for (let size = 1; size < 40; size += 1) {
      expect(kept('A < b <| c <end of it.<end_of_turn>\nuser', size)).toEqual({
        text: 'A < b <| c <end of it.',
        end: 'marked',
      });
    }
  });

  it.each([
    ['a', 'word '],
    ['a', '- [ ] item\n- [x] other\n'],
    ['I think ', 'that the answer to the question is that the answer depends on the question, and therefore '],
    ['', '0'],
  ])('that goes in circles after %j keeps one round', (before, round) => {
    const { text, end } = kept(before + round.repeat(2_000), 5);
    expect(end).toBe('looped');
    expect(text.length).toBeLessThanOrEqual((before + round).length);
    expect((before + round.repeat(2)).startsWith(text)).toBe(true);
  });

  it.each([
    ['a table', `| a | b |\n${'|---'.repeat(20)}|\n${'| 1 | 2 |\n'.repeat(20)}`],
    ['a ruler', `${'='.repeat(200)}\n${'-'.repeat(200)}\n`],
    ['zeros', `[${'0, '.repeat(100)}]`],
    ['blanks', `a${' '.repeat(300)}b`],
    ['closing brackets', `${'    }\n'.repeat(30)}`],
    ['numbered lines', Array.from({ length: 500 }, (_, line) => `case ${line}: return ${line};\n`).join('')],
    ['a poem', 'Row, row, row your boat\n'.repeat(5)],
  ])('that is %s is not taken for a circle', (_, answer) => {
    expect(kept(answer, 7)).toEqual({ text: answer, end: 'itself' });
  });

  it('passes unchanged in pieces of any size', () => {
    const chance = new Chance(5);
    for (let round = 0; round < 200; round += 1) {
      const answer = Array.from({ length: 200 }, () =>
        chance.pick(['<', '|', 'im_', 'end', 'a', '\n', '<|', '🦙', ' ']),
      ).join('');
      if (/<\|im_end\|>|<\|end\|>/.test(answer)) continue;
      expect(kept(answer, 1 + chance.below(9)).text).toBe(answer);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { codeFilter, thinkFilter, type Filter } from '../../src/providers/filters.ts';

/** What comes out when the text comes in pieces of this size. */
function sifted(make: () => Filter, text: string, size: number): { text: string; reasoning: string } {
  const filter = make();
  const out = { text: '', reasoning: '' };
  const add = (more: { text: string; reasoning: string }): void => {
    out.text += more.text;
    out.reasoning += more.reasoning;
  };
  for (let at = 0; at < text.length; at += size) add(filter.push(text.slice(at, at + size)));
  add(filter.end());
  return out;
}

/** All sizes of pieces give the same, and whatever came out early stays. */
function expectSifted(make: () => Filter, text: string, expected: { text: string; reasoning?: string }): void {
  for (let size = 1; size <= text.length; size += 1) {
    expect(sifted(make, text, size), `in pieces of ${size}`).toEqual({ reasoning: '', ...expected });
  }
}

describe('thoughts', () => {
  it.each([
    ['<think>Why?</think>Because.', 'Because.', 'Why?'],
    ['\n<think>\nWhy?\n</think>\n\nBecause.\n', 'Because.\n', '\nWhy?\n'],
    ['<think></think>Because.', 'Because.', ''],
    ['<think>never ends', '', 'never ends'],
    ['<think>a < b </thin> c</think>d', 'd', 'a < b </thin> c'],
    ['No thoughts.', 'No thoughts.', ''],
    ['  <thing> & <think>', '  <thing> & <think>', ''],
    ['Text <think>not at the beginning</think>', 'Text <think>not at the beginning</think>', ''],
    ['<th', '<th', ''],
  ])('%j', (text, answer, reasoning) => {
    expectSifted(thinkFilter, text, { text: answer, reasoning });
  });
});

describe('code that was asked for alone', () => {
  it.each([
    ['return a + b;', '', 'return a + b;'],
    ['```ts\nreturn a + b;\n```', '', 'return a + b;'],
    ['```\nreturn a;\n}\n```\nThis returns a.', '', 'return a;\n}'],
    ['\n\n```python\n  x = 1\n\n  y = 2\n```\n', '', '  x = 1\n\n  y = 2'],
    ['```ts\nunclosed', '', 'unclosed'],
    ['const s = `a`;', '', 'const s = `a`;'],
    ['`x`', '', '`x`'],
    ['const x = 5;', '  const x = ', '5;'],
    ['```ts\n  const x = 5;\n```', '  const x = ', '5;'],
    ['const y = 5;', '  const x = ', 'const y = 5;'],
    ['con', '  const x = ', 'con'],
    ['a.b', 'a', 'a.b'],
    ['```', '', ''],
    ['', '', ''],
  ])('%j after %j', (text, line, answer) => {
    expectSifted(() => codeFilter(line), text, { text: answer });
  });
});

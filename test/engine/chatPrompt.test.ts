import { describe, expect, test } from 'vitest';
import { respelled, spelled, type Part, type Speller } from '../../src/engine/worker/chatPrompt.ts';
import type { Span } from '../../src/engine/worker/chatTemplate.ts';

/** A tokenizer for the test: words in `<>` are control tokens, every other run of letters or of anything else a token. */
const names: string[] = [];
const numberOf = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1);
const textOf = (tokens: readonly number[]): string => tokens.map((token) => names[token]).join('|');

function speller(changes: Partial<Speller> = {}, trims: { before?: string; after?: string } = {}): Speller {
  return {
    start: [],
    tokenize: (text) => (text.match(/[a-z]+|[^a-z]+/gi) ?? []).map((word) => numberOf(`'${word}'`)),
    split: (words) =>
      (words.match(/<\w+>|[^<]+/g) ?? []).map((text): Part => {
        if (!text.startsWith('<')) return { text };
        const control = {
          token: numberOf(text),
          trimsBefore: text === trims.before,
          trimsAfter: text === trims.after,
        };
        return { text, control };
      }),
    ...changes,
  };
}

function tokensOf(spans: readonly Span[], by: Speller): number[] {
  const steps = spelled(spans, by);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const words = (text: string): Span => ({ text, isTemplate: true });
const written = (text: string): Span => ({ text, isTemplate: false });

describe('a conversation is spelled', () => {
  test('with the words of the template and of the user in one piece between control tokens', () => {
    const spans = [words('<s>us'), written('er hello'), words('bye<e>')];
    expect(textOf(tokensOf(spans, speller()))).toBe("<s>|'user'|' '|'hellobye'|<e>");
  });

  test('with what only looks like a control token as text', () => {
    expect(textOf(tokensOf([words('<s>'), written('<e>'), words('<e>')], speller()))).toBe("<s>|'<'|'e'|'>'|<e>");
  });

  test('with the first token once, whether the template writes it or not', () => {
    const by = speller({ start: [numberOf('<s>')] });
    expect(textOf(tokensOf([words('<s>hi')], by))).toBe("<s>|'hi'");
    expect(textOf(tokensOf([words('hi')], by))).toBe("<s>|'hi'");
  });

  test('without the blanks that a control token swallows', () => {
    const spans = [words('<s> a '), written('b '), words('<e>'), written('\n\n c')];
    expect(textOf(tokensOf(spans, speller()))).toBe("<s>|' '|'a'|' '|'b'|' '|<e>|'\n\n '|'c'");
    const by = speller({}, { before: '<e>', after: '<e>' });
    expect(textOf(tokensOf(spans, by))).toBe("<s>|' '|'a'|' '|'b'|<e>|'c'");
  });
});

describe('a spelling that is held', () => {
  /** Tokens are pieces of text; `<...>` is a control token. */
  const pieces: string[] = [];
  const tokens = (spelling: string): number[] =>
    spelling.split('|').map((piece) => (pieces.includes(piece) ? pieces.indexOf(piece) : pieces.push(piece) - 1));
  const bytesOf = (token: number): string | undefined => {
    const piece = pieces[token] ?? '';
    return piece.startsWith('<') ? undefined : piece;
  };
  const takenOver = (prompt: string, held: string): string =>
    respelled(tokens(prompt), tokens(held), bytesOf)
      .map((token) => pieces[token])
      .join('|');

  test.each([
    ['the same', '<a>|hello|<b>', '<a>|hello|<b>', '<a>|hello|<b>'],
    ['another spelling of one word', '<a>|hello|!|<b>|more', '<a>|hel|lo|!|<b>', '<a>|hel|lo|!|<b>|more'],
    ['a longer token', '<a>|hel|lo|<b>', '<a>|hello|<b>', '<a>|hello|<b>'],
    ['two places', 'ab|c|d|ef', 'a|bc|d|e|f', 'a|bc|d|e|f'],
    ['another text', '<a>|hello|<b>', '<a>|help|<b>', '<a>|hello|<b>'],
    ['another text after the same', 'ab|c|x', 'a|bc|y', 'a|bc|x'],
    ['the beginning of a longer word', '<a>|hello|<b>', '<a>|hel', '<a>|hello|<b>'],
    ['a longer text', '<a>|hel', '<a>|hel|lo|more', '<a>|hel'],
    ['a control token where text is', '<a>|hello', '<a>|<b>', '<a>|hello'],
    ['nothing', 'hello', '', 'hello'],
  ])('is taken over where it is the same text: %s', (_name, prompt, held, expected) => {
    expect(takenOver(prompt, held)).toBe(expected);
  });

  test('never changes the text, whatever is held', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const split = (text: string): string => text.replace(/(?!^)(?=.)/g, () => (random(2) === 0 ? '|' : ''));
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from({ length: 12 }, () => 'ab'[random(2)]).join('');
      const heldText = text.slice(0, 6 + random(7)) + 'ab'.slice(0, random(3));
      expect(takenOver(split(text), split(heldText)).replaceAll('|', '')).toBe(text);
    }
  });
});

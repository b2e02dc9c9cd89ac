import { describe, expect, test } from 'vitest';
import { promptFor, type Tokenizer } from '../../src/engine/worker/layout.ts';
import { bytesOfText } from '../../src/engine/worker/vocabulary.ts';

/** Splits into words with their space, blanks and signs; control tokens are 1000 and up. */
function tokenizer(changes: Partial<Tokenizer> = {}): Tokenizer & { show(tokens: readonly number[]): string } {
  const known: string[] = [];
  const names: Record<number, string> = { 1000: 'PRE', 1001: 'SUF', 1002: 'MID', 1003: 'BOS', 1004: 'EMPTY' };
  return {
    tokenize: (text) =>
      (text.match(/ ?\w+|\n|[ \t]+|[^\w\s]/g) ?? []).map((piece) => {
        if (!known.includes(piece)) known.push(piece);
        return known.indexOf(piece);
      }),
    bytesOf: (token) => (known[token] === undefined ? undefined : bytesOfText(known[token])),
    infill: { prefix: 1000, suffix: 1001, middle: 1002 },
    start: [],
    fallbackStart: 1004,
    show: (tokens) => tokens.map((token) => names[token] ?? known[token]).join('|'),
    ...changes,
  };
}

const window = { head: 'a\n', suffix: '\n}\n' };

describe('with infill tokens', () => {
  test('the line comes last, so that typing in it only appends', () => {
    const words = tokenizer();
    const before = promptFor(words, window, 'let x = foo(b');
    const after = promptFor(words, window, 'let x = foo(bar, ba');
    expect(words.show(before.tokens)).toBe('PRE|a|\n|SUF|\n|}|\n|MID|let| x| |=| foo|(');
    expect(before.rest).toBe('b');
    expect(after.tokens.slice(0, before.tokens.length)).toEqual(before.tokens);
  });

  test('a model that wants a first token gets it once', () => {
    const words = tokenizer({ start: [1003] });
    expect(words.show(promptFor(words, window, '').tokens)).toBe('BOS|PRE|a|\n|SUF|\n|}|\n|MID');
  });

  test('an empty document is three tokens', () => {
    const words = tokenizer();
    expect(words.show(promptFor(words, { head: '', suffix: '' }, '').tokens)).toBe('PRE|SUF|MID');
  });
});

describe('without infill tokens', () => {
  const words = tokenizer({ infill: undefined });

  test('the head goes over into the line, and what follows the cursor is not used', () => {
    const { tokens, rest } = promptFor(words, window, 'let fo');
    expect(words.show(tokens)).toBe('a|\n|let');
    expect(rest).toBe(' fo');
  });

  test('at the start of a line its line break is repeated: many vocabularies join it with the indentation', () => {
    const { tokens, rest } = promptFor(words, window, '');
    expect(words.show(tokens)).toBe('a');
    expect(rest).toBe('\n');
  });

  test('a prompt is never empty', () => {
    expect(words.show(promptFor(words, { head: '', suffix: '' }, 'con').tokens)).toBe('EMPTY');
  });
});

test('where tokens do not spell the text, nothing is taken back', () => {
  const words = tokenizer({ bytesOf: () => '?' });
  const { tokens, rest } = promptFor(words, window, 'let fo');
  expect(words.show(tokens)).toBe('PRE|a|\n|SUF|\n|}|\n|MID|let| fo');
  expect(rest).toBe('');
});

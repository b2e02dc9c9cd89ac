import { describe, expect, test } from 'vitest';
import { bytesOfText, vocabularyOf, type Vocabulary } from '../../src/engine/worker/vocabulary.ts';

function made(table: Parameters<typeof vocabularyOf>[0]): Vocabulary {
  const vocabulary = vocabularyOf(table);
  if (vocabulary === undefined) throw new Error('unknown');
  return vocabulary;
}

test('byte letters stand for their bytes', () => {
  const { bytesOf } = made({ model: 'gpt2', tokens: ['Ġcon', 'Ċ', 'Ã©', 'æĹ¥', 'ŁĻĤ', 'a'], types: undefined });
  expect([0, 1, 2, 3, 4, 5].map(bytesOf)).toEqual([
    ' con',
    '\n',
    bytesOfText('é'),
    bytesOfText('日'),
    '\x9f\x99\x82',
    'a',
  ]);
});

test('every byte has its letter', () => {
  // The letters of bytes_to_unicode, from the 256 one-letter tokens that such vocabularies hold.
  const letters = Array.from({ length: 256 + 68 }, (_, code) => String.fromCharCode(code));
  const { bytesOf } = made({ model: 'gpt2', tokens: letters, types: undefined });
  const bytes = letters.map((_, token) => bytesOf(token)).filter((each) => each !== undefined);
  expect(new Set(bytes).size).toBe(256);
});

test('in a llama vocabulary a low line is a space, and bytes have tokens of their own', () => {
  const { bytesOf } = made({ model: 'llama', tokens: ['▁con', '<0xE6>', '日', '<s>'], types: [1, 6, 1, 3] });
  expect([0, 1, 2, 3].map(bytesOf)).toEqual([' con', '\xe6', bytesOfText('日'), undefined]);
});

test('control tokens, unused ones and the unknown one are no text; what users add is text as it is', () => {
  const tokens = ['<|fim_middle|>', '[UNUSED1]', '<unk>', '<ä>'];
  const { bytesOf, agreeing } = made({ model: 'gpt2', tokens, types: [3, 5, 2, 4] });
  expect([0, 1, 2, 3].map(bytesOf)).toEqual([undefined, undefined, undefined, bytesOfText('<ä>')]);
  expect(agreeing('<')).toEqual([3]);
});

test('a way of writing tokens that is not known is not guessed', () => {
  expect(vocabularyOf({ model: 'bert', tokens: ['a'], types: undefined })).toBeUndefined();
});

describe('tokens that agree', () => {
  const tokens = ['c', 'co', 'con', 'const', 'cat', 'Ġcon', 'n', 'console', ''];
  const { agreeing, bytesOf } = made({ model: 'gpt2', tokens, types: undefined });

  test.each<[string, string[]]>([
    ['con', ['c', 'co', 'con', 'const', 'console']],
    ['conso', ['c', 'co', 'con', 'console']],
    ['c', ['c', 'co', 'con', 'const', 'cat', 'console']],
    [' ', [' con']],
    ['x', []],
  ])('with %j', (rest, expected) => {
    expect(agreeing(rest).map(bytesOf)).toEqual(expected);
  });
});

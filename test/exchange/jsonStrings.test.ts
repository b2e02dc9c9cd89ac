import { expect, it } from 'vitest';
import { jsonPieces } from '../../src/exchange/jsonStrings.ts';

const json = '{ "a\\n\\"": ["x\\u00e9", -1.5e3, true, ""], "b": {"c": 12345678901234567890} }';

it('reads strings as they say, and puts the text back as it was', () => {
  const { pieces, strings, json: put } = jsonPieces(json);
  expect(strings.map((index) => pieces[index])).toEqual(['a\n"', 'xé', '', 'b', 'c']);
  expect(pieces.join('')).toBe('{ "a\n"": ["xé", -1.5e3, true, ""], "b": {"c": 12345678901234567890} }');
  expect(put(pieces)).toBe(json);
});

it('quotes what takes the place of a string or a number, and lets nothing take that of a mark', () => {
  const { pieces, json: put } = jsonPieces(json);
  const told = put(pieces.map(() => 'he said "\n"'));
  expect(JSON.parse(told)).toEqual({
    'he said "\n"': { 'he said "\n"': 'he said "\n"' },
  });
  expect(told.startsWith('{ "')).toBe(true);
});

it('takes a string of a million signs', () => {
  const long = JSON.stringify({ text: 'a"\\\n'.repeat(250_000) });
  const { pieces, json: put } = jsonPieces(long);
  expect(put(pieces)).toBe(long);
});

import { describe, expect, test } from 'vitest';
import { Continuation, takenBack } from '../../src/engine/worker/healing.ts';
import { bytesOfText } from '../../src/engine/worker/vocabulary.ts';

describe('what is taken back', () => {
  test.each<[string, string]>([
    // tokens, split by |         what stays
    ['    |return| con', '    |return'],
    ['foo|(|ba', 'foo|('],
    ['   | get|Input|Tok', '   '],
    ['a|b|c|d|e|f', 'a|b'], // four at most
    ['foo|(', 'foo'], // it may be one with what follows: `("`, `()`
    ['foo|(|[', 'foo|('],
    ['x| =', 'x'],
    ['return| ', 'return'],
    ['{|\n   | ', '{'],
    ['{|\n', '{'],
    ['x| =| 1|2', 'x| ='],
    ['', ''],
    ['名|前|を|変', ''],
  ])('of %j stays %j', (line, kept) => {
    const pieces = line === '' ? [] : line.split('|').map(bytesOfText);
    const stays = pieces.slice(0, pieces.length - takenBack(pieces));
    expect(stays).toEqual(kept === '' ? [] : kept.split('|').map(bytesOfText));
  });

  test('a token that holds more than the word goes with it', () => {
    expect(takenBack(['x', '(name'])).toBe(1);
  });
});

describe('a continuation', () => {
  /** Feeds tokens; gives back what each adds after the cursor. */
  function fed(rest: string, tokens: readonly string[]): string[] {
    const continuation = new Continuation(bytesOfText(rest));
    return tokens.map((token) => continuation.accept(token));
  }

  test('gives nothing while it repeats what was typed, and the rest of the token that goes beyond', () => {
    expect(fed(' con', [' con', 'st', ' x'])).toEqual(['', 'st', ' x']);
    expect(fed(' con', [' const', ' x'])).toEqual(['st', ' x']);
    expect(fed(' con', [' ', 'c', 'onst'])).toEqual(['', '', 'st']);
    expect(fed('', ['a', 'b'])).toEqual(['a', 'b']);
  });

  test('says what is still to be repeated', () => {
    const continuation = new Continuation('abc');
    continuation.accept('a');
    expect(continuation.rest).toBe('bc');
    continuation.accept('bcd');
    expect(continuation.rest).toBe('');
  });

  test.each(['é', '日本', '🙂', 'a🙂b'])('gives %j in whole characters however it is cut', (text) => {
    const bytes = bytesOfText(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      for (let second = cut; second <= bytes.length; second += 1) {
        const parts = [bytes.slice(0, cut), bytes.slice(cut, second), bytes.slice(second)];
        const pieces = fed('x', ['x', ...parts]);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) expect(piece.isWellFormed() && !piece.includes('\ufffd')).toBe(true);
      }
    }
  });

  test('goes on inside a character that the typed text ended before', () => {
    const [first = '', ...others] = bytesOfText('日');
    expect(fed('本', [`${bytesOfText('本')}${first}`, others.join('')])).toEqual(['', '日']);
  });
});

import { describe, expect, test } from 'vitest';
import { endsThinking, Speech, thinkingMarksOf, type SpeechFacts } from '../../src/engine/worker/speech.ts';

const think = thinkingMarksOf('{{ content.split("</think>") }}', () => false);
const harmony = thinkingMarksOf("{{ '<|channel|>analysis<|message|>' }}", () => false);

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

/** Everything that is said, thoughts in `{}`; tokens in `<||>` are control tokens. */
function heard(tokens: readonly string[], facts: Partial<SpeechFacts> = {}): { said: string; isOver: boolean } {
  const speech = new Speech({ marks: undefined, isThinking: false, stop: undefined, ...facts });
  const said = tokens.flatMap((token) =>
    /^<\|.*\|>$/.test(token) ? speech.hearControl(token) : speech.hear(bytes(token)),
  );
  said.push(...speech.end());
  const spoken = said.map(({ type, text }) => (type === 'reasoning' ? `{${text}}` : text)).join('');
  return { said: spoken.replaceAll('}{', ''), isOver: speech.isOver };
}

/** The text cut into tokens at every character. */
const letters = (text: string): string[] => [...text];

describe('an answer', () => {
  test('without thoughts is said as it is', () => {
    expect(heard([' Hello', '\n', '<think>', ' you'])).toEqual({ said: ' Hello\n<think> you', isOver: false });
  });

  test('is said in whole characters, however its bytes are cut', () => {
    const speech = new Speech({ marks: think, isThinking: false, stop: '###' });
    const pieces = [...bytes('a🙂é\n日本')].flatMap((byte) => speech.hear(byte));
    expect(pieces.map(({ text }) => text)).toEqual(['a', '🙂', 'é', '\n', '日', '本']);
  });

  test('ends before its stop text, wherever that is cut', () => {
    const whole = 'Hello #1.<|im_end|>\n<|im_start|>user';
    expect(heard(letters(whole), { stop: '<|im_end|>' })).toEqual({ said: 'Hello #1.', isOver: true });
    expect(heard([whole], { stop: '<|im_end|>' })).toEqual({ said: 'Hello #1.', isOver: true });
    expect(heard(letters('1 < 2 <| 3'), { stop: '<|im_end|>' })).toEqual({ said: '1 < 2 <| 3', isOver: false });
  });

  test('has no control tokens in it', () => {
    expect(heard(['Hello', '<|reserved|>', ' you'])).toEqual({ said: 'Hello you', isOver: false });
  });
});

describe('a thought', () => {
  test.each([
    ['<think>\nHm.\n</think>\n\nYes.', '{Hm.\n}Yes.'],
    ['\n<think>Hm.</think>Yes.', '{Hm.}Yes.'],
    ['<think>\n\n</think>\n\nYes.', 'Yes.'],
    ['<think>1 < 2, </thi</think> Yes.', '{1 < 2, </thi}Yes.'],
    ['<think>Hm', '{Hm}'],
    ['\n\nYes <think>Hm.</think>', '\n\nYes <think>Hm.</think>'],
    ['<think>Hm.</think>Write <think>x</think>.', '{Hm.}Write <think>x</think>.'],
    ['<thin air', '<thin air'],
    ['<th', '<th'],
  ])('is told apart: %j', (text, expected) => {
    expect(heard(letters(text), { marks: think }).said).toBe(expected);
    expect(heard([text], { marks: think }).said).toBe(expected);
  });

  test('that the template opened is one from the first token', () => {
    expect(heard(letters('\nHm.</think>\nYes.'), { marks: think, isThinking: true }).said).toBe('{Hm.}Yes.');
    expect(endsThinking('<|im_start|>assistant\n<think>\n', think)).toBe(true);
    expect(endsThinking('<|im_start|>assistant\n<think>\n\n</think>\n\n', think)).toBe(false);
    expect(endsThinking('<|im_start|>assistant\n', undefined)).toBe(false);
  });

  test('in a channel of its own is told apart', () => {
    const thought = ['<|channel|>', 'analysis', '<|message|>', 'Hm.', '<|end|>', '<|start|>', 'assistant'];
    const answer = ['<|channel|>', 'final', '<|message|>', 'Yes.'];
    expect(heard([...thought, ...answer], { marks: harmony }).said).toBe('{Hm.}Yes.');
    expect(heard(answer, { marks: harmony }).said).toBe('Yes.');
  });

  test('is known by the template or by a token of the vocabulary', () => {
    expect(thinkingMarksOf('', () => false)).toBeUndefined();
    expect(thinkingMarksOf('', (text) => text === '[/THINK]')?.open).toBe('[THINK]');
  });
});

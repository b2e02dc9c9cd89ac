import { describe, expect, test } from 'vitest';
import { receiptLine, leftOutWords } from '../../../media/chat/receiptWords.ts';
import { newSentences, untold, type Told } from '../../../media/chat/sentences.ts';
import { ago, seconds, shortCount, size } from '../../../media/chat/words.ts';
import { localReceipt, receipt, richAnswer } from './chatStates.ts';

/** What is told when a text comes in such pieces. */
function toldOf(pieces: readonly string[]): readonly string[] {
  const words: string[] = [];
  let [text, told]: [string, Told] = ['', untold];
  for (const piece of pieces) {
    text += piece;
    const next = newSentences(text, told);
    told = next.told;
    if (next.words !== '') words.push(next.words);
  }
  return words;
}

describe('an answer that comes is told', () => {
  test('sentence by sentence, once', () => {
    expect(toldOf(['It is', ' one. It', ' is **two', '**! And', ' three'])).toEqual(['It is one.', 'It is two !']);
  });

  test('without code, and without the marks of Markdown', () => {
    const text = '## Title\n\nSee [the site](https://example.com).\n\n```ts\nlet a = 1.\n```\nDone. ';
    expect(toldOf([...text]).join(' ')).toBe('Title See the site. Code block. Done.');
  });

  test('in the same words in whatever pieces it comes', () => {
    const whole = toldOf([`${richAnswer}\n`])
      .join(' ')
      .replace(/\s+/g, ' ');
    expect(
      toldOf([...`${richAnswer}\n`])
        .join(' ')
        .replace(/\s+/g, ' '),
    ).toBe(whole);
    expect(whole).not.toContain('resolve(wish');
  });

  test('and what was read of it is not read again, in a code block either, nor are empty lines', () => {
    for (const before of ['', 'It is one.\n', '```ts\n', '~~~\n```\n']) {
      const text = before + '\n'.repeat(8_000);
      expect(newSentences(text, untold).told.readTo, before).toBe(text.length);
    }
    const lines = Array.from({ length: 200 }, (_, at) => `let line${at} = 1.\n`);
    let [text, told, readChars]: [string, Told, number] = ['```ts\n', untold, 0];
    for (const line of lines) {
      text += line;
      readChars += text.length - told.readTo;
      ({ told } = newSentences(text, told));
    }
    expect(readChars).toBe(text.length);
    expect(told.length).toBe(0);
    expect(newSentences(`${text}\`\`\`\n`, told).words).toBe('Code block.');
  });
});

describe('a receipt', () => {
  test('of a server says where, how much, how fast and for what', () => {
    expect(receiptLine(receipt)).toBe(
      'internet: api.example.com · 2,310 in (1,900 reused) · 412 out · 61 tok/s · first token 0.4 s · $0.0041 (as billed)' +
        ' · 1 secret masked, shortened',
    );
  });

  test('of our own engine names no sum', () => {
    expect(receiptLine(localReceipt)).toBe(
      'this computer · 1,204 in (1,100 reused) · 88 out · 14 tok/s · first token 1.2 s',
    );
  });

  test('of an answer that was tried twice says so, and that the counts lack a try', () => {
    const tries = [{ requestId: 'r0', exposure: 'internet', routeWords: 'internet', outcomeWords: 'failed' } as const];
    const line = receiptLine({ ...receipt, tries: [...tries, ...tries], isCountAtLeast: true });
    expect(line).toContain('at least 2,310 in (1,900 reused) · at least 412 out');
    expect(line).toContain('2 tries');
  });

  test('leaves out what nobody told instead of saying 0', () => {
    const { promptTokens: _in, completionTokens: _out, cachedTokens: _cached, ...untold } = receipt;
    expect(receiptLine({ ...untold, costWords: 'price unknown' })).not.toMatch(/\bin\b|\bout\b|\b0 /);
  });

  test('names the host where the words for the route do not', () => {
    expect(receiptLine({ ...receipt, routeWords: 'private network', host: '10.0.0.5:8080' })).toMatch(
      /^private network · 10\.0\.0\.5:8080 · /,
    );
  });

  test('says what was left out, and what was cut', () => {
    expect(leftOutWords({ kind: 'turns', count: 1, tokens: 900 })).toBe('1 earlier turn left out (900 tokens)');
    expect(leftOutWords({ kind: 'attachment', name: 'a.ts', tokens: 2_000, keptTokens: 0 })).toBe(
      'a.ts left out (2,000 tokens)',
    );
    expect(leftOutWords({ kind: 'attachment', name: 'a.ts', tokens: 2_000, keptTokens: 500 })).toBe(
      'a.ts: only its first 500 of 2,000 tokens',
    );
  });
});

test('numbers are short where there is little room', () => {
  expect([0, 999, 2_310, 120_400].map(shortCount)).toEqual(['0', '999', '2.3k', '120k']);
  expect([0.41, 12, 95].map(seconds)).toEqual(['0.4 s', '12 s', '2 min']);
  expect([640, 2_345, 3_000_000].map(size)).toEqual(['640 B', '2.3 KB', '3 MB']);
  const nowMs = Date.UTC(2026, 2, 10);
  expect([1_000, 300_000, 7_200_000, 172_800_000].map((since) => ago(nowMs - since, nowMs))).toEqual([
    'now',
    '5 min',
    '2 h',
    '2 d',
  ]);
  expect(ago(Date.UTC(2026, 0, 3, 12), nowMs)).toBe('Jan 3, 2026');
});

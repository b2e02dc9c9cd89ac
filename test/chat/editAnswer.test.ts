import { describe, expect, it } from 'vitest';
import { replacementIn, type LinesInPlace } from '../../src/chat/editAnswer.ts';

const selected = ['    let sum = 0;', '    return sum;'];
const alone = (lines: readonly string[]): LinesInPlace => ({ before: [], selected: lines, after: [] });
const whole = (answer: string, lines: readonly string[] = selected): readonly string[] | undefined =>
  replacementIn(answer, alone(lines), true)?.lines;

describe('the replacement in an answer', () => {
  it('is what stands in its first code block, with or without talk around it', () => {
    const code = '    let sum = 1;\n    return sum;';
    const expected = code.split('\n');
    for (const answer of [
      `\`\`\`ts\n${code}\n\`\`\``,
      `Sure! Here is the code:\n\n\`\`\`\n${code}\n\`\`\`\nThis sets it to one.`,
      `\`\`\`typescript\r\n${code.replace('\n', '\r\n')}\r\n\`\`\`\r\n`,
      `~~~\n${code}\n~~~`,
      `\`\`\`ts\n${code}`,
      `\`\`\`ts\n${code}\n\`\`\`\n\nOr:\n\n\`\`\`ts\nother();\n\`\`\``,
      `\`\`\`\n\`\`\`typescript\n${code}\n\`\`\`\n\`\`\``,
      `\`\`\`\n\`\`\`\n\`\`\`ts\n${code}\n\`\`\``,
      code,
      `Here is the updated code:\n\n${code}`,
      `${code}\n\nExplanation:\n\nIt begins with one now.`,
      `${code}\n\`\`\`\n\nIt begins with one now.`,
    ]) {
      expect([answer, whole(answer)]).toEqual([answer, expected]);
    }
  });

  it('is the changed code where the code as it was comes before it', () => {
    const fenced = (lines: readonly string[]): string => ['```ts', ...lines, '```'].join('\n');
    const changed = ['    let sum = 1;', '    return sum;'];
    expect(whole(`Before:\n${fenced(selected)}\nAfter:\n${fenced(changed)}`)).toEqual(changed);
    expect(whole(`${fenced(selected)}\nIt is fine. To use it:\n${fenced(['main();'])}`)).toEqual(selected);
  });

  it('gets back the indentation that it lost, and the empty lines at its ends', () => {
    expect(whole('```\nif (a) {\n  b();\n}\n```')).toEqual(['    if (a) {', '      b();', '    }']);
    expect(whole('```\nb();\n\nc();\n```', ['', '\ta();', ''])).toEqual(['', '\tb();', '', '\tc();', '']);
    expect(whole('b();', ['    '])).toEqual(['    b();']);
    expect(whole('`b();`', ['  a();'])).toEqual(['  b();']);
  });

  it('keeps code blocks inside a text', () => {
    const text = ['# Use', '```js', 'a();', '```', 'That is all.'];
    expect(whole(`\`\`\`\`markdown\n${text.join('\n')}\n\`\`\`\``, ['# Use'])).toEqual(text);
    expect(whole(`\`\`\`markdown\n${text.join('\n')}\n\`\`\`\nDone.`, ['# Use'])).toEqual(text);
    const fenced = ['```js', 'b();', '```'];
    expect(whole(`\`\`\`\`\n${fenced.join('\n')}\n\`\`\`\``, ['```js', 'a();', '```'])).toEqual(fenced);
  });

  it('is the text itself where prose was to be changed', () => {
    expect(
      whole('We sell teas.\n\nYou can buy them on Mondays.', ['We sells teas.', '', 'You can buys them.']),
    ).toEqual(['We sell teas.', '', 'You can buy them on Mondays.']);
  });

  it('is to delete the lines where it is an empty code block, closed', () => {
    for (const answer of ['```ts\n```', 'Sure:\n```\n\n```', '```\n```\n\nThe lines are not needed any more.']) {
      expect([answer, whole(answer)]).toEqual([answer, []]);
    }
    for (const ended of [false, true]) {
      expect(replacementIn('```\n```\n```\n```\n', alone(selected), ended)).toBeUndefined();
    }
    expect(replacementIn('```ts\n```\n', alone(selected), false)).toBeUndefined();
  });

  it('is nothing where the answer is nothing but talk', () => {
    for (const answer of [
      '',
      '\n\n',
      'Sure, here is the code:',
      '```ts',
      "I'm sorry, but I can't do that.",
      'To do that, the sum has to begin with one.\n\nThe function does not need any other change.',
    ]) {
      expect([answer, whole(answer)]).toEqual([answer, undefined]);
    }
  });

  it('says where a comment stands for lines that were left out', () => {
    const answer = '```ts\nlet sum = 1;\n// ... rest of the function\n```';
    expect(replacementIn(answer, alone(selected), true)?.leavesOut).toBe(true);
    expect(replacementIn(answer, alone(['// ...', 'a();']), true)?.leavesOut).toBe(false);
    expect(replacementIn('```ts\nlet sum = 1;\n```', alone(selected), true)?.leavesOut).toBe(false);
  });

  it('only grows while the answer comes, whole lines at a time', () => {
    const answer = 'Sure, here it is:\n\n```ts\nif (a) {\n  b();\n}\n```\nThat is `b` when `a`.';
    const final = whole(answer) ?? [];
    let longest = 0;
    for (let end = 0; end <= answer.length; end += 1) {
      const lines = replacementIn(answer.slice(0, end), alone(selected), false)?.lines ?? [];
      expect(final.slice(0, lines.length)).toEqual(lines);
      expect(lines.length).toBeGreaterThanOrEqual(longest);
      longest = lines.length;
    }
    expect(longest).toBe(final.length);
  });
});

describe('an answer that repeats what stands around the lines', () => {
  const place: LinesInPlace = {
    before: ['import requests', '', 'def fetch(url):', '    r = requests.get(url)'],
    selected: ['    print("debug", r)'],
    after: ['    data = r.json()', '    return data', '', 'main()'],
  };
  const around = (lines: readonly string[], { above = 4, below = 4 } = {}): string =>
    ['```python', ...place.before.slice(4 - above), ...lines, ...place.after.slice(0, below), '```'].join('\n');

  it('gives the lines alone, however much of the rest it repeats', () => {
    const log = ['    log.debug(r)'];
    for (const above of [0, 1, 2, 4]) {
      for (const below of [0, 1, 2, 4]) {
        const answer = around(log, { above, below });
        expect([answer, replacementIn(answer, place, true)?.lines]).toEqual([answer, log]);
      }
    }
  });

  it('deletes them where it leaves them out', () => {
    expect(replacementIn(around([]), place, true)?.lines).toEqual([]);
  });

  it('gives the lines where the rest has a code block of its own', () => {
    const answer = `${around([], { above: 0 })}\n\n${around(['    log.debug(r)'], { above: 0, below: 0 })}`;
    expect(replacementIn(answer, place, true)?.lines).toEqual(['    log.debug(r)']);
    expect(replacementIn(around([], { above: 0 }), place, true)).toBeUndefined();
  });

  it('shows nothing of the rest while it comes', () => {
    const answer = around(['    log.debug(r)']);
    for (let end = 0; end <= answer.length; end += 1) {
      const lines = replacementIn(answer.slice(0, end), place, false)?.lines ?? [];
      expect([[], ['    log.debug(r)']]).toContainEqual(lines);
    }
  });

  it('keeps lines that the selected ones have as well', () => {
    const twice: LinesInPlace = { before: ['add(one);'], selected: ['add(one);', 'end();'], after: ['end();'] };
    expect(replacementIn('```\nadd(one);\nadd(two);\nend();\n```', twice, true)?.lines).toEqual([
      'add(one);',
      'add(two);',
      'end();',
    ]);
  });
});

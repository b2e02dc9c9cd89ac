import { describe, expect, it } from 'vitest';
import { editRequest, replacementIn, type EditSubject } from '../../src/chat/edit.ts';

const subject: EditSubject = {
  uri: 'file:///shop/basket.ts',
  name: 'basket.ts',
  language: 'typescript',
  before: ['// far', '// near'],
  selected: ['  return 1;'],
  after: ['}', '// behind'],
};
const asking = { subject, instruction: 'return two', contextTokens: 4096, aroundChars: 3_000 };

describe('the request of an edit', () => {
  it('has the lines, what stands around them and the instruction last', () => {
    const { messages, items } = editRequest(asking);
    const text = messages.at(-1)?.text ?? '';
    expect(text).toContain('// far\n// near\n<selected>\n  return 1;\n</selected>\n}\n// behind\n');
    expect(text.indexOf('return two')).toBeGreaterThan(text.indexOf('// behind'));
    expect(items).toHaveLength(1);
    const { uri, bytes, place } = items[0] ?? {};
    expect(uri).toBe(subject.uri);
    const excerpt = text.slice(place?.start, place?.end);
    expect([excerpt.startsWith('// far'), excerpt.endsWith('// behind')]).toEqual([true, true]);
    expect(bytes).toBe(Buffer.byteLength(excerpt));
  });

  it('leaves out what is farthest where there is no room', () => {
    const { messages } = editRequest({ ...asking, aroundChars: 14 });
    const text = messages.at(-1)?.text ?? '';
    expect([text.includes('// near'), text.includes('// far'), text.includes('// behind')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('asks for a fence that no line of the text could close', () => {
    const markdown = { ...subject, language: 'markdown', selected: ['````js', 'a();', '````'] };
    expect(editRequest({ ...asking, subject: markdown }).messages.at(-1)?.text).toContain('`````markdown');
  });

  it('is refused where the lines do not fit the model', () => {
    const selected = Array.from({ length: 1_000 }, () => '  something();');
    expect(() => editRequest({ ...asking, subject: { ...subject, selected } })).toThrow(/too long for the model/);
  });
});

const selected = ['    let sum = 0;', '    return sum;'];
const whole = (answer: string, lines: readonly string[] = selected) => replacementIn(answer, lines, true);

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
      code,
      `Here is the updated code:\n\n${code}`,
      `\`\`\`ts\n<selected>\n${code}\n</selected>\n}\n\`\`\``,
    ]) {
      expect([answer, whole(answer)]).toEqual([answer, expected]);
    }
  });

  it('gets back the indentation that it lost, and the empty lines at its ends', () => {
    expect(whole('```\nif (a) {\n  b();\n}\n```')).toEqual(['    if (a) {', '      b();', '    }']);
    expect(whole('```\nb();\n\nc();\n```', ['', '\ta();', ''])).toEqual(['', '\tb();', '', '\tc();', '']);
    expect(whole('b();', ['    '])).toEqual(['    b();']);
  });

  it('keeps code blocks inside a text', () => {
    const text = ['# Use', '```js', 'a();', '```', 'That is all.'];
    expect(whole(`\`\`\`\`markdown\n${text.join('\n')}\n\`\`\`\``, ['# Use'])).toEqual(text);
    expect(whole(`\`\`\`markdown\n${text.join('\n')}\n\`\`\`\nDone.`, ['# Use'])).toEqual(text);
  });

  it('is nothing where the answer is nothing but talk', () => {
    for (const answer of ['', '\n\n', 'Sure, here is the code:', '```ts\n```', '```ts']) {
      expect([answer, whole(answer)]).toEqual([answer, undefined]);
    }
  });

  it('only grows while the answer comes, whole lines at a time', () => {
    const answer = 'Sure, here it is:\n\n```ts\nif (a) {\n  b();\n}\n```\nThat is `b` when `a`.';
    const final = whole(answer) ?? [];
    let longest = 0;
    for (let end = 0; end <= answer.length; end += 1) {
      const lines = replacementIn(answer.slice(0, end), selected, false) ?? [];
      expect(final.slice(0, lines.length)).toEqual(lines);
      expect(lines.length).toBeGreaterThanOrEqual(longest);
      longest = lines.length;
    }
    expect(longest).toBe(final.length);
  });
});

import { describe, expect, it } from 'vitest';
import { editRequest, type EditSubject } from '../../src/chat/edit.ts';

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
    const block = (lines: readonly string[]): string => ['```typescript', ...lines, '```'].join('\n');
    const parts = [block(subject.before), block(subject.after), block(subject.selected), 'return two'];
    const places = parts.map((part) => text.indexOf(part));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(items).toHaveLength(1);
    const { uri, bytes, place } = items[0] ?? {};
    expect(uri).toBe(subject.uri);
    const excerpt = text.slice(place?.start, place?.end);
    expect(parts.map((part) => excerpt.includes(part))).toEqual([true, true, true, false]);
    expect(bytes).toBe(Buffer.byteLength(excerpt));
  });

  it('says how lines are deleted only where something is to be', () => {
    const asks = (instruction: string): boolean =>
      /empty code block/.test(editRequest({ ...asking, instruction }).messages.at(-1)?.text ?? '');
    expect([asks('return two'), asks('Remove this line')]).toEqual([false, true]);
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

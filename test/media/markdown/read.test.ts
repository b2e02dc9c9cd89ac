import { describe, expect, test } from 'vitest';
import { emptyReading, readMarkdown, type Reading } from '../../../media/chat/markdown/read.ts';
import { Chance } from '../../support/chance.ts';
import { richAnswer } from '../chat/chatStates.ts';
import { drawn, drawnSoFar, drawnWhileItComes, shapesWhileItComes, written } from './drawnAs.ts';

/** [Markdown, what is drawn] */
const texts: readonly (readonly [string, string])[] = [
  ['It is **bold** and *thin*.', 'p["It is " strong["bold"] " and " em["thin"] "."]'],
  ['one\ntwo', 'p["one" br[] "two"]'],
  ['- a\n- b\n  1. c', 'ul[li[p["a"]] li[p["b"] ol[li[p["c"]]]]]'],
  ['3. c\n4. d', 'ol3[li[p["c"]] li[p["d"]]]'],
  ['- [x] done\n- [ ] open', 'ul[li[p[[x] "done"]] li[p[[ ] "open"]]]'],
  [
    '| a | b |\n|:--|--:|\n| 1 | 2 |',
    'table[thead[tr[th(left)["a"] th(right)["b"]]] tbody[tr[td(left)["1"] td(right)["2"]]]]',
  ],
  ['> quoted', 'blockquote[p["quoted"]]'],
  ['~~gone~~ &amp; &lt;here&gt; &#65; &bogus;', 'p[del["gone"] " & <here> A &bogus;"]'],
  ['---', 'hr[]'],
  ['```ts\nlet a;\n```', 'block(ts)"let a;"'],
  ['    indented', 'block()"indented"'],
  ['[site](https://example.com/a?b=c)', 'p[link(https://example.com/a?b=c)["site"]]'],
  ['https://example.com.', 'p[link(https://example.com/)["https://example.com"] "."]'],
  ['[**bold** `code`](https://example.com)', 'p[link(https://example.com/)[strong["bold"] " " code["code"]]]'],
  ['[a][1]\n\n[1]: https://example.com', 'p[link(https://example.com/)["a"]]'],
  ['![alt](https://example.com/a.png)', 'p[link(https://example.com/a.png)["Image: alt"]]'],
  ['[x](javascript:alert(1))', 'p[span["x"]]'],
  ['[x](https://user@example.com)', 'p[span["x"]]'],
  ['[x](command:workbench.action.quit)', 'p[span["x"]]'],
  [
    '<https://example.com> <mailto:a@b.c>',
    'p[link(https://example.com/)["https://example.com"] " " span["mailto:a@b.c"]]',
  ],
  ['<b>not</b> <img src=x>', 'p["<b>" "not" "</b>" " " "<img src=x>"]'],
  ['<script>\nrun()\n</script>', 'div["<script>\\nrun()\\n</script>"]'],
  ['a<br>b', 'p["a" br[] "b"]'],
  ['see src/gate.ts:12.', 'p["see " place(src/gate.ts:12)["src/gate.ts:12"] "."]'],
  [
    '`src/gate.ts:12:5` and `npm test`',
    'p[place(src/gate.ts:12:5)[code["src/gate.ts:12:5"]] " and " code["npm test"]]',
  ],
  ['[the gate](src/gate.ts#L7)', 'p[place(src/gate.ts:7)["the gate"]]'],
  ['[see src/a.ts:1](https://example.com)', 'p[link(https://example.com/)["see " span["src/a.ts:1"]]]'],
];

test.each(texts)('%j is drawn as %s', (text, expected) => {
  expect(drawn(text)).toBe(expected);
});

test('headings go below the question, and leave no level out', () => {
  expect(drawn('# a\n\n#### b\n\n## c\n\n# d')).toBe('h3["a"] h4["b"] h4["c"] h3["d"]');
  expect(drawn('#### first')).toBe('h3["first"]');
});

describe('while it comes', () => {
  test('what was taken for whole goes on', () => {
    const whole = 'one\n\ntwo and\n\n- three\n- four';
    let reading: Reading = emptyReading;
    for (const length of [3, 9, 12, 20, whole.length]) reading = readMarkdown(whole.slice(0, length), false, reading);
    expect(written(reading)).toBe(drawn(whole));
  });

  test('a line of very many spaces holds nothing up', () => {
    expect(drawnSoFar(`a\n${' '.repeat(150_000)}b`).endsWith('b"]')).toBe(true);
  });

  const openings: readonly (readonly [string, string])[] = [
    ['a **bo', 'p["a " strong["bo"]]'],
    ['a **', 'p["a "]'],
    ['a **bold*', 'p["a " strong["bold"]]'],
    ['an `unfinished', 'p["an " code["unfinished"]]'],
    ['see [the si', 'p["see the si"]'],
    ['see [the site](https://exa', 'p["see the site"]'],
    ['![a diagr', 'p["a diagr"]'],
    ['a[0', 'p["a[0"]'],
    ['2 * 3', 'p["2 * 3"]'],
    ['snake_case', 'p["snake_case"]'],
    ['text\n-', 'p["text"]'],
    ['text\n---', 'p["text"]'],
    ['text\n\n#', 'p["text"]'],
    ['- a\n- [', 'ul[li[p["a"]]]'],
    ['text\n- *', 'p["text"]'],
    ['**Note:** it', 'p[strong["Note:"] " it"]'],
    ['``', ''],
    ['```', 'block(open)""'],
    ['```typescr', 'block(open)""'],
    ['```ts\nlet a', 'block(ts open)"let a"'],
    ['```ts\nlet a\n``', 'block(ts open)"let a"'],
    ['| a | b', 'table[thead[tr[th["a"] th["b"]]]]'],
    ['| a | b |\n|--', 'table[thead[tr[th["a"] th["b"]]]]'],
  ];

  test.each(openings)('%j is drawn as %s', (text, expected) => {
    expect(drawnSoFar(text)).toBe(expected);
  });

  test('nothing that was drawn as code, bold or a table is ever drawn as anything else', () => {
    const text =
      'Some **bold text** and `code here`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nlet a = `b`;\n```\n\nEnd.';
    const markers = drawnWhileItComes(text).filter((step) =>
      /"[^"]*(?:\*\*|\||```)[^"]*"/.test(step.replace(/block\(.*?\)"(?:[^"\\]|\\.)*"/g, '')),
    );
    expect(markers).toEqual([]);
  });

  const calm: readonly string[] = [
    '**Note:** this\n\n*Also* this\n\n**1. Title**\n- **Bold**: text\n- *other* text',
    '1. One *it* goes\n2. Two\n   - [x] done\n   - [ ] open\n     - deeper `code`\n3. Three\n\n   and a paragraph\n\nEnd',
    '- first\n\n- second\n\n1. Do this:\n\n   ```ts\n   const a = 1;\n   ```\n\n2. Then that.',
    'Before.\n\n| a | b |\n| :--- | ---: |\n| **c** | `d` |\n\nAfter [the words](https://example.com) of it.',
    '# Title\n\nText **bold `code` more** and ~~gone~~\n\n> One\n> two *thin*\n>\n> - item\n\n---\n\nend',
    'Text\n\n```ts src/a.ts\nconst a = `x`;\n```\n\n~~~\nplain\n~~~\n\n````md\n```js\nx\n```\n````\nend',
  ];

  test.each(calm)('no element of %j goes or becomes another one', (text) => {
    const shapes = shapesWhileItComes(text);
    shapes.forEach((shape, index) => {
      const before = shapes[index - 1] ?? [];
      expect(shape.slice(0, before.length), text.slice(0, index + 1)).toEqual(before);
    });
  });

  test('blocks before the last stay the same objects', () => {
    const first = readMarkdown('one\n\ntwo\n\nthr', true);
    const second = readMarkdown('one\n\ntwo\n\nthree\n\nfo', true, first);
    expect(second.blocks[0]).toBe(first.blocks[0]);
    expect(second.blocks[2]).toBe(first.blocks[2]);
    expect(written(second)).toBe('p["one"] p["two"] p["three"] p["fo"]');
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'in whatever pieces a text comes, it ends as if it had come whole (seed %i)',
  (seed) => {
    const chance = new Chance(seed * 7919);
    const whole = `${richAnswer.repeat(2)}\r\n> quote\r\n\r\n[x]: https://example.com\n\n[x] and [x][x]`;
    let reading: Reading = emptyReading;
    for (let length = 0; length < whole.length; length += 1 + chance.below(40)) {
      reading = readMarkdown(whole.slice(0, length), true, reading);
    }
    expect(written(readMarkdown(whole, false, reading))).toBe(drawn(whole));
  },
);

test('what is nested deeper than anybody means is shown as it was written', () => {
  expect(drawn(`${'- '.repeat(2_000)}end`)).toMatch(/^(ul\[li\[){1,30}p\["(- )+end"\]+$/);
  expect(drawn(`${'> '.repeat(500)}end`)).toMatch(/^(blockquote\[){1,30}"(> )+end"\]+$/);
  expect(drawn(`${'*a **b '.repeat(100)}end${'** *'.repeat(100)}`).match(/strong|em/g)?.length).toBeLessThan(60);
  const deep = '>'.repeat(30_000);
  expect(drawn(deep)).toBe(`div["${deep}"]`);
  const stars = `${'*'.repeat(30_000)}a${'*'.repeat(30_000)}`;
  expect(drawn(stars)).toContain(stars);
});

test('a paragraph that nobody could have written is not looked at closely', () => {
  const long = 'a**b'.repeat(10_000);
  expect(drawn(long)).toBe(`p["${long}"]`);
});

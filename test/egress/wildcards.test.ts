import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { matchesGlob, matchesModel, readGlob } from '../../src/egress/wildcards.ts';

function matches(glob: string, path: string): boolean {
  const read = readGlob(glob);
  if (typeof read === 'string') throw new Error(`${glob}: ${read}`);
  return matchesGlob(read, path);
}

/** The same numbers at every run; a linear congruential generator as in Numerical Recipes. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('globs', () => {
  it('mean what a widely used library says, in 20,000 random cases', () => {
    const below = chance(7);
    const oneOf = (...each: readonly string[]): string => each[below(each.length)] as string;
    const names = (parts: () => string): string => Array.from({ length: 1 + below(3) }, parts).join('/');
    const globName = (): string =>
      oneOf('**', '*', 'a', 'ab', 'a*', '*b', 'a?', '[ab]', '[^a]b', '{a,b}', '{a,b*}c', '.a', '*.b', 'a*b*');
    let agreed = 0;
    for (let run = 0; run < 20_000; run += 1) {
      const glob = `/${names(globName)}`;
      const path = names(() => oneOf('a', 'b', 'ab', 'abc', 'bb', '.a', 'a.b', 'aabb'));
      // Ours covers a folder with everything in it, so theirs is asked for each folder above too, without "/**" behind.
      const above = path.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'));
      const theirs = picomatch(glob.slice(1).replace(/(\/\*\*)+$/, ''), { dot: true, nocase: true, windows: false });
      const expected = above.some((each) => theirs(each));
      expect([glob, path, matches(glob, path)]).toEqual([glob, path, expected]);
      agreed += expected ? 1 : 0;
    }
    expect(agreed).toBeGreaterThan(2_000);
  });

  it.each([
    `${'*a'.repeat(100)}b`,
    `${'**/a/'.repeat(40)}b`,
    '*?'.repeat(120),
    `${'{a,*a}'.repeat(6)}b`,
    `{${'*a'.repeat(60)},${'a*'.repeat(60)}}b`,
    `${'[a-z]*'.repeat(40)}b`,
  ])('that would keep a regular expression busy for years are answered: %s', (glob) => {
    expect(matches(glob, 'a'.repeat(4_000))).toBe(glob === '*?'.repeat(120));
    expect(matches(glob, 'a/'.repeat(2_000))).toBe(false);
  });

  it('take a brace, a parenthesis or a bar as it is where it offers no choice', () => {
    for (const [glob, path] of [
      ['{a}', '{a}'],
      ['{a,b', '{a,b'],
      ['a}', 'a}'],
      ['(a|b)', '(a|b)'],
      ['+(a)', '+(a)'],
      ['a.b', 'a.b'],
      ['[]]', ']'],
      ['[a-]', '-'],
      ['\\{a,b\\}', '{a,b}'],
    ] as const) {
      expect([glob, matches(glob, path)]).toEqual([glob, true]);
    }
    expect(matches('(a|b)', 'a')).toBe(false);
    expect(matches('a.b', 'axb')).toBe(false);
  });
});

it('a model’s name that would keep a regular expression busy is answered', () => {
  expect(matchesModel(`${'*a'.repeat(120)}b`, 'a'.repeat(5_000))).toBe(false);
});

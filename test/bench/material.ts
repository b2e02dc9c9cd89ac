/**
 * Real code for the benchmarks passes through here: hand-written sources of a package whose version is pinned, so that
 * the same text is read on every machine and in every run.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const rules = path.resolve(import.meta.dirname, '../../node_modules/eslint/lib/rules');

/** A long file, 2,300 lines; windows are cut out of it. */
export const longFile = 'indent.js';

/** Files that something is typed into: everything from the line that holds `from` to the one that holds `to`. */
export const typedFiles: readonly TypedFile[] = [
  { name: 'prefer-const.js', from: 'let writer = null;', to: 'return variable.defs[0].name;' },
  { name: 'no-var.js', from: 'const declarationStart = variable.defs[0].node.range[0];', to: '});' },
  { name: 'object-shorthand.js', from: 'const firstKeyToken = node.computed', to: 'return fixer.replaceTextRange(' },
  { name: 'one-var.js', from: 'let currentScope;', to: 'return currentScope;' },
];

/** A file, and the part of it that is typed. */
export interface TypedFile {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** A file with the part that is typed cut out. */
export interface Hole {
  readonly name: string;
  /** Everything before the line that the hole begins in, with its line break. */
  readonly before: string;
  /** The lines to type, without a line break at the end. */
  readonly lines: readonly string[];
  /** Everything after, beginning with the line break that ends the last typed line. */
  readonly after: string;
}

/** The source's text. Indented with spaces: a typed tab would move the cursor or take a suggestion. */
export function sourceText(name: string): string {
  return readFileSync(path.join(rules, name), 'utf8').replaceAll('\r\n', '\n').replaceAll('\t', '  ');
}

/** Cuts out of the source what is to be typed. Throws when the marks are not there. */
export function holeIn({ name, from, to }: TypedFile): Hole {
  const lines = sourceText(name).split('\n');
  const first = lines.findIndex((line) => line.includes(from));
  const last = lines.findIndex((line, index) => index > first && line.includes(to));
  if (first < 0 || last < 0) throw new Error(`${name} has changed: the marks of what is typed are not there.`);
  return {
    name,
    before: lines.slice(0, first).join('\n') + '\n',
    lines: lines.slice(first, last + 1),
    after: '\n' + lines.slice(last + 1).join('\n'),
  };
}

/** Texts that start `stepLines` further down each time: no two begin alike, so none is found read already. */
export function* distinctTexts({ stepLines = 37 } = {}): Generator<string> {
  const lines = sourceText(longFile).split('\n');
  for (let round = 0; ; round += 1) {
    for (let start = round; start < lines.length / 2; start += stepLines) yield lines.slice(start).join('\n');
  }
}

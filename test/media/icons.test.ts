import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, root), 'utf8');

test("every icon's name is drawn with the character that VS Code's font has for it", () => {
  const named = [...read('media/shared/icon.ts').matchAll(/\| '([\w-]+)'/g)].map(([, name]) => name);
  const drawn = [...read('media/shared/icons.css').matchAll(/\.icon-([\w-]+)::before \{\s+content: '\\(\w+)'/g)];
  const font = readFileSync(createRequire(import.meta.url).resolve('@vscode/codicons/dist/codicon.css'), 'utf8');
  const inFont = new Map(
    [...font.matchAll(/\.codicon-([\w-]+):+before \{ content: "\\(\w+)"/g)].map(([, name, code]) => [name, code]),
  );
  expect(drawn.map(([, name]) => name)).toEqual(named);
  for (const [, name, code] of drawn) expect(inFont.get(name), name).toBe(code);
});

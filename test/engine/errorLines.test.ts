import { expect, test } from 'vitest';
import { ErrorLines } from '../../src/engine/worker/errorLines.ts';

test('every line is handed on, and only the last fifty are kept', () => {
  const written: string[] = [];
  const lines = new ErrorLines((text) => written.push(text));
  for (let line = 1; line <= 120; line += 1) lines.add(`line ${line}`);
  expect(written).toHaveLength(120);
  expect(written.at(-1)).toBe('line 120\n');
  expect(lines.kept).toHaveLength(50);
  expect(lines.kept[0]).toBe('line 71');
  expect(lines.kept.at(-1)).toBe('line 120');
});

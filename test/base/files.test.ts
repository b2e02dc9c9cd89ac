import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendAt, linesOf, namesIn, replaceFile } from '../../src/base/files.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('the lines of a file', () => {
  const read = (file: string, fromByte?: number) =>
    [...linesOf(file, fromByte)].map(({ bytes, endByte, isWhole }) => [bytes.toString(), endByte, isWhole]);

  it('come one by one with the offset behind each, also lines longer than what is read at once', () => {
    const file = join(temporaryFolder(), 'a');
    const long = 'é'.repeat(700_000);
    writeFileSync(file, `one\n\n${long}\nlast`);
    const bytes = 5 + 2 * 700_000 + 1;
    expect(read(file)).toEqual([
      ['one', 4, true],
      ['', 5, true],
      [long, bytes, true],
      ['last', bytes + 4, false],
    ]);
    expect(read(file, bytes)).toEqual([['last', bytes + 4, false]]);
    expect(read(join(temporaryFolder(), 'none'))).toEqual([]);
  });

  it('end where a whole number of reads does', () => {
    const file = join(temporaryFolder(), 'a');
    writeFileSync(file, `${'x'.repeat(262_143)}\n`);
    expect(read(file)).toHaveLength(1);
    appendFileSync(file, 'y');
    expect(read(file).at(-1)).toEqual(['y', 262_145, false]);
  });

  it('are never half of one time and half of another, when a part at the end is dropped while they are read', () => {
    const file = join(temporaryFolder(), 'a');
    const whole = 'x'.repeat(300_000);
    writeFileSync(file, `first\n${whole}`);
    const lines = linesOf(file);
    expect(lines.next().value?.bytes.toString()).toBe('first');
    truncateSync(file, 6);
    appendFileSync(file, `${'y'.repeat(280_000)}\n`);
    expect([...lines].map(({ bytes }) => new Set(bytes.toString()).size)).toEqual([1]);
  });
});

describe('writing to a file that processes share', () => {
  it('drops what stands behind the place where it has to end, and makes file and folder', () => {
    const file = join(temporaryFolder(), 'new folder', 'a');
    expect(appendAt(file, 0, Buffer.from('one\n'))).toBe(4);
    appendFileSync(file, 'to');
    expect(appendAt(file, 4, Buffer.from('two\n'))).toBe(8);
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('replaces a text at once, and leaves nothing beside it when it cannot', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'index.json');
    replaceFile(file, 'one', 'x');
    replaceFile(file, 'two', 'x');
    expect([readFileSync(file, 'utf8'), namesIn(folder)]).toEqual(['two', ['index.json']]);
    expect(() => replaceFile(folder, 'three', 'x')).toThrow();
    expect(readdirSync(folder)).toEqual(['index.json']);
  });
});

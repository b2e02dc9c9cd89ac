/** The reader of zip files, on files that Python wrote. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractFromZip, listZip } from '../../scripts/lib/zip.mjs';

const writeZip = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as zip:
    zip.writestr('stored.txt', 'as it is', zipfile.ZIP_STORED)
    zip.writestr('data/packed.bin', b'tea ' * 100000, zipfile.ZIP_DEFLATED)
    zip.writestr('data/é.txt', 'accents', zipfile.ZIP_DEFLATED)
    zip.comment = b'a comment makes the end harder to find'
`;

let folder = '';
let zip = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'paddock-zip-test-'));
  zip = path.join(folder, 'made.zip');
  execFileSync('python3', ['-c', writeZip, zip]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a zip file', () => {
  it('lists its members', async () => {
    expect((await listZip(zip)).map(({ name, bytes }) => [name, bytes])).toEqual([
      ['stored.txt', 8],
      ['data/packed.bin', 400_000],
      ['data/é.txt', 7],
    ]);
  });

  it.each([
    ['stored.txt', 'as it is'],
    ['data/packed.bin', 'tea '.repeat(100_000)],
    ['data/é.txt', 'accents'],
  ])('gives back %s', async (name, text) => {
    const target = path.join(folder, 'out');
    await extractFromZip(zip, name, target);
    expect(readFileSync(target, 'utf8')).toBe(text);
  });

  it('says which member it has not', async () => {
    await expect(extractFromZip(zip, 'other', path.join(folder, 'none'))).rejects.toThrow('has no other');
  });

  it('cut short is refused, and leaves no file', async () => {
    truncateSync(zip, 300);
    const target = path.join(folder, 'half');
    await expect(extractFromZip(zip, 'data/packed.bin', target)).rejects.toThrow('not a whole zip file');
    expect(existsSync(target)).toBe(false);
  });
});

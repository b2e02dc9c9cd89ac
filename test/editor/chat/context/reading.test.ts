import type * as vscode from 'vscode';
import { describe, expect, it } from 'vitest';
import { readDocument, readFolder } from '../../../../src/editor/chat/context/reading.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

describe('a document', () => {
  it('is as it is in the editor, not as it was saved', async () => {
    const files = new FakeFiles().open(repo).set(`${repo}/a.ts`, 'saved');
    const needs = reader(files, { open: { [`${repo}/a.ts`]: 'typed\r\n' } });
    expect(await readDocument(needs, uri(`${repo}/a.ts`))).toEqual({
      uri: `${repo}/a.ts`,
      label: 'a.ts',
      language: 'typescript',
      text: 'typed\n',
    });
  });

  it('is read from its place when it is not open, and only the lines that are wanted', async () => {
    const files = new FakeFiles().open(repo).set(`${repo}/src/a.ts`, '\ufeffone\r\ntwo\nthree\n');
    expect(await readDocument(reader(files), uri(`${repo}/src/a.ts`), [2, 3])).toEqual({
      uri: `${repo}/src/a.ts`,
      label: 'src/a.ts',
      lines: [2, 3],
      text: 'two\nthree',
    });
  });

  it.each([
    [{ code: 'FileNotFound' }, 'is not there any more'],
    [{ code: 'NoPermissions' }, 'could not be read'],
    [{ size: 2_000_000 }, 'is too long to be sent'],
    [{ type: 2 }, 'is no file'],
    [new Uint8Array([80, 0, 1]), 'is no text'],
  ])('that is %j says why there is nothing of it', async (entry, why) => {
    const files = new FakeFiles().open(repo).set(`${repo}/a.bin`, entry);
    expect(await readDocument(reader(files), uri(`${repo}/a.bin`))).toEqual({ label: 'a.bin', why });
  });
});

describe('a folder', () => {
  it('is its text files by their paths, and names what is no text', async () => {
    const files = new FakeFiles()
      .open(repo)
      .set(`${repo}/src/b.ts`, 'b')
      .set(`${repo}/src/a.ts`, 'a')
      .set(`${repo}/src/logo.png`, new Uint8Array([0]))
      .set(`${repo}/other.ts`, 'other');
    const { pieces, missing } = await readFolder(reader(files), uri(`${repo}/src`));
    expect(pieces.map(({ label, text }) => [label, text])).toEqual([
      ['src/a.ts', 'a'],
      ['src/b.ts', 'b'],
    ]);
    expect(missing).toEqual([{ label: 'src/logo.png', why: 'is no text' }]);
  });

  it('says so when it has more files than anybody means', async () => {
    const files = new FakeFiles().open(repo);
    const names = Array.from({ length: 250 }, (_, index) => `src/${String(index).padStart(3, '0')}.ts`);
    // In whatever order they are found, it is the same ones that are left out.
    for (const name of names.toReversed()) files.set(`${repo}/${name}`, name);
    const { pieces, missing } = await readFolder(reader(files), uri(`${repo}/src`));
    expect(pieces.map(({ label }) => label)).toEqual(names.slice(0, 200));
    expect(missing).toEqual([{ label: 'src', why: 'has more than 200 files; the rest was left out' }]);
  });

  it('leaves out what tools made', async () => {
    const files = new FakeFiles().open(repo).set(`${repo}/a.ts`, 'a');
    let excluded: vscode.GlobPattern | null | undefined;
    await readFolder(reader(files, { onFind: (_, exclude) => (excluded = exclude) }), uri(repo));
    for (const name of ['node_modules', '.git', 'dist', 'out', 'target']) expect(excluded).toContain(name);
  });
});

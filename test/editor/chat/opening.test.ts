import { describe, expect, it } from 'vitest';
import { openAt, pickNamed } from '../../../src/editor/chat/opening.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { Person, type Act } from '../../support/person.ts';
import { FakeFiles, FakeUri } from '../../support/vscodeFiles.ts';

function looking() {
  const files = new FakeFiles()
    .open(repo)
    .set(`${repo}/src/gate.ts`, '')
    .set(`${repo}/src/a/same.ts`, '')
    .set(`${repo}/src/b/same.ts`, '')
    .set('file:///home/u/secret.txt', '')
    .set('file:///etc/passwd', '');
  const { workspace } = reader(files);
  const opened = Object.assign(Object.create(workspace) as object, { workspaceFolders: files.workspaceFolders });
  return async (path: string, ...acts: readonly Act[]) => {
    const person = new Person(...acts);
    const named = await pickNamed({ ...person.needs, workspace: opened as never, Uri: FakeUri as never }, path);
    return { found: named.kind === 'file' ? named.uri.toString() : named.kind, person };
  };
}

describe('a file that an answer names', () => {
  it.each([
    ['by its path', 'src/gate.ts'],
    ['by its path as Windows writes it', 'src\\gate.ts'],
    ['by its absolute path', '/home/u/repo/src/gate.ts'],
    ['by the end of its path', 'gate.ts'],
    ['by a path with dots', './src/../src/gate.ts'],
  ])('is found %s', async (_, path) => {
    expect((await looking()(path)).found).toBe(`${repo}/src/gate.ts`);
  });

  it.each([
    ['leads out of the folder', '../secret.txt'],
    ['leads out of it inside', 'src/../../secret.txt'],
    ['is elsewhere', '/etc/passwd'],
    ['is a pattern', '**/*.ts'],
    ['is not there', 'missing.ts'],
  ])('is not one that %s', async (_, path) => {
    expect((await looking()(path)).found).toBe('none');
  });

  it('is asked for where several fit', async () => {
    const { found, person } = await looking()('same.ts', { pick: 'src/b/same.ts' });
    expect(found).toBe(`${repo}/src/b/same.ts`);
    expect(person.saw('which same.ts?')).toBe('src/a/same.ts\nsrc/b/same.ts');
    expect((await looking()('same.ts', 'escape')).found).toBe('left');
  });

  it('is shown at its lines, as far as it has them', async () => {
    const shown: unknown[] = [];
    class FakeRange {
      readonly ends: readonly number[];
      constructor(...ends: readonly number[]) {
        this.ends = ends;
      }
    }
    const document = { lineCount: 5, lineAt: (line: number) => ({ range: { end: { character: line * 10 } } }) };
    const needs = {
      workspace: { openTextDocument: () => Promise.resolve(document) },
      window: {
        showTextDocument: (_: unknown, { selection }: { selection?: FakeRange } = {}) => {
          shown.push(selection?.ends);
          return Promise.resolve();
        },
      },
      Range: FakeRange,
    } as never;
    await openAt(needs, uri(`${repo}/a.ts`), [2, 3]);
    await openAt(needs, uri(`${repo}/a.ts`), [2, 2], 7);
    await openAt(needs, uri(`${repo}/a.ts`), [9, 12]);
    await openAt(needs, uri(`${repo}/a.ts`), undefined);
    expect(shown).toEqual([[1, 0, 2, 20], [1, 6, 1, 6], [4, 0, 4, 40], undefined]);
  });
});

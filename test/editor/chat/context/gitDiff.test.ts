import { describe, expect, it } from 'vitest';
import { nextCommit, diffOf } from '../../../../src/editor/chat/context/gitDiff.ts';
import type { Repository } from '../../../../src/editor/git.ts';
import { repo, uri } from '../../../support/chatContext.ts';
import { FakeUri } from '../../../support/vscodeFiles.ts';

const change = (path: string): string =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`;
const conflict = (path: string): string =>
  `diff --cc ${path}\nindex 1,2..0\n--- a/${path}\n+++ b/${path}\n@@@ -1,1 -1,1 +1,2 @@@\n++KEY=1\n`;
/** Of somebody who had Git name the files in another way. */
const unclear = 'diff --git w/a.ts i/a.ts\n--- w/a.ts\n+++ i/a.ts\n@@ -1 +1 @@\n-a\n+b\n';
const untracked = 7;

interface Given {
  readonly staged?: string;
  readonly unstaged?: string;
  /** Names of files, as Git's list has them. */
  readonly index?: readonly string[];
  readonly tree?: readonly string[];
  readonly merge?: readonly string[];
  readonly fresh?: readonly string[];
}

function repositoryWith({ staged = '', unstaged = '', index = [], tree = [], merge = [], fresh = [] }: Given) {
  const changes = (names: readonly string[], status = 5) =>
    names.map((name) => ({ uri: uri(`${repo}/${name}`), status }));
  const repository: Repository = {
    rootUri: uri(repo),
    inputBox: { value: '' },
    // As in VS Code, these are no fields of its own.
    state: Object.create({
      indexChanges: changes(index),
      workingTreeChanges: [...changes(tree), ...changes(fresh, untracked)],
      mergeChanges: changes(merge),
    }) as Repository['state'],
    diff: (cached) => Promise.resolve(cached === true ? staged : unstaged),
  };
  return repository;
}

const commit = (given: Given) => nextCommit(repositoryWith(given), FakeUri as never);
const asRelativePath = (each: { toString(): string }): string => each.toString().slice(repo.length + 1);
const diff = (...given: readonly Given[]) =>
  diffOf(given.map(repositoryWith), { Uri: FakeUri as never, asRelativePath });

describe('the next commit', () => {
  it('is about what is staged, else about what is changed, file by file', async () => {
    const both = { staged: change('s.ts') + change('src/t.ts'), unstaged: change('w.ts') };
    expect(await commit(both)).toEqual({
      isStaged: true,
      files: [
        { uri: `${repo}/s.ts`, path: 's.ts', text: change('s.ts') },
        { uri: `${repo}/src/t.ts`, path: 'src/t.ts', text: change('src/t.ts') },
      ],
    });
    expect(await commit({ unstaged: change('w.ts') })).toEqual({
      isStaged: false,
      files: [{ uri: `${repo}/w.ts`, path: 'w.ts', text: change('w.ts') }],
    });
  });

  it('knows a file in conflict from the one before it', async () => {
    const { files } = await commit({ unstaged: change('a.ts') + conflict('.env') });
    expect(files.map((each) => [each.uri, each.text])).toEqual([
      [`${repo}/a.ts`, change('a.ts')],
      [`${repo}/.env`, conflict('.env')],
    ]);
  });

  it('is not told what to take a file for by what stands inside one of its lines', async () => {
    const forged = change('.env') + '+KEY=1\u2028' + change('readme').replaceAll('\n', '\u2028') + '\n';
    expect((await commit({ staged: forged })).files.map((each) => [each.uri, each.text])).toEqual([
      [`${repo}/.env`, forged],
    ]);
  });

  it('may be about any changed file where nobody can tell which', async () => {
    const given = { staged: change('a.ts') + unclear, index: ['a.ts', 'n.ts'], tree: ['.env'], merge: ['m.ts'] };
    const mayBeOf = [`${repo}/a.ts`, `${repo}/n.ts`, `${repo}/.env`, `${repo}/m.ts`];
    expect((await commit(given)).files.map((each) => [each.path, each.uri, each.mayBeOf])).toEqual([
      ['a.ts', `${repo}/a.ts`, undefined],
      [undefined, repo, mayBeOf],
    ]);
  });
});

describe('the diff', () => {
  it('of what is staged is called so, and what is not is named', async () => {
    const staged = {
      staged: change('a.ts'),
      index: ['a.ts'],
      tree: ['a.ts', 'b.ts'],
      fresh: ['n.ts'],
      merge: ['m.ts'],
    };
    expect(await diff({ ...staged, unstaged: change('a.ts') + change('b.ts') })).toEqual({
      name: 'staged changes',
      pieces: [{ uri: `${repo}/a.ts`, label: 'changes in a.ts', text: change('a.ts') }],
      missing: [
        { label: 'm.ts', why: 'is in conflict and left out' },
        { label: 'a.ts', why: 'has changes that are not staged' },
        { label: 'b.ts', why: 'has changes that are not staged' },
        { label: 'n.ts', why: 'is new and not added to Git' },
      ],
    });
  });

  it('of what is changed names only files that Git does not know', async () => {
    const given = { unstaged: change('b.ts') + conflict('m.ts'), tree: ['b.ts'], fresh: ['n.ts'], merge: ['m.ts'] };
    expect(await diff(given)).toEqual({
      pieces: [
        { uri: `${repo}/b.ts`, label: 'changes in b.ts', text: change('b.ts') },
        { uri: `${repo}/m.ts`, label: 'changes in m.ts', text: conflict('m.ts') },
      ],
      missing: [{ label: 'n.ts', why: 'is new and not added to Git' }],
    });
  });

  it('of several repositories is not called staged where one has nothing staged', async () => {
    expect(await diff({ staged: change('a.ts') }, { unstaged: change('b.ts') })).not.toHaveProperty('name');
  });

  it('names twenty of what is left out, and counts the rest', async () => {
    const fresh = Array.from({ length: 33 }, (_, index) => `n${index}.ts`);
    const { missing } = await diff({ unstaged: change('b.ts'), fresh });
    expect(missing).toHaveLength(21);
    expect(missing.at(-1)).toEqual({ label: '13 more changed files', why: 'are left out' });
  });

  it('says that there is none', async () => {
    expect(await diff({})).toEqual({ pieces: [], missing: [{ label: 'the diff', why: 'is empty' }] });
  });
});

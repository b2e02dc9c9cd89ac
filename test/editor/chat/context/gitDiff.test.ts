import { describe, expect, it } from 'vitest';
import { diffPieces, gitOf, piecesOf } from '../../../../src/editor/chat/context/gitDiff.ts';
import { repo, uri } from '../../../support/chatContext.ts';
import { FakeUri } from '../../../support/vscodeFiles.ts';

const change = (path: string): string =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`;

describe('a diff', () => {
  it('is split into its files', () => {
    const pieces = piecesOf(change('src/a.ts') + change('b.md'), (path) => `file:///${path}`);
    expect(pieces).toEqual([
      { uri: 'file:///src/a.ts', label: 'changes in src/a.ts', text: change('src/a.ts') },
      { uri: 'file:///b.md', label: 'changes in b.md', text: change('b.md') },
    ]);
  });

  it.each([
    ['a deleted file', 'diff --git a/x y.ts b/x y.ts\n--- a/x y.ts\t\n+++ /dev/null\n@@', 'x y.ts'],
    ['a new file', 'diff --git a/n.ts b/n.ts\n--- /dev/null\n+++ b/n.ts\n@@', 'n.ts'],
    ['a renamed file', 'diff --git a/o.ts b/n.ts\nsimilarity index 100%\nrename from o.ts\nrename to n.ts\n', 'n.ts'],
    ['a picture', 'diff --git a/p.png b/p.png\nBinary files a/p.png and b/p.png differ\n', 'p.png'],
    [
      'a name with umlauts and quotes',
      'diff --git "a/\\303\\244\\".ts" "b/\\303\\244\\".ts"\n--- "a/\\303\\244\\".ts"\n+++ "b/\\303\\244\\".ts"\n@@',
      'ä".ts',
    ],
  ])('knows the name of %s', (_, text, name) => {
    expect(piecesOf(text, (path) => path).map((piece) => piece.uri)).toEqual([name]);
  });

  it('is of what is staged, else of what is changed', async () => {
    const of = (staged: string) =>
      diffPieces(
        {
          rootUri: uri(repo),
          inputBox: { value: '' },
          diff: (cached) => Promise.resolve(cached === true ? staged : change('w.ts')),
        },
        FakeUri as never,
      );
    expect((await of(change('s.ts'))).map((piece) => piece.uri)).toEqual([`${repo}/s.ts`]);
    expect((await of('\n')).map((piece) => piece.uri)).toEqual([`${repo}/w.ts`]);
  });
});

describe('the Git extension', () => {
  const asked = (exports: unknown, isApart = false) => {
    const extension = exports === undefined ? undefined : { activate: () => Promise.resolve(exports) };
    return gitOf({ extensions: { getExtension: () => extension as never }, isApart });
  };

  it.each([
    ['is switched off', undefined, false, "VS Code's Git extension is switched off."],
    [
      'is on the other side',
      undefined,
      true,
      'Git runs on the other side of the remote connection, where Paddock in this window cannot reach it.',
    ],
    ['is switched off by its setting', { enabled: false }, false, 'The setting git.enabled is off.'],
  ])('%s, which is said', async (_, exports, isApart, why) => {
    expect(await asked(exports, isApart)).toEqual({ kind: 'none', why });
  });

  it('is asked through its API', async () => {
    const api = { repositories: [] };
    const exports = { enabled: true, api, getAPI: (): unknown => exports.api };
    expect(await asked(exports)).toEqual({ kind: 'api', api });
  });
});

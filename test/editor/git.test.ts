import { describe, expect, it } from 'vitest';
import { gitOf, gitProblem } from '../../src/editor/git.ts';

/** @param kind where VS Code put Paddock: 1 beside the user, 2 beside the folder. */
function askingIn({ exports, remoteName, kind = 2 }: { exports?: unknown; remoteName?: string; kind?: number }) {
  const git = exports === undefined ? undefined : { activate: () => Promise.resolve(exports) };
  const getExtension = (id: string) => (id === 'vscode.git' ? git : { extensionKind: kind }) as never;
  return { extensions: { getExtension }, env: { remoteName } };
}

const enabled = { enabled: true, getAPI: () => ({ repositories: [] }) };
const apart = 'Git runs on the other side of the remote connection, where Paddock in this window cannot reach it.';
const off = "VS Code's Git extension is switched off.";

describe('the Git extension', () => {
  it.each([
    ['is switched off', {}, off],
    ['is switched off on the side where Paddock runs, too', { remoteName: 'ssh-remote', kind: 2 }, off],
    ['is on the other side', { remoteName: 'ssh-remote', kind: 1 }, apart],
  ])('%s, which is said, and known before it is started', async (_, given, why) => {
    expect(await gitOf(askingIn(given))).toEqual({ kind: 'none', why });
    expect(gitProblem(askingIn(given))).toBe(why);
  });

  it('that finds no Git or is switched off by its setting is not asked', async () => {
    const getAPI = () => {
      throw new Error('Git model not found');
    };
    const git = await gitOf(askingIn({ exports: { enabled: false, getAPI } }));
    expect(git).toEqual({ kind: 'none', why: 'Git is not installed, or the setting git.enabled is off.' });
  });

  it('is asked through its API', async () => {
    expect(await gitOf(askingIn({ exports: enabled }))).toEqual({ kind: 'api', api: { repositories: [] } });
    expect(gitProblem(askingIn({ exports: enabled }))).toBeUndefined();
  });
});

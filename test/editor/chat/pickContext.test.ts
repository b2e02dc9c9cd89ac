import type * as vscode from 'vscode';
import { expect, it } from 'vitest';
import { pickContext } from '../../../src/editor/chat/pickContext.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { Person, type Act } from '../../support/person.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';

/** A workspace with more files than a list has room for, and a name that is found by a part of it only. */
async function picking(...acts: readonly Act[]) {
  const files = new FakeFiles().open(repo).set(`${repo}/src/zebra.ts`, '');
  for (let index = 0; index < 40; index += 1) files.set(`${repo}/a${index}.ts`, '');
  const symbol = { name: 'stripes', containerName: 'Zebra', location: { uri: uri(`${repo}/src/zebra.ts`) } };
  const range = { start: { line: 4 } };
  const run = (_: string, query: string) =>
    Promise.resolve('stripes'.includes(query) ? [{ ...symbol, location: { ...symbol.location, range } }] : []);
  const mentions = {
    ...reader(files),
    run: run as unknown as typeof vscode.commands.executeCommand,
    git: () => Promise.resolve({ kind: 'none', why: 'Git is away.' } as const),
    problemCount: () => 1,
    selection: () => undefined,
    leftOutRules: () => Promise.resolve([]),
  };
  const person = new Person(...acts);
  const picked = await pickContext({ ...person.needs, mentions });
  return { picked, person };
}

it('finds a name in the code as it is typed', async () => {
  const { picked } = await picking({ pick: 'symbol' }, { type: 'strip' }, { pick: 'stripes' });
  expect(picked?.takes).toMatchObject({ kind: 'symbol', line: 4, name: 'stripes' });
});

it('finds a file that the list had no room for, and a folder', async () => {
  const { picked, person } = await picking({ pick: /^file$/ }, { type: 'zeb' }, { pick: 'zebra.ts' });
  expect(picked?.takes).toEqual({ kind: 'file', uri: uri(`${repo}/src/zebra.ts`) });
  expect(person.saw('Add to Chat')).not.toContain('a39.ts');
  expect((await picking({ type: 'folder:s' }, { pick: 'src' })).picked?.takes).toMatchObject({ kind: 'folder' });
});

it('shows what cannot be picked with its reason, and stays open there', async () => {
  const { picked, person } = await picking({ pick: 'diff' }, { pick: 'problems' });
  expect(person.saw('Add to Chat')).toContain('diff | Git is away.');
  expect(picked?.takes).toEqual({ kind: 'problems' });
});

it('goes back from one kind to all of them', async () => {
  expect((await picking({ pick: 'symbol' }, 'back', { pick: 'workspace' })).picked?.takes).toBe('search');
  expect((await picking({ pick: 'symbol' }, 'escape')).picked).toBeUndefined();
});

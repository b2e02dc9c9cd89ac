import { expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { actionHandlers, type ActionNeeds } from '../../../src/editor/chat/actionHandlers.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { Person } from '../../support/person.ts';
import { FakeFiles, FakeUri } from '../../support/vscodeFiles.ts';

it('knows what the button above the composer is about', async () => {
  const done: (readonly [string, string | undefined])[] = [];
  const needs = {
    desk: { find: () => undefined },
    blocked: () => new Failure('denied', 'A rule keeps it here.', { action: 'openPolicy' }),
    act: (action: string, message: string | undefined) => Promise.resolve(void done.push([action, message])),
  };
  const { runAction } = actionHandlers(needs as unknown as ActionNeeds);
  await runAction({ type: 'runAction', action: 'openPolicy', threadId: 'c1' });
  expect(done).toEqual([['openPolicy', 'A rule keeps it here.']]);
});

it('applies code to the file it names, also to one that is not there yet, and to none outside the folder', async () => {
  const files = new FakeFiles().open(repo).set(`${repo}/src/a.ts`, '');
  const workspace = { ...reader(files).workspace, workspaceFolders: files.workspaceFolders };
  const applied: unknown[] = [];
  const noted: string[] = [];
  const needs = {
    desk: { note: (text: string) => void noted.push(text) },
    opening: { ...new Person().needs, workspace, Uri: FakeUri },
    applyText: (order: unknown) => Promise.resolve(void applied.push(order)),
  };
  const { applyCode } = actionHandlers(needs as unknown as ActionNeeds);
  const block = { type: 'applyCode', text: 'x', language: 'ts' } as const;
  await applyCode({ ...block, path: 'a.ts' });
  await applyCode({ ...block, path: 'src/new.ts' });
  await applyCode({ ...block, path: '../out.ts' });
  expect(applied).toEqual([
    { text: 'x', language: 'ts', uri: uri(`${repo}/src/a.ts`) },
    { text: 'x', language: 'ts', uri: uri(`${repo}/src/new.ts`), isNew: true },
  ]);
  expect(noted).toEqual(['There is no ../out.ts in this workspace.']);
});

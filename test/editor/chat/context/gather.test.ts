import { expect, test } from 'vitest';
import { gather, type GatherNeeds } from '../../../../src/editor/chat/context/gather.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

test('what VS Code cannot look through is named, and nothing is thrown', async () => {
  const fail = () => {
    throw new Error('the search has ended');
  };
  const needs = { ...reader(new FakeFiles().open(repo), { onFind: fail }), git: fail } as unknown as GatherNeeds;
  expect(await gather(needs, { kind: 'folder', uri: uri(`${repo}/src`) })).toEqual({
    pieces: [],
    missing: [{ label: 'src/', why: 'could not be read' }],
  });
  expect(await gather(needs, { kind: 'diff' })).toEqual({
    pieces: [],
    missing: [{ label: 'uncommitted changes', why: 'could not be read' }],
  });
});

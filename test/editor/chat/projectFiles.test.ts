import { expect, it, onTestFinished } from 'vitest';
import type { Review } from '../../../src/chat/protocol.ts';
import { Chips } from '../../../src/editor/chat/chips.ts';
import { readDocument } from '../../../src/editor/chat/context/reading.ts';
import { ProjectFiles } from '../../../src/editor/chat/projectFiles.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { FakeFiles, FakeUri } from '../../support/vscodeFiles.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

/** A folder with rules, the chips, and what is put before the user. */
function project(rules: string, isOfOther = false) {
  const files = new FakeFiles().open(repo).set(`${repo}/AGENTS.md`, rules);
  const reading = reader(files);
  const workspace = Object.assign(Object.create(reading.workspace) as object, {
    workspaceFolders: files.workspaceFolders,
    isTrusted: true,
  }) as never;
  let ids = 0;
  const newId = (): string => String((ids += 1));
  const chips = new Chips({
    async gather(source) {
      const read = 'uri' in source && source.uri ? await readDocument(reading, source.uri) : undefined;
      return { pieces: read !== undefined && 'text' in read ? [read] : [], missing: [] };
    },
    keptBack: () => Promise.resolve(undefined),
    count: (texts) => Promise.resolve(texts.map(() => 1)),
    newId,
  });
  onTestFinished(() => chips.dispose());
  let reviews: readonly Review[] = [];
  const projectFiles = new ProjectFiles({
    ...{ ...reading, workspace, Uri: FakeUri as never, memento: new FakeMemento(), chips, newId, uriOf: uri },
    composer: { setReviews: (all: readonly Review[]) => void (reviews = all) } as never,
    tokensOf: (text) => text.length,
    hasRules: () => false,
    isOfOther: () => isOfOther,
  });
  const attached = () => chips.attachments.flatMap(({ parts }) => parts.map(({ text }) => text));
  return { files, chips, projectFiles, attached, shown: () => reviews };
}

it('puts rules before the user again that changed after they agreed, and attaches them no more', async () => {
  const { files, projectFiles, attached, shown } = project('Use tabs.');
  await projectFiles.lookForRules();
  expect(shown().map(({ text }) => text)).toEqual(['Use tabs.']);
  await projectFiles.answer(shown()[0]?.id ?? '', true);
  expect(attached()).toEqual(['Use tabs.']);
  expect(await projectFiles.takeBackChanged()).toEqual([]);

  files.set(`${repo}/AGENTS.md`, 'Use the key in .env.');
  expect(await projectFiles.takeBackChanged()).toEqual(['AGENTS.md']);
  expect(attached()).toEqual([]);
  expect(shown().map(({ text }) => text)).toEqual(['Use the key in .env.']);

  await projectFiles.answer(shown()[0]?.id ?? '', true);
  expect(attached()).toEqual(['Use the key in .env.']);
  expect(shown()).toEqual([]);
});

it('takes an answer for the text that was shown, not for what is in the file by then', async () => {
  const { files, projectFiles, attached, shown } = project('Use tabs.');
  await projectFiles.lookForRules();
  files.set(`${repo}/AGENTS.md`, 'Use the key in .env.');
  await projectFiles.answer(shown()[0]?.id ?? '', true);
  expect(attached()).toEqual([]);
  expect(shown().map(({ text }) => text)).toEqual(['Use the key in .env.']);
});

it('only offers rules in a conversation of another workspace, until the user adds them', async () => {
  const { files, chips, projectFiles, attached, shown } = project('Use tabs.', true);
  await projectFiles.lookForRules();
  await projectFiles.answer(shown()[0]?.id ?? '', true);
  expect(attached(), 'they were just agreed to').toEqual(['Use tabs.']);
  chips.clear();
  await projectFiles.lookForRules();
  expect([attached(), chips.views.map(({ name, state }) => [name, state])]).toEqual([[], [['AGENTS.md', 'offered']]]);

  files.set(`${repo}/AGENTS.md`, 'Use the key in .env.');
  expect(await projectFiles.takeBackChanged(), 'they are not sent').toEqual([]);
  chips.take(chips.views[0]?.id ?? '');
  expect(await projectFiles.takeBackChanged()).toEqual(['AGENTS.md']);
  expect(attached()).toEqual([]);
});

it('puts rules that were left out before the user again when they ask for it', async () => {
  const { projectFiles, attached, shown } = project('Use tabs.');
  await projectFiles.lookForRules();
  await projectFiles.answer(shown()[0]?.id ?? '', false);
  await projectFiles.lookForRules();
  expect([shown(), attached()]).toEqual([[], []]);
  expect((await projectFiles.leftOut()).map(({ label }) => label)).toEqual(['AGENTS.md']);

  await projectFiles.reviewLeftOut();
  expect(shown().map(({ name, text }) => [name, text])).toEqual([['AGENTS.md', 'Use tabs.']]);
  await projectFiles.answer(shown()[0]?.id ?? '', true);
  expect([shown(), attached(), await projectFiles.leftOut()]).toEqual([[], ['Use tabs.'], []]);
});

import { expect, it } from 'vitest';
import { searchWords, searchWorkspace } from '../../../../src/editor/chat/context/searching.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

function looking(files: FakeFiles, symbols: readonly { readonly name: string; readonly uri: string }[] = []) {
  const run = ((_: string, query: string) =>
    Promise.resolve(
      symbols
        .filter(({ name }) => name.toLowerCase().includes(query))
        .map((each) => ({ ...each, location: { uri: uri(each.uri), range: { start: { line: 0 } } } })),
    )) as never;
  return { ...reader(files), run };
}

const filler = 'nothing\n'.repeat(40);

it('looks for the words that say something', () => {
  expect(searchWords('Where does the totalPrice of a basket come from? The basket!')).toEqual([
    'totalprice',
    'basket',
    'come',
  ]);
});

it('puts where several words stand close together before where one does', async () => {
  const files = new FakeFiles()
    .open(repo)
    .set(`${repo}/one.ts`, `${filler}the basket\n${filler}`)
    .set(`${repo}/both.ts`, `${filler}discount of\na basket\n${filler}`)
    .set(`${repo}/apart.ts`, `basket\n${filler}discount\n`)
    .set(`${repo}/none.ts`, filler);
  const found = await searchWorkspace(looking(files), 'basket discount', new AbortController().signal);
  expect(found.map(({ label }) => label)).toEqual(['both.ts', 'apart.ts', 'one.ts']);
  expect(found[0]?.lines).toEqual([33, 49]);
});

it('puts what has the name before what only mentions it', async () => {
  const files = new FakeFiles().open(repo).set(`${repo}/uses.ts`, 'basket').set(`${repo}/is.ts`, 'basket {}');
  const symbols = [{ name: 'Basket', uri: `${repo}/is.ts` }];
  const found = await searchWorkspace(looking(files, symbols), 'basket', new AbortController().signal);
  expect(found.map(({ label }) => label)).toEqual(['is.ts', 'uses.ts']);
});

it('finds nothing for nothing, and stops when it is stopped', async () => {
  const files = new FakeFiles().open(repo).set(`${repo}/a.ts`, 'basket');
  expect(await searchWorkspace(looking(files), 'the and', new AbortController().signal)).toEqual([]);
  expect(await searchWorkspace(looking(files), 'basket', AbortSignal.abort())).toEqual([]);
  expect(files.reads).toEqual([]);
});

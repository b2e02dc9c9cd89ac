import { expect, it } from 'vitest';
import { findSymbols, readSymbol } from '../../../../src/editor/chat/context/symbols.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

const text = 'class Basket {\n  total() {\n    return 1;\n  }\n}\n';
const range = (first: number, last: number) => ({ start: { line: first }, end: { line: last } });
const outline = [
  { name: 'Basket', range: range(0, 4), children: [{ name: 'total', range: range(1, 3), children: [] }] },
];

function looking(answers: Readonly<Record<string, unknown>>) {
  const files = new FakeFiles().open(repo).set(`${repo}/a.ts`, text);
  const run = ((command: string) => Promise.resolve(answers[command])) as never;
  return { ...reader(files), run };
}

it('finds names through VS Code, as many as are wanted', async () => {
  const found = ['total', 'totals'].map((name) => ({
    name,
    containerName: 'Basket',
    location: { uri: uri(`${repo}/a.ts`), range: range(1, 1) },
  }));
  const needs = looking({ 'vscode.executeWorkspaceSymbolProvider': found });
  expect((await findSymbols(needs, 'tot', 1)).map(({ name, line }) => [name, line])).toEqual([['total', 1]]);
  expect(await findSymbols(needs, '', 5)).toEqual([]);
  expect(await findSymbols(looking({}), 'tot', 5)).toEqual([]);
});

it.each([
  ['the innermost thing of that name', { 'vscode.executeDocumentSymbolProvider': outline }, [2, 4]],
  [
    'the thing as older providers tell it',
    { 'vscode.executeDocumentSymbolProvider': [{ name: 'total', location: { range: range(1, 3) } }] },
    [2, 4],
  ],
  ['the line where nobody knows more', {}, [2, 2]],
] as const)('reads %s', async (_, answers, lines) => {
  const piece = await readSymbol(looking(answers), { uri: uri(`${repo}/a.ts`), line: 1, name: 'total' });
  expect(piece).toMatchObject({ label: 'a.ts', lines });
});

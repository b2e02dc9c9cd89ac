import { describe, expect, it } from 'vitest';
import { mentionsFor } from '../../../src/editor/chat/mentions.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';

function asking({ hasGit = true, problems = 1, symbols = [] as unknown[], leftOut = [] as string[] } = {}) {
  const files = new FakeFiles()
    .open(repo)
    .set(`${repo}/src/egress/gate.ts`, '')
    .set(`${repo}/src/gateway/delegate.ts`, '')
    .set(`${repo}/README.md`, '');
  const git = hasGit
    ? ({ kind: 'api', api: { repositories: [], getRepository: () => null } } as const)
    : ({ kind: 'none', why: 'Git is away.' } as const);
  const needs = {
    ...reader(files),
    run: (() => Promise.resolve(symbols)) as never,
    git: () => Promise.resolve(git),
    problemCount: () => problems,
    selection: () => undefined,
    leftOutRules: () => Promise.resolve(leftOut),
  };
  return (query: string) => mentionsFor(needs, query);
}

describe('after an @', () => {
  it('are the kinds of things, and what cannot be picked says why', async () => {
    const shown = await asking({ hasGit: false, problems: 0 })('');
    expect(shown.map(({ label, disabledBecause }) => [label, disabledBecause])).toEqual([
      ['file', undefined],
      ['folder', undefined],
      ['symbol', undefined],
      ['selection', 'Nothing is selected.'],
      ['problems', 'There are none.'],
      ['diff', 'Git is away.'],
      ['workspace', undefined],
    ]);
  });

  it('are rules that were left out, to be looked at again', async () => {
    const [shown] = await asking({ leftOut: ['AGENTS.md'] })('rul');
    expect(shown).toMatchObject({ detail: 'Look again at AGENTS.md, left out so far', takes: 'rules' });
    expect(await asking()('rul')).toEqual([]);
  });

  it('are kinds that begin so, and files', async () => {
    expect((await asking()('gat')).map(({ label }) => label)).toEqual(['gate.ts', 'delegate.ts']);
    expect((await asking()('Fi')).map(({ insertText }) => insertText)).toEqual(['@file:']);
  });

  it('are files by a part of their name in any case, the closest first', async () => {
    const shown = await asking()('file:GATE');
    expect(shown.map(({ label, detail, takes }) => [label, detail, takes])).toEqual([
      ['gate.ts', 'src/egress', { kind: 'file', uri: uri(`${repo}/src/egress/gate.ts`) }],
      ['delegate.ts', 'src/gateway', { kind: 'file', uri: uri(`${repo}/src/gateway/delegate.ts`) }],
    ]);
  });

  it('are folders that have files', async () => {
    expect((await asking()('folder:')).map(({ label }) => label)).toEqual(['src', 'egress', 'gateway']);
    const [first] = await asking()('folder:egr');
    expect(first?.takes).toEqual({ kind: 'folder', uri: uri(`${repo}/src/egress`) });
  });

  it('are names in the code', async () => {
    const symbol = {
      name: 'open',
      containerName: 'Gate',
      location: { uri: uri(`${repo}/src/egress/gate.ts`), range: { start: { line: 4 } } },
    };
    const [shown] = await asking({ symbols: [symbol] })('symbol:op');
    expect(shown).toMatchObject({
      label: 'open',
      detail: 'Gate · src/egress/gate.ts:5',
      takes: { kind: 'symbol', line: 4, name: 'open' },
    });
  });
});

import type * as vscode from 'vscode';
import { expect, it } from 'vitest';
import { problemsOf } from '../../../../src/editor/chat/context/problems.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

type Problem = Pick<vscode.Diagnostic, 'message' | 'severity' | 'source' | 'code'> & { readonly line: number };

function among(all: Readonly<Record<string, readonly Problem[]>>, only?: string) {
  const getDiagnostics = () =>
    Object.entries(all).map(([name, problems]) => [
      uri(`${repo}/${name}`),
      problems.map(({ line, ...rest }) => ({ ...rest, range: { start: { line } } })),
    ]);
  const { workspace } = reader(new FakeFiles().open(repo));
  return problemsOf({ languages: { getDiagnostics: getDiagnostics as never }, workspace }, only);
}

const error = { line: 11, severity: 0, message: "Cannot find name 'x'.", source: 'ts', code: 2304 };

it('lists the problems of each document, the worst first, hints left out', () => {
  const warning = { line: 3, severity: 1, message: 'Two\n  lines.', source: 'eslint', code: { value: 'eqeqeq' } };
  const hint = { line: 1, severity: 3, message: 'Unused.' };
  expect(among({ 'a.ts': [hint, warning as never, error], 'b.ts': [hint], 'c.ts': [error] }).pieces).toEqual([
    {
      uri: `${repo}/a.ts`,
      label: 'problems of a.ts',
      text: "a.ts:12: error: Cannot find name 'x'. (ts 2304)\na.ts:4: warning: Two lines. (eslint eqeqeq)",
    },
    { uri: `${repo}/c.ts`, label: 'problems of c.ts', text: "c.ts:12: error: Cannot find name 'x'. (ts 2304)" },
  ]);
});

it('lists those of one document when they are asked for', () => {
  const { pieces } = among({ 'a.ts': [error], 'b.ts': [error] }, `${repo}/b.ts`);
  expect(pieces.map(({ label }) => label)).toEqual(['problems of b.ts']);
});

it('stops at a hundred, of all documents the worst, and names the rest', () => {
  const many = Array.from({ length: 99 }, (_, line) => ({ ...error, severity: 1, line }));
  const { pieces, missing } = among({ 'a.ts': many, 'b.ts': [error, error], 'c.ts': many.slice(0, 1) });
  expect(pieces.map(({ label, text }) => [label, text.split('\n').length])).toEqual([
    ['problems of b.ts', 2],
    ['problems of a.ts', 98],
  ]);
  expect(missing).toEqual([
    { label: 'a.ts', why: 'has 1 more problem, left out' },
    { label: 'c.ts', why: 'has 1 more problem, left out' },
  ]);
});

it('says that there are none', () => {
  expect(among({})).toEqual({ pieces: [], missing: [{ label: 'the list of problems', why: 'is empty' }] });
});

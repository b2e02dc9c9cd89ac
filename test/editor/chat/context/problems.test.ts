import type * as vscode from 'vscode';
import { expect, it } from 'vitest';
import { problemPieces } from '../../../../src/editor/chat/context/problems.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

type Problem = Pick<vscode.Diagnostic, 'message' | 'severity' | 'source' | 'code'> & { readonly line: number };

function problemsOf(all: Readonly<Record<string, readonly Problem[]>>, only?: string) {
  const getDiagnostics = () =>
    Object.entries(all).map(([name, problems]) => [
      uri(`${repo}/${name}`),
      problems.map(({ line, ...rest }) => ({ ...rest, range: { start: { line } } })),
    ]);
  const { workspace } = reader(new FakeFiles().open(repo));
  return problemPieces({ languages: { getDiagnostics: getDiagnostics as never }, workspace }, only);
}

const error = { line: 11, severity: 0, message: "Cannot find name 'x'.", source: 'ts', code: 2304 };

it('lists the problems of each document, the worst first, hints left out', () => {
  const warning = { line: 3, severity: 1, message: 'Two\n  lines.', source: 'eslint', code: { value: 'eqeqeq' } };
  const hint = { line: 1, severity: 3, message: 'Unused.' };
  expect(problemsOf({ 'a.ts': [hint, warning as never, error], 'b.ts': [hint], 'c.ts': [error] })).toEqual([
    {
      uri: `${repo}/a.ts`,
      label: 'problems of a.ts',
      text: "a.ts:12: error: Cannot find name 'x'. (ts 2304)\na.ts:4: warning: Two lines. (eslint eqeqeq)",
    },
    { uri: `${repo}/c.ts`, label: 'problems of c.ts', text: "c.ts:12: error: Cannot find name 'x'. (ts 2304)" },
  ]);
});

it('lists those of one document when they are asked for', () => {
  const pieces = problemsOf({ 'a.ts': [error], 'b.ts': [error] }, `${repo}/b.ts`);
  expect(pieces.map(({ label }) => label)).toEqual(['problems of b.ts']);
});

it('stops at a hundred', () => {
  const many = Array.from({ length: 80 }, (_, line) => ({ ...error, line }));
  const pieces = problemsOf({ 'a.ts': many, 'b.ts': many, 'c.ts': many });
  expect(pieces.map(({ text }) => text.split('\n').length)).toEqual([80, 20]);
});

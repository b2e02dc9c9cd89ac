import type * as vscode from 'vscode';
import { describe, expect, it } from 'vitest';
import { applyText, type ApplyNeeds, type TextToApply } from '../../../src/editor/edits/applyText.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { Person, type Act } from '../../support/person.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';

const file = ['first();', '', 'last();'];
const block = { text: 'one();\ntwo();\nthree();\n', language: 'ts' };

/** Applies it with `a.ts` open and the cursor in a line of it, from 0. */
async function applying(order: TextToApply, line: number, ...acts: readonly Act[]) {
  const done: unknown[] = [];
  const document = {
    ...{ uri: uri(`${repo}/a.ts`), version: 1, isClosed: false, getText: () => file.join('\n') },
    ...{ lineCount: file.length, lineAt: (at: number) => ({ text: file[at] ?? '' }) },
  };
  const at = { line, character: 0 };
  const editor = { document, selection: { active: at, start: at, end: at, isEmpty: true } };
  const person = new Person(...acts);
  const window = Object.assign(person, {
    ...{ activeTextEditor: editor, visibleTextEditors: [editor] },
    showTextDocument: (shown: unknown) => Promise.resolve(void done.push(['shown', shown])),
  });
  const edits = {
    isOpen: false,
    open: (_: unknown, lines: unknown) => {
      const oldLines: readonly string[] = [];
      const session = { oldLines, propose: (all: readonly string[]) => done.push(['proposed', lines, all]) };
      return Promise.resolve({ session, finished: Promise.resolve() });
    },
    review: () => undefined,
  };
  const workspace = {
    ...reader(new FakeFiles().open(repo)).workspace,
    openTextDocument: (what: vscode.Uri | { readonly content: string }) =>
      Promise.resolve('content' in what ? what.content : what.toString()),
  };
  const needs = {
    ...{ ...person.needs, window, workspace, edits, languages: { getLanguages: () => Promise.resolve([]) } },
    createFile: (created: vscode.Uri, text: string) => {
      done.push(['created', created.toString(), text]);
      return Promise.resolve(!created.path.includes('taken'));
    },
  };
  await applyText(needs as unknown as ApplyNeeds, order);
  return { done, person };
}

describe('code for which the file has no place', () => {
  it('goes where the cursor is, when the user says so', async () => {
    const { done, person } = await applying(block, 1, { pick: 'Insert at the cursor, line 2' });
    expect(done).toEqual([['proposed', { start: 1, end: 2 }, ['one();', 'two();', 'three();']]]);
    expect(person.saw('where in a.ts')).not.toContain('Replace');
  });

  it('goes below the line of the cursor where that is not empty', async () => {
    const { done } = await applying(block, 0, { pick: 'Insert at the cursor' });
    expect(done).toEqual([['proposed', { start: 1, end: 1 }, ['one();', 'two();', 'three();']]]);
  });

  it('goes into a new file', async () => {
    const { done } = await applying(block, 0, { pick: 'New file' });
    expect(done).toEqual([['shown', block.text]]);
  });

  it('goes nowhere when the list is left', async () => {
    expect((await applying(block, 0, 'escape')).done).toEqual([]);
  });
});

describe('code for a file that is not there yet', () => {
  const fresh = { ...block, uri: uri(`${repo}/src/new.ts`), isNew: true };

  it('makes that file once the user says so', async () => {
    const { done } = await applying(fresh, 0, { pick: 'New file src/new.ts' });
    expect(done).toEqual([
      ['created', `${repo}/src/new.ts`, block.text],
      ['shown', `${repo}/src/new.ts`],
    ]);
    expect((await applying(fresh, 0, 'escape')).done).toEqual([]);
  });

  it('goes into the open file, or one that is not saved, when the user would rather', async () => {
    const { done } = await applying(fresh, 1, { pick: 'Into a.ts' }, { pick: 'Insert at the cursor' });
    expect(done).toEqual([['proposed', { start: 1, end: 2 }, ['one();', 'two();', 'three();']]]);
    expect((await applying(fresh, 0, { pick: 'not saved' })).done).toEqual([['shown', block.text]]);
  });

  it('says that it could not be made', async () => {
    const taken = { ...fresh, uri: uri(`${repo}/taken.ts`) };
    await expect(applying(taken, 0, { pick: 'New file taken.ts' })).rejects.toThrow('could not be created');
  });
});

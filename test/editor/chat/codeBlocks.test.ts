import { expect, it } from 'vitest';
import { insertCode, languageOf } from '../../../src/editor/chat/codeBlocks.ts';

const languages = { getLanguages: () => Promise.resolve(['typescript', 'python', 'shellscript', 'cpp', 'zig']) };

it.each([
  ['ts', 'typescript'],
  ['Python', 'python'],
  ['bash', 'shellscript'],
  ['c++', 'cpp'],
  ['zig', 'zig'],
  ['ts title="a.ts"', 'typescript'],
  ['brainfuck', undefined],
  ['', undefined],
])('%j behind a fence is the language %s', async (written, id) => {
  expect(await languageOf(languages, written)).toBe(id);
});

function editorOf(scheme: string, eol = 1) {
  const replaced: unknown[] = [];
  const edit = (change: (builder: unknown) => void) => {
    change({ replace: (_: unknown, text: string) => replaced.push(text) });
    return Promise.resolve(true);
  };
  return { document: { uri: { scheme }, eol }, selection: {}, viewColumn: 1, edit, replaced };
}

function inserting(
  window: { activeTextEditor?: unknown; visibleTextEditors: readonly unknown[] },
  showTextDocument = () => Promise.resolve(),
) {
  const needs = { window: { ...window, showTextDocument } } as never;
  return insertCode(needs, { text: 'a\nb', language: '' });
}

it('inserts into the editor the user was last in, in its own line breaks', async () => {
  const editor = editorOf('file', 2);
  expect(await inserting({ activeTextEditor: editor, visibleTextEditors: [editor] })).toBeUndefined();
  expect(editor.replaced).toEqual(['a\r\nb']);
});

it('inserts into the only one that can be seen, and into none where it would have to guess', async () => {
  const [one, other, log] = [editorOf('file'), editorOf('untitled'), editorOf('output')];
  expect(await inserting({ activeTextEditor: log, visibleTextEditors: [log, one] })).toBeUndefined();
  expect(one.replaced).toEqual(['a\nb']);
  expect(await inserting({ visibleTextEditors: [one, other] })).toBe('No editor is open to insert this into.');
});

it('has inserted it also where the user went to another editor meanwhile', async () => {
  const editor = editorOf('file');
  const elsewhere = () => Promise.reject(new Error('another editor opened in the meantime'));
  expect(await inserting({ visibleTextEditors: [editor] }, elsewhere)).toBeUndefined();
  expect(editor.replaced).toEqual(['a\nb']);
});

import { expect, test } from 'vitest';
import type { Uri, WorkspaceFolder } from 'vscode';
import { noting, type NotesNeeds } from '../../../src/editor/cost/notes.ts';
import { defaultSettings } from '../../../src/editor/settings.ts';
import type { Model } from '../../../src/models/model.ts';

const folder = (name: string): WorkspaceFolder =>
  ({ name, index: 0, uri: { toString: () => `file:///home/me/${name}` } }) as WorkspaceFolder;
const shop = folder('shop');
const site = folder('site');
const weights: Model = { id: 'embedded:/m', name: 'M', provider: 'embedded', file: '/m' };
const item = (uri: string) => ({ uri, bytes: 1 });

function notesOn(more: Partial<NotesNeeds> = {}, label = '') {
  return noting({
    settings: { now: { ...defaultSettings, 'cost.label': label } },
    workspace: {
      workspaceFolders: [shop, site],
      getWorkspaceFolder: (uri: Uri) =>
        [shop, site].find((each) => `${uri as unknown as string}`.startsWith(each.uri.toString())),
    },
    Uri: { parse: (uri: string) => uri } as unknown as NotesNeeds['Uri'],
    machineId: 'this machine',
    checksums: { of: (file) => (file === '/m' ? 'ab12' : undefined) },
    ...more,
  });
}

test('a request is booked under the folder of its document, else under the first one', () => {
  const notes = notesOn();
  expect(notes({ model: weights, items: [item('file:///home/me/site/a.ts')] }).workspace?.name).toBe('site');
  expect(notes({ model: weights, items: [item('untitled:1')] }).workspace?.name).toBe('shop');
  expect(notes({ model: weights, items: [] }).workspace?.name).toBe('shop');
  const nowhere = { workspaceFolders: undefined, getWorkspaceFolder: () => undefined };
  expect(notesOn({ workspace: nowhere })({ model: weights, items: [] })).not.toHaveProperty('workspace');
});

test('a folder’s id stays the same, tells nothing of its name, and is another on another machine', () => {
  const asked = { model: weights, items: [item('file:///home/me/site/a.ts')] };
  const id = notesOn()(asked).workspace?.id;
  expect(id).toMatch(/^[\da-f]{32}$/);
  expect(notesOn()(asked).workspace?.id).toBe(id);
  expect(notesOn({ machineId: 'another' })(asked).workspace?.id).not.toBe(id);
});

test('the label and the checksum of the weights are there where there are any', () => {
  expect(notesOn({}, 'customer')({ model: weights, items: [] })).toMatchObject({
    label: 'customer',
    weightsSha256: 'ab12',
  });
  const plain = notesOn()({ model: { ...weights, file: '/other' }, items: [] });
  expect(Object.keys(plain)).toEqual(['workspace']);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { chooseModel } from '../../../src/editor/switching/chooseModel.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { settle } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { Person, type Act } from '../../support/person.ts';
import { FakeWorkspace } from '../../support/vscodeStores.ts';

/** Lets a person choose who has one model file; gives back what they saw and what came of it. */
async function choose(acts: Act | readonly Act[], { refs = '', browsed }: { refs?: string; browsed?: string } = {}) {
  const path = join(temporaryFolder(), 'small.gguf');
  writeFileSync(path, 'GGUF and more');
  const person = new Person(...[acts].flat());
  const user: Record<string, unknown> = {};
  const settings = new LiveSettings(new FakeWorkspace(user).asWorkspace);
  const ran: string[] = [];
  const set: unknown[] = [];
  let learned: boolean | undefined;
  await chooseModel({
    ...person.needs,
    run: ((command: string) => Promise.resolve(ran.push(command))) as typeof vscode.commands.executeCommand,
    settings,
    choice: { refFor: () => refs, set: (...args) => Promise.resolve(void set.push(args)) },
    findFiles: () => Promise.resolve([{ path, bytes: 98e6 }]),
    templates: { has: () => learned, look: () => Promise.resolve((learned = false)) },
    browse: () => Promise.resolve(browsed === undefined ? undefined : path),
  });
  settings.dispose();
  return { saw: person.saw('Choose Model File'), isSet: user['local.modelPath'] === path, ran: ran.slice(1), set };
}

describe('choosing a model file', () => {
  it('offers what was found, with its size, and sets what is picked', async () => {
    const { saw, isSet, ran } = await choose({ pick: 'small' });
    expect(saw).toMatch(/small.*98 MB/);
    expect(isSet).toBe(true);
    expect(ran).toEqual([]);
  });

  it('says which files have no chat template, once their headers were read', async () => {
    expect((await choose([{ first: settle }, { pick: 'small' }])).saw).toContain('no chat template: completions only');
  });

  it('lets the user browse, and changes nothing when they leave', async () => {
    expect((await choose({ pick: 'Browse…' }, { browsed: 'yes' })).isSet).toBe(true);
    expect((await choose({ pick: 'Browse…' })).isSet).toBe(false);
    expect((await choose('escape')).isSet).toBe(false);
  });

  it('leads who has no file yet to a starter model or a server', async () => {
    expect(await choose({ pick: 'Get Starter Model…' })).toMatchObject({
      isSet: false,
      ran: ['paddock.getStarterModel'],
    });
    expect(await choose({ pick: 'Switch Provider…' })).toMatchObject({ isSet: false, ran: ['paddock.switchProvider'] });
  });

  it('takes over a role that had another file, and asks which where servers answer both', async () => {
    const other = await choose({ pick: 'small' }, { refs: 'embedded:/other.gguf' });
    expect(other.set).toEqual([[['completion', 'chat'], '']]);
    const served = await choose({ pick: 'small' }, { refs: 'http://localhost:8080/v1#qwen' });
    expect(served.set).toEqual([[[], '']]);
    expect(served.ran).toEqual(['paddock.switchProvider']);
  });
});

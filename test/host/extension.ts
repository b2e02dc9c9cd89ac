/** What VS Code sees of Paddock before anybody types: activation, commands, settings. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { descendantsOf } from '../../scripts/lib/processes.mjs';
import { defaultSettings, type Settings } from '../../src/editor/settings.ts';
import { paddock } from './given.ts';
import { until, type HostTest } from './runner.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly keybindings: readonly { readonly key: string; readonly when?: string }[];
  };
}

/** What the fixture noted. */
export interface Note {
  readonly what: string;
  readonly stack: string;
}

export const extensionTests: readonly HostTest[] = [
  { name: 'is activated by the start of VS Code, without a document', run: isActivated },
  { name: 'starts no process and opens no connection by being activated', run: isQuiet },
  { name: 'every command of the manifest is there, and no other', run: hasItsCommands },
  { name: 'takes no key that VS Code uses, but in places of its own', run: takesFreeKeys },
  { name: 'VS Code has the same defaults as the code', run: hasItsDefaults },
];

async function isActivated(): Promise<void> {
  await until('activation', () => paddock().isActive);
}

async function isQuiet(): Promise<void> {
  assert.deepEqual(notesAboutPaddock(), []);
  const engines = descendantsOf(process.pid).filter(({ commandLine }) => commandLine.includes('worker.mjs'));
  assert.deepEqual(engines, []);
}

/** Every start of a process and every connection that came from Paddock's code since VS Code started. */
export function notesAboutPaddock(): readonly Note[] {
  const watchful = vscode.extensions.getExtension<{ notes: Note[] }>('paddock-test.watchful');
  assert.ok(watchful?.isActive, 'nobody watched');
  return watchful.exports.notes.filter(({ stack }) => stack.includes(paddock().extensionPath));
}

async function hasItsCommands(): Promise<void> {
  const { contributes } = paddock().packageJSON as Manifest;
  const registered = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('paddock.'));
  // `paddock.chat.focus` and the like are VS Code's own, for the view of that name.
  const visible = registered.filter((id) => !/^paddock\.(internal|chat)\./.test(id));
  assert.deepEqual(visible.sort(), contributes.commands.map(({ command }) => command).sort());
}

async function takesFreeKeys(): Promise<void> {
  const defaults = await vscode.workspace.openTextDocument(
    vscode.Uri.parse('vscode://defaultsettings/keybindings.json'),
  );
  const bound = [...defaults.getText().matchAll(/"key": "([^"]+)",\s*"command": "([^"]+)"/g)];
  // Those of extensions are among them, ours too.
  const taken = new Set(bound.filter(([, , command]) => !command?.startsWith('paddock.')).map(([, key]) => key));
  assert.ok(taken.size > 300, 'the keys of VS Code were not found');
  const { contributes } = paddock().packageJSON as Manifest;
  const everywhere = contributes.keybindings.filter(({ when = '' }) => !/paddock-edit|\bpaddock\./.test(when));
  assert.ok(everywhere.length > 0);
  for (const { key } of everywhere) assert.ok(!taken.has(key), `VS Code uses ${key}`);
}

async function hasItsDefaults(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('paddock');
  for (const key of Object.keys(defaultSettings) as (keyof Settings)[]) {
    assert.deepEqual(configuration.inspect(key)?.defaultValue, defaultSettings[key], key);
  }
}

/** Servers in place of the engine, seen through VS Code's API: who is asked, and who is not. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { descendantsOf } from '../../scripts/lib/processes.mjs';
import { readLedger, settlementOf } from '../support/ledgerFiles.mjs';
import { startSmallServer, type SmallServer } from '../support/smallServer.ts';
import { beginning, environment, intentsAbout, showUntitled, take, type, withSetting } from './given.ts';
import { until, type HostTest } from './runner.ts';

const { executeCommand } = vscode.commands;
/** Goes on after `beginning`, unlike anything a model would write. */
const words = [' Paddock', ' to', ' meadow."""'];

export const serverTests: readonly HostTest[] = [
  { name: 'a server picked for completions answers them, and the ledger says where', run: asksServer },
  { name: 'the engine that nobody wants any more ends, and is back with its role', run: switchesBack },
  { name: 'switching while an answer streams lets it stream', run: switchesMidStream },
  { name: 'what runs can be stopped, and its connection closes', run: stops },
  { name: 'a ceiling below it keeps a server from being asked', run: keepsBelowCeiling },
  { name: 'this computer only is one command, and one to take it back', run: togglesThisComputerOnly },
  { name: 'a workspace cannot pick a server, add one or lift the ceiling', run: ignoresWorkspace },
];

/** Picks a small server for completions while `action` runs. */
async function withServer(action: (server: SmallServer) => Promise<void>): Promise<void> {
  const server = await startSmallServer(words);
  try {
    await withSetting('servers', [{ url: server.url, kind: 'llamaServer' }], () =>
      withSetting('completion.model', `${server.url}#small`, () => action(server)),
    );
  } finally {
    await server.stop();
  }
}

async function asksServer(): Promise<void> {
  await withServer(async (server) => {
    const editor = await showUntitled();
    await type(beginning);
    assert.match(await take(editor), /Paddock to meadow/);
    assert.deepEqual(server.keys, []);
    const asked = await until('the intent', () => intentsAbout(editor.document.uri).at(-1));
    const ledger = readLedger(environment('PADDOCK_HOST_STORAGE'));
    const { route } = ledger.find((entry) => entry.kind === 'intent' && entry.id === asked.id) as never as {
      route: { kind: string; evidence: string; host: string };
    };
    assert.deepEqual([route.kind, route.evidence, route.host], ['loopback', 'verified', new URL(server.url).host]);
    await until('its settlement', () => settlementOf(readLedger(environment('PADDOCK_HOST_STORAGE')), asked.id));
  });
}

async function switchesBack(): Promise<void> {
  const [before] = await until('the engine', () => engines().length === 1 && engines());
  await withServer(async (server) => {
    await withSetting('chat.model', `${server.url}#small`, async () => {
      await until('the end of the engine', () => engines().length === 0);
      const editor = await showUntitled();
      await type(beginning);
      assert.match(await take(editor), /Paddock/);
      assert.equal(engines().length, 0);
    });
  });
  const editor = await showUntitled();
  await type(beginning);
  assert.doesNotMatch(await take(editor), /Paddock/);
  assert.notEqual(engines()[0]?.pid, before?.pid);
}

async function switchesMidStream(): Promise<void> {
  await withServer(async (server) => {
    const editor = await showUntitled();
    server.gapMs = 1_000;
    await type(beginning);
    // Typing stopped its own earlier requests; the last one streams now.
    await sleep(800);
    const asked = server.paths.filter((each) => each === '/infill').length;
    assert.deepEqual([asked > 0, server.ended.length], [true, asked - 1]);
    await vscode.workspace.getConfiguration('paddock').update('completion.model', '', true);
    assert.equal(server.ended.length, asked - 1, 'the answer was over before the switch');
    await until('the end of the answer', () => server.ended.length === asked);
    assert.equal(server.ended.at(-1), 'finished');
    await type(' ');
    assert.doesNotMatch(await take(editor), /Paddock/);
  });
}

async function stops(): Promise<void> {
  await withServer(async (server) => {
    server.gapMs = 20_000;
    await showUntitled();
    await type(beginning);
    await until('the server to be asked', () => server.paths.includes('/infill'));
    await executeCommand('paddock.stopRequests');
    await until('the connection to close', () => server.ended.includes('left'));
  });
}

async function keepsBelowCeiling(): Promise<void> {
  await withServer(async (server) => {
    await withSetting('privacy.ceiling', 'device', async () => {
      await showUntitled();
      await type(beginning);
      await sleep(1_500);
      assert.deepEqual(server.paths, []);
    });
    const editor = await showUntitled();
    await type(beginning);
    assert.match(await take(editor), /Paddock/);
  });
}

async function togglesThisComputerOnly(): Promise<void> {
  const ceiling = () => vscode.workspace.getConfiguration('paddock').inspect('privacy.ceiling')?.globalValue;
  await executeCommand('paddock.thisComputerOnly');
  assert.equal(ceiling(), 'loopback');
  await executeCommand('paddock.thisComputerOnly');
  assert.equal(ceiling(), 'any');
  await vscode.workspace.getConfiguration('paddock').update('privacy.ceiling', undefined, true);
  await executeCommand('notifications.clearAll');
}

async function ignoresWorkspace(): Promise<void> {
  const server = await startSmallServer(words);
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  const settings = path.join(folder.uri.fsPath, '.vscode');
  const planted = {
    'paddock.completion.model': `${server.url}#small`,
    'paddock.chat.model': `${server.url}#small`,
    'paddock.servers': [{ url: server.url, kind: 'llamaServer' }],
    'paddock.privacy.ceiling': 'any',
    // This one a workspace may set: it tells when VS Code has read the file.
    'paddock.completion.disabledLanguages': ['planted'],
  };
  try {
    mkdirSync(settings, { recursive: true });
    writeFileSync(path.join(settings, 'settings.json'), JSON.stringify(planted));
    const languages = () => vscode.workspace.getConfiguration('paddock').get<string[]>('completion.disabledLanguages');
    await until('the settings to be read', () => languages()?.includes('planted') === true);
    const editor = await showUntitled();
    await type(beginning);
    assert.doesNotMatch(await take(editor), /Paddock/);
    assert.deepEqual(server.paths, []);
  } finally {
    rmSync(settings, { recursive: true, force: true });
    await server.stop();
  }
}

function engines() {
  return descendantsOf(process.pid).filter(({ commandLine }) => commandLine.includes('worker.mjs'));
}

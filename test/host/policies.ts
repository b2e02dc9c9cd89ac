/** Policy files in a real workspace: VS Code's own file system, its names for what went wrong, and its watchers. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { PolicyFiles, type FileRules } from '../../src/editor/privacy/policyFiles.ts';
import { until, type HostTest } from './runner.ts';

const { fs } = vscode.workspace;

export const policyTests: readonly HostTest[] = [
  { name: 'a policy file holds from when it is there to when it is gone', run: followsTheFile },
  { name: 'what is no policy file that can be read is a broken one', run: brokenIsNotAbsent },
];

/** A reader of the open folder's file, and of a machine owner's that is nowhere. */
async function withPolicies(
  action: (read: () => Promise<FileRules>, file: vscode.Uri) => Promise<void>,
): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  const { workspace, window, Uri, RelativePattern } = vscode;
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const machinePath = path.join(tmpdir(), 'nowhere', 'policy.json');
  const policies = new PolicyFiles({ workspace, window, Uri, RelativePattern, log, machinePath });
  const paddock = Uri.joinPath(folder.uri, '.paddock');
  try {
    await action(() => policies.rules(), Uri.joinPath(paddock, 'policy.json'));
  } finally {
    policies.dispose();
    await fs.delete(paddock, { recursive: true }).then(undefined, () => undefined); // gone already
  }
}

async function followsTheFile(): Promise<void> {
  await withPolicies(async (read, file) => {
    assert.deepEqual(await read(), { rules: [], broken: [] });
    const write = (text: string) => fs.writeFile(file, new TextEncoder().encode(text));
    await write('{ "version": 1, "ceiling": "device" } // nothing leaves');
    const { rules } = await until('the new file', async () => {
      const now = await read();
      return now.rules.length > 0 && now;
    });
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.toString();
    assert.deepEqual(rules, [{ source: file.fsPath, root, ceiling: 'device' }]);
    await write('{\n "version": 1,\n "ceilng": "any" }');
    // While it is written it may be seen empty, which is broken too.
    const isAtMistake = ({ line }: FileRules['broken'][number]): boolean => line === 3;
    const broken = await until('the mistake to be told', async () => (await read()).broken.find(isAtMistake));
    assert.equal(broken.source, file.fsPath);
    await fs.delete(vscode.Uri.joinPath(file, '..'), { recursive: true });
    await until('the file to be gone', async () => {
      const now = await read();
      return now.rules.length === 0 && now.broken.length === 0;
    });
  });
}

async function brokenIsNotAbsent(): Promise<void> {
  await withPolicies(async (read, file) => {
    await fs.createDirectory(file);
    const { message } = await until('the folder', async () => (await read()).broken[0]);
    assert.equal(message, 'It is no file.');
  });
  await withPolicies(async (read, file) => {
    await fs.writeFile(vscode.Uri.joinPath(file, '..'), new Uint8Array());
    const { message } = await until('the file in the way', async () => (await read()).broken[0]);
    assert.equal(message, 'It could not be read (FileNotADirectory).');
  });
}

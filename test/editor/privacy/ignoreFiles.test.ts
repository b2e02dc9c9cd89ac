import { describe, expect, it, onTestFinished } from 'vitest';
import { IgnoreFiles } from '../../../src/editor/privacy/ignoreFiles.ts';
import { ignoredBy } from '../../../src/egress/ignored.ts';
import { LogLines } from '../../support/log.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';

const repo = 'file:///home/u/repo';
const remote = 'vscode-remote://ssh-remote%2Bhost/srv/app';

function reading(files: FakeFiles) {
  const log = new LogLines();
  const ignoreFiles = new IgnoreFiles({ ...files.needs, log });
  onTestFinished(() => ignoreFiles.dispose());
  let changes = 0;
  ignoreFiles.onDidChange(() => (changes += 1));
  /** Why the document never leaves. */
  const why = async (uri: string) => ignoredBy(uri, await ignoreFiles.above(uri));
  return { ignoreFiles, log, why, changes: () => changes };
}

describe('the ignore files above a document', () => {
  it.each(['.aiignore', '.aiexclude', '.cursorignore', '.continueignore', '.codeiumignore'])(
    'are read: %s',
    async (name) => {
      const { why } = reading(new FakeFiles().open(repo).set(`${repo}/${name}`, '*.csv'));
      expect(await why(`${repo}/a/b/data.csv`)).toEqual({ rule: '*.csv', source: `/home/u/repo/${name}` });
      expect(await why(`${repo}/a/b/data.ts`)).toBeUndefined();
    },
  );

  it('are those of all its folders, above the opened one too', async () => {
    const files = new FakeFiles()
      .open(repo)
      .set('file:///home/u/.aiignore', '*.csv')
      .set(`${repo}/a/.aiignore`, '!b.csv');
    const { why } = reading(files);
    expect(await why(`${repo}/a/a.csv`)).toEqual({ rule: '*.csv', source: '/home/u/.aiignore' });
    expect(await why(`${repo}/a/b.csv`)).toBeUndefined();
    expect(await why(`${repo}/c/b.csv`)).toEqual({ rule: '*.csv', source: '/home/u/.aiignore' });
  });

  it('speak for documents in no opened folder, on the other side, and seen in another way', async () => {
    const files = new FakeFiles().open(remote).set(`${remote}/.aiignore`, '*.csv').set('file:///tmp/.aiignore', 'x*');
    const { why } = reading(files);
    expect((await why('file:///tmp/x.ts'))?.rule).toBe('x*');
    expect((await why('vscode-notebook-cell:/tmp/x.ipynb#W0'))?.rule).toBe('x*');
    expect((await why(`${remote}/data.csv`))?.rule).toBe('*.csv');
    expect((await why('git:/srv/app/data.csv?ref'))?.rule).toBe('*.csv');
    expect(await why('untitled:Untitled-1')).toBeUndefined();
  });

  it.each([{ code: 'NoPermissions' }, { code: 'Unavailable' }, { size: 2_000_000 }])(
    'keep everything back when they are there and are %j',
    async (entry) => {
      const { why, log } = reading(new FakeFiles().open(repo).set(`${repo}/a/.aiignore`, entry));
      expect((await why(`${repo}/a/x.ts`))?.source).toContain('/home/u/repo/a/.aiignore (could not be read');
      expect(await why(`${repo}/b/x.ts`)).toBeUndefined();
      expect(log.lines).toHaveLength(1);
    },
  );

  it('are nobody’s to know in folders that nobody opened', async () => {
    const { why } = reading(new FakeFiles().open(repo).set('file:///home/.aiignore', { code: 'NoPermissions' }));
    expect(await why(`${repo}/x.ts`)).toBeUndefined();
  });
});

describe('what was read', () => {
  it('holds until something changes', async () => {
    const files = new FakeFiles().open(repo).set(`${repo}/.aiignore`, '*.csv');
    const { why, changes } = reading(files);
    await why(`${repo}/a.csv`);
    await why(`${repo}/b.csv`);
    expect(files.reads).toHaveLength(1);
    expect(changes()).toBe(0);
  });

  it.each([
    ['the watcher sees', (files: FakeFiles) => files.notice(`${repo}/**/.aiignore`)],
    ['was saved here', (files: FakeFiles) => files.save(`${repo}/.aiignore`)],
    ['came while the window was elsewhere', (files: FakeFiles) => files.focusWindow()],
    ['came with a folder', (files: FakeFiles) => files.open(repo, remote)],
  ])('is read again after a change that %s', async (_, notice) => {
    const files = new FakeFiles().open(repo);
    const { why } = reading(files);
    expect(await why(`${repo}/a.csv`)).toBeUndefined();
    files.set(`${repo}/.aiignore`, '*.csv');
    expect(await why(`${repo}/a.csv`)).toBeUndefined();
    notice(files);
    expect((await why(`${repo}/a.csv`))?.rule).toBe('*.csv');
  });

  it('is no longer watched in the end', () => {
    const files = new FakeFiles().open(repo, remote);
    const ignoreFiles = new IgnoreFiles({ ...files.needs, log: new LogLines() });
    expect(files.watched).toHaveLength(10);
    ignoreFiles.dispose();
    expect(files.watched).toEqual([]);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { Policies } from '../../../src/editor/privacy/policies.ts';
import { machinePolicyPath, PolicyFiles } from '../../../src/editor/privacy/policyFiles.ts';
import { mostPolicyBytes } from '../../../src/egress/policyFile.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { LogLines } from '../../support/log.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';
import { FakeWorkspace } from '../../support/vscodeStores.ts';

const machine = 'file:///etc/paddock/policy.json';
const machinePath = '/etc/paddock/policy.json';
const repo = 'file:///home/u/repo';
const inRepo = `${repo}/.paddock/policy.json`;
const remote = 'vscode-remote://ssh-remote%2Bhost/srv/app';
const inRemote = `${remote}/.paddock/policy.json`;
const device = '{"version": 1, "ceiling": "device"}';
const onlyPrivate = '{"version": 1, "ceiling": "private"}';

function reading(files: FakeFiles) {
  const log = new LogLines();
  const policies = new PolicyFiles({ ...files.needs, log, machinePath });
  onTestFinished(() => policies.dispose());
  let changes = 0;
  policies.onDidChange(() => (changes += 1));
  return { policies, log, changes: () => changes };
}

/** Everything that was begun has ended. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the policy files', () => {
  it('are the machine owner’s and that of every folder', async () => {
    const files = new FakeFiles().open(repo, remote).set(machine, onlyPrivate).set(inRepo, device);
    files.set(inRemote, '{"version": 1, "neverSend": ["*.pem"]}');
    expect(await reading(files).policies.rules()).toEqual({
      rules: [
        { source: machinePath, ceiling: 'private' },
        { source: '/home/u/repo/.paddock/policy.json', root: repo, ceiling: 'device' },
        { source: 'vscode-remote://ssh-remote+host/srv/app/.paddock/policy.json', root: remote, neverSend: ['*.pem'] },
      ],
      broken: [],
    });
  });

  it('are those above an opened folder too, each once, with the rules of their own folder', async () => {
    const files = new FakeFiles().open(`${repo}/packages/app`, `${repo}/packages/web`, repo);
    files.set(inRepo, '{"version": 1, "neverSend": ["data/**"]}').set('file:///.paddock/policy.json', device);
    expect(await reading(files).policies.rules()).toEqual({
      rules: [
        { source: '/home/u/repo/.paddock/policy.json', root: repo, neverSend: ['data/**'] },
        { source: '/.paddock/policy.json', root: 'file:///', ceiling: 'device' },
      ],
      broken: [],
    });
    expect(files.watched.filter((uri) => !uri.startsWith(repo))).toEqual([machine]);
  });

  it('above an opened folder are not watched, but read when the window gets the focus', async () => {
    const files = new FakeFiles().open(`${repo}/packages/app`);
    const { policies } = reading(files);
    expect((await policies.rules()).rules).toEqual([]);
    files.set(inRepo, device).focusWindow();
    await settled();
    expect((await policies.rules()).rules).toHaveLength(1);
  });

  it('above an opened folder where nobody may look are none, but broken where one cannot be read', async () => {
    const files = new FakeFiles().open(`${repo}/packages/app`).set(inRepo, { code: 'NoPermissions' });
    expect(await reading(files).policies.rules()).toEqual({ rules: [], broken: [] });
    files.set(inRepo, device);
    files.fs.readFile = () => Promise.reject(Object.assign(new Error(), { code: 'NoPermissions' }));
    expect((await reading(files).policies.rules()).broken).toHaveLength(1);
  });

  it('are news before whoever waits for them goes on, so that what these deny is newer than the news', async () => {
    const files = new FakeFiles().open(repo).set(inRepo, '{"version": 0}');
    const settings = new LiveSettings(new FakeWorkspace({}).asWorkspace);
    const consents = { all: () => [], onDidChange: new Emitter<void>().event };
    const policies = new Policies({ settings, files: reading(files).policies, consents });
    onTestFinished(() => [policies, settings].forEach((each) => each.dispose()));
    const order: string[] = [];
    policies.onDidChange(() => order.push(`news: ${policies.shown.broken.length} broken`));
    order.push(`given: ${(await policies.now()).broken.length} broken`);
    await settled();
    expect(order).toEqual(['news: 1 broken', 'given: 1 broken']);
  });

  it('say nothing where there are none', async () => {
    const { policies, changes } = reading(new FakeFiles().open(repo));
    expect(await policies.rules()).toEqual({ rules: [], broken: [] });
    expect(changes()).toBe(0);
  });

  it('are waited for at first, and given at once after that', async () => {
    const files = new FakeFiles().open(repo).set(inRepo, device);
    const go = files.hold();
    const { policies } = reading(files);
    let isKnown = false;
    void policies.rules().then(() => (isKnown = true));
    await settled();
    expect(isKnown).toBe(false);
    go();
    expect((await policies.rules()).rules).toHaveLength(1);
    expect(policies.rules()).toBe(policies.rules());
  });

  it.each([
    [{ code: 'NoPermissions' }, 'could not be read (NoPermissions)'],
    [{ code: 'FileIsADirectory' }, 'could not be read (FileIsADirectory)'],
    [{ code: 'FileNotADirectory' }, 'could not be read (FileNotADirectory)'],
    [{ code: 'Unavailable' }, 'could not be read (Unavailable)'],
    [{ type: 2 }, 'It is no file.'],
    [{ type: 64 }, 'It is no file.'],
    [{ size: mostPolicyBytes + 1 }, 'bytes'],
    ['{', 'no valid JSON'],
    ['', 'It is empty.'],
  ])('that are %j are broken', async (entry, words) => {
    const files = new FakeFiles().open(repo).set(inRepo, entry);
    const { policies, log } = reading(files);
    expect(await policies.rules()).toEqual({
      rules: [],
      broken: [{ source: '/home/u/repo/.paddock/policy.json', line: 1, message: expect.stringContaining(words) }],
    });
    expect(log.lines).toHaveLength(1);
  });

  it('that are too large or no files are not even opened', async () => {
    const files = new FakeFiles().open(repo).set(inRepo, { size: 1e12 }).set(machine, { type: 0 });
    expect((await reading(files).policies.rules()).broken).toHaveLength(2);
    expect(files.reads).toEqual([]);
  });

  it('that are links to files are read', async () => {
    const files = new FakeFiles().open(repo).set(inRepo, device);
    const stat = files.fs.stat;
    files.fs.stat = async (uri) => ({ ...(await stat(uri)), type: 65 });
    expect((await reading(files).policies.rules()).rules).toHaveLength(1);
  });
});

describe('a change', () => {
  it.each([
    ['the watcher sees', (files: FakeFiles) => files.notice(inRepo)],
    ['the watcher sees of its folder only', (files: FakeFiles) => files.notice(`${repo}/.paddock`)],
    ['was saved here', (files: FakeFiles) => files.save(inRepo)],
    ['is found when the window gets the focus', (files: FakeFiles) => files.focusWindow()],
  ])('that %s holds from then on', async (_, notice) => {
    const files = new FakeFiles().open(repo);
    const { policies, changes } = reading(files);
    await policies.rules();
    for (const entry of [device, '{', onlyPrivate, undefined]) {
      files.set(inRepo, entry);
      notice(files);
      await settled();
      const { rules, broken } = await policies.rules();
      expect([rules.length, broken.length]).toEqual(entry === undefined ? [0, 0] : entry === '{' ? [0, 1] : [1, 0]);
    }
    expect(changes()).toBe(4);
  });

  it('of a file is waited for; while the focus comes back, what held before holds', async () => {
    const files = new FakeFiles().open(repo);
    const { policies } = reading(files);
    await policies.rules();
    files.set(inRepo, device);
    const go = files.hold();
    files.focusWindow();
    expect((await policies.rules()).rules).toEqual([]);
    files.notice(inRepo);
    let isKnown = false;
    const read = policies.rules();
    void read.then(() => (isKnown = true));
    await settled();
    expect(isKnown).toBe(false);
    go();
    expect((await read).rules).toHaveLength(1);
  });

  it('of nothing is told to nobody', async () => {
    const files = new FakeFiles().open(repo).set(inRepo, device);
    const { policies, changes } = reading(files);
    await policies.rules();
    files.focusWindow();
    files.focusWindow(false);
    files.save(`${repo}/src/main.ts`);
    await settled();
    expect(changes()).toBe(1);
  });

  it('that comes while an older reading waits is in the older answer too', async () => {
    const files = new FakeFiles().open(repo);
    const go = files.hold();
    const { policies } = reading(files);
    const first = policies.rules();
    files.set(inRepo, device);
    files.notice(inRepo);
    go();
    expect((await first).rules).toHaveLength(1);
    expect((await policies.rules()).rules).toHaveLength(1);
  });
});

describe('a folder', () => {
  it('that is added holds before anything else is allowed, and is watched', async () => {
    const files = new FakeFiles().open(repo).set(inRemote, device);
    const { policies } = reading(files);
    expect((await policies.rules()).rules).toEqual([]);
    files.open(repo, remote);
    expect((await policies.rules()).rules).toHaveLength(1);
    expect(files.watched).toEqual([machine, `${repo}/.paddock`, inRepo, `${remote}/.paddock`, inRemote]);
  });

  it('that is removed takes its rules and its watcher along', async () => {
    const files = new FakeFiles().open(repo, remote).set(inRemote, device);
    const { policies } = reading(files);
    await policies.rules();
    files.open(repo);
    expect((await policies.rules()).rules).toEqual([]);
    expect(files.watched).toEqual([machine, `${repo}/.paddock`, inRepo]);
    policies.dispose();
    expect(files.watched).toEqual([]);
  });
});

describe('the machine owner’s file', () => {
  it('stands where no environment can move it', () => {
    expect(['linux', 'darwin', 'win32'].map(machinePolicyPath)).toEqual([
      '/etc/paddock/policy.json',
      '/Library/Application Support/Paddock/policy.json',
      'C:\\ProgramData\\Paddock\\policy.json',
    ]);
  });
});

describe('the schema', () => {
  interface Manifest {
    readonly contributes: {
      readonly jsonValidation: readonly { readonly fileMatch: string[]; readonly url: string }[];
    };
  }
  const root = new URL('../../../', import.meta.url);
  const textOf = (name: string): string => readFileSync(new URL(name, root), 'utf8');
  const validation = (JSON.parse(textOf('package.json')) as Manifest).contributes.jsonValidation;

  it('is shipped, and checks every policy file while it is written', () => {
    expect(validation).toHaveLength(1);
    const [{ fileMatch, url } = { fileMatch: [], url: '' }] = validation;
    expect(existsSync(new URL(url, root))).toBe(true);
    const places = ['linux', 'darwin', 'win32'].map((system) => machinePolicyPath(system).replaceAll('\\', '/'));
    expect(fileMatch).toEqual(['/.paddock/policy.json', ...places.map((place) => place.replace(/^C:/, ''))]);
    expect(textOf('.vscodeignore')).toContain(`!${url.replace('./', '')}\n`);
  });
});

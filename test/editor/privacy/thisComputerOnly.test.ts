import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { Policies } from '../../../src/editor/privacy/policies.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { toggleThisComputerOnly } from '../../../src/editor/privacy/thisComputerOnly.ts';
import type { Consent, Policy } from '../../../src/egress/policy.ts';
import { settle } from '../../support/clock.ts';
import { FakeMemento, FakeWorkspace } from '../../support/vscodeStores.ts';

type FileRules = Pick<Policy, 'rules' | 'broken'>;

function start(user: Record<string, unknown> = {}, read: FileRules = { rules: [], broken: [] }) {
  const workspace = new FakeWorkspace(user);
  const settings = new LiveSettings(workspace.asWorkspace);
  const files = new Emitter<FileRules>();
  const consents: Consent[] = [];
  const consented = new Emitter<void>();
  let now = read;
  const policies = new Policies({
    settings,
    files: { rules: () => Promise.resolve(now), onDidChange: files.event },
    consents: { all: () => consents, onDidChange: consented.event },
  });
  const memento = new FakeMemento();
  const said: string[] = [];
  const notices = { say: (message: string) => void said.push(message) };
  const toggle = () => toggleThisComputerOnly({ settings, memento, policy: policies.now, notices });
  const fileSays = (rules: FileRules) => {
    now = rules;
    files.fire(rules);
  };
  const end = () => [policies, settings].forEach((each) => each.dispose());
  return { user, settings, policies, consents, consented, said, toggle, fileSays, end };
}

describe('this computer only', () => {
  it.each(['any', 'private'] as const)('lowers the ceiling from "%s" and lifts it to there again', async (before) => {
    const { user, said, toggle, end } = start({ 'privacy.ceiling': before });
    await toggle();
    expect(user['privacy.ceiling']).toBe('loopback');
    expect(said[0]).toContain('only servers on this computer are asked. Of one that may pass on');
    await toggle();
    expect(user['privacy.ceiling']).toBe(before);
    expect(said[1]).toContain(before === 'any' ? 'anywhere' : 'my network');
    end();
  });

  it('never loosens what is stricter still', async () => {
    const { user, said, toggle, end } = start({ 'privacy.ceiling': 'device' });
    await toggle();
    expect(user['privacy.ceiling']).toBe('device');
    expect(said[0]).toContain('stricter already');
    end();
  });

  it('says when a file is stricter than what the user lifts', async () => {
    const file = { source: '/etc/paddock/policy.json', ceiling: 'device' } as const;
    const { said, toggle, end } = start({ 'privacy.ceiling': 'loopback' }, { rules: [file], broken: [] });
    await toggle();
    expect(said[0]).toContain("/etc/paddock/policy.json is stricter, and holds: this computer's own engine.");
    end();
  });

  it('says when a broken file keeps everything from being sent', async () => {
    const broken = [{ source: '/p.json', line: 3, message: 'Unknown key.' }];
    const { said, toggle, end } = start({ 'privacy.ceiling': 'loopback' }, { rules: [], broken });
    await toggle();
    expect(said[0]).toContain('nothing is sent until /p.json is mended');
    end();
  });
});

describe('the policy', () => {
  it('is what the user set, what the files say and what was agreed to, as each is now', async () => {
    const { settings, policies, consents, consented, fileSays, end } = start({ 'privacy.ceiling': 'private' });
    let changes = 0;
    policies.onDidChange(() => (changes += 1));
    expect(await policies.now()).toEqual({
      rules: [{ source: 'your settings', ceiling: 'private', neverSend: [] }],
      broken: [],
      consents: [],
    });
    const file = { source: '/p.json', forbiddenHosts: ['a.example'] };
    fileSays({ rules: [file], broken: [] });
    await settle();
    expect(policies.shown.rules).toEqual([{ source: 'your settings', ceiling: 'private', neverSend: [] }, file]);
    consents.push({ destination: 'https://b.example', route: 'internet', atMs: 1 });
    consented.fire();
    await settings.write('privacy.ceiling', () => 'any');
    expect(policies.shown).toMatchObject({ rules: [{ ceiling: 'any' }, file], consents });
    expect(changes).toBe(3);
    end();
  });
});

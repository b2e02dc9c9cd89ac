import { describe, expect, it, onTestFinished } from 'vitest';
import { keeping, LiveSettings } from '../../src/editor/settings.ts';
import { FakeWorkspace } from '../support/vscodeStores.ts';

function live(user: Record<string, unknown>, ofWorkspace: Record<string, unknown> = {}) {
  const workspace = new FakeWorkspace(user, ofWorkspace);
  const settings = new LiveSettings(workspace.asWorkspace);
  onTestFinished(() => settings.dispose());
  const written = () => workspace.writes.map(({ of, value }) => [of, value]);
  return { settings, workspace, written };
}

const enabled = 'completion.enabled';
const trigger = 'completion.trigger';
const languages = 'completion.disabledLanguages';

describe('a workspace', () => {
  it.each([
    [enabled, false, true, false],
    [enabled, true, false, false],
    [enabled, undefined, false, false],
    [enabled, undefined, true, true],
    [enabled, false, undefined, false],
    [enabled, false, 'yes', false],
    [trigger, 'manual', 'automatic', 'manual'],
    [trigger, 'automatic', 'manual', 'manual'],
    [trigger, undefined, 'manual', 'manual'],
    [trigger, 'manual', undefined, 'manual'],
    [trigger, undefined, undefined, 'automatic'],
    [languages, ['markdown'], [], ['markdown']],
    [languages, ['markdown'], ['sql', 'markdown'], ['markdown', 'sql']],
    [languages, undefined, ['sql'], ['sql']],
    [languages, ['markdown'], 'none', ['markdown']],
  ] as const)('can only tighten %s: %j with its %j is %j', (key, user, ofWorkspace, expected) => {
    expect(live({ [key]: user }, { [key]: ofWorkspace }).settings.now[key]).toEqual(expected);
  });
});

it('keeps what was sent for ever unless the user says otherwise', () => {
  expect(keeping(live({}).settings.now)).toEqual({ localDays: 30, chainDays: undefined });
  const user = { 'ledger.localDays': 7, 'ledger.sentDays': 400 };
  expect(keeping(live(user).settings.now)).toEqual({ localDays: 7, chainDays: 400 });
});

describe('what the user asks for takes effect', () => {
  it.each([
    ['for the user', {}, {}, false, [['user', false]]],
    ['where the workspace says otherwise', {}, { [enabled]: false }, true, [['workspace', true]]],
    ['where the user says otherwise', { [enabled]: false }, { [enabled]: true }, true, [['user', true]]],
    [
      'where both do',
      { [enabled]: false },
      { [enabled]: false },
      true,
      [
        ['workspace', true],
        ['user', true],
      ],
    ],
    ['in the workspace alone, where that is enough', {}, { [enabled]: true }, false, [['workspace', false]]],
    ['without a word where it is so already', {}, {}, true, []],
  ] as const)('%s', async (_, user, ofWorkspace, wanted, expected) => {
    const { settings, written } = live(user, ofWorkspace);
    await settings.write(enabled, () => wanted);
    expect(settings.now[enabled]).toBe(wanted);
    expect(written()).toEqual(expected);
  });

  it('for a language wherever it is excluded', async () => {
    const { settings, written } = live({ [languages]: ['markdown', 'sql'] }, { [languages]: ['sql', 'xml'] });
    await settings.write(languages, (before) => before.filter((id) => id !== 'sql'));
    expect(settings.now[languages]).toEqual(['markdown', 'xml']);
    expect(written()).toEqual([
      ['workspace', ['xml']],
      ['user', ['markdown']],
    ]);
  });
});

describe('an entry of the servers that makes no sense', () => {
  const good = { url: 'http://LOCALHOST:8080/v1/', kind: 'llamaServer', note: 'in the cellar' };
  const bad = { url: 'http://localhost:11434', kind: 'Ollama' };
  const added = { url: 'http://10.0.0.5:8000', kind: 'vllm' } as const;

  it('stays where the user wrote it, as all that nobody changed does', async () => {
    const { settings, workspace } = live({ servers: [bad, good, 7] });
    await settings.write('servers', (before) => [...before, added]);
    expect(workspace.user.servers).toEqual([bad, good, 7, added]);
    await settings.write('servers', (before) => before.filter(({ kind }) => kind === 'vllm'));
    expect(workspace.user.servers).toEqual([bad, 7, added]);
  });

  it.each([
    [[good, bad], /^Entry 2 .*"Ollama" is no kind of server.*ollama/],
    [[{ url: 'https://me:secret@api.example.com', kind: 'generic' }], /^Entry 1 .*password/],
    [[{ kind: 'generic' }], /"url" is missing/],
    ['https://api.example.com', /no list/],
  ])('in %j is told of', (servers, words) => {
    const problems = live({ servers }).settings.serverProblems;
    expect(problems).toEqual([expect.stringMatching(words)]);
    expect(problems.join()).not.toContain('secret');
  });

  it('is the only one that is told of', () => {
    expect(live({ servers: [good] }).settings.serverProblems).toEqual([]);
    expect(live({}).settings.serverProblems).toEqual([]);
  });
});

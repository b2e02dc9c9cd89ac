import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTable, type CommandNeeds } from '../src/editor/commands.ts';
import { copyLanguage, uncheckedLanguages } from '../src/editor/edits/copyLanguage.ts';
import { defaultSettings, settingsFrom } from '../src/editor/settings.ts';

interface Property {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly markdownDescription: string;
  readonly enum?: readonly string[];
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly languages: readonly { readonly id: string; readonly aliases: readonly string[] }[];
    readonly grammars: readonly { readonly language: string; readonly scopeName: string; readonly path: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Property>> };
    readonly menus: { readonly commandPalette: readonly { readonly command: string }[] };
    readonly keybindings: readonly { readonly command: string; readonly key: string; readonly when?: string }[];
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const manifest = read('package.json') as Manifest;
const texts = read('package.nls.json') as Record<string, string>;
/** The code of the VS Code side, all of it. */
const sources = (): string => {
  const editor = new URL('../src/editor/', import.meta.url);
  const files = readdirSync(editor, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return [...files.map((name) => new URL(name, editor)), new URL('../src/extension.ts', import.meta.url)]
    .map((url) => readFileSync(url, 'utf8'))
    .join('\n');
};
const handlers = Object.keys(commandTable({} as CommandNeeds));

/** Everything in which the manifest and the code disagree; empty when they agree. */
function disagreements({ contributes, capabilities }: Manifest): string[] {
  const { commands, configuration, menus } = contributes;
  const { properties } = configuration;
  const ids = commands.map(({ command }) => command);
  const keys = Object.keys(defaultSettings).map((key) => `paddock.${key}`);
  return [
    ...ids.filter((id) => !handlers.includes(id)).map((id) => `${id}: in the manifest, no handler`),
    ...handlers.filter((id) => !ids.includes(id)).map((id) => `${id}: a handler, not in the manifest`),
    ...menus.commandPalette
      .filter(({ command }) => !ids.includes(command))
      .map(({ command }) => `${command}: menu only`),
    ...Object.keys(properties)
      .filter((key) => !keys.includes(key))
      .map((key) => `${key}: nobody reads it`),
    ...keys.filter((key) => !(key in properties)).map((key) => `${key}: read, not in the manifest`),
    ...Object.entries(properties)
      .filter(([key, property]) => {
        const ours: unknown = (defaultSettings as unknown as Record<string, unknown>)[key.slice('paddock.'.length)];
        return JSON.stringify(ours) !== JSON.stringify(property.default);
      })
      .map(([key]) => `${key}: another default in the code`),
    ...capabilities.untrustedWorkspaces.restrictedConfigurations
      .filter((key) => !(key in properties))
      .map((key) => `${key}: restricted, not a setting`),
  ];
}

describe('the manifest', () => {
  it('agrees with the handlers and the defaults', () => {
    expect(disagreements(manifest)).toEqual([]);
  });

  it('would be caught if it did not', () => {
    const { contributes } = manifest;
    const planted = (change: Partial<Manifest['contributes']>) =>
      disagreements({ ...manifest, contributes: { ...contributes, ...change } });
    const extra = { command: 'paddock.planted', title: '', category: '' };
    expect(planted({ commands: [...contributes.commands, extra] })).toEqual([
      'paddock.planted: in the manifest, no handler',
    ]);
    expect(planted({ commands: contributes.commands.slice(1) })).not.toEqual([]);
    const properties = { ...contributes.configuration.properties };
    const enabled = { ...(properties['paddock.completion.enabled'] as Property), default: false };
    expect(
      planted({ configuration: { properties: { ...properties, 'paddock.completion.enabled': enabled } } }),
    ).toEqual(['paddock.completion.enabled: another default in the code']);
    delete properties['paddock.local.device'];
    expect(planted({ configuration: { properties } })).toEqual(['paddock.local.device: read, not in the manifest']);
  });

  it('has a text for every placeholder and none to spare', () => {
    const used = [...JSON.stringify(manifest).matchAll(/%([\w.-]+)%/g)].map(([, key]) => key);
    expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
  });

  it('keeps settings that route data out of the reach of a workspace', () => {
    const names = ['completion.enabled', 'completion.trigger', 'completion.disabledLanguages', 'cost.label'];
    const ofWindow = names.map((name) => `paddock.${name}`);
    for (const [key, { scope }] of Object.entries(manifest.contributes.configuration.properties)) {
      expect([key, scope]).toEqual([key, ofWindow.includes(key) ? 'window' : 'application']);
    }
  });

  it('asks only for context keys that the code sets', () => {
    const wiring = sources();
    const asked = [...JSON.stringify(manifest.contributes.menus).matchAll(/"when":"([^"]*)"/g)].flatMap(([, when]) =>
      [...(when ?? '').matchAll(/paddock\.\w+/g)].map(([key]) => key),
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const key of asked) expect(wiring).toContain(`'setContext', '${key}'`);
  });

  it('takes keys in places of its own only, for commands that there are', () => {
    const ids = manifest.contributes.commands.map(({ command }) => command);
    const code = sources();
    // The chat opens from everywhere, with a key that VS Code 1.139 uses for nothing on any system.
    const everywhere = manifest.contributes.keybindings.filter(({ when }) => when === undefined);
    expect(everywhere.map(({ command, key }) => [command, key])).toEqual([['paddock.openChat', 'ctrl+alt+p']]);
    for (const { command, when } of manifest.contributes.keybindings) {
      if (when !== undefined)
        expect([command, when]).toEqual([command, expect.stringMatching(/editorTextFocus|inQuickInput|paddock/)]);
      expect([command, ids.includes(command) || code.includes(`'${command}'`)]).toEqual([command, true]);
    }
  });
});

describe('the languages of copies', () => {
  it('each have a grammar that reads as the language they stand for', () => {
    const { languages, grammars } = manifest.contributes;
    const ids = uncheckedLanguages.map((id) => copyLanguage(id));
    expect(languages.map(({ id }) => id)).toEqual(ids);
    expect(grammars.map(({ language }) => language)).toEqual(ids);
    for (const { scopeName, path } of grammars) {
      const { scopeName: own, patterns } = read(path) as {
        scopeName: string;
        patterns: readonly { include: string }[];
      };
      expect([own, patterns.length]).toEqual([scopeName, 1]);
    }
    expect(copyLanguage('python')).toBe('python');
  });

  it('are in no list that a user picks from', () => {
    for (const { aliases } of manifest.contributes.languages) expect(aliases).toEqual([]);
  });
});

describe('settings', () => {
  it('fall back to their default when the value is of the wrong kind', () => {
    const bad: Record<string, unknown> = {
      'completion.enabled': 'yes',
      'completion.trigger': 'sometimes',
      'completion.disabledLanguages': [1],
      'local.modelPath': null,
      'local.device': 'npu',
      'local.contextTokens': 100,
      'completion.model': 1,
      'chat.model': null,
      servers: 'https://evil.example.com',
      'network.silenceSeconds': -1,
    };
    expect(settingsFrom((key) => bad[key])).toEqual(defaultSettings);
    expect(settingsFrom(() => undefined)).toEqual(defaultSettings);
  });

  it('leave out servers that make no sense', () => {
    const servers = [
      { url: 'http://LOCALHOST:8080/v1/', kind: 'llamaServer', name: 'mine', apiKey: 'secret' },
      { url: 'https://me:secret@api.example.com/v1', kind: 'generic' },
      { url: 'https://api.example.com/v1', kind: 'unheard of' },
      { url: 1, kind: 'generic' },
      'https://api.example.com/v1',
      null,
    ];
    const read = settingsFrom((key) => (key === 'servers' ? servers : undefined)).servers;
    expect(read).toEqual([{ url: 'http://localhost:8080/v1', kind: 'llamaServer', name: 'mine' }]);
  });

  it('take a ceiling nobody understands for the strictest', () => {
    for (const value of ['lopback', '', 7, null, ['any']]) {
      const { 'privacy.ceiling': ceiling } = settingsFrom((key) => (key === 'privacy.ceiling' ? value : undefined));
      expect([value, ceiling]).toEqual([value, 'device']);
    }
  });

  it('keep every file back where the list of those that are never sent makes no sense', () => {
    for (const value of ['*.sql', 7, null, ['*.sql', 7]]) {
      const settings = settingsFrom((key) => (key === 'privacy.neverSend' ? value : undefined));
      expect([value, settings['privacy.neverSend']]).toEqual([value, ['**']]);
    }
  });

  it('are what the user set, and frozen', () => {
    const set = { ...defaultSettings, 'local.device': 'cpu', 'completion.disabledLanguages': ['markdown'] };
    const settings = settingsFrom((key) => (set as Record<string, unknown>)[key]);
    expect(settings).toEqual(set);
    expect(Object.isFrozen(settings)).toBe(true);
  });
});

/** The user's configuration passes through here and comes out as frozen, checked settings. */
import type * as vscode from 'vscode';
import { Emitter } from '../base/emitter.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { CompletionSettings } from '../completion/trigger.ts';

/** Everything the user can set. A value of the wrong type or out of range counts as the default. */
export interface Settings {
  /** Offer completions while typing. */
  readonly 'completion.enabled': boolean;
  /** Offer them by themselves, or only when asked. */
  readonly 'completion.trigger': 'automatic' | 'manual';
  /** VS Code language ids for which none are offered. */
  readonly 'completion.disabledLanguages': readonly string[];
  /** Absolute path of a GGUF file; empty: none chosen. */
  readonly 'local.modelPath': string;
  /** What the model runs on. */
  readonly 'local.device': 'auto' | 'cpu' | 'gpu';
  /** Tokens of a document the model can hold, 512..32768. */
  readonly 'local.contextTokens': number;
}

/** The defaults; `package.json` repeats them for the settings page and a test compares. */
export const defaultSettings: Settings = Object.freeze({
  'completion.enabled': true,
  'completion.trigger': 'automatic',
  'completion.disabledLanguages': [],
  'local.modelPath': '',
  'local.device': 'auto',
  'local.contextTokens': 2048,
} satisfies Settings);

const isValid: { readonly [Key in keyof Settings]: (value: unknown) => boolean } = {
  'completion.enabled': (value) => typeof value === 'boolean',
  'completion.trigger': (value) => value === 'automatic' || value === 'manual',
  'completion.disabledLanguages': (value) => Array.isArray(value) && value.every((id) => typeof id === 'string'),
  'local.modelPath': (value) => typeof value === 'string',
  'local.device': (value) => value === 'auto' || value === 'cpu' || value === 'gpu',
  'local.contextTokens': (value) => Number.isInteger(value) && Number(value) >= 512 && Number(value) <= 32768,
};

/** Reads every setting through `get`, which is given the key without `paddock.`. */
export function settingsFrom(get: (key: string) => unknown): Settings {
  const entries = (Object.keys(defaultSettings) as (keyof Settings)[]).map((key) => {
    const value = get(key);
    return [key, isValid[key](value) ? value : defaultSettings[key]];
  });
  return Object.freeze(Object.fromEntries(entries) as Settings);
}

/** What completions need of the settings. `pausedUntilMs` as in `Pausing`. */
export function completionSettings(settings: Settings, pausedUntilMs: number | undefined): CompletionSettings {
  return {
    enabled: settings['completion.enabled'],
    trigger: settings['completion.trigger'],
    disabledLanguages: settings['completion.disabledLanguages'],
    pausedUntilMs,
  };
}

/** The settings as they are now. */
export class LiveSettings implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<{ readonly before: Settings; readonly now: Settings }>());
  private readonly workspace: typeof vscode.workspace;
  private settings: Settings;

  /** Fires after any of our settings changed. */
  readonly onDidChange = this.changed.event;

  constructor(workspace: typeof vscode.workspace) {
    this.workspace = workspace;
    this.settings = this.read();
    this.store.add(
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('paddock')) return;
        const before = this.settings;
        this.settings = this.read();
        this.changed.fire({ before, now: this.settings });
      }),
    );
  }

  get now(): Settings {
    return this.settings;
  }

  /**
   * Writes a setting because the user asked for it: where the workspace sets it, there, since nothing else would change
   * anything; else for the user.
   * @param change given what stands there now (the default where nothing does), gives what shall stand there.
   */
  async write<Key extends keyof Settings>(key: Key, change: (before: Settings[Key]) => Settings[Key]): Promise<void> {
    const configuration = this.workspace.getConfiguration('paddock');
    const { workspaceValue, globalValue } = configuration.inspect<unknown>(key) ?? {};
    const isOfUser = workspaceValue === undefined;
    const stands = isOfUser ? globalValue : workspaceValue;
    const before = isValid[key](stands) ? (stands as Settings[Key]) : defaultSettings[key];
    await configuration.update(key, change(before), isOfUser);
  }

  dispose(): void {
    this.store.dispose();
  }

  private read(): Settings {
    const configuration = this.workspace.getConfiguration('paddock');
    return settingsFrom((key) => configuration.get(key));
  }
}

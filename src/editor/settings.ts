/** The user's configuration passes through here and comes out as frozen, checked settings. */
import type * as vscode from 'vscode';
import { Emitter } from '../base/emitter.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { CompletionSettings } from '../completion/trigger.ts';
import type { Ceiling } from '../egress/policy.ts';
import { cardIds, parseBaseUrl, type ServerEntry } from '../models/choose.ts';

/**
 * Everything the user can set. A value of the wrong type or out of range counts as the default, but for what keeps code
 * here: there it counts as the strictest one.
 */
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
  /** The model for completions: a reference as in `models/choose`. */
  readonly 'completion.model': string;
  /** The model for chat: a reference as in `models/choose`. */
  readonly 'chat.model': string;
  /** Servers the user configured; entries that make no sense are left out. */
  readonly servers: readonly ServerEntry[];
  /** How far anything may go. */
  readonly 'privacy.ceiling': Ceiling;
  /** Globs of files that no server gets; they hold for the end of any path. */
  readonly 'privacy.neverSend': readonly string[];
  /** How long a server may be silent, s, 0..3600; 0: as long as it likes. */
  readonly 'network.silenceSeconds': number;
}

/** The defaults; `package.json` repeats them for the settings page and a test compares. */
export const defaultSettings: Settings = Object.freeze({
  'completion.enabled': true,
  'completion.trigger': 'automatic',
  'completion.disabledLanguages': [],
  'local.modelPath': '',
  'local.device': 'auto',
  'local.contextTokens': 2048,
  'completion.model': '',
  'chat.model': '',
  servers: [],
  'privacy.ceiling': 'any',
  'privacy.neverSend': [],
  'network.silenceSeconds': 120,
} satisfies Settings);

/**
 * What sends data, spends money or runs a file is the user's own: no workspace may set it, trusted or not. VS Code
 * keeps workspaces from setting them because `package.json` says `application`; only the user's value is read here too,
 * so that nothing hangs on that.
 */
const isOfUserOnly = (key: keyof Settings): boolean => !key.startsWith('completion.') || key === 'completion.model';

/** The value as it is used; `undefined`: it is of the wrong kind. */
const reading: { readonly [Key in keyof Settings]: (value: unknown) => Settings[Key] | undefined } = {
  'completion.enabled': (value) => (typeof value === 'boolean' ? value : undefined),
  'completion.trigger': oneOf('automatic', 'manual'),
  'completion.disabledLanguages': (value) =>
    Array.isArray(value) && value.every((id) => typeof id === 'string') ? value : undefined,
  'local.modelPath': aString,
  'local.device': oneOf('auto', 'cpu', 'gpu'),
  'local.contextTokens': aWholeNumber(512, 32_768),
  'completion.model': aString,
  'chat.model': aString,
  servers: (value) => (Array.isArray(value) ? value.flatMap(serverEntry) : undefined),
  // Who wrote something there wanted less than everything.
  'privacy.ceiling': (value) =>
    value === undefined ? undefined : (oneOf('device', 'loopback', 'private', 'any')(value) ?? 'device'),
  'privacy.neverSend': (value) =>
    value === undefined || (Array.isArray(value) && value.every((glob) => typeof glob === 'string')) ? value : ['**'],
  'network.silenceSeconds': aWholeNumber(0, 3_600),
};

/** Reads every setting through `get`, which is given the key without `paddock.`. */
export function settingsFrom(get: (key: keyof Settings) => unknown): Settings {
  const entries = (Object.keys(defaultSettings) as (keyof Settings)[]).map((key) => [key, valueOf(key, get(key))]);
  return Object.freeze(Object.fromEntries(entries) as Settings);
}

function valueOf<Key extends keyof Settings>(key: Key, value: unknown): Settings[Key] {
  return reading[key](value) ?? defaultSettings[key];
}

function oneOf<Value extends string>(...values: readonly Value[]): (value: unknown) => Value | undefined {
  return (value) => values.find((each) => each === value);
}

function aString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function aWholeNumber(least: number, most: number): (value: unknown) => number | undefined {
  return (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined;
}

/** The entry, or none. */
function serverEntry(value: unknown): readonly ServerEntry[] {
  if (typeof value !== 'object' || value === null) return [];
  const { url, kind, name } = value as { readonly url?: unknown; readonly kind?: unknown; readonly name?: unknown };
  const parsed = typeof url === 'string' ? parseBaseUrl(url) : undefined;
  const card = cardIds.find((id) => id === (kind ?? 'generic'));
  if (parsed?.kind !== 'url' || card === undefined) return [];
  return [{ url: parsed.baseUrl, kind: card, ...(typeof name === 'string' && name !== '' ? { name } : {}) }];
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

/** How long a server may be silent, ms; `undefined`: as long as it likes. */
export function silenceMs({ 'network.silenceSeconds': seconds }: Settings): number | undefined {
  return seconds === 0 ? undefined : seconds * 1000;
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
   * Writes a setting because the user asked for it: for the user; but where the workspace may set it and does, there,
   * since nothing else would change anything.
   * @param change given what stands there now (the default where nothing does), gives what shall stand there.
   */
  async write<Key extends keyof Settings>(key: Key, change: (before: Settings[Key]) => Settings[Key]): Promise<void> {
    const configuration = this.workspace.getConfiguration('paddock');
    const { workspaceValue, globalValue } = configuration.inspect<unknown>(key) ?? {};
    const isOfUser = workspaceValue === undefined || isOfUserOnly(key);
    const before = valueOf(key, isOfUser ? globalValue : workspaceValue);
    await configuration.update(key, change(before), isOfUser);
  }

  dispose(): void {
    this.store.dispose();
  }

  private read(): Settings {
    const configuration = this.workspace.getConfiguration('paddock');
    return settingsFrom((key) =>
      isOfUserOnly(key) ? configuration.inspect(key)?.globalValue : configuration.get(key),
    );
  }
}

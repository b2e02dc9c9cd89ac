/** The user's configuration passes through here and comes out as frozen, checked settings. */
import type * as vscode from 'vscode';
import { Emitter } from '../base/emitter.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { CompletionSettings } from '../completion/trigger.ts';
import type { Ceiling } from '../egress/policy.ts';
import type { Limits } from '../ledger/budget.ts';
import type { Keeping } from '../ledger/retention.ts';
import { cardIds, parseBaseUrl, type ServerEntry } from '../models/choose.ts';
import {
  budgets,
  ownPrices,
  problemsOfBudgets,
  problemsOfPrices,
  serverPrice,
  type OwnPrices,
} from './cost/costSettings.ts';

/**
 * Everything the user can set. A workspace can only have less sent: see `together`. A value of the wrong type or out of range counts as the default, but for what keeps code
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
  /** What requests are booked under; empty: nothing. */
  readonly 'cost.label': string;
  /** What models cost, where the user knows better than the price table. */
  readonly 'cost.prices': OwnPrices;
  /** How much may be spent. */
  readonly 'cost.budgets': Limits;
  /** How long single requests that stayed on this computer are kept, days, 2..3650; then only sums of their days. */
  readonly 'ledger.localDays': number;
  /** The same of requests that left, days, 0..3650; 0: for ever. */
  readonly 'ledger.sentDays': number;
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
  'cost.label': '',
  'cost.prices': {},
  'cost.budgets': {},
  'ledger.localDays': 30,
  'ledger.sentDays': 0,
} satisfies Settings);

/**
 * What sends data, spends money or runs a file is the user's own: no workspace may set it, trusted or not. VS Code
 * keeps workspaces from setting them because `package.json` says `application`; only the user's value is read here too,
 * so that nothing hangs on that.
 */
const isOfUserOnly = (key: keyof Settings): key is Exclude<keyof Settings, Shared> => !(key in together);

/**
 * What a workspace may set too: to have less sent than the user lets it, for trusting its code is not yet trusting it so
 * far; and what its costs are booked under.
 */
type Shared = 'completion.enabled' | 'completion.trigger' | 'completion.disabledLanguages' | 'cost.label';

/** What the user's value and the workspace's come to. The defaults are the loosest values, so one alone stays itself. */
const together: { readonly [Key in Shared]: (one: Settings[Key], other: Settings[Key]) => Settings[Key] } = {
  'completion.enabled': (one, other) => one && other,
  'completion.trigger': (one, other) => (one === 'manual' ? one : other),
  'completion.disabledLanguages': (one, other) => [...new Set([...one, ...other])],
  'cost.label': (one, other) => (other === '' ? one : other),
};

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
  servers: (value) => (Array.isArray(value) ? understood(value.map(serverEntry)) : undefined),
  // Who wrote something there wanted less than everything.
  'privacy.ceiling': (value) =>
    value === undefined ? undefined : (oneOf('device', 'loopback', 'private', 'any')(value) ?? 'device'),
  'privacy.neverSend': (value) =>
    value === undefined || (Array.isArray(value) && value.every((glob) => typeof glob === 'string')) ? value : ['**'],
  'network.silenceSeconds': aWholeNumber(0, 3_600),
  'cost.label': (value) => (typeof value === 'string' ? value.trim().slice(0, 100) : undefined),
  'cost.prices': ownPrices,
  'cost.budgets': budgets,
  'ledger.localDays': aWholeNumber(2, 3_650),
  'ledger.sentDays': aWholeNumber(0, 3_650),
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

/** An entry that makes no sense, and why: a sentence that repeats no address, since those may hold secrets. */
interface BadEntry {
  readonly why: string;
}

function serverEntry(value: unknown): ServerEntry | BadEntry {
  if (typeof value !== 'object' || value === null) return { why: 'It is no object.' };
  const { url, kind, name, price } = value as Readonly<Record<'url' | 'kind' | 'name' | 'price', unknown>>;
  if (typeof url !== 'string') return { why: 'Its "url" is missing.' };
  const parsed = parseBaseUrl(url);
  if (parsed.kind === 'bad') return { why: parsed.reason };
  const card = cardIds.find((id) => id === (kind ?? 'generic'));
  if (card === undefined)
    return { why: `${JSON.stringify(kind)} is no kind of server. There are: ${cardIds.join(', ')}.` };
  const named = typeof name === 'string' && name !== '' ? { name } : {};
  if (price === undefined) return { url: parsed.baseUrl, kind: card, ...named };
  const priced = serverPrice(price);
  if (priced === undefined)
    return { why: 'Its "price" is neither {"perHour": …} nor {"input": …, "output": …}, in dollars.' };
  return { url: parsed.baseUrl, kind: card, ...named, price: priced };
}

function isBad(entry: ServerEntry | BadEntry): entry is BadEntry {
  return 'why' in entry;
}

function understood(entries: readonly (ServerEntry | BadEntry)[]): readonly ServerEntry[] {
  return entries.filter((entry): entry is ServerEntry => !isBad(entry));
}

/** Why entries of `paddock.servers` are left out, a sentence each. */
function problemsOfServers(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return ['The setting paddock.servers is left out: it is no list.'];
  return value.map(serverEntry).flatMap((entry, index) => {
    return isBad(entry) ? [`Entry ${index + 1} of the setting paddock.servers is left out. ${entry.why}`] : [];
  });
}

/** What is written for a changed list: entries that nobody understood stay, and the others as they were written. */
function changedServers(value: unknown, change: (before: readonly ServerEntry[]) => readonly ServerEntry[]): unknown[] {
  const written = (Array.isArray(value) ? value : []).map((each: unknown) => ({ each, entry: serverEntry(each) }));
  const before = understood(written.map(({ entry }) => entry));
  const after = change(before);
  const kept = written.filter(({ entry }) => isBad(entry) || after.some((other) => isSame(other, entry)));
  return [...kept.map(({ each }) => each), ...after.filter((entry) => !before.some((other) => isSame(other, entry)))];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
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

/** How long single requests are kept. */
export function keeping({ 'ledger.localDays': localDays, 'ledger.sentDays': sentDays }: Settings): Keeping {
  return { localDays, chainDays: sentDays === 0 ? undefined : sentDays };
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

  /** Why entries of `paddock.servers` are left out, a sentence each. */
  get serverProblems(): readonly string[] {
    return problemsOfServers(this.inspect('servers').globalValue);
  }

  /** What of the settings about money counts as nothing or is left out, a sentence each. */
  get costProblems(): readonly string[] {
    const problems = { 'cost.prices': problemsOfPrices, 'cost.budgets': problemsOfBudgets };
    const keys = ['cost.prices', 'cost.budgets'] as const;
    return keys.flatMap((key) => problems[key](this.inspect(key).globalValue));
  }

  /**
   * Writes a setting because the user asked for it: for the user; but where the workspace may set it and does, there,
   * and for the user too where that alone would change nothing.
   * @param change given what stands there now (the default where nothing does), gives what shall stand there. Doing it
   * twice is the same as once.
   */
  async write<Key extends keyof Settings>(key: Key, change: (before: Settings[Key]) => Settings[Key]): Promise<void> {
    if (!isOfUserOnly(key)) return this.writeShared(key, change as unknown as Change<Shared>);
    const { globalValue } = this.inspect(key);
    const after =
      key === 'servers'
        ? changedServers(globalValue, change as unknown as Change<'servers'>)
        : change(valueOf(key, globalValue));
    await this.update(key, after, true);
  }

  dispose(): void {
    this.store.dispose();
  }

  private async writeShared<Key extends Shared>(key: Key, change: Change<Key>): Promise<void> {
    for (const isOfUser of [false, true]) {
      const { globalValue, workspaceValue } = this.inspect(key);
      if (!isOfUser && workspaceValue === undefined) continue;
      const before = this.shared(key);
      if (isSame(change(before), before)) return;
      const own = valueOf(key, isOfUser ? globalValue : workspaceValue);
      if (!isSame(change(own), own)) await this.update(key, change(own), isOfUser);
    }
  }

  private update(key: keyof Settings, value: unknown, isOfUser: boolean): Thenable<void> {
    return this.workspace.getConfiguration('paddock').update(key, value, isOfUser);
  }

  private inspect(key: keyof Settings): { readonly globalValue?: unknown; readonly workspaceValue?: unknown } {
    return this.workspace.getConfiguration('paddock').inspect(key) ?? {};
  }

  private shared<Key extends Shared>(key: Key): Settings[Key] {
    const { globalValue, workspaceValue } = this.inspect(key);
    return together[key](valueOf(key, globalValue), valueOf(key, workspaceValue));
  }

  private read(): Settings {
    return settingsFrom((key) => (isOfUserOnly(key) ? this.inspect(key).globalValue : this.shared(key)));
  }
}

/** Given what stands there, gives what shall. */
type Change<Key extends keyof Settings> = (before: Settings[Key]) => Settings[Key];

/** VS Code's stores as a test plays them. */
import type * as vscode from 'vscode';
import { Emitter } from '../../src/base/emitter.ts';

/** Keeps what it is given, as a window's memento does. */
export class FakeMemento implements vscode.Memento {
  readonly kept = new Map<string, unknown>();

  keys = (): readonly string[] => [...this.kept.keys()];
  get = <T>(key: string, otherwise?: T): T => (this.kept.has(key) ? (this.kept.get(key) as T) : (otherwise as T));
  update = (key: string, value: unknown): Promise<void> => {
    // What is stored is text in the end.
    if (value === undefined) this.kept.delete(key);
    else this.kept.set(key, JSON.parse(JSON.stringify(value)) as unknown);
    return Promise.resolve();
  };
}

/** Keeps keys until `forget` is called, as a store without a keyring does at a restart. */
export class FakeSecretStorage implements vscode.SecretStorage {
  readonly kept = new Map<string, string>();
  private readonly changed = new Emitter<vscode.SecretStorageChangeEvent>();
  onDidChange = this.changed.event as vscode.SecretStorage['onDidChange'];
  /** It refuses everything. */
  isBroken = false;

  keys = (): Promise<string[]> => Promise.resolve([...this.kept.keys()]);
  get = (key: string): Promise<string | undefined> =>
    this.isBroken ? Promise.reject(new Error('locked')) : Promise.resolve(this.kept.get(key));
  store = (key: string, value: string): Promise<void> => this.change(key, () => void this.kept.set(key, value));
  delete = (key: string): Promise<void> => this.change(key, () => void this.kept.delete(key));

  forget(): void {
    this.kept.clear();
  }

  private change(key: string, change: () => void): Promise<void> {
    if (this.isBroken) return Promise.reject(new Error('locked'));
    change();
    this.changed.fire({ key });
    return Promise.resolve();
  }
}

interface Written {
  readonly of: 'user' | 'workspace';
  readonly value: unknown;
}

/** A configuration with values of the user's and of the workspace's; what is written fires at once. */
export class FakeWorkspace {
  readonly user: Record<string, unknown>;
  readonly ofWorkspace: Record<string, unknown>;
  readonly writes: (Written & { readonly key: string })[] = [];
  private readonly changed = new Emitter<vscode.ConfigurationChangeEvent>();
  onDidChangeConfiguration = this.changed.event;

  constructor(user: Record<string, unknown> = {}, ofWorkspace: Record<string, unknown> = {}) {
    this.user = user;
    this.ofWorkspace = ofWorkspace;
  }

  getConfiguration = () => ({
    get: (key: string) => this.ofWorkspace[key] ?? this.user[key],
    inspect: (key: string) => ({ key, globalValue: this.user[key], workspaceValue: this.ofWorkspace[key] }),
    update: (key: string, value: unknown, isOfUser: boolean) => {
      this.writes.push({ of: isOfUser ? 'user' : 'workspace', key, value });
      (isOfUser ? this.user : this.ofWorkspace)[key] = value;
      this.changed.fire({ affectsConfiguration: () => true });
      return Promise.resolve();
    },
  });

  /** As `LiveSettings` is given it. */
  get asWorkspace(): typeof vscode.workspace {
    return this as unknown as typeof vscode.workspace;
  }
}

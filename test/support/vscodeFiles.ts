/** VS Code's files, folders and watchers as a test plays them: a map of URIs, no disk. */
import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { Emitter } from '../../src/base/emitter.ts';

/** As much of VS Code's URI as is used, written the way VS Code writes it. */
export class FakeUri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;

  constructor(scheme: string, authority: string, path: string) {
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
  }

  static from({ scheme, authority, path }: { scheme: string; authority: string; path: string }): FakeUri {
    return new FakeUri(scheme, authority, path);
  }

  with({ path }: { path: string }): FakeUri {
    return new FakeUri(this.scheme, this.authority, path);
  }

  static file(path: string): FakeUri {
    const slashed = path.replaceAll('\\', '/');
    return new FakeUri('file', '', slashed.startsWith('/') ? slashed : `/${slashed}`);
  }

  static parse(text: string): FakeUri {
    const [, scheme = '', authority = '', path = ''] = /^([^:]+):\/\/([^/]*)(.*)$/.exec(text) ?? [];
    return new FakeUri(scheme, decodeURIComponent(authority), decodeURIComponent(path));
  }

  static joinPath(uri: FakeUri, ...parts: string[]): FakeUri {
    return new FakeUri(uri.scheme, uri.authority, posix.join(uri.path, ...parts));
  }

  get fsPath(): string {
    return this.path;
  }

  toString(isDecoded = false): string {
    const encoded = (text: string): string => (isDecoded ? text : text.split('/').map(encodeURIComponent).join('/'));
    return `${this.scheme}://${encoded(this.authority)}${encoded(this.path)}`;
  }
}

/** A file's text, its bytes, or why it cannot be read; a number is the size of a file that is not to be read. */
export type Entry =
  string | Uint8Array | { readonly code: string } | { readonly type: number } | { readonly size: number };

/** A workspace with folders and files. Nothing is noticed until a test says so. */
export class FakeFiles {
  readonly entries = new Map<string, Entry>();
  /** URIs in the order they were read. */
  readonly reads: string[] = [];
  /** URIs that are watched now. */
  readonly watched: string[] = [];
  workspaceFolders: { readonly uri: FakeUri }[] = [];
  /** Holds back every answer until called. */
  private held: (() => void)[] | undefined;
  private readonly folders = new Emitter<void>();
  private readonly saved = new Emitter<{ readonly uri: FakeUri }>();
  private readonly focus = new Emitter<{ readonly focused: boolean }>();
  private readonly touched = new Emitter<string>();

  readonly fs = {
    stat: async (uri: FakeUri) => {
      const entry = await this.find(uri);
      const size = 'size' in Object(entry) ? Number(Object(entry).size) : bytesOf(entry).length;
      return { type: 'type' in Object(entry) ? Number(Object(entry).type) : 1, size };
    },
    readFile: async (uri: FakeUri) => {
      this.reads.push(uri.toString());
      return bytesOf(await this.find(uri));
    },
  };

  /** What `PolicyFiles` is given of VS Code. */
  get needs() {
    const at = (of: readonly string[]) => (listener: () => void) =>
      this.touched.event((uri) => void (of.includes(uri) && listener()));
    const workspace = {
      fs: this.fs,
      createFileSystemWatcher: ({ base, pattern }: { base: FakeUri; pattern: string }) => {
        const paths = pattern.replace(/^{|}$/g, '').split(',');
        const uris = paths.map((path) => FakeUri.joinPath(base, path).toString());
        this.watched.push(...uris);
        const dispose = (): void => void this.watched.splice(this.watched.indexOf(uris[0] ?? ''), uris.length);
        return { onDidCreate: at(uris), onDidChange: at(uris), onDidDelete: at(uris), dispose };
      },
      onDidChangeWorkspaceFolders: this.folders.event,
      onDidSaveTextDocument: this.saved.event,
    };
    Object.defineProperty(workspace, 'workspaceFolders', { get: () => this.workspaceFolders });
    return {
      workspace: workspace as unknown as typeof vscode.workspace,
      window: { onDidChangeWindowState: this.focus.event } as unknown as typeof vscode.window,
      Uri: FakeUri as unknown as typeof vscode.Uri,
      RelativePattern: FakePattern as unknown as typeof vscode.RelativePattern,
    };
  }

  /** Opens these folders, and no others. */
  open(...uris: readonly string[]): this {
    this.workspaceFolders = uris.map((uri) => ({ uri: FakeUri.parse(uri) }));
    this.folders.fire();
    return this;
  }

  set(uri: string, entry: Entry | undefined): this {
    if (entry === undefined) this.entries.delete(uri);
    else this.entries.set(uri, entry);
    return this;
  }

  /** The watcher notices the file. */
  notice(uri: string): void {
    this.touched.fire(uri);
  }

  save(uri: string): void {
    this.saved.fire({ uri: FakeUri.parse(uri) });
  }

  focusWindow(focused = true): void {
    this.focus.fire({ focused });
  }

  /** From now on every answer waits; call what it gives back to let them go. */
  hold(): () => void {
    this.held = [];
    return () => {
      const held = this.held ?? [];
      this.held = undefined;
      for (const go of held) go();
    };
  }

  private async find(uri: FakeUri): Promise<Entry> {
    await new Promise<void>((resolve) => (this.held === undefined ? resolve() : this.held.push(resolve)));
    const entry = this.entries.get(uri.toString());
    if (entry === undefined) throw codedError('FileNotFound');
    if (typeof entry === 'object' && 'code' in entry) throw codedError(entry.code);
    return entry;
  }
}

class FakePattern {
  readonly base: FakeUri;
  readonly pattern: string;

  constructor(base: FakeUri, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

function bytesOf(entry: Entry): Uint8Array {
  if (typeof entry === 'string') return new TextEncoder().encode(entry);
  return entry instanceof Uint8Array ? entry : new Uint8Array();
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

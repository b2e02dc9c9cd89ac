/** The ignore files that speak for a document pass through here: found in the folders above it, read, and watched. */
import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { Emitter } from '../../base/emitter.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { ignoreFileNames, readIgnoreFile, type IgnoreRules } from '../../egress/ignored.ts';
import { pathOf, pathWithin } from '../../egress/withheld.ts';
import { readSmallFile } from '../smallFile.ts';
import type { PolicyFilesNeeds } from './policyFiles.ts';

/** What the files are read with. */
export type IgnoreFilesNeeds = Omit<PolicyFilesNeeds, 'machinePath'>;

/** Far more than anybody writes; a larger one is no list of patterns. */
const mostBytes = 1024 * 1024;
/** Deeper folders than this have their outermost left out. */
const mostFolders = 64;

/**
 * Reads only the folders above a document that is about to leave, when that is first asked for; what was read holds
 * until something says that it changed. Folders above the opened one count as well, since a repository may be opened by
 * one of its folders. Events get lost, so everything is read again after the window got the focus.
 */
export class IgnoreFiles implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly needs: IgnoreFilesNeeds;
  private watchers = this.store.add(new Store());
  /** By the URI of a folder. */
  private readonly known = new Map<string, Promise<readonly IgnoreRules[]>>();

  /** Fires when files may say something else than before. */
  readonly onDidChange = this.changed.event;

  constructor(needs: IgnoreFilesNeeds) {
    this.needs = needs;
    const { workspace, window } = needs;
    this.watch();
    this.store.add(
      workspace.onDidChangeWorkspaceFolders(() => {
        this.watch();
        this.forget();
      }),
    );
    this.store.add(
      workspace.onDidSaveTextDocument(({ uri }) => {
        if (ignoreFileNames.some((name) => uri.path.endsWith(`/${name}`))) this.forget();
      }),
    );
    this.store.add(
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.known.clear();
      }),
    );
  }

  /**
   * The files above a document. One that is there and cannot be read keeps everything back that it speaks for. Never
   * rejects.
   * @param uri the document's, as VS Code writes it.
   */
  readonly above = async (uri: string): Promise<readonly IgnoreRules[]> => {
    const folders = this.foldersAbove(uri);
    const read = await Promise.all(folders.map(({ folder, isOpened }) => this.in(folder, isOpened)));
    return read.flat();
  };

  dispose(): void {
    this.store.dispose();
  }

  private forget(): void {
    this.known.clear();
    this.changed.fire();
  }

  private foldersAbove(uri: string): readonly { readonly folder: vscode.Uri; readonly isOpened: boolean }[] {
    const { Uri } = this.needs;
    const opened = this.opened().find((folder) => pathWithin(folder.toString(), uri) !== undefined);
    const { scheme, authority, path } = pathOf(uri);
    if (!path.startsWith('/')) return [];
    // Another scheme shows a file by another way: a notebook's cell, an older version. The folders are the file's.
    const shown = scheme === 'vscode-remote' ? { scheme, authority } : { scheme: 'file', authority: '' };
    const place = opened === undefined ? Uri.from({ ...shown, path }) : opened.with({ path });
    const folders: { folder: vscode.Uri; isOpened: boolean }[] = [];
    for (let each = posix.dirname(path); folders.length < mostFolders; each = posix.dirname(each)) {
      const folder = place.with({ path: each });
      const isOpened = opened !== undefined && pathWithin(opened.toString(), `${folder.toString()}/x`) !== undefined;
      folders.push({ folder, isOpened });
      if (each === posix.dirname(each)) break;
    }
    return folders;
  }

  private in(folder: vscode.Uri, isOpened: boolean): Promise<readonly IgnoreRules[]> {
    const key = folder.toString();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const reading = Promise.all(ignoreFileNames.map((name) => this.read(folder, name, isOpened))).then((read) =>
      read.filter((each) => each !== undefined),
    );
    this.known.set(key, reading);
    return reading;
  }

  private async read(folder: vscode.Uri, name: string, isOpened: boolean): Promise<IgnoreRules | undefined> {
    const { workspace, Uri, log } = this.needs;
    const uri = Uri.joinPath(folder, name);
    const path = uri.scheme === 'file' ? uri.fsPath : uri.toString(true);
    const about = { folder: folder.toString(), name };
    const unread = (why: string): IgnoreRules => {
      log.warn(`ignore files: ${path} could not be read (${why}); everything in its folder stays here`);
      return readIgnoreFile({ ...about, source: `${path} (could not be read: ${why})`, text: '*' });
    };
    const file = await readSmallFile(workspace.fs, uri, mostBytes);
    switch (file.kind) {
      case 'read':
        return readIgnoreFile({ ...about, source: path, text: new TextDecoder().decode(file.bytes) });
      case 'noFile':
        return undefined;
      case 'tooLong':
        return unread(`${file.size} bytes`);
      case 'failed': {
        // Whether there is one in a folder that nobody opened and nobody may look into cannot be known.
        const isAbsent = file.code === 'FileNotFound' || file.code === 'FileNotADirectory' || !isOpened;
        return isAbsent ? undefined : unread(file.code);
      }
    }
  }

  private opened(): readonly vscode.Uri[] {
    return (this.needs.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  }

  private watch(): void {
    const { workspace, RelativePattern } = this.needs;
    this.store.release(this.watchers);
    this.watchers = this.store.add(new Store());
    for (const folder of this.opened()) {
      for (const name of ignoreFileNames) {
        const pattern = new RelativePattern(folder, `**/${name}`);
        const watcher = this.watchers.add(workspace.createFileSystemWatcher(pattern));
        for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) {
          this.watchers.add(event(() => this.forget()));
        }
      }
    }
  }
}

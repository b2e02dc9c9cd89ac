/** The machine owner's policy file and every workspace folder's pass through here: found, read, and watched. */
import { platform } from 'node:os';
import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { Emitter } from '../../base/emitter.ts';
import type { Log } from '../../base/log.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { BrokenPolicy, Policy, PolicyRules } from '../../egress/policy.ts';
import { readSmallFile } from '../smallFile.ts';
import { isBroken, mostPolicyBytes, readPolicyFile, type PolicyOrigin } from '../../egress/policyFile.ts';

/** Where a folder's rules stand, below the folder. */
export const folderPolicyPath = ['.paddock', 'policy.json'] as const;

/**
 * Where the machine owner's rules stand. On Windows a fixed path: `%ProgramData%` comes from the environment that VS
 * Code was started with, and whoever starts it from a prepared terminal could point that at a file that allows more.
 */
export function machinePolicyPath(system: string = platform()): string {
  if (system === 'win32') return 'C:\\ProgramData\\Paddock\\policy.json';
  return system === 'darwin' ? '/Library/Application Support/Paddock/policy.json' : '/etc/paddock/policy.json';
}

/** What the files are read with. */
export interface PolicyFilesNeeds {
  readonly workspace: Pick<
    typeof vscode.workspace,
    'fs' | 'workspaceFolders' | 'createFileSystemWatcher' | 'onDidChangeWorkspaceFolders' | 'onDidSaveTextDocument'
  >;
  readonly window: Pick<typeof vscode.window, 'onDidChangeWindowState'>;
  /** VS Code's own, which are no values outside it. */
  readonly Uri: typeof vscode.Uri;
  readonly RelativePattern: typeof vscode.RelativePattern;
  readonly log: Log;
  /** Default: where this system's owner puts it. */
  readonly machinePath?: string;
}

/** What all files say together. */
export type FileRules = Pick<Policy, 'rules' | 'broken'>;

/** One place where a file may be. */
interface Place extends PolicyOrigin {
  readonly uri: vscode.Uri;
  /** The folder that is watched, and the glob below it; `undefined`: it lies above what was opened. */
  readonly watched: { readonly base: vscode.Uri; readonly glob: string } | undefined;
}

/** The folder of the file too: where it is moved or deleted as a whole, nothing is told of what is in it. */
const watchedInFolder = `{${folderPolicyPath[0]},${folderPolicyPath.join('/')}}`;

/** Deeper folders than this have their outermost left out. */
const mostFolders = 64;

/**
 * The rules of all policy files. A folder's file holds whether the folder is trusted or not, since it can only forbid.
 * The folders above count as well, since a repository may be opened by one of its folders; those are not watched, which
 * would have VS Code watch everything in them. Events of the file system get lost (on network drives, or where a setting excludes a folder from being watched), so
 * everything is read again whenever the window gets the focus.
 */
export class PolicyFiles implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<FileRules>());
  private readonly needs: PolicyFilesNeeds;
  private watchers = this.store.add(new Store());
  private known: FileRules | undefined;
  /** The newest reading, and what `rules` gives. */
  private newest: Promise<FileRules>;
  private answer: Promise<FileRules>;

  /**
   * Fires with what the files say now, after they say something else than before and after the first reading where they
   * say anything; whoever waits for `rules` goes on after that.
   */
  readonly onDidChange = this.changed.event;

  constructor(needs: PolicyFilesNeeds) {
    this.needs = needs;
    const { workspace, window } = needs;
    this.watch();
    this.newest = this.answer = this.begin();
    this.store.add(
      workspace.onDidChangeWorkspaceFolders(() => {
        this.watch();
        this.readAgain();
      }),
    );
    this.store.add(
      workspace.onDidSaveTextDocument(({ uri }) => {
        if (this.places().some((place) => place.uri.toString() === uri.toString())) this.readAgain();
      }),
    );
    // Whoever comes back does not wait for the disk: what held before holds until the files were read.
    this.store.add(
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.newest = this.begin();
      }),
    );
  }

  /** What the files say. Waits for the first reading, and for another after a file or the folders changed. Never rejects. */
  rules(): Promise<FileRules> {
    return this.answer;
  }

  dispose(): void {
    this.store.dispose();
  }

  private readAgain(): void {
    this.newest = this.answer = this.begin();
  }

  /** Reads everything; of several readings under way only the newest counts, for those too who wait for an older one. */
  private begin(): Promise<FileRules> {
    const reading: Promise<FileRules> = this.readAll().then((read) => {
      if (this.newest !== reading) return this.newest;
      this.answer = reading;
      const before = this.known ?? { rules: [], broken: [] };
      this.known = read;
      if (JSON.stringify(before) !== JSON.stringify(read)) this.tell(read);
      return read;
    });
    return reading;
  }

  private tell(read: FileRules): void {
    const { rules, broken } = read;
    for (const { source } of rules) this.needs.log.info(`policy: ${source} holds`);
    for (const { source, line, message } of broken) this.needs.log.warn(`policy: ${source}, line ${line}: ${message}`);
    this.changed.fire(read);
  }

  private async readAll(): Promise<FileRules> {
    const read = (await Promise.all(this.places().map((place) => this.read(place)))).filter(
      (each) => each !== undefined,
    );
    return { rules: read.filter((each) => !isBroken(each)), broken: read.filter(isBroken) };
  }

  /**
   * `undefined`: there is no such file, or it is above what was opened and nobody may look. Whatever else keeps it from
   * being read makes it a broken one.
   */
  private async read({ uri, source, root, watched }: Place): Promise<PolicyRules | BrokenPolicy | undefined> {
    const broken = (message: string): BrokenPolicy => ({ source, line: 1, message });
    const file = await readSmallFile(this.needs.workspace.fs, uri, mostPolicyBytes);
    switch (file.kind) {
      case 'read':
        return readPolicyFile(file.bytes, root === undefined ? { source } : { source, root });
      case 'noFile':
        return broken('It is no file.');
      case 'tooLong':
        return broken(`It has ${file.size} bytes; a policy file has at most ${mostPolicyBytes}.`);
      case 'failed': {
        const isKnown = file.isThere || watched !== undefined;
        return file.code === 'FileNotFound' || !isKnown ? undefined : broken(`It could not be read (${file.code}).`);
      }
    }
  }

  private places(): readonly Place[] {
    const { workspace, Uri, machinePath = machinePolicyPath() } = this.needs;
    const machine = Uri.file(machinePath);
    const owner: Place = {
      uri: machine,
      source: machine.fsPath,
      watched: { base: Uri.joinPath(machine, '..'), glob: folderPolicyPath[1] },
    };
    const opened = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
    const above = opened.flatMap(foldersAbove);
    const places = [
      ...opened.map((base) => this.placeIn(base, { base, glob: watchedInFolder })),
      ...above.map((folder) => this.placeIn(folder, undefined)),
    ];
    return [owner, ...places.filter(({ root }, index) => places.findIndex((each) => each.root === root) === index)];
  }

  private placeIn(folder: vscode.Uri, watched: Place['watched']): Place {
    const uri = this.needs.Uri.joinPath(folder, ...folderPolicyPath);
    const source = uri.scheme === 'file' ? uri.fsPath : uri.toString(true);
    return { uri, source, root: folder.toString(), watched };
  }

  private watch(): void {
    const { workspace, RelativePattern } = this.needs;
    this.store.release(this.watchers);
    this.watchers = this.store.add(new Store());
    const readAgain = (): void => this.readAgain();
    for (const { watched } of this.places()) {
      if (watched === undefined) continue;
      const pattern = new RelativePattern(watched.base, watched.glob);
      const watcher = this.watchers.add(workspace.createFileSystemWatcher(pattern));
      for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) {
        this.watchers.add(event(readAgain));
      }
    }
  }
}

/** The innermost first; none where folders are no files: there nobody knows what asking costs. */
function foldersAbove(folder: vscode.Uri): vscode.Uri[] {
  if (folder.scheme !== 'file' && folder.scheme !== 'vscode-remote') return [];
  const above: vscode.Uri[] = [];
  let path = folder.path.replace(/(?<=.)\/+$/, '');
  while (path !== posix.dirname(path) && above.length < mostFolders) {
    path = posix.dirname(path);
    if (path.startsWith('/')) above.push(folder.with({ path }));
  }
  return above;
}

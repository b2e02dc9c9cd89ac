/** Every file of a workspace that is read whole passes through here: looked at first, then read, and never too much. */
import type * as vscode from 'vscode';

/** A file as it is on disk, or why it is not to be had. */
export type SmallFile =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  /** A folder, a pipe, a device. */
  | { readonly kind: 'noFile' }
  | { readonly kind: 'tooLong'; readonly size: number }
  /**
   * It cannot be looked at, or not be read (`isThere`). `code`: VS Code's name for what went wrong: `FileNotFound`,
   * `NoPermissions`, `FileIsADirectory`, `Unavailable`.
   */
  | { readonly kind: 'failed'; readonly code: string; readonly isThere: boolean };

/** `vscode.FileType.File`, which is no value outside VS Code; a link to a file has it too. */
const fileBit = 1;

/** Asks what it is before it reads: a pipe would never end, and a huge file would fill the memory. Never rejects. */
export async function readSmallFile(
  fs: Pick<vscode.FileSystem, 'stat' | 'readFile'>,
  uri: vscode.Uri,
  mostBytes: number,
): Promise<SmallFile> {
  let isThere = false;
  try {
    const { type, size } = await fs.stat(uri);
    isThere = true;
    if ((type & fileBit) === 0) return { kind: 'noFile' };
    if (size > mostBytes) return { kind: 'tooLong', size };
    return { kind: 'read', bytes: await fs.readFile(uri) };
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown };
    return { kind: 'failed', code: typeof code === 'string' && code !== '' ? code : 'Unknown', isThere };
  }
}

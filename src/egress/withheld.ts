/** "Does a rule hold this document back?" is answered here, from the document's URI and the rule's globs. Pure. */
import { posix } from 'node:path';
import { matchesGlob, readGlob } from './wildcards.ts';

/** Which documents one file's rules hold back. */
export interface Withholding {
  readonly neverSend?: readonly string[];
  /** URI of the folder that the globs are relative to; absent: they hold for the end of any path. */
  readonly root?: string;
}

/**
 * The glob that holds the document back; `undefined`: none does. A repository's globs are relative to its folder and
 * say nothing about documents elsewhere; the machine owner's hold for the end of any path. A glob that makes no sense
 * holds everything back.
 * @param uri the document's, as VS Code writes it. Where it is a view of a file (a notebook's cell, an older version
 *   of it), its path is that file's, so the file's rules hold for it.
 */
export function withheldBy({ neverSend = [], root }: Withholding, uri: string): string | undefined {
  if (neverSend.length === 0) return undefined;
  const path = root === undefined ? pathOf(uri).path : pathWithin(root, uri);
  if (path === undefined) return undefined;
  return neverSend.find((text) => {
    const glob = readGlob(text, root === undefined);
    return typeof glob === 'string' || matchesGlob(glob, path);
  });
}

/** The part of the document's path below the folder, from its slash on; `undefined`: it is elsewhere. */
export function pathWithin(root: string, uri: string): string | undefined {
  const [folder, document] = [pathOf(root), pathOf(uri)];
  // Another scheme shows a file by another way; the same one on another machine is another file.
  if (folder.scheme === document.scheme && folder.authority !== document.authority) return undefined;
  const [above, path] = [comparable(folder.path).replace(/\/$/, ''), comparable(document.path)];
  return path.startsWith(`${above}/`) ? path.slice(above.length) : undefined;
}

/** Some file systems know one name in several spellings; taking them for one holds back more, never less. */
function comparable(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** The URI's parts, decoded, the path without `.` and `..`. */
export function pathOf(uri: string): { readonly scheme: string; readonly authority: string; readonly path: string } {
  const [, scheme = '', authority = '', path = ''] = /^([^:/?#]+):(?:\/\/([^/?#]*))?([^?#]*)/s.exec(uri) ?? [
    '',
    '',
    '',
    uri,
  ];
  return {
    scheme: scheme.toLowerCase(),
    authority: decoded(authority).toLowerCase(),
    path: posix.normalize(decoded(path)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone "%" stands for itself
  }
}

/**
 * "Is this file kept out of what leaves the computer?" is answered here, from its name and from the ignore files that
 * other tools use too; `.gitignore` says nothing about it. Pure.
 *
 * Patterns are compared without regular expressions, since a repository may bring any: of the packages that read
 * gitignore's patterns, the usual one needs minutes for a hostile line of 40 characters.
 */
import { pathOf, pathWithin, withheldBy, type Withholding } from './withheld.ts';
import { matchesGlob, readGlob, type Glob } from './wildcards.ts';

/** The ignore files that are read, in every folder. Each holds below its own folder, as `.gitignore` does. */
export const ignoreFileNames = [
  '.aiignore',
  '.aiexclude',
  '.cursorignore',
  '.continueignore',
  '.codeiumignore',
] as const;

/** One ignore file, as it was found. */
export interface IgnoreFile {
  /** For people: its path. */
  readonly source: string;
  /** URI of the folder it lies in. */
  readonly folder: string;
  /** `.aiignore`: files of one name in nested folders complete each other. */
  readonly name: string;
  readonly text: string;
}

/** One ignore file, ready to be compared with. */
export interface IgnoreRules extends Omit<IgnoreFile, 'text'> {
  readonly patterns: readonly Pattern[];
}

/** Why a file never leaves. */
export interface Ignored {
  /** The pattern as its file has it. */
  readonly rule: string;
  /** For people: the file it stands in, or `Paddock's list of secret files`. */
  readonly source: string;
}

interface Pattern {
  /** As written. */
  readonly text: string;
  readonly isException: boolean;
  readonly isFolderOnly: boolean;
  /** `undefined`: it makes no sense, and covers everything. */
  readonly glob: Glob | undefined;
}

/** What reasons from our own list give as their source. */
export const secretFiles = "Paddock's list of secret files";

/** Files that hold keys, wherever they are. No ignore file takes one out of it. */
const secretNames = `
*.env
.env
.env.*
.envrc
!.env.example
!.env.sample
!.env.template
!.env.*.example
!.env.*.sample
!.env.*.template
*.pem
*.key
*.pfx
*.p12
*.jks
*.keystore
*.ppk
*.kdbx
*.ovpn
*.tfstate
*.tfstate.*
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
.npmrc
.netrc
_netrc
.pypirc
.pgpass
.my.cnf
.mylogin.cnf
.htpasswd
.git-credentials
.dockercfg
.docker/config.json
.s3cfg
.boto
.vault-token
.terraformrc
credentials
credentials.json
credentials.tfrc.json
client_secret*.json
service-account*.json
service_account*.json
.kube/config
kubeconfig
kubeconfig.*
*.kubeconfig
secrets.yml
secrets.yaml
secrets.json
secrets.toml
secrets.env
.ssh/
.aws/
.azure/
.gnupg/
.config/gcloud/
.config/gh/
`;

/**
 * Why the file never leaves this computer; `undefined`: nothing here keeps it back.
 * @param uri the document's, as VS Code writes it; views of a file (a notebook's cell, an older version) count as it.
 */
export function ignoredBy(uri: string, files: readonly IgnoreRules[]): Ignored | undefined {
  return secretFile(uri) ?? ignoredByFile(uri, files);
}

/** The same, the policy's globs and the user's included. */
export function heldBack(
  uri: string,
  {
    rules,
    files,
  }: { readonly rules: readonly (Withholding & { readonly source: string })[]; readonly files: readonly IgnoreRules[] },
): Ignored | undefined {
  for (const each of rules) {
    const rule = withheldBy(each, uri);
    if (rule !== undefined) return { rule, source: each.source };
  }
  return ignoredBy(uri, files);
}

/** Reads an ignore file. Understands everything gitignore does; lines that make no sense keep everything back. */
export function readIgnoreFile({ text, ...about }: IgnoreFile): IgnoreRules {
  return { ...about, patterns: patternsOf(text) };
}

function patternsOf(text: string): readonly Pattern[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line) => patternOf(line) ?? []);
}

function patternOf(line: string): Pattern | undefined {
  const text = withoutEnd(line);
  if (text === '' || text.startsWith('#')) return undefined;
  const isException = text.startsWith('!');
  const bare = isException ? text.slice(1) : text;
  const isFolderOnly = bare.endsWith('/');
  const glob = exactly(bare.replace(/\/+$/, ''));
  if (glob === undefined && isException) return undefined;
  return { text, isException, isFolderOnly, glob };
}

/** Spaces at the end mean nothing unless a backslash stands before them. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && /[ \t]/.test(line.charAt(end - 1)) && line.charAt(end - 2) !== '\\') end -= 1;
  return line.slice(0, end);
}

/** The pattern as a glob that covers what it names and not what lies below; that is seen to folder by folder. */
function exactly(bare: string): Glob | undefined {
  if (bare === '' || bare === '/') return undefined;
  const isOpen = /(?<!\\)\[/.test(bare) && typeof readGlob(bare.replace(/[{}]/g, '\\$&')) === 'string';
  const plain = bare.replace(isOpen ? /[{}[\]]/g : /[{}]/g, '\\$&').replace(/\/\*\*$/, '/**/*');
  const glob = readGlob(plain);
  // The reader of globs adds everything below to each.
  return typeof glob === 'string'
    ? undefined
    : { text: bare, alternatives: glob.alternatives.map((each) => each.slice(0, -1)) };
}

const secretPatterns = patternsOf(secretNames);

function secretFile(uri: string): Ignored | undefined {
  const { path } = pathOf(uri);
  const folders = foldersOf(path);
  const folder = secretPatterns.find(
    ({ isFolderOnly, glob }) => isFolderOnly && glob && folders.some((each) => matchesAnywhere(glob, each)),
  );
  if (folder !== undefined) return { rule: folder.text, source: secretFiles };
  const last = secretPatterns.findLast(
    ({ isFolderOnly, glob }) => !isFolderOnly && glob && matchesAnywhere(glob, path),
  );
  return last === undefined || last.isException ? undefined : { rule: last.text, source: secretFiles };
}

/** `.kube/config` holds below any folder, as `.env` does. */
function matchesAnywhere({ text, alternatives }: Glob, path: string): boolean {
  return matchesGlob({ text, alternatives: alternatives.map((each) => ['**', ...each]) }, path);
}

/**
 * As git does it: files of one name, from the outermost folder to the innermost, the last pattern that fits decides;
 * and nothing below an ignored folder is taken out again. What one tool's files ignore, another's do not take out.
 */
function ignoredByFile(uri: string, files: readonly IgnoreRules[]): Ignored | undefined {
  const near = files
    .flatMap((file) => {
      const path = pathWithin(file.folder, uri);
      return path === undefined ? [] : [{ file, path }];
    })
    .toSorted((a, b) => b.path.length - a.path.length);
  for (const name of new Set(near.map(({ file }) => file.name))) {
    const own = near.filter(({ file }) => file.name === name);
    const ignored = ignoredByNested(own);
    if (ignored !== undefined) return ignored;
  }
  return undefined;
}

interface Near {
  readonly file: IgnoreRules;
  /** The document's path below the file's folder. */
  readonly path: string;
}

function ignoredByNested(near: readonly Near[]): Ignored | undefined {
  const outermost = near[0]?.path ?? '';
  for (const level of [...foldersOf(outermost), outermost]) {
    const isFolder = level !== outermost;
    let decided: (Ignored & { readonly isException: boolean }) | undefined;
    for (const { file, path } of near) {
      const below = level.slice(outermost.length - path.length);
      // Above this file's own folder it says nothing.
      if (level.length <= outermost.length - path.length) continue;
      const last = file.patterns.findLast(
        ({ glob, isFolderOnly }) => (isFolder || !isFolderOnly) && (glob === undefined || matchesGlob(glob, below)),
      );
      if (last !== undefined) decided = { rule: last.text, source: file.source, isException: last.isException };
    }
    if (decided !== undefined && !decided.isException) return { rule: decided.rule, source: decided.source };
  }
  return undefined;
}

/** The path's folders from the outermost on: of `/a/b/c`, `/a` and `/a/b`. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

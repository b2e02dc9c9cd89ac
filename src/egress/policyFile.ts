/**
 * A policy file becomes rules here, or the reason why it is none. Whoever wrote one wanted less than everything, so
 * what is not understood in full is never used in part. Pure.
 */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { hostPatternProblem } from './hosts.ts';
import { ceilings, type BrokenPolicy, type Ceiling, type PolicyRules } from './policy.ts';
import { readGlob } from './wildcards.ts';

/** Whose file it is. */
export interface PolicyOrigin {
  /** For people: the file's path. */
  readonly source: string;
  /** URI of the folder it speaks for; absent: all folders. */
  readonly root?: string;
}

/** The only version there is. */
export const policyVersion = 1;

/** More than any file needs; a larger one is not read, since it is read in the editor's process. */
export const mostPolicyBytes = 64 * 1024;

/** Choices that the braces of all globs may offer together: each is compared with each document's path. */
const mostGlobs = 500;

/** Each list of patterns, and what is wrong with one of them: a sentence's middle, `undefined` where nothing is. */
const lists = {
  allowedHosts: hostPatternProblem,
  forbiddenHosts: hostPatternProblem,
  allowedModels: modelProblem,
  forbiddenModels: modelProblem,
  neverSend: globProblem,
} as const satisfies Partial<Record<keyof PolicyRules, (pattern: string) => string | undefined>>;

type ListKey = keyof typeof lists;

/** Every key a policy file may have. `$schema` helps editors and says nothing. */
export const policyKeys: readonly string[] = ['$schema', 'version', 'ceiling', ...Object.keys(lists)];

/** Why a file is broken, and where. */
class Problem extends Error {
  readonly offset: number;

  constructor(offset: number, sentence: string) {
    super(sentence);
    this.offset = offset;
  }
}

/**
 * Reads a policy file: JSON, comments and trailing commas allowed, in UTF-8 with or without a byte order mark. A key
 * that is not known, a value of the wrong kind, a key that is there twice: each breaks all of it.
 */
export function readPolicyFile(bytes: Uint8Array, origin: PolicyOrigin): PolicyRules | BrokenPolicy {
  if (bytes.length > mostPolicyBytes) {
    return broken(origin, 1, `It has ${bytes.length} bytes; a policy file has at most ${mostPolicyBytes}.`);
  }
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ...origin, ...rulesIn(text) };
  } catch (error) {
    if (error instanceof Problem) return broken(origin, lineAt(text, error.offset), error.message);
    const why = error instanceof RangeError ? 'It is nested too deeply.' : 'It is not text in UTF-8.';
    return broken(origin, 1, why);
  }
}

/** Whether a file could not be understood. */
export function isBroken(read: PolicyRules | BrokenPolicy): read is BrokenPolicy {
  return 'line' in read;
}

function broken({ source }: PolicyOrigin, line: number, message: string): BrokenPolicy {
  return { source, line, message };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}

function rulesIn(text: string): Omit<PolicyRules, 'source' | 'root'> {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (text.trim() === '') throw new Problem(0, 'It is empty.');
  const first = errors[0];
  if (first !== undefined) throw new Problem(first.offset, `It is no valid JSON here: ${wordsFor(first)}.`);
  if (root?.type !== 'object') throw new Problem(root?.offset ?? 0, 'It is no object: it has to begin with "{".');
  const found = new Map<string, Node>();
  for (const { children: [key, value] = [] } of root.children ?? []) {
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    if (!policyKeys.includes(name)) throw new Problem(key.offset, `${quoted(name)} is no rule that is known.`);
    if (found.has(name)) throw new Problem(key.offset, `${quoted(name)} is there twice.`);
    found.set(name, value);
  }
  return checked(found, root.offset);
}

/** `CommaExpected` -> `comma expected` */
function wordsFor({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function checked(found: ReadonlyMap<string, Node>, start: number): Omit<PolicyRules, 'source' | 'root'> {
  const version = found.get('version');
  if (version === undefined) throw new Problem(start, `"version": ${policyVersion} is missing.`);
  if (version.value !== policyVersion) {
    throw new Problem(version.offset, `The version has to be ${policyVersion}; this Paddock knows no other.`);
  }
  const schema = found.get('$schema');
  if (schema !== undefined && schema.type !== 'string') throw new Problem(schema.offset, '"$schema" is no text.');
  const ceiling = found.get('ceiling');
  const rules = Object.keys(lists).flatMap((key) => {
    const list = found.get(key);
    return list === undefined ? [] : [[key, patternsIn(key as ListKey, list)] as const];
  });
  return { ...(ceiling === undefined ? {} : { ceiling: ceilingIn(ceiling) }), ...Object.fromEntries(rules) };
}

function ceilingIn(node: Node): Ceiling {
  const ceiling = ceilings.find((each) => each === node.value);
  if (ceiling === undefined)
    throw new Problem(node.offset, `The ceiling has to be one of ${ceilings.map(quoted).join(', ')}.`);
  return ceiling;
}

function patternsIn(key: ListKey, list: Node): readonly string[] {
  if (list.type !== 'array') throw new Problem(list.offset, `"${key}" has to be a list of texts.`);
  let globs = 0;
  return (list.children ?? []).map((node) => {
    const pattern: unknown = node.value;
    if (node.type !== 'string' || typeof pattern !== 'string') {
      throw new Problem(node.offset, `"${key}" has to be a list of texts.`);
    }
    const problem = lists[key](pattern);
    if (problem !== undefined) throw new Problem(node.offset, `In "${key}", ${problem}.`);
    const glob = key === 'neverSend' ? readGlob(pattern) : undefined;
    if (typeof glob === 'object') globs += glob.alternatives.length;
    if (globs > mostGlobs)
      throw new Problem(node.offset, `"${key}" has more than ${mostGlobs} globs, braces counted out.`);
    return pattern;
  });
}

function modelProblem(pattern: string): string | undefined {
  if (pattern.trim() === '') return 'a name is empty';
  return pattern.length > 256 ? 'a name has more than 256 characters' : undefined;
}

function globProblem(glob: string): string | undefined {
  const read = readGlob(glob);
  return typeof read === 'string' ? read : undefined;
}

function quoted(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}

/** What changed becomes a request for a commit message, and the answer the message. Pure. */
import { Failure } from '../base/failure.ts';
import type { ChatRequest, Chunk, Item, StopReason } from '../models/model.ts';
import { ruleBearer } from './letter.ts';

/** What git says of one file. */
export interface FileDiff {
  /** Relative to the repository, with `/`; of a moved file the new one. `undefined`: git's words were not understood. */
  readonly path: string | undefined;
  readonly text: string;
}

/** What is to be described. */
export interface CommitQuestion {
  /** Each with the addresses its rules are looked up by: its own, and those of files it may be of as well. */
  readonly files: readonly (FileDiff & { readonly uri: string; readonly mayBeOf?: readonly string[] })[];
  /** What the user had typed; may be empty. */
  readonly draft: string;
  /** The model's whole context. */
  readonly contextTokens: number;
}

const charsPerToken = 3;
const wordTokens = 300;
const maxTokens = 400;
/** An answer longer than this is a model that does not stop, UTF-16 code units. */
const longestAnswer = 4_000;

/**
 * The request. Where the changes do not fit the model, each file gets the same room and what is beyond it is left out.
 * `cutCount`: of how many files something was.
 */
export function commitRequest({ files, draft, contextTokens }: CommitQuestion): {
  readonly request: ChatRequest;
  readonly cutCount: number;
} {
  const room = Math.max(0, contextTokens - wordTokens - maxTokens) * charsPerToken - draft.length;
  const shareChars = shareOf(
    files.map(({ text }) => text.length),
    room,
  );
  const opening = 'These are the changes:\n\n';
  let text = opening;
  const items: Item[] = [];
  let cutCount = 0;
  for (const file of files) {
    const isCut = file.text.length > shareChars;
    const shown = isCut ? `${wholeLines(file.text, shareChars)}(the rest is left out)\n` : file.text;
    const place = { message: 1, start: text.length, end: text.length + shown.length };
    items.push({ uri: file.uri, bytes: Buffer.byteLength(shown), place });
    items.push(...(file.mayBeOf ?? []).map((uri) => ruleBearer(uri, text.length, 1)));
    text += shown.endsWith('\n') ? `${shown}\n` : `${shown}\n\n`;
    if (isCut) cutCount += 1;
  }
  text += [
    'Write the commit message for them: one line in the imperative, at most 72 characters, that says what they do and, only ' +
      'where that is not enough, an empty line and a few lines that say why.',
    ...(draft.trim() === '' ? [] : [`The author began with: ${draft.trim()}`]),
    'Answer with the message only.',
  ].join('\n');
  const system = 'You write commit messages. You answer with nothing but the message.';
  const messages = [
    { role: 'system', text: system },
    { role: 'user', text },
  ] as const;
  return { request: { kind: 'chat', messages, maxTokens, temperature: 0, items }, cutCount };
}

/** A commit message, as a model wrote it. */
export interface CommitMessage {
  readonly text: string;
  /** It was too long, and ends with its last whole line. */
  readonly isCut: boolean;
}

/**
 * The message in an answer that comes in.
 * @throws Failure `badResponse` where it broke off or was withheld, and where it holds no message; what asking throws.
 */
export async function commitMessageFrom(answer: AsyncIterable<Chunk>): Promise<CommitMessage> {
  let text = '';
  let end: StopReason = 'cut';
  for await (const chunk of answer) {
    if (chunk.kind === 'text') text += chunk.text;
    if (chunk.kind === 'end') end = chunk.reason;
  }
  if (end === 'cut') throw bad('The answer broke off before the commit message was written.');
  if (end === 'filtered') throw bad('The provider withheld the rest of the commit message.');
  const isCut = end === 'maxTokens' || text.length > longestAnswer;
  const whole = isCut ? wholeLines(text, Math.min(text.length, longestAnswer)) : text;
  const message = commitMessageIn(whole);
  if (message !== '') return { text: message, isCut: isCut && commitMessageIn(text) !== message };
  throw bad('The model answered, but with no commit message.');
}

function bad(words: string): Failure {
  return new Failure('badResponse', `${words} What was in the box is still there.`, { action: 'switchProvider' });
}

/** The message in an answer: without the fence, the quotes and the talk around it. Empty: there is none. */
export function commitMessageIn(answer: string): string {
  const text = answer.replaceAll('\r\n', '\n').trim();
  const fenced = /(?:^|\n)\s*`{3,}[^\n`]*\n([\s\S]*?)(?:\n\s*`{3,}|$)/.exec(text)?.[1];
  const lines = (fenced ?? text).trim().split('\n');
  if (lines.length > 1 && /^(sure|here|certainly|the commit message)\b.*:\s*$/i.test(lines[0] ?? '')) lines.shift();
  const plain = lines
    .join('\n')
    .trim()
    .replace(/^(\*\*)?commit message:?(\*\*)?:?\s*/i, '');
  return (/^(["'`])([^\n]*)\1$/.exec(plain)?.[2] ?? plain).trimEnd();
}

/** One entry for each file of `git diff`, in its order. */
export function filesInDiff(diff: string): FileDiff[] {
  // Not `^`: a line of a file may hold what that takes for a line break. A file in conflict begins with another word.
  const parts = diff.split(/(?<=\n)(?=diff --(?:git|cc|combined) )/).filter((part) => part.startsWith('diff --'));
  return parts.map((text) => ({ path: pathIn(text), text }));
}

function pathIn(text: string): string | undefined {
  const [head = ''] = text.split(/^@@/m, 1);
  const line = (begin: string): string | undefined => {
    const found = head.split('\n').find((each) => each.startsWith(begin));
    return found && unquoted(found.slice(begin.length).replace(/\t$/, ''));
  };
  const [renamed, after, before] = [line('rename to '), line('+++ '), line('--- ')];
  if (renamed !== undefined) return renamed;
  // A setting of Git's leaves the prefixes out or changes them: then `b/` may be a folder of the user's.
  if (/^diff --git (?!"?a\/.* "?b\/)/.test(head)) return undefined;
  if (after?.startsWith('b/') === true) return after.slice(2);
  if (before?.startsWith('a/') === true) return before.slice(2);
  // Empty and binary files have only their first line; a path with " b/" in it cannot be told apart there.
  const same = /^diff --git (?:"a\/(.*)" "b\/\1"|a\/(.*) b\/\2)$/m.exec(head);
  return same === null ? undefined : (same[2] ?? unquoted(`"${same[1]}"`));
}

/** Git quotes a path with other than plain ASCII in it the way C does, byte by byte. */
function unquoted(path: string): string {
  const inside = /^"(.*)"$/s.exec(path)?.[1];
  if (inside === undefined) return path;
  const bytes: number[] = [];
  for (const [, octal, sign, other] of inside.matchAll(/\\([0-7]{3})|\\(.)|([^\\])/gsu)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else bytes.push(...Buffer.from(other ?? signs[sign ?? ''] ?? sign ?? ''));
  }
  return Buffer.from(bytes).toString('utf8');
}

const signs: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** The largest size with which all fit, longer ones being cut to it. */
function shareOf(sizes: readonly number[], room: number): number {
  let [left, count] = [room, sizes.length];
  for (const size of sizes.toSorted((one, other) => one - other)) {
    if (size * count > left) return Math.floor(left / count);
    left -= size;
    count -= 1;
  }
  return Infinity;
}

function wholeLines(text: string, chars: number): string {
  const end = text.lastIndexOf('\n', Math.max(0, chars - 1));
  return text.slice(0, end + 1);
}

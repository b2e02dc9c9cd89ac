/** An instruction about some lines becomes a request, and what the model answers becomes the lines that replace them. Pure. */
import { Failure } from '../base/failure.ts';
import type { ChatRequest } from '../models/model.ts';
import { indentOf, isBlank, withoutBlankEnds } from './place.ts';

/** The lines to be changed and what stands around them, without line breaks. */
export interface EditSubject {
  /** The document's URI, for the ledger; never sent to a model. */
  readonly uri: string;
  /** What the document is called: `basket.ts`. */
  readonly name: string;
  /** VS Code's id of its language. */
  readonly language: string;
  readonly before: readonly string[];
  readonly selected: readonly string[];
  readonly after: readonly string[];
}

/** What is asked of the model. */
export interface EditQuestion {
  readonly subject: EditSubject;
  /** One line. */
  readonly instruction: string;
  /** The model's whole context. */
  readonly contextTokens: number;
  /** At most this much of what stands around the lines is shown, UTF-16 code units. */
  readonly aroundChars: number;
}

/** Code has about 3.5 characters a token with the models that were tried; less, so that it fits. */
const charsPerToken = 3;
/** The words of the request itself, and what a chat template adds. */
const wordTokens = 250;
/** An answer may be longer than the lines it replaces by this factor and these tokens. */
const answerFactor = 1.5;
const answerTokens = 400;

/**
 * The request. Lines next to the selected ones come first; what does not fit the model is left out.
 * @throws Failure `contextTooLong` when the selected lines and an answer as long as they do not fit.
 */
export function editRequest({ subject, instruction, contextTokens, aroundChars }: EditQuestion): ChatRequest {
  const { uri, name, language, selected } = subject;
  const selectedTokens = Math.ceil(lengthOf(selected) / charsPerToken);
  const maxTokens = Math.ceil(selectedTokens * answerFactor) + answerTokens;
  const leftTokens =
    contextTokens - wordTokens - selectedTokens - maxTokens - Math.ceil(instruction.length / charsPerToken);
  if (leftTokens < 0) throw tooLong(contextTokens - leftTokens, contextTokens);
  const around = Math.min(aroundChars, leftTokens * charsPerToken);
  const before = nearest(subject.before.toReversed(), (around * 2) / 3).toReversed();
  const after = nearest(subject.after, around - lengthOf(before));
  const opening = `This is from ${name} (${language}):\n\n`;
  const excerpt = [...before, openTag, ...selected, closeTag, ...after].join('\n');
  const asking = [
    `Rewrite the lines between ${openTag} and ${closeTag}: ${instruction}`,
    `Answer with the new lines only, complete and without the tags, in one code block that begins with ${fenceFor(selected)}${language}.`,
  ].join('\n');
  const text = `${opening}${excerpt}\n\n${asking}`;
  const place = { message: 1, start: opening.length, end: opening.length + excerpt.length };
  return {
    kind: 'chat',
    messages: [
      { role: 'system', text: 'You edit text. You answer with nothing but the changed text in one code block.' },
      { role: 'user', text },
    ],
    maxTokens,
    temperature: 0,
    items: [{ uri, bytes: Buffer.byteLength(excerpt), place }],
  };
}

/**
 * The lines an answer wants in place of the selected ones, as far as it goes: those of its first code block, or all of
 * them where it has none. Talk around it is left out; lines that lost their indentation get it back; empty lines at both
 * ends stay as they are in the selection.
 * @param isWhole whether the answer has ended. Until then its last, unfinished line does not count.
 * @returns `undefined`: nothing that could replace the lines came (yet).
 */
export function replacementIn(
  answer: string,
  selected: readonly string[],
  isWhole: boolean,
): readonly string[] | undefined {
  const lines = answer.replaceAll('\r\n', '\n').split('\n');
  if (!isWhole) lines.pop();
  const body = fenced(lines) ?? bare(lines, isWhole);
  const content = body && withoutBlankEnds(betweenTags(body));
  if (content === undefined || content.length === 0) return undefined;
  const kept = withoutBlankEnds(selected);
  if (kept[0] === undefined) return indentedLike(content, selected);
  const start = selected.indexOf(kept[0]);
  const blankAfter = isWhole ? selected.slice(start + kept.length) : [];
  return [...selected.slice(0, start), ...indentedLike(content, kept), ...blankAfter];
}

const openTag = '<selected>';
const closeTag = '</selected>';

/** A fence that no line of the text could close. */
function fenceFor(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.map((line) => /^\s*(`{3,})/.exec(line)?.[1]?.length ?? 0));
  return '`'.repeat(longest + 1);
}

/** What stands in the first code block, closed or not; `undefined`: there is none. */
function fenced(lines: readonly string[]): readonly string[] | undefined {
  const opening = lines.findIndex((line) => fenceIn(line) !== undefined);
  const outer = fenceIn(lines[opening] ?? '');
  if (outer === undefined) return undefined;
  let depth = 0;
  for (let index = opening + 1; index < lines.length; index += 1) {
    const fence = fenceIn(lines[index] ?? '');
    if (fence === undefined || fence.mark[0] !== outer.mark[0] || fence.mark.length < outer.mark.length) continue;
    if (!fence.isBare) depth += 1;
    else if (depth === 0) return lines.slice(opening + 1, index);
    else depth -= 1;
  }
  return lines.slice(opening + 1);
}

/** A line that opens or, when bare, closes a code block. */
function fenceIn(line: string): { readonly mark: string; readonly isBare: boolean } | undefined {
  const [, mark, words] = /^\s*(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? [];
  return mark === undefined ? undefined : { mark, isBare: (words ?? '').trim() === '' };
}

/** An answer without a code block is the text itself, but for a sentence that introduces it. */
function bare(lines: readonly string[], isWhole: boolean): readonly string[] | undefined {
  const first = lines.findIndex((line) => !isBlank(line));
  if (!isTalk(lines[first] ?? '')) return lines;
  return isWhole ? lines.slice(first + 1) : undefined;
}

/** `Here is the updated code:` and its like. */
function isTalk(line: string): boolean {
  const begins =
    /^\s*(sure|certainly|of course|okay|ok|here('s| is| are)|below is|the (updated|rewritten|new|edited))\b/i;
  return begins.test(line) && /[:.!]\s*$/.test(line);
}

/** A model that repeats the excerpt repeats the tags too. */
function betweenTags(lines: readonly string[]): readonly string[] {
  const opening = lines.findIndex((line) => line.trim() === openTag);
  const rest = lines.slice(opening + 1);
  const closing = rest.findIndex((line) => line.trim() === closeTag);
  return closing < 0 ? rest : rest.slice(0, closing);
}

/**
 * The lines moved sideways so that they begin where others do: models like to begin at the margin. Where the two indent
 * in different ways, they stay as they are.
 */
export function indentedLike(lines: readonly string[], others: readonly string[]): readonly string[] {
  const [wanted, has] = [indentOf(others[0] ?? ''), indentOf(lines[0] ?? '')];
  if (wanted.startsWith(has)) {
    const lacking = wanted.slice(has.length);
    return lines.map((line) => (isBlank(line) ? line : lacking + line));
  }
  const spare = has.length - wanted.length;
  const isSpared = has.startsWith(wanted) && lines.every((line) => isBlank(line) || line.startsWith(has));
  return isSpared ? lines.map((line) => (isBlank(line) ? line : line.slice(spare))) : lines;
}

/** As many whole lines as fit, first ones first. */
function nearest(lines: readonly string[], chars: number): readonly string[] {
  let left = chars;
  const end = lines.findIndex((line) => (left -= line.length + 1) < 0);
  return end < 0 ? lines : lines.slice(0, end);
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

function tooLong(usedTokens: number, limitTokens: number): Failure {
  const message =
    `The selected lines are too long for the model: with the answer they take about ${usedTokens} tokens, ` +
    `and it has room for ${limitTokens}. Select less, or switch to a model with more room.`;
  return new Failure('contextTooLong', message, { action: 'switchProvider', facts: { usedTokens, limitTokens } });
}

/** An instruction about some lines becomes a request. Pure. */
import { Failure } from '../base/failure.ts';
import type { ChatRequest } from '../models/model.ts';
import type { LinesInPlace } from './editAnswer.ts';
import { fenceFor } from './letter.ts';
import { isBlank } from './place.ts';

/** The lines to be changed, and what they are of. */
export interface EditSubject extends LinesInPlace {
  /** The document's URI, for the ledger; never sent to a model. */
  readonly uri: string;
  /** What the document is called: `basket.ts`. */
  readonly name: string;
  /** VS Code's id of its language. */
  readonly language: string;
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
  const fence = fenceFor([...before, ...selected, ...after].join('\n'));
  const block = (lines: readonly string[]): string => [fence + language, ...lines, fence].join('\n');
  const shown = (words: string, lines: readonly string[]): string[] =>
    lines.every(isBlank) ? [] : [`${words}:\n${block(lines)}`];
  const opening = `This is from ${name}.\n\n`;
  const excerpt = [
    ...shown('Above', before),
    ...shown('Below', after),
    `The lines to change:\n${block(selected)}`,
  ].join('\n\n');
  const asking = [
    `Change these lines: ${instruction}`,
    'Answer with the changed lines, complete, in one code block, and with nothing else.',
    ...(deletes.test(instruction) ? ['Where none of them is left, answer with an empty code block.'] : []),
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

/** Told of the empty code block in other cases too, small models say that the code is empty. */
const deletes = /\b(delete|remove|drop|erase|discard)\b/i;

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
